"""The sorted order of boxes, by key of their cell and then by id, and how it takes in what moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from diorama.octree.bounds import Ints
from diorama.octree.lattice import BUCKET, Keys, Levels, common_level


@dataclass(frozen=True, eq=False)
class Sorting:
    """N boxes in order: ``ids`` (N,), ``keys`` (N,) and ``divide`` (N,).

    ``divide`` is the level of the smallest cell that a box shares with the one before it.
    """

    ids: Ints
    keys: Keys
    divide: Levels


@dataclass(frozen=True, eq=False)
class Change:
    """How a new order came from an old one.

    ``source`` (N,) is the old row of each row, anything for a box that moved. ``torn`` are the rows, some of
    them twice, whose box moved or that follow another box than before.
    """

    source: Ints
    torn: Ints


def sort_keys(keys: Keys) -> Sorting:
    """Sort boxes by their ``keys`` (N,), which are given by id. O(N log N)."""
    ids = np.argsort(keys, kind="stable")
    ranked = keys.take(ids)
    divide: Levels = np.full(len(ids), BUCKET, np.int8)
    divide[1:] = common_level(ranked[:-1], ranked[1:])
    return Sorting(ids, ranked, divide)


def move(old: Sorting, ids: Ints, before: Keys, after: Keys) -> tuple[Sorting, Change]:
    """Return the order after the boxes ``ids`` (M,) went from the cells ``before`` (M,) to ``after`` (M,).

    O(M log N) for what moved and one merge, O(N) in copies, for the rest.
    """
    leaving, arriving = np.lexsort((ids, before)), np.lexsort((ids, after))
    lifted = np.concatenate([ids.take(leaving), ids.take(arriving)])
    ranked = np.concatenate([before.take(leaving), after.take(arriving)])
    found, count = find(old, ranked, lifted), np.arange(len(ids))
    rows, places = found[: len(ids)], found[len(ids) :]
    targets = places - rows.searchsorted(places) + count
    gaps = rows - count + places.searchsorted(rows)
    source = _merge(len(old.ids), targets, gaps)
    order, keys, divide = old.ids.take(source), old.keys.take(source), old.divide.take(source)
    order[targets], keys[targets] = lifted[len(ids) :], ranked[len(ids) :]
    torn = np.concatenate([targets, targets + 1, gaps])
    np.minimum(torn, len(order) - 1, out=torn)
    divide[torn] = common_level(keys.take(torn - 1), keys.take(torn))
    divide[0] = BUCKET
    return Sorting(order, keys, divide), Change(source, torn)


def _merge(count: int, targets: Ints, gaps: Ints) -> Ints:
    """Return the old row of each of ``count`` rows.

    What moved came to the rows ``targets`` (M,), whose old row means nothing, and left each row of ``gaps`` (M,),
    counted in the new order, one old row further on.
    """
    steps = np.bincount(gaps, minlength=count)[:count]
    steps += 1
    steps[targets] -= 1
    steps[0] -= 1
    return steps.cumsum(out=steps)


def find(sorting: Sorting, keys: Keys, ids: Ints) -> Ints:
    """Return the rows (M,) where (``keys``, ``ids``) stand, or would stand, in ``sorting``. O(M log N)."""
    rows = sorting.keys.searchsorted(keys)
    tied = (sorting.keys.take(rows, mode="clip") == keys) & (sorting.ids.take(rows, mode="clip") < ids)
    late = tied.nonzero()[0]
    if len(late):
        rows[late] = _behind_equals(sorting, rows.take(late), keys.take(late), ids.take(late))
    return rows


def _behind_equals(sorting: Sorting, rows: Ints, keys: Keys, ids: Ints) -> Ints:
    """Return where ``ids`` (M,) stand among the boxes of their ``keys`` (M,); those in ``rows`` (M,) come before."""
    end = sorting.keys.searchsorted(keys, "right")
    longest = int((end - rows).max())
    for bit in reversed(range((longest - 1).bit_length())):
        further = rows + (1 << bit)
        before = (further < end) & (sorting.ids.take(further, mode="clip") < ids)
        rows = np.where(before, further, rows)
    return rows + 1
