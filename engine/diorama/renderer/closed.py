"""Whether a mesh is the whole surface of a solid, facing outward.

From outside, the first thing a ray meets of such a mesh is always a front face, so passes that
want the nearest depth can leave its back faces out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama.geometry.mesh import Mesh

_GRID = 1e-6
"""Vertices closer than about this, in sizes of the mesh, are one: seams repeat positions."""


def is_closed(mesh: Mesh) -> bool:
    """Tell whether every edge has its opposite and the enclosed volume is positive."""
    if not len(mesh.triangles):
        return False
    low, high = mesh.bounds
    size = float((high - low).max())
    if size == 0.0:
        return False
    points = mesh.positions - (low + high) / 2.0
    corners = _same_places(np.rint(points / (_GRID * size)).astype(np.int64))[mesh.triangles]
    edges = np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]])
    edges = edges[edges[:, 0] != edges[:, 1]]
    there = np.sort(edges[:, 0] << 32 | edges[:, 1])
    back = np.sort(edges[:, 1] << 32 | edges[:, 0])
    a, b, c = (points[mesh.triangles[:, column]] for column in range(3))
    volume = float(np.einsum("ij,ij->", a, np.cross(b, c)))
    return bool(np.array_equal(there, back)) and volume > 0.0


def _same_places(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (V,) a number for each of (V, 3) cells, the same for equal ones."""
    order = np.lexsort(cells.T)
    ordered = cells[order]
    opens = np.concatenate([[True], (ordered[1:] != ordered[:-1]).any(axis=1)])
    numbers = np.empty(len(cells), np.int64)
    numbers[order] = np.cumsum(opens) - 1
    return numbers
