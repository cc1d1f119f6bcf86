"""Whether a mesh is the whole surface of a solid, facing outward.

From outside, the first thing a ray meets of such a mesh is always a front face, so passes that
want the nearest depth can leave its back faces out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama.geometry.mesh import Mesh

Floats = NDArray[np.float64]

_GRID = 1e-6
"""Vertices closer than about this, in sizes of the mesh, are one: seams repeat positions."""

_CELL_BITS = 20
"""Enough for a cell along one axis: there are 1 / _GRID of them and one more."""

_BLOCK = 2**16
"""Triangles whose volume is summed at a time."""


def is_closed(mesh: Mesh) -> bool:
    """Tell whether every edge has its opposite and the enclosed volume is positive."""
    if not len(mesh.triangles):
        return False
    low, high = mesh.bounds
    size = float((high - low).max())
    if size == 0.0:
        return False
    middle = (low + high) / 2.0
    corners = _places(mesh.positions, middle, _GRID * size)[mesh.triangles]
    paired = np.array_equal(_edges(corners, rising=True), _edges(corners, rising=False))
    return paired and _volume(mesh, middle) > 0.0


def _places(positions: NDArray[np.float32], middle: Floats, cell: float) -> NDArray[np.uint32]:
    """Return (V,) a number for each vertex, the same for those in one cell of a grid about ``middle``."""
    key = np.zeros(len(positions), np.int64)
    for axis in range(3):
        along = np.rint((positions[:, axis] - middle[axis]) / cell).astype(np.int64)
        key = key << _CELL_BITS | (along + (1 << _CELL_BITS - 1))
    return np.unique(key, return_inverse=True)[1].astype(np.uint32)


def _edges(corners: NDArray[np.uint32], *, rising: bool) -> NDArray[np.uint64]:
    """Return sorted the edges of triangles (T, 3) that lead to a higher number, or to a lower one, as pairs.

    The lower number comes first in each pair: of a closed surface both sets are the same.
    """
    found = []
    for start, end in ((0, 1), (1, 2), (2, 0)):
        one, two = (corners[:, start], corners[:, end]) if rising else (corners[:, end], corners[:, start])
        chosen = one < two
        found.append(one[chosen].astype(np.uint64) << np.uint64(32) | two[chosen])
    edges = np.concatenate(found)
    edges.sort()
    return edges


def _volume(mesh: Mesh, middle: Floats) -> float:
    """Return six times the volume that the triangles enclose, in node units cubed."""
    total = 0.0
    for first in range(0, len(mesh.triangles), _BLOCK):
        block = mesh.triangles[first : first + _BLOCK]
        a, b, c = (mesh.positions[block[:, column]] - middle for column in range(3))
        total += float(np.einsum("ij,ij->", a, np.cross(b, c)))
    return total
