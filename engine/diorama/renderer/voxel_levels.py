"""Where the voxels of a snapshot lie: one cube around its things, and finer ones around the camera's position.

Nothing here depends on where the camera looks, so light that was reflected does not change as it
turns. Widths of cells are powers of the fourth root of 2 and corners lie on whole blocks of cells,
so that small motions leave the cubes where they are.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.scene.shot import Snapshot, Stage
from diorama.transform import transform_bounds

Floats: TypeAlias = NDArray[np.float64]

MOST_LEVELS = 6
"""``lib/voxels.glsl`` says the same."""

BLOCK = 8
"""Cells along a side of the largest blocks that are skipped when empty."""

_FINER = 2.0
"""How many times wider a level's cells are than the next finer one's."""

_BACKDROP = 4.0
"""What is this many times as large as most things (three in four) may reach out of the cubes: floors, hills."""

_MARGIN = 1.04


def place_levels(stage: Stage, snapshot: Snapshot, side: int) -> Floats:
    """Return (L, 4): lowest corner in world metres and width of a cell of each cube, the finest first.

    Cubes have ``side`` cells along each edge; there is none where there is nothing.
    """
    batch = snapshot.instances
    if not len(batch):
        return np.zeros((0, 4))
    bounds = np.array([mesh.bounds for mesh in stage.meshes])[batch.mesh]
    low, high = transform_bounds(batch.transform, bounds[:, 0], bounds[:, 1])
    finite = np.isfinite(low).all(axis=1) & np.isfinite(high).all(axis=1)
    low, high = low[finite], high[finite]
    size = (high - low).max(axis=1, initial=0.0)
    things = size <= _BACKDROP * np.percentile(size, 75)
    corner, other = low[things].min(axis=0), high[things].max(axis=0)
    cell = _stepped(max(float((other - corner).max()), 1e-6) * _MARGIN / (side - BLOCK))
    levels = [_cube((corner + other) / 2.0, cell, side)]
    eye = snapshot.camera.matrix[:3, 3]
    outside = np.maximum(np.maximum(low - eye, eye - high), 0.0)
    nearest = float(np.linalg.norm(outside, axis=1).min())
    while len(levels) < MOST_LEVELS and cell * side / (2.0 * _FINER) > nearest:
        cell /= _FINER
        levels.append(_cube(eye, cell, side))
    return np.array(levels[::-1])


def _stepped(value: float) -> float:
    """Round a positive value up to a power of the fourth root of 2."""
    return float(2.0 ** (np.ceil(np.log2(value) * 4.0) / 4.0))


def _cube(centre: Floats, cell: float, side: int) -> Floats:
    block = BLOCK * cell
    return np.append(np.round((centre - cell * side / 2.0) / block) * block, cell)
