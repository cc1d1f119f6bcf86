"""Draws: what a scene file leaves to chance, and how a value comes of it.

``{uniform: [low, high]}``, ``{log_uniform: [low, high]}``, ``{normal: [mean, deviation],
clip: [low, high]}``, ``{integer: [low, high]}`` (both ends included), ``{choice: [a, b, ...],
weights: [...]}``, ``{bernoulli: probability}``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from numpy.random import Generator

from diorama.scene.schema.check import BadValueError, mistake
from diorama.scene.schema.keys import is_number
from diorama.scene.tree import Tree

OPTIONS: Mapping[str, tuple[str, ...]] = {
    "uniform": (),
    "log_uniform": (),
    "normal": ("clip",),
    "integer": (),
    "choice": ("weights",),
    "bernoulli": (),
}
"""Every kind of draw, and what may stand beside it."""

REFERENCES = ("param", "each")
"""Mappings that stand for a value without being draws themselves."""


def is_draw(tree: Tree) -> bool:
    """Whether a mapping is a draw, a parameter or an ``each`` by its shape: a node may bear those names too."""
    if not tree.is_map:
        return False
    each = tree.value.get("each")
    if each is not None:
        return len(tree.value) == 1 and is_draw(each)
    return any(name in tree.value and not tree.value[name].is_map for name in (*OPTIONS, "param"))


def kind_of(tree: Tree) -> str | None:
    """Return which draw or reference a mapping at the place of a value is, or None; others may not stand beside it."""
    if not tree.is_map:
        return None
    kinds = [name for name in (*OPTIONS, *REFERENCES) if name in tree.value]
    if not kinds:
        return None
    kind = kinds[0]
    for name in tree.value:
        if name != kind and name not in OPTIONS.get(kind, ()):
            raise BadValueError(f"expected nothing beside {kind!r}, got {str(name)!r}", name)
    return kind


def number_drawn(kind: str, arguments: Any, clip: Any, random: Generator) -> float | int | bool:
    """Draw a number, or a truth value, from plain ``arguments``; raise :class:`BadValueError`."""
    return _NUMBERS[kind](arguments, clip, random)


def row_drawn(count: int, weights: Any, random: Generator) -> int:
    """Draw the row of one of ``count`` choices, each as likely or by its weight."""
    at = random.random()
    if weights is None:
        return min(int(at * count), count - 1)
    if not isinstance(weights, list) or len(weights) != count:
        raise mistake(f"{count} weights", weights, "weights")
    for row, weight in enumerate(weights):
        if not _finite(weight) or weight < 0:
            raise mistake("a weight of 0 or more", weight, "weights", row)
    total = math.fsum(weights)
    if total <= 0:
        raise mistake("a weight above 0 among them", weights, "weights")
    reached = 0.0
    for row, weight in enumerate(weights):
        reached += weight / total
        if at < reached:
            return row
    return max(row for row, weight in enumerate(weights) if weight > 0)


def _uniform(arguments: Any, clip: Any, random: Generator) -> float:
    low, high = _range(arguments, "uniform")
    return min(low + (high - low) * random.random(), high)


def _log_uniform(arguments: Any, clip: Any, random: Generator) -> float:
    low, high = _range(arguments, "log_uniform")
    if low <= 0:
        raise mistake("a low end above 0", arguments[0], "log_uniform", 0)
    return min(max(low * math.exp(math.log(high / low) * random.random()), low), high)


def _normal(arguments: Any, clip: Any, random: Generator) -> float:
    mean, deviation = _pair(arguments, "[mean, deviation]", "normal")
    if deviation < 0:
        raise mistake("a deviation of 0 or more", arguments[1], "normal", 1)
    value = mean + deviation * float(random.standard_normal())
    if clip is None:
        return value
    low, high = _range(clip, "clip")
    return min(max(value, low), high)


def _integer(arguments: Any, clip: Any, random: Generator) -> int:
    low, high = _range(arguments, "integer")
    for row, end in enumerate((low, high)):
        if end != int(end) or abs(end) > 2**53:
            raise mistake("an integer", arguments[row], "integer", row)
    return int(random.integers(int(low), int(high), endpoint=True))


def _bernoulli(probability: Any, clip: Any, random: Generator) -> bool:
    if not _finite(probability) or not 0 <= probability <= 1:
        raise mistake("a probability of 0 to 1", probability, "bernoulli")
    return bool(random.random() < probability)


def _range(value: Any, name: str) -> tuple[float, float]:
    low, high = _pair(value, "[low, high]", name)
    if low > high:
        raise mistake("the low end first", value, name)
    return low, high


def _pair(value: Any, wanted: str, name: str) -> tuple[float, float]:
    if not isinstance(value, list) or len(value) != 2:
        raise mistake(wanted, value, name)
    for row, item in enumerate(value):
        if not _finite(item):
            raise mistake("a finite number", item, name, row)
    return float(value[0]), float(value[1])


def _finite(value: Any) -> bool:
    return is_number(value) and -1e300 <= value <= 1e300


_NUMBERS: Mapping[str, Callable[[Any, Any, Generator], float | int | bool]] = {
    "uniform": _uniform,
    "log_uniform": _log_uniform,
    "normal": _normal,
    "integer": _integer,
    "bernoulli": _bernoulli,
}
