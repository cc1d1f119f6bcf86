"""Many tracks in flat arrays, sampled together with a fixed number of numpy calls.

All tracks of a bank have values of one width and kind. Keys of all tracks lie end to end; the
key that each track is at is found by one binary search over (track, time) pairs, and whatever
depends on an interval alone (its step, its turn, its ease) is worked out when the bank is packed.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diorama.animation.easing import EASE_NAMES, EASINGS, Floats, ease_id
from diorama.animation.track import Track

_ROUNDING = 1e-9
"""Seconds: a repeated time this close before a key is on it, for it went through a rounded remainder."""

_HOLD, _LOOP, _PINGPONG, _LINEAR = range(4)
_BEYOND = {"hold": _HOLD, "loop": _LOOP, "pingpong": _PINGPONG, "linear": _LINEAR}


class TrackBank:
    """``tracks`` packed for sampling: row i of every sample is track i, C components wide."""

    def __init__(self, tracks: Sequence[Track]) -> None:
        kinds = {(made.width, made.quaternion) for made in tracks}
        assert len(kinds) == 1, "a bank holds tracks of one width and kind"
        self.width, self.quaternion = kinds.pop()
        counts = np.array([len(made.times) for made in tracks])
        rows = np.arange(len(tracks))
        self._last = np.cumsum(counts) - 1
        self._first = self._last - counts + 1
        self._times = np.concatenate([made.times for made in tracks])
        self._values = np.concatenate([made.values for made in tracks])
        # numpy orders complex numbers by real, then imaginary part: pairs compared exactly
        self._row = rows.astype(np.complex128)
        self._sorted_keys = np.repeat(rows, counts) + 1j * self._times
        self._pack_intervals(tracks, counts)
        self._pack_ends(tracks)
        self._pack_cubic(tracks, counts)
        limits = np.array([made.limits for made in tracks])
        self._limits = (limits[:, :1], limits[:, 1:]) if np.isfinite(limits).any() else None

    def __len__(self) -> int:
        return len(self._first)

    def sample(self, time: float) -> Floats:
        """Return the values (N, C) of all tracks at ``time`` in seconds."""
        local = self._local_times(time)
        key = np.searchsorted(self._sorted_keys, self._row + 1j * (local + self._slack), side="right") - 1
        np.clip(key, self._first, self._last_start, out=key)
        amount = self._eased(key, (local - self._times[key]) * self._rate[key])
        if self.quaternion:
            turned = self._angle[key] * amount
            values = self._values[key] * np.cos(turned)[:, None] + self._toward[key] * np.sin(turned)[:, None]
        else:
            values = self._values[key] + self._toward[key] * amount[:, None]
        if len(self._cubic_rows):
            values[self._cubic_rows] = self._hermite(key[self._cubic_rows], amount[self._cubic_rows])
        if self._limits is not None:
            np.clip(values, *self._limits, out=values)
        return np.asarray(values)

    def _pack_intervals(self, tracks: Sequence[Track], counts: NDArray[np.int64]) -> None:
        """Give every key what belongs to the interval that starts at it; a last key starts an empty one."""
        following = np.minimum(np.arange(len(self._times)) + 1, np.repeat(self._last, counts))
        span = self._times[following] - self._times
        self._rate = np.where(span > 0.0, 1.0 / np.where(span > 0.0, span, 1.0), 0.0)
        self._following = following
        moves = np.repeat([made.interpolation != "step" for made in tracks], counts)
        ends = self._values[following]
        if self.quaternion:
            self._angle, self._toward = _turns(self._values, ends)
            self._angle *= moves
        else:
            self._toward = (ends - self._values) * moves[:, None]
        eases = np.array([ease_id(name) for made in tracks for name in made.eases])
        self._ease = np.where(moves, eases[following], 0)
        self._eases = [int(row) for row in np.unique(self._ease) if row != 0]

    def _pack_ends(self, tracks: Sequence[Track]) -> None:
        """Sort the tracks by what they do beyond their keys; a lone key, or a step, can only hold."""
        self._start, self._end = self._times[self._first], self._times[self._last]
        beyond = np.array([_BEYOND[made.extrapolation] for made in tracks])
        beyond[self._first == self._last] = _HOLD
        straight = np.array([made.interpolation != "step" for made in tracks])
        beyond[(beyond == _LINEAR) & ~straight] = _HOLD
        self._hold_rows, self._loop_rows, self._pingpong_rows, on = (
            np.flatnonzero(beyond == kind) for kind in (_HOLD, _LOOP, _PINGPONG, _LINEAR)
        )
        self._slack = np.where((beyond == _LOOP) | (beyond == _PINGPONG), _ROUNDING, 0.0)
        self._last_start = self._last.copy()
        self._last_start[on] -= 1

    def _pack_cubic(self, tracks: Sequence[Track], counts: NDArray[np.int64]) -> None:
        self._cubic_rows = np.array([row for row, made in enumerate(tracks) if made.tangents is not None], np.int64)
        if not len(self._cubic_rows):
            return
        span = (self._times[self._following] - self._times)[:, None]
        blank = [np.zeros((count, 2, self.width)) for count in counts]
        tangents = [blank[row] if made.tangents is None else made.tangents for row, made in enumerate(tracks)]
        slopes = np.concatenate(tangents)
        self._leaving, self._arriving = slopes[:, 1] * span, slopes[self._following, 0] * span

    def _local_times(self, time: float) -> Floats:
        """Return the time (N,) inside each track's keys at which it is read; ``linear`` ones leave them."""
        local = np.full(len(self), float(time))
        hold, loop, ping = self._hold_rows, self._loop_rows, self._pingpong_rows
        local[hold] = np.clip(local[hold], self._start[hold], self._end[hold])
        if len(loop):
            start, end = self._start[loop], self._end[loop]
            phase = np.mod(time - start + _ROUNDING, end - start) - _ROUNDING
            local[loop] = np.where((time >= start) & (time < end), time, start + phase)
        if len(ping):
            start, end = self._start[ping], self._end[ping]
            phase = (end - start) - np.abs(np.mod(time - start, 2.0 * (end - start)) - (end - start))
            local[ping] = np.where((time >= start) & (time <= end), time, start + phase)
        return local

    def _eased(self, key: NDArray[np.int64], amount: Floats) -> Floats:
        """Apply the ease of each track's interval; beyond the keys there is none."""
        if not self._eases:
            return amount
        eases = np.where((amount >= 0.0) & (amount <= 1.0), self._ease[key], 0)
        for ease in self._eases:
            rows = np.flatnonzero(eases == ease)
            amount[rows] = EASINGS[EASE_NAMES[ease]](amount[rows])
        return amount

    def _hermite(self, key: NDArray[np.int64], amount: Floats) -> Floats:
        """Evaluate glTF's cubic spline (appendix C.5); beyond 0..1 go on along the end's tangent."""
        u = np.clip(amount, 0.0, 1.0)[:, None]
        beyond = amount[:, None] - u
        start, end = self._values[key], self._values[self._following[key]]
        leave, arrive = self._leaving[key], self._arriving[key]
        blend = u * u * (3.0 - 2.0 * u)
        values = start + blend * (end - start) + u * (u - 1.0) * ((u - 1.0) * leave + u * arrive)
        values += beyond * np.where(beyond < 0.0, leave, arrive)
        if self.quaternion:
            values /= np.linalg.norm(values, axis=1, keepdims=True)
        return np.asarray(values)


def _turns(start: Floats, end: Floats) -> tuple[Floats, Floats]:
    """Return the angle (K,) and the unit direction (K, 4) of the short great arc between quaternions (K, 4)."""
    dot = np.sum(start * end, axis=1, keepdims=True)
    across = np.where(dot < 0.0, -end, end) - np.abs(dot) * start
    sine = np.linalg.norm(across, axis=1, keepdims=True)
    toward = across / np.where(sine > 0.0, sine, 1.0)
    return np.arctan2(sine[:, 0], np.abs(dot[:, 0])), toward
