"""Values of many things over time: those at rest, and over them those that tracks drive."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from diorama.animation.bank import TrackBank
from diorama.animation.track import Track
from diorama.transform import euler_to_quaternion

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Channel:
    """One value of N things, C wide: ``rest`` (N, C), and a track for some of the rows."""

    def __init__(self, rest: Floats, tracks: Mapping[int, Track]) -> None:
        self.rest = rest
        self.rows: Rows = np.array(sorted(tracks), np.int64)
        self._bank = TrackBank([tracks[int(row)] for row in self.rows]) if tracks else None

    def sample(self, time: float) -> Floats:
        """Return the values (N, C) at ``time`` in seconds; not to be written to."""
        if self._bank is None:
            return self.rest
        values = self.rest.copy()
        values[self.rows] = self._bank.sample(time)
        return values


class RotationChannel:
    """The rotations of N things as unit quaternions: (N, 4) at rest, and Euler or quaternion tracks.

    Euler tracks are in radians and are turned into quaternions after they are sampled.
    """

    def __init__(self, rest: Floats, tracks: Mapping[int, Track]) -> None:
        self.rest = rest
        euler = {row: track for row, track in tracks.items() if not track.quaternion}
        self._euler = Channel(np.zeros((len(rest), 3)), euler)
        self._turns = Channel(rest, {row: track for row, track in tracks.items() if track.quaternion})
        self.rows: Rows = np.array(sorted(tracks), np.int64)

    def sample(self, time: float) -> Floats:
        """Return the rotations (N, 4) at ``time`` in seconds; not to be written to."""
        rows = self._euler.rows
        if not len(rows):
            return self._turns.sample(time)
        values = self._turns.sample(time).copy()
        values[rows] = euler_to_quaternion(self._euler.sample(time)[rows])
        return values
