"""Passes that follow from depth and camera, and so need not be stored."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diorama.distortion import Distortion

Floats = NDArray[np.float32]


def distance_from_depth(depth: Floats, intrinsics: ArrayLike, distortion: Distortion | None = None) -> Floats:
    """Return Euclidean metres from the camera's centre (H, W); infinite where ``depth`` is.

    ``depth`` (H, W) is in metres along the camera's -Z axis, ``intrinsics`` the (3, 3) ``K`` of
    :class:`diorama.labels.CameraLabel`, and ``distortion`` is that of its lens.
    """
    across, down = _slopes(depth.shape, intrinsics, distortion)
    length = np.sqrt(1.0 + across * across + down * down)
    with np.errstate(over="ignore"):
        return np.asarray(depth * length, np.float32)


def position_from_depth(
    depth: Floats, intrinsics: ArrayLike, camera_to_world: ArrayLike, distortion: Distortion | None = None
) -> Floats:
    """Return metres from the camera's centre along the world's axes (H, W, 3); NaN in the background."""
    across, down = _slopes(depth.shape, intrinsics, distortion)
    covered = np.isfinite(depth)
    metres = np.where(covered, depth, np.nan).astype(np.float64)
    local = np.stack(np.broadcast_arrays(across * metres, -down * metres, -metres), axis=-1)
    rotation = np.asarray(camera_to_world, np.float64)[:3, :3]
    with np.errstate(over="ignore"):
        return np.asarray(local @ rotation.T, np.float32)


def _slopes(
    shape: tuple[int, ...], intrinsics: ArrayLike, distortion: Distortion | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x / z and y / z of the rays through the pixels' centres, y down: (1, W) and (H, 1), or both (H, W)."""
    matrix = np.asarray(intrinsics, np.float64)
    columns = (np.arange(shape[1]) + 0.5 - matrix[0, 2]) / matrix[0, 0]
    rows = (np.arange(shape[0]) + 0.5 - matrix[1, 2]) / matrix[1, 1]
    if distortion is None:
        return columns[None, :], rows[:, None]
    plane = distortion.straight(np.stack(np.meshgrid(columns, rows), axis=-1))
    return plane[..., 0], plane[..., 1]
