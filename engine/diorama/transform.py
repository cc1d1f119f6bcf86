"""Matrices, quaternions and projections, vectorised over leading axes, in float64.

glTF 2.0's conventions: right-handed, +Y up, cameras look along -Z, quaternions (x, y, z, w),
matrices act on column vectors (``world = M @ local``) and are indexed ``M[row, column]``;
they are transposed on their way to GLSL.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats: TypeAlias = NDArray[np.float64]

IDENTITY_QUATERNION = (0.0, 0.0, 0.0, 1.0)


def euler_to_quaternion(angles: ArrayLike) -> Floats:
    """Turn (..., 3) Euler angles in radians into (..., 4) quaternions of R = Rz·Ry·Rx."""
    half = np.asarray(angles, np.float64) / 2.0
    (sx, sy, sz), (cx, cy, cz) = np.moveaxis(np.sin(half), -1, 0), np.moveaxis(np.cos(half), -1, 0)
    return np.stack(
        [
            sx * cy * cz - cx * sy * sz,
            cx * sy * cz + sx * cy * sz,
            cx * cy * sz - sx * sy * cz,
            cx * cy * cz + sx * sy * sz,
        ],
        axis=-1,
    )


def rotation_matrix(quaternion: ArrayLike) -> Floats:
    """Turn unit quaternions (..., 4) into rotation matrices (..., 3, 3)."""
    x, y, z, w = np.moveaxis(np.asarray(quaternion, np.float64), -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def compose(translation: ArrayLike, quaternion: ArrayLike, scale: ArrayLike) -> Floats:
    """Build (..., 4, 4) matrices T·R·S from (..., 3), unit (..., 4) and (..., 3)."""
    rotation = rotation_matrix(quaternion)
    matrix = np.zeros((*rotation.shape[:-2], 4, 4))
    np.multiply(rotation, np.asarray(scale, np.float64)[..., None, :], out=matrix[..., :3, :3])
    matrix[..., :3, 3] = translation
    matrix[..., 3, 3] = 1.0
    return matrix


def transform_points(matrix: ArrayLike, points: ArrayLike) -> Floats:
    """Apply affine (..., 4, 4) matrices to (..., 3) points."""
    m, local = np.asarray(matrix, np.float64), np.asarray(points, np.float64)
    return np.asarray((m[..., :3, :3] @ local[..., None])[..., 0] + m[..., :3, 3])


def transform_bounds(matrix: ArrayLike, low: ArrayLike, high: ArrayLike) -> tuple[Floats, Floats]:
    """Return the world boxes (N, 3), (N, 3) around local boxes under (N, 4, 4) (Arvo 1990)."""
    m = np.asarray(matrix, np.float64)
    low, high = np.asarray(low, np.float64), np.asarray(high, np.float64)
    centre = transform_points(m, (low + high) / 2.0)
    half = (np.abs(m[..., :3, :3]) @ ((high - low) / 2.0)[..., None])[..., 0]
    return centre - half, centre + half


def look_at(position: ArrayLike, target: ArrayLike, up: ArrayLike = (0.0, 1.0, 0.0)) -> Floats:
    """Return rotations (..., 3, 3) whose -Z points from ``position`` to ``target``.

    Where the view is parallel to ``up``, +Z takes its place, so that straight down is defined.
    """
    eye, goal = np.asarray(position, np.float64), np.asarray(target, np.float64)
    back = eye - goal
    length = np.linalg.norm(back, axis=-1, keepdims=True)
    back = np.where(length > 1e-12, back / np.maximum(length, 1e-12), [0.0, 0.0, 1.0])
    upward = np.broadcast_to(np.asarray(up, np.float64), back.shape)
    right = np.cross(upward, back)
    parallel = np.linalg.norm(right, axis=-1, keepdims=True) < 1e-9
    right = np.where(parallel, np.cross([0.0, 0.0, -1.0], back), right)
    degenerate = np.linalg.norm(right, axis=-1, keepdims=True) < 1e-9
    right = np.where(degenerate, np.cross([0.0, 1.0, 0.0], back), right)
    right = right / np.linalg.norm(right, axis=-1, keepdims=True)
    return np.stack([right, np.cross(back, right), back], axis=-1)


def focal_length_pixels(fov: float, height: float) -> float:
    """Return the focal length in pixels of a vertical field of view in radians."""
    return float(height / 2.0 / np.tan(fov / 2.0))


def perspective(fx: float, fy: float, cx: float, cy: float, width: int, height: int, near: float) -> Floats:
    """Return the (4, 4) projection of a pinhole camera with intrinsics in pixels.

    Camera space (+Y up, looking along -Z) to clip space with depth 1 at ``near`` and 0 at
    infinity (reverse Z, needs a 0..1 clip range) and Y flipped, so that the row of the image
    that GL calls the bottom is the top: row 0 of a readback is row 0 of the picture.
    """
    matrix = np.zeros((4, 4))
    matrix[0, 0], matrix[0, 2] = 2.0 * fx / width, 1.0 - 2.0 * cx / width
    matrix[1, 1], matrix[1, 2] = -2.0 * fy / height, 1.0 - 2.0 * cy / height
    matrix[2, 3] = near
    matrix[3, 2] = -1.0
    return matrix
