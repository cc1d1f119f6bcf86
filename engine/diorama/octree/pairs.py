"""Which boxes overlap each other: the tree walked against itself (Gottschalk et al. 1996's descent)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from diorama.octree.bounds import Floats, Ints, Mask
from diorama.octree.hierarchy import Tier, children

BLOCK = 1 << 18
"""About as many pairs are held at once, however many boxes share a cell."""


def overlapping_rows(tiers: Sequence[Tier], boxes: Floats, gap: float) -> tuple[Ints, Ints, int]:
    """Return all pairs of rows of (6, N) ``boxes``, first < second, that lie closer than ``gap`` on every axis.

    Comes with the number of pairs of boxes tested. O(N + pairs) for scenes whose boxes overlap few others.
    """
    left, right = np.triu_indices(len(tiers[-1]))
    met = _closer(tiers[-1].boxes, left, right, gap)
    left, right, tested = left[met], right[met], 0
    for depth in range(len(tiers) - 1, -1, -1):
        below = tiers[depth - 1].boxes if depth else boxes
        found, tested = [(left[:0], right[:0])], 0
        for one, other in _child_pairs(tiers[depth].first, left, right):
            met = _closer(below, one, other, gap)
            found.append((one[met], other[met]))
            tested += len(one)
        left, right = (np.concatenate(rows) for rows in zip(*found, strict=True))
    distinct = left < right
    return left[distinct], right[distinct], tested


def _closer(boxes: Floats, left: Ints, right: Ints, gap: float) -> Mask:
    one, other = boxes.take(left, axis=1), boxes.take(right, axis=1)
    return np.asarray(((one[:3] - gap < other[3:]) & (other[:3] - gap < one[3:])).all(axis=0))


def _child_pairs(first: Ints, left: Ints, right: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Yield, in blocks, each pair of a child of ``left`` and a child of ``right``; within one node, each pair once."""
    one, each = children(first, left)
    node = np.repeat(right, each)
    ends = np.cumsum(first.take(node + 1) - first.take(node))
    total = int(ends[-1]) if len(ends) else 0
    cuts = [0, *ends.searchsorted(np.arange(BLOCK, total, BLOCK)), len(node)]
    for start, end in pairwise(cuts):
        other, every = children(first, node[start:end])
        ones = np.repeat(one[start:end], every)
        once = ones <= other
        yield ones[once], other[once]
