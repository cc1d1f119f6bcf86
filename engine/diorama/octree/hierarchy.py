"""The octree above the sorted boxes, as a few flat tiers without pointers.

A node of a tier is the largest cell that holds at most :data:`FAN` nodes of the tier below (of
the boxes, for the first tier), or what a cell holds of its own; so nodes are contiguous runs,
they adapt to how dense the scene is, chains of lone children never arise, and every path from
the top to a box is equally long, which lets a whole frontier step down at once. Each node keeps
the tight box around what it holds. All of it follows from the sorted keys and boxes alone: two
octrees over equal boxes are equal in every byte, whatever their past.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diorama.octree.bounds import Floats, Ints
from diorama.octree.lattice import BUCKET, SAME_CELL, Levels
from diorama.octree.sorting import Change, Sorting

FAN = 16
"""A node has at most this many children, except for the boxes of one cell, which stay together.

A power of two, and above 9: a cell has up to 8 cells in it and one run of its own, so that each
tier is shorter than the one below.
"""

TOP = 32
"""The highest tier has at most this many nodes; a batch of queries begins by testing all of them."""


@dataclass(frozen=True, eq=False)
class Tier:
    """n nodes: node i holds rows first[i]:first[i + 1] of the tier below; ``boxes`` (6, n) are tight."""

    first: Ints
    boxes: Floats

    def __len__(self) -> int:
        return int(self.boxes.shape[1])


def children(first: Ints, nodes: Ints) -> tuple[Ints, Ints]:
    """Return the rows of all children of ``nodes``, in order, and how many each node has."""
    start = first.take(nodes)
    count = first.take(nodes + 1) - start
    ends = count.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + (start + count - ends).repeat(count), count


def build_tiers(divide: Levels, boxes: Floats) -> tuple[Tier, ...]:
    """Return the tiers over sorted (6, N) ``boxes``, the lowest first. O(N).

    ``divide`` (N,) is, for each box, the level of the smallest cell that it shares with the
    box before it.
    """
    first = _openings(divide)
    return _stack(divide, Tier(first, _unite(boxes, first[:-1])))


def refit_tiers(old: Sequence[Tier], sorting: Sorting, change: Change) -> tuple[Tier, ...]:
    """Return what :func:`build_tiers` would, taking from ``old`` the nodes that hold what they held."""
    first = _openings(sorting.divide)
    begin, last = change.source[first[:-1]], change.source[first[1:] - 1]
    node = old[0].first.searchsorted(begin)
    kept = (old[0].first[node] == begin) & (old[0].first.take(node + 1, mode="clip") == last + 1)
    kept &= last - begin == first[1:] - first[:-1] - 1
    kept[first.searchsorted(np.flatnonzero(change.fresh), "right") - 1] = False
    boxes = old[0].boxes.take(node, axis=1, mode="clip")
    again = np.flatnonzero(~kept)
    rows, count = children(first, again)
    boxes[:, again] = _unite(sorting.boxes.take(rows, axis=1), count.cumsum() - count)
    return _stack(sorting.divide, Tier(first, boxes))


def reach(tiers: Sequence[Tier]) -> float:
    """Return the largest coordinate in any box, whatever its sign; 0 where there is none."""
    return float(np.abs(tiers[-1].boxes).max(initial=0.0))


def _stack(divide: Levels, lowest: Tier) -> tuple[Tier, ...]:
    """Put tiers upon the ``lowest`` until one has at most :data:`TOP` nodes."""
    tiers = [lowest]
    while len(tiers[-1]) > TOP:
        divide = divide[tiers[-1].first[:-1]]
        first = _openings(divide)
        tiers.append(Tier(first, _unite(tiers[-1].boxes, first[:-1])))
    return tuple(tiers)


def _openings(divide: Levels) -> Ints:
    """Return the rows that open a node, and the end: the smallest cell each shares with the row before holds > FAN.

    Such a row lies in some window of FAN rows none of which divides more coarsely. The least of
    each window, then the greatest of these around each row (a morphological opening; Serra 1982),
    tells so without a search.
    """
    padded = np.full(len(divide) + 2 * FAN - 2, BUCKET - 1, np.int8)
    padded[FAN - 1 : FAN - 1 + len(divide)] = divide
    opening = padded
    for extreme in (np.minimum, np.maximum):
        width = 1
        while width < FAN:
            opening = extreme(opening[:-width], opening[width:])
            width *= 2
    opens = np.ones(len(divide) + 1, np.bool_)
    opens[:-1] = ((opening >= divide) & (divide != SAME_CELL)) | (divide == BUCKET)
    return np.flatnonzero(opens)


def _unite(boxes: Floats, starts: Ints) -> Floats:
    """Return the boxes (6, n) around the runs of (6, N) ``boxes`` that begin at ``starts``."""
    united = np.empty((6, len(starts)))
    if len(starts):
        np.minimum.reduceat(boxes[:3], starts, axis=1, out=united[:3])
        np.maximum.reduceat(boxes[3:], starts, axis=1, out=united[3:])
    return united
