"""The work list of ``voxel_mark.comp``: which triangles of which instances go into a level of the voxels."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeAlias
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from diorama.geometry.mesh import Mesh
from diorama.scene.shot import Snapshot, Stage
from diorama.transform import transform_points

Floats: TypeAlias = NDArray[np.float64]
Jobs: TypeAlias = NDArray[np.uint32]

GROUP = 64
"""Triangles that a work group takes, or columns of cells of a large triangle, 8 x 8."""

_TILE = 8
_LARGE = 8.0
"""Cells along a triangle's longest side from which it is shared out in tiles."""

_SHEET, _BOTH = 1 << 27, 1 << 31

_ONE_WAY = 0.25
"""The part of a mesh's area by which it faces one way rather than the other, from which on it is a sheet, no solid."""

_SHEETS: WeakKeyDictionary[Mesh, bool] = WeakKeyDictionary()
_SIDES: WeakKeyDictionary[Mesh, Floats] = WeakKeyDictionary()
"""The longest side of each triangle of a living mesh, node space."""


def jobs_of(
    stage: Stage,
    snapshot: Snapshot,
    rows: NDArray[np.integer],
    level: Floats,
    side: int,
    number: int,
) -> Jobs:
    """Return (J, 4) jobs for instance ``rows`` (K,), in their order.

    ``level`` (4,) is the lowest corner of a cube in world metres and the width of one of its ``side`` cells,
    ``number`` its own.
    """
    batch = snapshot.instances
    both = snapshot.materials.double_sided[batch.material]
    parts = [np.zeros((0, 4), np.uint32)]
    for row in rows:
        mesh, matrix = stage.meshes[batch.mesh[row]], batch.transform[row]
        sides = _BOTH if both[row] else _SHEET if _is_sheet(mesh) else 0
        head = int(row) | number << 28 | sides
        large = np.flatnonzero(_longest_sides(mesh) * np.linalg.norm(matrix[:3, :3], ord=2) > _LARGE * level[3])
        if len(large):
            corners = (transform_points(matrix, mesh.positions[mesh.triangles[large]]) - level[:3]) / level[3]
            parts += [
                _tiles(head, int(triangle), places, side) for triangle, places in zip(large, corners, strict=True)
            ]
        parts += [_runs(head, first, count) for first, count in _between(large, len(mesh.triangles))]
    return np.concatenate(parts)


def _longest_sides(mesh: Mesh) -> Floats:
    found = _SIDES.get(mesh)
    if found is None:
        corners = mesh.positions[mesh.triangles].astype(np.float64)
        lengths = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
        found = _SIDES[mesh] = lengths.max(axis=1, initial=0.0)
    return found


def _is_sheet(mesh: Mesh) -> bool:
    """Tell whether rays from outside can meet the back of a mesh: the areas of a solid's faces add up to nothing.

    Those of a solid that was taken apart by material nearly do.
    """
    found = _SHEETS.get(mesh)
    if found is None:
        a, b, c = mesh.positions[mesh.triangles].astype(np.float64).transpose(1, 0, 2)
        areas = np.cross(b - a, c - a)
        whole = float(np.linalg.norm(areas, axis=1).sum())
        found = _SHEETS[mesh] = float(np.linalg.norm(areas.sum(axis=0))) > _ONE_WAY * whole
    return found


def _between(large: NDArray[np.integer], count: int) -> list[tuple[int, int]]:
    """Return first and length of the stretches of a mesh's ``count`` triangles that hold no large one."""
    ends = [-1, *large.tolist(), count]
    return [(a + 1, b - a - 1) for a, b in pairwise(ends) if b - a > 1]


def _runs(head: int, first: int, count: int) -> Jobs:
    starts = np.arange(first, first + count, GROUP)
    jobs = np.zeros((len(starts), 4), np.uint32)
    jobs[:, 0], jobs[:, 1], jobs[:, 2] = head, starts, np.minimum(GROUP, first + count - starts)
    return jobs


def _tiles(head: int, triangle: int, corners: Floats, side: int) -> Jobs:
    """Return the tiles of columns that a triangle (3, 3), in cells, covers seen along its normal's largest part."""
    if (corners.max(axis=0) < 0.0).any() or (corners.min(axis=0) > side).any():
        return np.zeros((0, 4), np.uint32)
    axis = int(np.argmax(np.abs(np.cross(corners[1] - corners[0], corners[2] - corners[0]))))
    seen = corners[:, [(axis + 1) % 3, (axis + 2) % 3]]
    low = np.clip(np.floor(seen.min(axis=0)), 0, side - 1).astype(int) // _TILE
    high = np.clip(np.ceil(seen.max(axis=0)), 0, side - 1).astype(int) // _TILE
    across, down = np.meshgrid(np.arange(low[0], high[0] + 1), np.arange(low[1], high[1] + 1))
    jobs = np.zeros((across.size, 4), np.uint32)
    jobs[:, 0], jobs[:, 1], jobs[:, 3] = head, triangle, (across | down << 16).ravel()
    return jobs
