"""What was built or read, kept for the next clip within a budget of bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")

BUDGET = 256 << 20
"""Bytes that one store keeps at most."""


class Kept(Generic[Value]):
    """Values by key; where their bytes exceed the budget, those not used for longest go first.

    ``weigh`` gives the bytes of a value. One that is larger than the whole budget is not kept.
    """

    def __init__(self, weigh: Callable[[Value], int], budget: int = BUDGET) -> None:
        self._weigh, self._budget, self._bytes = weigh, budget, 0
        self._values: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the value of ``key``, made now where it is not kept."""
        if key in self._values:
            self._values.move_to_end(key)
            return self._values[key][0]
        value = make()
        size = self._weigh(value)
        self._values[key] = value, size
        self._bytes += size
        while self._bytes > self._budget:
            _, (_, freed) = self._values.popitem(last=False)
            self._bytes -= freed
        return value
