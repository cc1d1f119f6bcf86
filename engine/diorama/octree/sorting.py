"""The sorted order of boxes, by rank of their cell and then by id, and how it takes in what moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diorama.octree.bounds import Floats, Ints, Mask
from diorama.octree.lattice import BUCKET, Cells, Codes, Levels, common_level


@dataclass(frozen=True, eq=False)
class Sorting:
    """N boxes in order: ``ids`` (N,), ``ranks`` (N,), ``divide`` (N,) and ``boxes`` (6, N).

    ``divide`` is the level of the smallest cell that a box shares with the one before it.
    """

    ids: Ints
    ranks: Codes
    divide: Levels
    boxes: Floats


@dataclass(frozen=True, eq=False)
class Change:
    """How a new order came from an old one: ``source`` (N,) old rows, ``fresh`` (N,) whose box is new."""

    source: Ints
    fresh: Mask


def sort_boxes(cells: Cells, boxes: Floats) -> Sorting:
    """Sort boxes (6, N), given by id. O(N log N)."""
    ids = np.argsort(cells.rank, kind="stable")
    divide: Levels = np.full(len(ids), BUCKET, np.int8)
    divide[1:] = common_level(cells, ids[:-1], ids[1:])
    return Sorting(ids, cells.rank.take(ids), divide, boxes.take(ids, axis=1))


def move(old: Sorting, ranks: Codes, cells: Cells, ids: Ints, boxes: Floats) -> tuple[Sorting, Change]:
    """Return the order after ``ids`` (M,), once at ``ranks`` (M,), took new ``boxes`` (6, M).

    ``cells`` holds the new cells of all N boxes by id. O(M log N) for what moved and one merge,
    O(N) in copies, for the rest. A box that stayed in its cell stays in its place. ``old`` is spent:
    its boxes are overwritten.
    """
    rows = find(old.ranks, old.ids, ranks, ids)
    fresh = np.zeros(len(old.ids), np.bool_)
    fresh[rows] = True
    old.boxes[:, rows] = boxes
    left = cells.rank[ids] != ranks
    source, targets = _merge(old, rows[left], cells.rank[ids[left]], ids[left])
    order, ranked = old.ids.take(source), old.ranks.take(source)
    ranked[targets] = cells.rank[order[targets]]
    divide = _divide_again(old.divide.take(source), source, targets, cells, order)
    return Sorting(order, ranked, divide, old.boxes.take(source, axis=1)), Change(source, fresh.take(source))


def _merge(old: Sorting, rows: Ints, ranks: Codes, ids: Ints) -> tuple[Ints, Ints]:
    """Take ``rows`` out and put them back at ``ranks``: the old row of each new row, and where they went."""
    sequence = np.lexsort((ids, ranks))
    place = find(old.ranks, old.ids, ranks[sequence], ids[sequence])
    targets = place - np.sort(rows).searchsorted(place) + np.arange(len(place))
    stays = np.ones(len(old.ids), np.bool_)
    stays[rows] = False
    free = np.ones(len(old.ids), np.bool_)
    free[targets] = False
    source = np.empty(len(old.ids), np.int64)
    source[free] = np.flatnonzero(stays)
    source[targets] = rows[sequence]
    return source, targets


def _divide_again(divide: Levels, source: Ints, targets: Ints, cells: Cells, ids: Ints) -> Levels:
    """Recompute ``divide`` in place where a row has a new neighbour before it."""
    torn = np.empty(len(source), np.bool_)
    np.not_equal(source[1:], source[:-1] + 1, out=torn[1:])
    torn[targets] = True
    torn[targets[targets < len(torn) - 1] + 1] = True
    torn[:1] = False
    rows = np.flatnonzero(torn)
    divide[:1] = BUCKET
    divide[rows] = common_level(cells, ids[rows - 1], ids[rows])
    return divide


def find(ranks: Codes, ids: Ints, rank: Codes, wanted: Ints) -> Ints:
    """Return where (``rank``, ``wanted``) stand, or would stand, among sorted (``ranks``, ``ids``)."""
    left, right = ranks.searchsorted(rank), ranks.searchsorted(rank, "right")
    while (left < right).any():
        middle = (left + right) // 2
        before = (left < right) & (ids.take(middle, mode="clip") < wanted)
        left, right = np.where(before, middle + 1, left), np.where(before, right, np.minimum(middle, right))
    return left
