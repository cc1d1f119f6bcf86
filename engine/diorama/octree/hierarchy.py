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

from diorama.octree.bounds import Floats, Ints, Mask
from diorama.octree.lattice import BUCKET, SAME_CELL, Levels
from diorama.octree.sorting import Change, Sorting

FAN = 16
"""A node has at most this many children, except for the boxes of one cell, which stay together.

A power of two, and above 9: a cell has up to 8 cells in it and one run of its own, so that each
tier is shorter than the one below.
"""

TOP = 32
"""The highest tier has at most this many nodes; a batch of queries begins by testing all of them."""

_BEYOND = np.full(FAN, BUCKET, np.int8)
_WIDTHS = tuple(1 << bit for bit in range(FAN.bit_length() - 1))


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


def build_tiers(sorting: Sorting, boxes: Floats) -> tuple[Tier, ...]:
    """Return the tiers over the sorted ``boxes`` (6, N), which are given by id, the lowest first. O(N)."""
    first = _opens(sorting.divide).nonzero()[0]
    return _stack(sorting.divide, first, _unite(boxes.take(sorting.ids, axis=1), first[:-1]))


def refit_tiers(old: Sequence[Tier], sorting: Sorting, boxes: Floats, change: Change) -> tuple[Tier, ...]:
    """Return what :func:`build_tiers` would, taking from ``old`` the nodes that hold what they held."""
    opens = _opens(sorting.divide)
    first = opens.nonzero()[0]
    cuts = _altered(old[0].first, first, opens, change)
    united = old[0].boxes.take(_origin(old[0].first, first, change.source, cuts), axis=1, mode="clip")
    again = cuts[:-1]
    rows, count = children(first, again)
    united[:, again] = _unite(boxes.take(sorting.ids.take(rows), axis=1), count.cumsum() - count)
    return _stack(sorting.divide, first, united)


def _altered(old: Ints, first: Ints, opens: Mask, change: Change) -> Ints:
    """Return the nodes that may hold boxes that moved, or others than any ``old`` node did, in order, and the end."""
    opened = np.zeros(len(opens), np.bool_)
    opened[old] = True
    rows = opens[:-1] != opened.take(change.source)
    rows[change.torn] = True
    # What alters where a node begins alters the end of the one before.
    rows[:-1] |= rows[1:]
    nodes = np.zeros(len(first), np.bool_)
    nodes[first.searchsorted(rows.nonzero()[0], "right") - 1] = True
    nodes[-1] = True
    return nodes.nonzero()[0]


def _origin(old: Ints, first: Ints, source: Ints, cuts: Ints) -> Ints:
    """Return which ``old`` node each node was, for all between ``cuts``: the same ones in the same order."""
    follow = cuts[:-1] + 1
    shift = old.searchsorted(source.take(first.take(follow), mode="clip")) - follow
    node = np.arange(len(first) - 1)
    node[cuts[0] :] += shift.repeat(cuts[1:] - cuts[:-1])
    return node


def reach(tiers: Sequence[Tier]) -> float:
    """Return the largest coordinate in any box, whatever its sign; 0 where there is none."""
    return float(np.abs(tiers[-1].boxes).max(initial=0.0))


def _stack(divide: Levels, first: Ints, boxes: Floats) -> tuple[Tier, ...]:
    """Put tiers upon the lowest, ``first`` (n + 1,) with its ``boxes`` (6, n), until one has at most TOP nodes."""
    tiers = [Tier(first, boxes)]
    while len(first) - 1 > TOP:
        divide = divide.take(first[:-1])
        first = _opens(divide).nonzero()[0]
        boxes = _unite(boxes, first[:-1])
        tiers.append(Tier(first, boxes))
    return tuple(tiers)


def _opens(divide: Levels) -> Mask:
    """Return which rows open a node, and the end: the smallest cell each shares with the row before holds > FAN.

    Such a row lies in some window of FAN rows none of which divides more coarsely. The least of
    each window, then the greatest of these around each row (a morphological opening; Serra 1982),
    tells so without a search.
    """
    padded = np.concatenate([_BEYOND[1:], divide, _BEYOND])
    opening = padded
    for extreme in (np.minimum, np.maximum):
        for width in _WIDTHS:
            opening = extreme(opening[:-width], opening[width:])
    divide = padded[FAN - 1 : 1 - FAN]
    return np.asarray((opening >= divide) & (divide != SAME_CELL))


def _unite(boxes: Floats, starts: Ints) -> Floats:
    """Return the boxes (6, n) around the runs of (6, N) ``boxes`` that begin at ``starts``."""
    united = np.empty((6, len(starts)))
    if len(starts):
        np.minimum.reduceat(boxes[:3], starts, axis=1, out=united[:3])
        np.maximum.reduceat(boxes[3:], starts, axis=1, out=united[3:])
    return united
