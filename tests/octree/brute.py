"""Brute force over boxes, a definition a line, and the worlds that the octree is held against it in."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from diorama.octree import Octree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@st.composite
def worlds(draw: st.DrawFn, most: int = 400) -> tuple[Floats, Floats]:
    """Boxes of every awkward kind together: flat, huge, equal, far off, across the origin, on cell borders."""
    count = draw(st.integers(0, most))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    spread = draw(st.sampled_from([0.5, 8.0, 100.0, 2e4]))
    side = draw(st.sampled_from([0.0, 0.01, 1.0, 30.0]))
    centre = random.uniform(-spread, spread, (count, 3))
    size = random.uniform(0.0, 1.0, (count, 3)) * side * np.exp(random.normal(0, 1, (count, 1)))
    odd = random.integers(0, 12, count)
    size[odd == 0] = 0.0
    size[odd == 1, 1] = 0.0
    size[odd == 2] = 5e4
    centre[odd == 3] = np.round(centre[odd == 3])
    centre[odd == 4] *= 1e9 / spread
    centre[odd == 5] = 0.0
    centre[odd == 6], size[odd == 6] = np.round(centre[odd == 6]), 2.0
    return centre - size / 2.0, centre + size / 2.0


def arrays(octree: Octree) -> dict[str, NDArray[np.generic]]:
    """Every array that an octree keeps."""
    kept = {f"sorting.{name}": getattr(octree._sorting, name) for name in ("ids", "keys", "divide")}
    kept |= {"keys": octree._keys, "boxes": octree._boxes}
    for depth, tier in enumerate(octree._tiers):
        kept |= {f"tier{depth}.first": tier.first, f"tier{depth}.boxes": tier.boxes}
    return kept


def assert_same_bytes(one: Octree, other: Octree) -> None:
    ours, theirs = arrays(one), arrays(other)
    assert ours.keys() == theirs.keys() and one._reach == other._reach
    for name, values in ours.items():
        assert values.dtype == theirs[name].dtype and values.shape == theirs[name].shape, name
        assert values.tobytes() == theirs[name].tobytes(), name


def in_front(low: Floats, high: Floats, planes: Floats) -> Ints:
    corners = np.where(planes[:, None, :3] > 0.0, high, low)
    return np.flatnonzero(((corners * planes[:, None, :3]).sum(axis=-1) + planes[:, None, 3] >= 0.0).all(axis=0))


def meeting(low: Floats, high: Floats, box_low: Floats, box_high: Floats) -> Ints:
    return np.flatnonzero(((low <= box_high) & (high >= box_low)).all(axis=1))


def distances(low: Floats, high: Floats, point: Floats) -> Floats:
    return np.linalg.norm(np.clip(point, low, high) - point, axis=1)


def ray_spans(low: Floats, high: Floats, origin: Floats, direction: Floats) -> tuple[Floats, Floats]:
    """Where one ray enters and leaves each box, in metres: clipped against one slab after another."""
    enter, leave = np.zeros(len(low)), np.full(len(low), np.inf)
    unit = direction / np.linalg.norm(direction)
    for axis in range(3):
        if unit[axis] == 0.0:
            leave[(origin[axis] < low[:, axis]) | (origin[axis] > high[:, axis])] = -np.inf
        else:
            ends = np.sort((np.stack([low[:, axis], high[:, axis]]) - origin[axis]) / unit[axis], axis=0)
            enter, leave = np.maximum(enter, ends[0]), np.minimum(leave, ends[1])
    return enter, leave


def overlapping(low: Floats, high: Floats, gap: float) -> Ints:
    reach = low - gap
    closer = np.ones((len(low), len(low)), np.bool_)
    for axis in range(3):
        closer &= (reach[:, None, axis] < high[None, :, axis]) & (reach[None, :, axis] < high[:, None, axis])
    return np.argwhere(np.triu(closer, 1))
