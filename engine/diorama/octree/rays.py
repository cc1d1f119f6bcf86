"""Rays against boxes: the slab test (Kay & Kajiya 1986; Williams et al. 2005), many rays at once.

About O(R (N^(1/3) + H)) for R rays that meet H boxes each, all of which are reported.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from diorama.errors import OptionError, expected
from diorama.octree.bounds import Floats, Ints, Mask, check_batch
from diorama.octree.hierarchy import Tier
from diorama.octree.least import least_of_each
from diorama.octree.traversal import walk_batch

_PARALLEL, _STEEP, _TOUCH = 1e-160, 1e200, 1e-160
"""A ray this flat to an axis never crosses its faces: it divides by 1e-200 and sees the upper face a hair
further off, so that one that runs in a face never leaves it, and all others stay finite.
"""


@dataclass(frozen=True, eq=False)
class RayHits:
    """What R rays meet; a ray that starts inside a box meets it at distance 0.

    ``first`` (R,) int64 is the id of the nearest box, the smallest of equals, or -1; ``distance``
    (R,) float64 metres to it, or inf. All H hits: ``rays`` (H,) int64 rows, ``ids`` (H,) int64 and
    ``distances`` (H,) float64, sorted by ray, then id.
    """

    first: Ints
    distance: Floats
    rays: Ints
    ids: Ints
    distances: Floats


class Rays:
    """Checked rays: ``origin`` (3, R) in metres, ``inverse`` (3, R) of the unit direction."""

    def __init__(self, origin: ArrayLike, direction: ArrayLike) -> None:
        self.origin, ways = check_batch(origin, "origin"), check_batch(direction, "direction")
        if self.origin.shape != ways.shape:
            raise OptionError(
                expected(f"{len(self)} directions, one for each origin", ways.shape[1]), place="direction"
            )
        largest = np.abs(ways).max(axis=0)
        if not largest.all():
            row = int(np.argmin(largest))
            raise OptionError(expected(f"a direction that is not 0 in row {row}", [0.0, 0.0, 0.0]), place="direction")
        unit = ways / largest
        unit /= np.sqrt((unit * unit).sum(axis=0))
        parallel = np.abs(unit) < _PARALLEL
        self.inverse = np.where(parallel, _STEEP, 1.0 / np.where(parallel, 1.0, unit))
        self._margin = np.where(parallel, _TOUCH, 0.0) if parallel.any() else None

    def __len__(self) -> int:
        return int(self.origin.shape[1])

    def span(self, boxes: Floats, rows: Ints) -> tuple[Floats, Floats]:
        """Return where rays ``rows`` enter and leave boxes (6, ...), as metres along them, from 0."""
        origin, inverse = self.origin.take(rows, axis=1), self.inverse.take(rows, axis=1)
        low, high = boxes[:3] - origin, boxes[3:] - origin
        if self._margin is not None:
            high += self._margin.take(rows, axis=1)
        low *= inverse
        high *= inverse
        enter = np.minimum(low, high)
        leave = np.maximum(low, high, out=high)
        nearest = np.maximum(np.maximum(enter[0], enter[1]), np.maximum(enter[2], 0.0))
        return nearest, np.minimum(np.minimum(leave[0], leave[1]), leave[2])

    def meet(self, boxes: Floats, rows: Ints) -> Mask:
        """Return which of the pairs meet."""
        enter, leave = self.span(boxes, rows)
        return np.asarray(enter <= leave)


def cast(tiers: Sequence[Tier], ids: Ints, boxes: Floats, rays: Rays) -> tuple[RayHits, int]:
    """Return what ``rays`` meet, and how many pairs of ray and box were tested."""
    owner, met, tested = walk_batch(tiers, ids, boxes, len(rays), rays.meet)
    enter, _ = rays.span(boxes.take(met, axis=1), owner)
    return _gather(len(rays), owner, met, enter), tested


def _gather(count: int, rays: Ints, ids: Ints, distances: Floats) -> RayHits:
    """Sort the hits of ``count`` rays by ray and id and find each ray's first. O(H log H)."""
    order = np.argsort(rays * (int(ids.max(initial=0)) + 1) + ids)
    rays, ids, distances = rays[order], ids[order], distances[order]
    first, distance = least_of_each(count, rays, ids, distances)
    return RayHits(first, distance, rays, ids, distances)
