"""One value over time: keys, and what lies between and beyond them.

Interpolation is glTF 2.0's (STEP, LINEAR, CUBICSPLINE; appendix C), in float64 seconds. A key's
ease shapes the interval that ends at it. A quaternion track (x, y, z, w) takes the short way on
the sphere; an Euler track is an ordinary three-component track, so 0 to 2 pi turns once around.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from diorama.animation.easing import Floats, ease_id
from diorama.errors import SceneError, expected

Interpolation = Literal["step", "linear", "cubic"]
Extrapolation = Literal["hold", "loop", "pingpong", "linear"]

INTERPOLATIONS: tuple[Interpolation, ...] = get_args(Interpolation)
EXTRAPOLATIONS: tuple[Extrapolation, ...] = get_args(Extrapolation)

Limits: TypeAlias = tuple[float, float]
"""The least and the largest that a component may be."""

UNBOUNDED: Limits = (-np.inf, np.inf)


@dataclass(frozen=True, eq=False)
class Track:
    """Keys of one animated value.

    ``times`` (K,) strictly rising seconds; ``values`` (K, C); ``eases`` K names, the first of
    which is never used; ``tangents`` (K, 2, C) in and out, per second, for ``cubic`` only.
    ``hold`` keeps the end values for ever, ``loop`` repeats with the period last - first,
    ``pingpong`` runs there and back, ``linear`` goes straight on through the two keys at the
    end (along the end's tangent where cubic). What overshoots ``limits`` stops there.
    """

    times: Floats
    values: Floats
    eases: tuple[str, ...]
    interpolation: Interpolation = "linear"
    extrapolation: Extrapolation = "hold"
    quaternion: bool = False
    tangents: Floats | None = None
    limits: Limits = UNBOUNDED

    def __post_init__(self) -> None:
        _check(self)

    @property
    def width(self) -> int:
        """The number of components of a value."""
        return int(self.values.shape[1])


def track(
    times: ArrayLike,
    values: ArrayLike,
    *,
    ease: str | Sequence[str] = "linear",
    interpolation: Interpolation = "linear",
    extrapolation: Extrapolation = "hold",
    quaternion: bool = False,
    tangents: ArrayLike | None = None,
    limits: Limits = UNBOUNDED,
    place: str = "keys",
) -> Track:
    """Build a track from (K,) seconds in any order and (K,) or (K, C) values.

    ``ease`` is one name, or one per key; ``tangents`` (K, 2, C) are sorted along and default to
    :func:`smooth_tangents` where ``interpolation`` is cubic. ``SceneError`` names ``place``.
    """
    seconds = np.atleast_1d(np.asarray(times, np.float64))
    rows = np.asarray(values, np.float64)
    rows = rows[:, None] if rows.ndim == 1 else rows
    order = np.argsort(seconds, kind="stable")
    names = [ease] * len(seconds) if isinstance(ease, str) else list(ease)
    for name in names:
        ease_id(name, place=place)
    seconds, rows = seconds[order], rows[order]
    if quaternion:
        rows = _unit(rows, place)
    slopes = None if tangents is None else np.asarray(tangents, np.float64)[order]
    if interpolation == "cubic" and slopes is None:
        rows = _short_way(rows) if quaternion else rows
        slopes = smooth_tangents(seconds, rows)
    eases = tuple(names[row] for row in order)
    try:
        return Track(seconds, rows, eases, interpolation, extrapolation, quaternion, slopes, limits)
    except SceneError as error:
        raise SceneError(error.message, place=place) from error


def smooth_tangents(times: Floats, values: Floats) -> Floats:
    """Return (K, 2, C) tangents through the keys: finite differences over uneven steps.

    At inner keys the slope of the parabola through the key and its neighbours, at the ends that
    of the chord; a straight line at constant speed stays one.
    """
    if len(times) < 2:
        return np.zeros((len(times), 2, values.shape[1]))
    step = np.diff(times)[:, None]
    chord = np.diff(values, axis=0) / step
    slope = np.concatenate([chord[:1], chord, chord[-1:]])
    before = np.concatenate([step[:1], step, step[-1:]])
    inner = (slope[:-1] * before[1:] + slope[1:] * before[:-1]) / (before[:-1] + before[1:])
    return np.stack([inner, inner], axis=1)


def _unit(quaternions: Floats, place: str) -> Floats:
    length = np.linalg.norm(quaternions, axis=1, keepdims=True)
    if quaternions.shape[1] != 4 or not (length > 1e-12).all():
        raise SceneError(expected("quaternions (x, y, z, w) other than zero", quaternions.tolist()), place=place)
    return np.asarray(quaternions / length)


def _short_way(quaternions: Floats) -> Floats:
    """Flip signs of (K, 4) so that each lies near the one before, since a spline runs through them as they stand."""
    away = np.sum(quaternions[1:] * quaternions[:-1], axis=1) < 0.0
    signs = np.cumprod(np.where(np.concatenate([[False], away]), -1.0, 1.0))
    return np.asarray(quaternions * signs[:, None])


def _check(made: Track) -> None:
    count = len(made.times)
    if not count:
        raise SceneError("expected at least one key, got none")
    if not (np.isfinite(made.times).all() and np.isfinite(made.values).all()):
        raise SceneError("expected finite times and values, got NaN or infinity")
    if (np.diff(made.times) <= 0.0).any():
        raise SceneError(expected("each key at its own time, in rising order", made.times.tolist()))
    if len(made.values) != count or len(made.eases) != count:
        raise SceneError(expected(f"{count} values and eases", (len(made.values), len(made.eases))))
    if made.interpolation not in INTERPOLATIONS:
        raise SceneError(expected(f"one of {', '.join(INTERPOLATIONS)}", made.interpolation))
    if made.extrapolation not in EXTRAPOLATIONS:
        raise SceneError(expected(f"one of {', '.join(EXTRAPOLATIONS)}", made.extrapolation))
    if made.quaternion and made.width != 4:
        raise SceneError(expected("quaternions of 4 components", made.width))
    if (made.interpolation == "cubic") != (made.tangents is not None):
        raise SceneError("expected tangents for cubic interpolation, and for no other")
    if made.tangents is not None and made.tangents.shape != (count, 2, made.width):
        raise SceneError(expected(f"tangents of shape {(count, 2, made.width)}", made.tangents.shape))
