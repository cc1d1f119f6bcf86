"""The k boxes nearest to points, many points at once.

Each point first measures the boxes beside it in key order; the k-th smallest distance among
them is a sure bound, as in Connor & Kumar 2010 ("Fast construction of k-nearest neighbor graphs
for point clouds"). One walk then finds everything within that bound, and the k best are kept.
About O(R (log N + k)) for R points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from diorama.octree.bounds import Floats, Ints, Mask
from diorama.octree.hierarchy import Tier
from diorama.octree.lattice import interleave
from diorama.octree.least import least_of_each
from diorama.octree.regions import squared_distance
from diorama.octree.sorting import Sorting
from diorama.octree.traversal import walk_batch


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The k nearest boxes of R points, nearest first, smaller ids first among equals.

    ``ids`` (R, k) int64, -1 where there are fewer than k boxes; ``distances`` (R, k) float64
    metres, 0 inside a box, inf where there is none.
    """

    ids: Ints
    distances: Floats


def find_nearest(
    tiers: Sequence[Tier], sorting: Sorting, boxes: Floats, points: Floats, k: int
) -> tuple[Neighbours, int]:
    """Return the ``k`` nearest boxes of ``points`` (3, R), and how many pairs of point and box were tested."""
    bound = _bound(sorting, boxes, points, k)

    def within_bound(boxes: Floats, queries: Ints) -> Mask:
        return np.asarray(squared_distance(boxes, points.take(queries, axis=1)) <= bound.take(queries))

    count = points.shape[1]
    owner, ids, tested = walk_batch(tiers, sorting.ids, boxes, count, within_bound)
    squared = squared_distance(boxes.take(ids, axis=1), points.take(owner, axis=1))
    if k == 1:
        nearest, least = least_of_each(count, owner, ids, squared)
        return Neighbours(nearest[:, None], np.sqrt(least)[:, None]), tested
    return _keep_best(count, k, owner, ids, squared), tested


def _bound(sorting: Sorting, boxes: Floats, points: Floats, k: int) -> Floats:
    """Return for points (3, R) a squared distance within which k boxes surely lie, or inf."""
    total, count = boxes.shape[1], points.shape[1]
    if total < k:
        return np.full(count, np.inf)
    place = sorting.keys.searchsorted(interleave(points))
    window = min(2 * k + 2, total)
    start = np.clip(place - window // 2, 0, total - window)
    beside = sorting.ids.take(start + np.arange(window)[:, None])
    squared = squared_distance(boxes.take(beside, axis=1), points[:, None, :])
    # Selecting costs several times what the least alone does.
    return np.asarray(squared.min(axis=0) if k == 1 else np.partition(squared, k - 1, axis=0)[k - 1])


def _keep_best(count: int, k: int, points: Ints, ids: Ints, squared: Floats) -> Neighbours:
    """Keep the ``k`` best of H candidates, sorted by which of ``count`` points they belong to. O(H log H)."""
    # One integer holds point, place among all distances, and id: far faster to sort than three keys.
    by_distance = np.argsort(squared)
    ranked = squared[by_distance]
    place = np.empty(len(squared), np.int64)
    place[by_distance] = np.cumsum(np.diff(ranked, prepend=ranked[:1]) > 0.0)
    order = np.argsort((points * (len(squared) + 1) + place) * (int(ids.max(initial=0)) + 1) + ids)
    ids, squared = ids[order], squared[order]
    column = np.arange(len(points)) - points.searchsorted(np.arange(count))[points]
    kept = column < k
    found, distance = np.full((count, k), -1, np.int64), np.full((count, k), np.inf)
    found[points[kept], column[kept]] = ids[kept]
    distance[points[kept], column[kept]] = np.sqrt(squared[kept])
    return Neighbours(found, distance)
