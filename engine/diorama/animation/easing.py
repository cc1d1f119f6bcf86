"""Easings: how fast a value moves between two keys, as plain functions 0..1 -> 0..1.

Every function takes a float or an array of any shape and works elementwise; 0 gives 0 and 1
gives 1; ``back`` and ``elastic`` leave 0..1 in between. Shapes and constants are those of
Penner, "Programming Macromedia Flash MX" (2002), chapter 7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diorama.errors import SceneError

Floats: TypeAlias = NDArray[np.float64]
Ease: TypeAlias = Callable[[ArrayLike], Floats]

_OVERSHOOT = 1.70158
"""Makes ``back`` overshoot by a tenth."""


def linear(amount: ArrayLike) -> Floats:
    """Move at constant speed."""
    return np.asarray(amount, np.float64)


def step(amount: ArrayLike) -> Floats:
    """Stay until the very end, then jump."""
    return np.where(np.asarray(amount, np.float64) < 1.0, 0.0, 1.0)


def _power(amount: ArrayLike, exponent: int) -> Floats:
    return np.asarray(np.asarray(amount, np.float64) ** exponent)


def _sine(amount: ArrayLike) -> Floats:
    return np.asarray(1.0 - np.cos(np.asarray(amount, np.float64) * (np.pi / 2.0)))


def _expo(amount: ArrayLike) -> Floats:
    u = np.asarray(amount, np.float64)
    return np.where(u <= 0.0, 0.0, np.exp2(10.0 * (u - 1.0)))


def _circ(amount: ArrayLike) -> Floats:
    u = np.asarray(amount, np.float64)
    return np.asarray(1.0 - np.sqrt(np.maximum(1.0 - u * u, 0.0)))


def _back(amount: ArrayLike, overshoot: float = _OVERSHOOT) -> Floats:
    u = np.asarray(amount, np.float64)
    return np.asarray(u * u * ((overshoot + 1.0) * u - overshoot))


def _elastic(amount: ArrayLike, period: float = 3.0) -> Floats:
    u = np.asarray(amount, np.float64)
    phase = (10.0 * (u - 1.0) - period / 4.0) * (2.0 * np.pi / period)
    return np.where(u <= 0.0, 0.0, -np.exp2(10.0 * (u - 1.0)) * np.sin(phase))


def _bounce(amount: ArrayLike) -> Floats:
    """Run the four parabolas of a falling ball backwards, each a quarter of the one before in height."""
    u = 1.0 - np.asarray(amount, np.float64)
    bounces = np.searchsorted([1.0 / 2.75, 2.0 / 2.75, 2.5 / 2.75], u, side="right")
    centre = np.array([0.0, 1.5, 2.25, 2.625])[bounces] / 2.75
    floor = np.array([0.0, 0.75, 0.9375, 0.984375])[bounces]
    return np.asarray(1.0 - (7.5625 * (u - centre) ** 2 + floor))


def _reversed(shape: Ease, amount: ArrayLike) -> Floats:
    return np.asarray(1.0 - shape(1.0 - np.asarray(amount, np.float64)))


def _mirrored(shape: Ease, amount: ArrayLike) -> Floats:
    u = 2.0 * np.asarray(amount, np.float64)
    return np.where(u < 1.0, 0.5 * shape(u), 1.0 - 0.5 * shape(2.0 - u))


_IN: Mapping[str, Ease] = {
    "sine": _sine,
    "quad": partial(_power, exponent=2),
    "cubic": partial(_power, exponent=3),
    "quart": partial(_power, exponent=4),
    "quint": partial(_power, exponent=5),
    "expo": _expo,
    "circ": _circ,
    "back": _back,
    "elastic": _elastic,
    "bounce": _bounce,
}
_IN_OUT: Mapping[str, Ease] = {
    **_IN,
    "back": partial(_back, overshoot=_OVERSHOOT * 1.525),
    "elastic": partial(_elastic, period=4.5),
}

EASINGS: Mapping[str, Ease] = MappingProxyType(
    {"linear": linear, "step": step}
    | {f"in_{name}": shape for name, shape in _IN.items()}
    | {f"out_{name}": partial(_reversed, shape) for name, shape in _IN.items()}
    | {f"in_out_{name}": partial(_mirrored, shape) for name, shape in _IN_OUT.items()}
)
"""Every easing by name."""

EASE_NAMES: tuple[str, ...] = tuple(EASINGS)
"""All names; the row of a name is its ease id in packed arrays. ``linear`` is 0."""

_IDS = {name: row for row, name in enumerate(EASE_NAMES)}


def ease_id(name: str, *, place: str = "ease") -> int:
    """Return the row of ``name`` in :data:`EASE_NAMES`; ``SceneError`` suggests the nearest name."""
    if name in _IDS:
        return _IDS[name]
    near = get_close_matches(name, EASE_NAMES, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(EASE_NAMES)}"
    raise SceneError(f"expected an easing, got {name!r}{hint}", place=place)


def easing(name: str, *, place: str = "ease") -> Ease:
    """Return the easing called ``name``; ``SceneError`` suggests the nearest name."""
    return EASINGS[EASE_NAMES[ease_id(name, place=place)]]
