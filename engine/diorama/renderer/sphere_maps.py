"""Pictures of the whole sphere: equirectangular and octahedral directions and solid angles.

Equirectangular: the top row faces +Y, the centre of the picture faces -Z, the right half faces
+X. Octahedral: +Y in the centre; ``shaders/lib/octahedral.glsl`` and ``equirectangular.glsl``
say the same.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def equirectangular_directions(height: int, width: int) -> Floats:
    """Return the unit directions (H, W, 3) of the texel centres."""
    polar = (np.arange(height) + 0.5)[:, None] * np.pi / height
    azimuth = (np.arange(width) + 0.5)[None, :] * 2.0 * np.pi / width - np.pi
    return np.stack(
        np.broadcast_arrays(np.sin(polar) * np.sin(azimuth), np.cos(polar), -np.sin(polar) * np.cos(azimuth)), axis=-1
    )


def equirectangular_solid_angles(height: int, width: int) -> Floats:
    """Return the exact solid angle of a texel of each row, (H, 1) steradians."""
    edges = np.cos(np.arange(height + 1) * np.pi / height)
    return np.asarray((edges[:-1] - edges[1:])[:, None] * 2.0 * np.pi / width)


def octahedral_directions(size: int) -> Floats:
    """Return the unit directions (size, size, 3) of a tile whose edge texel centres lie on the fold."""
    axis = np.linspace(-1.0, 1.0, size)
    x, z = np.meshgrid(axis, axis)
    y = 1.0 - np.abs(x) - np.abs(z)
    folded_x = (1.0 - np.abs(z)) * np.where(x < 0.0, -1.0, 1.0)
    folded_z = (1.0 - np.abs(x)) * np.where(z < 0.0, -1.0, 1.0)
    directions = np.stack([np.where(y < 0.0, folded_x, x), y, np.where(y < 0.0, folded_z, z)], axis=-1)
    return np.asarray(directions / np.linalg.norm(directions, axis=-1, keepdims=True))


def reduce_equirectangular(pixels: NDArray[np.floating], height: int, width: int) -> Floats:
    """Average (H, W, 3) ``pixels`` by solid angle into (height, width, 3) cells; energy is kept exactly.

    A picture that is smaller along an axis keeps its own size along it.
    """
    rows = np.linspace(0, len(pixels), min(height, len(pixels)) + 1).astype(int)[:-1]
    columns = np.linspace(0, pixels.shape[1], min(width, pixels.shape[1]) + 1).astype(int)[:-1]
    weights = equirectangular_solid_angles(len(pixels), pixels.shape[1])
    sums = np.add.reduceat(np.add.reduceat(pixels * weights[..., None], rows, axis=0), columns, axis=1)
    row_weights = np.add.reduceat(weights[:, 0], rows)
    counts = np.diff(np.append(columns, pixels.shape[1]))
    return np.asarray(sums / (row_weights[:, None] * counts)[..., None])


def irradiance_tile(pixels: NDArray[np.floating], size: int) -> NDArray[np.float32]:
    """Return irradiance over pi as an octahedral tile (size, size, 3), from a picture (H, W, 3)."""
    cells = reduce_equirectangular(pixels, 64, 128)
    height, width = cells.shape[:2]
    directions = equirectangular_directions(height, width).reshape(-1, 3).astype(np.float32)
    energy = (cells * equirectangular_solid_angles(height, width)[..., None]).reshape(-1, 3)
    normals = octahedral_directions(size).reshape(-1, 3).astype(np.float32)
    cosine = np.maximum(normals @ directions.T, np.float32(0.0))
    return np.asarray(cosine @ (energy / np.pi).astype(np.float32)).reshape(size, size, 3)
