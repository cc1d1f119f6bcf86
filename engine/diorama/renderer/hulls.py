"""Convex hulls of a few points, as the lines or planes around them: all candidates at once, no search.

Coordinates are float64 metres; a hull of points that all lie in one line or plane has no inside.
"""

from __future__ import annotations

from itertools import combinations
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_ROUNDING = 1e-9
"""How far a point may lie outside, as a share of how far the points lie apart."""


def outline_of(points: Floats) -> Floats:
    """Return the lines (E, 3) around points (K, 2); (x, y) is inside where a·x + b·y + c >= 0 for all.

    (a, b) are unit. Lines that hold several pairs of points come several times.
    """
    first, second = _chosen(points, 2)
    along = second - first
    return _supporting(points, first, np.column_stack([-along[:, 1], along[:, 0]]))


def hull_of(points: Floats) -> Floats:
    """Return the planes (P, 4) around points (K, 3); x is inside where n·x + d >= 0 for all rows (n, d), n unit.

    Planes that hold several triples of points come several times.
    """
    first, second, third = _chosen(points, 3)
    return _supporting(points, first, np.cross(second - first, third - first))


def _chosen(points: Floats, count: int) -> list[Floats]:
    """Return all choices of ``count`` of the points, one array for each place in the choice."""
    return [points[list(rows)] for rows in zip(*combinations(range(len(points)), count), strict=True)]


def _supporting(points: Floats, through: Floats, normals: Floats) -> Floats:
    """Return those of the lines or planes ``through`` points, turned either way, that have all points on one side."""
    length = np.linalg.norm(normals, axis=1)
    real = length > _ROUNDING * length.max(initial=0.0)
    normals = normals[real] / length[real, None]
    offsets = -(normals * through[real]).sum(axis=1)
    both = np.concatenate([np.column_stack([normals, offsets]), -np.column_stack([normals, offsets])])
    reach = both[:, :-1] @ points.T + both[:, -1:]
    apart = np.ptp(points, axis=0).max()
    return np.asarray(both[reach.min(axis=1) >= -_ROUNDING * apart])
