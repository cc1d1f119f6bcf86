"""Keyframes: a value over time, in the two spellings of a scene file.

``{keys: {0: a, 1: b}, ease: out_bounce}`` and ``[{t: 0, v: a}, {t: 1, v: b, ease: out_bounce}]``
mean the same. Times are seconds or frames such as ``"12f"``; an ease belongs to the interval
that ends at its key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from numbers import Real
from typing import Any, TypeGuard, get_args

from diorama.animation.easing import EASINGS
from diorama.animation.track import UNBOUNDED, Extrapolation, Interpolation, Limits
from diorama.errors import SceneError
from diorama.scene.schema.check import BadValueError, Location, inside, mistake, nearest

LONGEST = 1e6
"""The largest time in seconds that a scene may name, either way from 0."""

CLOSEST = 1e-6
"""The least time in seconds between two keys: what is closer has a slope without meaning."""

_DEFAULTS = {"interpolation": "linear", "extrapolate": "hold"}
_FIELDS = ("keys", "ease", "interpolation", "extrapolate")
_TIME = re.compile(r"([-+]?(?:\d+(?:\.\d*)?|\.\d+))(f|s)", re.ASCII)


@dataclass(frozen=True)
class Key:
    """A value at a time in seconds; ``ease`` shapes the way to it from the key before."""

    time: float
    value: Any
    ease: str = "linear"


@dataclass(frozen=True, init=False)
class Keys:
    """An animated value: keys in rising time, how to go between them, and what lies beyond them.

    ``limits`` are those of the field that the keys drive, where an ease that overshoots, or a
    straight line beyond the keys, comes to a stop.
    """

    keys: tuple[Key, ...]
    interpolation: Interpolation
    extrapolate: Extrapolation
    limits: Limits = field(default=UNBOUNDED, compare=False, repr=False)

    def __init__(
        self,
        keys: Mapping[Any, Any] | Sequence[Any],
        ease: str = "linear",
        interpolation: Interpolation = "linear",
        extrapolate: Extrapolation = "hold",
        *,
        fps: float | None = None,
    ) -> None:
        """Take ``{time: value}`` or a list of :class:`Key` or ``{t, v, ease}``; ``fps`` allows times like ``"12f"``."""
        raw = {"keys": keys, "ease": ease, "interpolation": interpolation, "extrapolate": extrapolate}
        try:
            self._fill(raw, fps, lambda value: value)
        except BadValueError as error:
            raise SceneError(error.message, place=".".join(["Keys", *map(str, error.loc)])) from None

    @classmethod
    def parse(cls, raw: Any, fps: float | None, check: Callable[[Any], Any], limits: Limits = UNBOUNDED) -> Keys:
        """Return the keys that ``raw`` spells, each value passed through ``check``; raise :class:`BadValueError`."""
        made = cls.__new__(cls)
        object.__setattr__(made, "limits", limits)
        if isinstance(raw, Keys):
            raw = {"keys": raw.keys, "interpolation": raw.interpolation, "extrapolate": raw.extrapolate}
        if isinstance(raw, Mapping):
            made._fill(raw, fps, check)
        else:
            made._fill({"keys": raw}, fps, check, inner=())
        return made

    def _fill(
        self, raw: Mapping[str, Any], fps: float | None, check: Callable[[Any], Any], inner: Location = ("keys",)
    ) -> None:
        for name in raw:
            if name not in _FIELDS:
                raise BadValueError(f"expected one of {', '.join(_FIELDS)}, got {str(name)!r}", name)
        default = _ease(raw.get("ease", "linear"), "ease")
        made: dict[float, Key] = {}
        for loc, time, value, ease in _entries(raw["keys"], inner):
            seconds = parse_time(time, fps, *loc[0])
            if seconds in made:
                raise mistake("each key at its own time", time, *loc[0])
            named = default if ease is None else _ease(ease, *loc[2])
            with inside(*loc[1]):
                made[seconds] = Key(seconds, check(value), named)
        if not made:
            raise mistake("at least one key", raw["keys"], *inner)
        times = sorted(made)
        for time, following in pairwise(times):
            if following - time < CLOSEST:
                raise mistake("keys at least a microsecond apart", [time, following], *inner)
        object.__setattr__(self, "keys", tuple(made[time] for time in times))
        for name, choices in (("interpolation", Interpolation), ("extrapolate", Extrapolation)):
            object.__setattr__(self, name, _choice(raw.get(name, _DEFAULTS[name]), get_args(choices), name))


def is_keys(value: Any) -> bool:
    """Whether ``value`` spells keys rather than one value."""
    if isinstance(value, Mapping):
        return "keys" in value
    listed = isinstance(value, list | tuple) and len(value) > 0
    return isinstance(value, Keys) or (listed and all(isinstance(item, Mapping | Key) for item in value))


def is_number(value: Any) -> TypeGuard[float]:
    """Whether ``value`` is a real number; true and false are not."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_time(value: Any) -> bool:
    """Whether ``value`` is spelled like a time."""
    return is_number(value) or (isinstance(value, str) and _TIME.fullmatch(value) is not None)


def parse_time(value: Any, fps: float | None, *loc: object) -> float:
    """Return the seconds of a number, ``"1.5s"`` or frames ``"12f"``; raise :class:`BadValueError` at ``loc``."""
    seconds = value
    if isinstance(value, str) and (match := _TIME.fullmatch(value)):
        seconds = float(match[1])
        if match[2] == "f":
            if fps is None:
                raise mistake("seconds (frames need a scene with fps)", value, *loc)
            seconds /= fps
    if not is_number(seconds) or not -LONGEST <= seconds <= LONGEST:
        raise mistake("seconds, or frames such as '12f'", value, *loc)
    return float(seconds)


def _entries(raw: Any, inner: Location) -> Iterator[tuple[tuple[Location, Location, Location], Any, Any, Any]]:
    """Yield (places of time, value and ease), time, value, ease or None for each key of either spelling."""
    if isinstance(raw, Mapping):
        for time, value in raw.items():
            place = (*inner, time)
            yield (place, place, place), time, value, None
        return
    if not isinstance(raw, list | tuple):
        raise mistake("times and values", raw, *inner)
    for row, entry in enumerate(raw):
        place = (*inner, row)
        if isinstance(entry, Key):
            yield (place, place, place), entry.time, entry.value, entry.ease
            continue
        if not isinstance(entry, Mapping) or not {"t", "v"} <= set(entry) <= {"t", "v", "ease"}:
            raise mistake("a key {t, v} or {t, v, ease}", entry, *place)
        yield ((*place, "t"), (*place, "v"), (*place, "ease")), entry["t"], entry["v"], entry.get("ease")


def _ease(name: Any, *loc: object) -> str:
    if not isinstance(name, str) or name not in EASINGS:
        raise BadValueError(f"{mistake('an easing', name).message}{nearest(str(name), EASINGS)}", *loc)
    return name


def _choice(value: Any, choices: tuple[str, ...], *loc: object) -> str:
    if value not in choices:
        raise mistake(f"one of {', '.join(choices)}", value, *loc)
    return str(value)
