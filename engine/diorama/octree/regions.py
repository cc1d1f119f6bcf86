"""Which boxes a region may hold: a convex of planes, a box, a ball.

Touching counts. The test against planes is conservative in the usual way: a box outside a convex
but in front of each of its planes counts too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from diorama.errors import OptionError, expected
from diorama.octree.bounds import Floats, Mask, check_boxes, check_point
from diorama.octree.traversal import Region

_ROUNDING = 1e-12


def in_front(planes: ArrayLike, reach: float) -> Region:
    """Meet boxes that reach the inner side of all (P, 4) ``planes``: n·x + d >= 0 (Assarsson & Möller 2000).

    No coordinate is larger than ``reach``. For nodes the planes give way by what a matrix product may
    round, so that a node never fails a plane that something in it touches.
    """
    rows = np.asarray(planes, np.float64)
    largest = np.abs(rows).max(initial=0.0)
    if rows.ndim != 2 or rows.shape[1] != 4 or not largest < np.inf:
        raise OptionError(expected("finite planes of shape (P, 4)", rows.tolist()), place="planes")
    weights = np.empty((len(rows), 6))
    np.minimum(rows[:, :3], 0.0, out=weights[:, :3])
    np.maximum(rows[:, :3], 0.0, out=weights[:, 3:])
    offset = -rows[:, 3:]
    loose = offset - _ROUNDING * largest * (1.0 + reach)
    return Region(
        may_hold=lambda boxes: np.logical_and.reduce(weights @ boxes >= loose, axis=0),
        holds=lambda boxes: np.logical_and.reduce(weights @ boxes >= offset, axis=0),
    )


def meeting(low: ArrayLike, high: ArrayLike) -> Region:
    """Meet boxes that share at least a point with the box ``low`` (3,), ``high`` (3,)."""
    box = check_boxes(check_point(low, "low")[None], check_point(high, "high")[None])

    def meets(boxes: Floats) -> Mask:
        return np.asarray(((boxes[:3] <= box[3:]) & (boxes[3:] >= box[:3])).all(axis=0))

    return Region(meets, meets)


def within(center: ArrayLike, radius: float) -> Region:
    """Meet boxes that come within ``radius`` metres of ``center`` (3,)  (Arvo 1990)."""
    point = check_point(center, "center")[:, None]
    if not 0.0 <= radius < np.inf:
        raise OptionError(expected("a finite radius of at least 0", radius), place="radius")

    def meets(boxes: Floats) -> Mask:
        return np.asarray(squared_distance(boxes, point) <= radius * radius)

    return Region(meets, meets)


def squared_distance(boxes: Floats, points: Floats) -> Floats:
    """Return the squared distances from points (3, ...) to boxes (6, ...), 0 inside."""
    outside = np.maximum(boxes[:3] - points, points - boxes[3:])
    np.maximum(outside, 0.0, out=outside)
    np.multiply(outside, outside, out=outside)
    return np.asarray(outside[0] + outside[1] + outside[2])
