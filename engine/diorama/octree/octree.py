"""The dynamic octree over boxes: brought up to date by what moved, asked in whole arrays.

It takes bounds (N, 3), (N, 3) in metres, world space, and knows nothing of scenes; a box's id
is its row. Boxes are sorted by the key of their cell (:mod:`diorama.octree.lattice`), ties by id, and
carry a few flat tiers of nodes (:mod:`diorama.octree.hierarchy`): a linear octree (Gargantini 1982)
without pointers. Its arrays follow from the boxes alone, never from how they came to be there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diorama.errors import OptionError, expected
from diorama.octree.bounds import Ints, check_batch, check_boxes, check_ids
from diorama.octree.hierarchy import build_tiers, reach, refit_tiers
from diorama.octree.lattice import encode
from diorama.octree.nearest import Neighbours, find_nearest
from diorama.octree.pairs import overlapping_rows
from diorama.octree.rays import RayHits, Rays, cast
from diorama.octree.regions import in_front, meeting, within
from diorama.octree.sorting import move, sort_keys
from diorama.octree.traversal import Region, walk


@dataclass
class Counters:
    """What the octree did last: keys ``encoded`` by the last update, boxes ``visited`` by the last query.

    A box is visited when its own bounds are tested; a batch counts every query's visits, and
    overlap pairs count the pairs.
    """

    encoded: int = 0
    visited: int = 0


class Octree:
    """A loose linear octree over N boxes: O(N log N) to build, O(M log N) and copies to move M of them."""

    def __init__(self, low: ArrayLike, high: ArrayLike) -> None:
        """Index the boxes with corners ``low`` (N, 3) and ``high`` (N, 3); box i has the id i."""
        self._boxes = check_boxes(low, high)
        self._keys = encode(self._boxes)
        self._sorting = sort_keys(self._keys)
        self._tiers = build_tiers(self._sorting, self._boxes)
        self._reach = reach(self._tiers)
        self.counters = Counters(encoded=len(self))

    def __len__(self) -> int:
        return int(self._boxes.shape[1])

    def update(self, ids: ArrayLike, low: ArrayLike, high: ArrayLike) -> None:
        """Move the boxes ``ids`` (M,) to ``low`` (M, 3), ``high`` (M, 3); those that stayed cost a comparison."""
        rows, boxes = check_ids(ids, len(self)), check_boxes(low, high)
        if boxes.shape[1] != len(rows):
            raise OptionError(expected(f"{len(rows)} boxes, one for each id", boxes.shape[1]), place="low")
        moved = np.logical_or.reduce(boxes != self._boxes.take(rows, axis=1))
        if not moved.all():
            rows, boxes = rows[moved], boxes[:, moved]
        self.counters.encoded = len(rows)
        if len(rows):
            self._boxes[:, rows] = boxes
            before, after = self._keys.take(rows), encode(boxes)
            self._keys[rows] = after
            self._sorting, change = move(self._sorting, rows, before, after)
            self._tiers = refit_tiers(self._tiers, self._sorting, self._boxes, change)
            self._reach = reach(self._tiers)

    def frustum(self, planes: ArrayLike) -> Ints:
        """Return the sorted ids of boxes that reach the inner side of all (P, 4) ``planes``, n·x + d >= 0."""
        return self._select(in_front(planes, self._reach))

    def box(self, low: ArrayLike, high: ArrayLike) -> Ints:
        """Return the sorted ids of boxes that share at least a point with the box ``low`` (3,), ``high`` (3,)."""
        return self._select(meeting(low, high))

    def sphere(self, center: ArrayLike, radius: float) -> Ints:
        """Return the sorted ids of boxes within ``radius`` metres of ``center`` (3,)."""
        return self._select(within(center, radius))

    def ray(self, origin: ArrayLike, direction: ArrayLike) -> RayHits:
        """Return what rays from ``origin`` (R, 3) along ``direction`` (R, 3), of any length, meet; (3,) is one ray."""
        hits, self.counters.visited = cast(self._tiers, self._sorting.ids, self._boxes, Rays(origin, direction))
        return hits

    def nearest(self, points: ArrayLike, k: int = 1) -> Neighbours:
        """Return the ``k`` boxes nearest to each of ``points`` (R, 3), with their distances; (3,) is one point."""
        if k < 1:
            raise OptionError(expected("at least 1", k), place="k")
        found, self.counters.visited = find_nearest(
            self._tiers, self._sorting, self._boxes, check_batch(points, "points"), k
        )
        return found

    def overlap_pairs(self, gap: float = 0.0) -> NDArray[np.int64]:
        """Return the pairs (H, 2) of ids, sorted, of boxes that lie closer than ``gap`` metres on every axis.

        With gap 0 they share more than a face: things that merely touch do not overlap.
        """
        if not 0.0 <= gap < np.inf:
            raise OptionError(expected("a finite gap of at least 0", gap), place="gap")
        left, right, self.counters.visited = overlapping_rows(
            self._tiers, self._boxes.take(self._sorting.ids, axis=1), gap
        )
        pairs = np.sort(self._sorting.ids[np.stack([left, right], axis=1)], axis=1)
        return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]

    def _select(self, region: Region) -> Ints:
        ids, self.counters.visited = walk(self._tiers, self._sorting.ids, self._boxes, region)
        return ids
