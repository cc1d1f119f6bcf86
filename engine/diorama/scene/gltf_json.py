"""A typed view of glTF's JSON: every value knows its place, and every mistake is named by it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from diorama.errors import AssetError, expected

_LARGEST = 2**53
_ABSENT = object()


@dataclass(frozen=True)
class JsonObject:
    """An object inside the file ``file`` at ``path`` such as ``meshes[0].primitives[1]``."""

    data: dict[str, Any]
    file: str
    path: str = ""

    def place(self, key: str = "") -> str:
        """Return where ``key`` of this object stands, as error messages show it."""
        path = f"{self.path}.{key}" if self.path and key else self.path or key
        return f"{self.file}: {path}" if path else self.file

    def error(self, key: str, wanted: str, got: object = _ABSENT) -> AssetError:
        """Return the error that ``key`` is not what was ``wanted``."""
        value = self.data.get(key, "nothing") if got is _ABSENT else got
        return AssetError(expected(wanted, value), place=self.place(key))

    def __contains__(self, key: str) -> bool:
        return key in self.data

    def child(self, key: str) -> JsonObject:
        """Return the object at ``key``; an empty one if there is none."""
        value = self.data.get(key, {})
        if not isinstance(value, dict):
            raise self.error(key, "an object")
        return JsonObject(value, self.file, f"{self.path}.{key}" if self.path else key)

    def children(self, key: str) -> list[JsonObject]:
        """Return the objects in the array at ``key``; none if there is no array."""
        found = []
        for index, value in enumerate(self._array(key)):
            here = JsonObject({}, self.file, f"{self.path}.{key}[{index}]" if self.path else f"{key}[{index}]")
            if not isinstance(value, dict):
                raise here.error("", "an object", value)
            found.append(JsonObject(value, self.file, here.path))
        return found

    def texts(self, key: str) -> list[str]:
        """Return the strings in the array at ``key``."""
        values = self._array(key)
        for index, value in enumerate(values):
            if not isinstance(value, str):
                raise self.error(f"{key}[{index}]", "a string", value)
        return values

    def integers(self, key: str, below: int) -> list[int]:
        """Return the indices, each in 0 .. ``below`` - 1, in the array at ``key``."""
        values = self._array(key)
        for index, value in enumerate(values):
            if not _is_integer(value) or not 0 <= value < below:
                raise self.error(f"{key}[{index}]", f"an index below {below}", value)
        return values

    def text(self, key: str, default: str = "") -> str:
        """Return the string at ``key``."""
        value = self.data.get(key, default)
        if not isinstance(value, str):
            raise self.error(key, "a string")
        return value

    def flag(self, key: str) -> bool:
        """Return the boolean at ``key``; false if there is none."""
        value = self.data.get(key, False)
        if not isinstance(value, bool):
            raise self.error(key, "true or false")
        return value

    def integer(self, key: str, default: int | None = None, *, low: int = 0, high: int = _LARGEST) -> int:
        """Return the integer at ``key``; without a default it must be there."""
        value = self.data.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        raise self.error(key, f"an integer from {low}" + (f" to {high}" if high < _LARGEST else ""))

    def reference(self, key: str, entries: Sequence[Any]) -> int:
        """Return the index at ``key`` into ``entries``; -1 if there is none."""
        if key not in self.data:
            return -1
        value = self.data[key]
        if not _is_integer(value) or not 0 <= value < len(entries):
            raise self.error(key, f"an index below {len(entries)}")
        return int(value)

    def number(self, key: str, default: float, *, low: float = -math.inf, high: float = math.inf) -> float:
        """Return the finite number at ``key``."""
        value = self.data.get(key, default)
        if not _is_number(value) or not low <= value <= high:
            limits = f" from {low:g}" + (f" to {high:g}" if high < math.inf else "") if low > -math.inf else ""
            raise self.error(key, f"a finite number{limits}")
        return float(value)

    def numbers(self, key: str, default: Sequence[float], *, low: float = -math.inf) -> tuple[float, ...]:
        """Return as many finite numbers at ``key`` as ``default`` has, none less than ``low``."""
        value = self.data.get(key)
        if value is None and key not in self.data:
            return tuple(default)
        if not isinstance(value, list) or len(value) != len(default) or not all(map(_is_number, value)):
            raise self.error(key, f"{len(default)} finite numbers")
        if min(value) < low:
            raise self.error(key, f"{len(default)} finite numbers from {low:g}")
        return tuple(float(number) for number in value)

    def _array(self, key: str) -> list[Any]:
        value = self.data.get(key, [])
        if not isinstance(value, list):
            raise self.error(key, "an array")
        return value


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    """Tell whether ``value`` is a number that float32 can hold."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 3.4e38
