"""From the values of the models (degrees, tuples, keys) to channels (radians, arrays, tracks)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diorama.animation.track import Track, track
from diorama.scene.channel import Channel
from diorama.scene.schema import Keys


def value_or_track(value: Any, place: str, factor: float = 1.0) -> Any:
    """Return a plain ``value`` times ``factor`` as float or tuple, and keys as a track of such values."""
    if isinstance(value, Keys):
        return track_of(value, place, factor)
    return tuple(part * factor for part in value) if isinstance(value, tuple) else value * factor


def track_of(keys: Keys, place: str, factor: float = 1.0, *, quaternion: bool = False) -> Track:
    """Return the track of ``keys``, values times ``factor`` (degrees to radians, say)."""
    return track(
        [key.time for key in keys.keys],
        np.array([key.value for key in keys.keys], np.float64) * factor,
        ease=[key.ease for key in keys.keys],
        interpolation=keys.interpolation,
        extrapolation=keys.extrapolate,
        quaternion=quaternion,
        limits=(keys.limits[0] * factor, keys.limits[1] * factor),
        place=place,
    )


def channel(values: Sequence[Any], width: int, places: Sequence[str], factor: float = 1.0) -> Channel:
    """Return a channel ``width`` wide of plain values and :class:`Keys`, all times ``factor``."""
    rest, tracks = np.zeros((len(values), width)), {}
    for row, value in enumerate(values):
        if isinstance(value, Keys):
            tracks[row] = track_of(value, places[row], factor)
        else:
            rest[row] = np.asarray(value, np.float64) * factor
    return Channel(rest, tracks)
