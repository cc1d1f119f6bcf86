"""The label gate: whether a refined picture still shows what its labels say.

Two checks that cost little beside the network: the mean colour of each instance keeps its
chroma, and steps of brightness between instances stay where they are. Both work on log-encoded
light, where 1 is white.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

DRIFT_MAX = 0.1
"""How far the mean chroma of an instance may move."""

EDGES_MIN = 0.99
"""The least share of steps between instances that must be kept."""

_PIXELS_MIN = 16
_STEP_MIN = 0.1
_STEP_KEPT = 0.25


@dataclass(frozen=True)
class Verdict:
    """What was found in one picture: the largest ``drift`` and whose it is, the share of ``edges`` kept."""

    drift: float
    instance: int
    edges: float

    @property
    def passed(self) -> bool:
        """Whether labels and picture still agree."""
        return self.drift <= DRIFT_MAX and self.edges >= EDGES_MIN


def examine(drawn: Sequence[Floats], refined: Floats, instance: NDArray[np.uint32]) -> Verdict:
    """Compare encoded (3, H, W) light as ``drawn``, without and with the sky's shadows, with the refiner's.

    ``instance`` is (H, W). A step between instances counts where all that was drawn shows it.
    """
    drifts = [_largest_drift(one, refined, instance) for one in drawn]
    drift, whose = min(drifts)
    return Verdict(drift, whose, _edges_kept(drawn, refined, instance))


def _largest_drift(raw: Floats, refined: Floats, instance: NDArray[np.uint32]) -> tuple[float, int]:
    ids, change = instance.ravel(), (refined - raw).reshape(3, -1)
    counts = np.bincount(ids)
    means = np.stack([np.bincount(ids, plane) for plane in change]) / np.maximum(counts, 1)
    drift = np.abs(means - means.mean(axis=0)).max(axis=0)
    drift[counts < _PIXELS_MIN] = 0.0
    drift[0] = 0.0
    worst = int(np.argmax(drift))
    return float(drift[worst]), worst


def _edges_kept(drawn: Sequence[Floats], refined: Floats, instance: NDArray[np.uint32]) -> float:
    """Return which share of visible steps across borders of instances keeps its sign and some of its height."""
    before, after = np.stack([one.mean(axis=0) for one in drawn]), refined.mean(axis=0)
    seen = kept = 0
    for axis in (0, 1):
        border = np.diff(instance.astype(np.int64), axis=axis) != 0
        old, new = _least_step(np.diff(before, axis=1 + axis)[:, border]), np.diff(after, axis=axis)[border]
        visible = np.abs(old) >= _STEP_MIN
        seen += int(visible.sum())
        kept += int((new[visible] * np.sign(old[visible]) >= _STEP_KEPT * np.abs(old[visible])).sum())
    return kept / seen if seen else 1.0


def _least_step(steps: Floats) -> Floats:
    """Return the smallest of each column of ``steps`` (P, N), 0 where they are not all up or all down."""
    same = (steps > 0).all(axis=0) | (steps < 0).all(axis=0)
    return np.where(same, np.sign(steps[0]) * np.abs(steps).min(axis=0), np.float32(0))
