"""Which instances a camera or a light can see: the one source of draw and shadow lists.

The object octree holds the world box of every instance, swept over all snapshots of the shot, so
one list serves every time inside the frame. Between shots only what moved is touched.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diorama.octree import Octree
from diorama.octree.frustum import frustum_planes
from diorama.renderer.view import clip_from_world, straight_view
from diorama.scene.shot import CameraState, Shot, Snapshot, Stage
from diorama.transform import transform_bounds

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


class Culling:
    """Owns the octree over the instances of a clip; every query returns instance rows, ascending."""

    def __init__(self) -> None:
        self._octree: Octree | None = None
        self._low, self._high = np.zeros((0, 3)), np.zeros((0, 3))

    def update(self, shot: Shot) -> None:
        """Bring the octree up to date with a shot."""
        low, high = swept_bounds(shot)
        if self._octree is None or len(low) != len(self._low):
            self._octree = Octree(low, high)
        else:
            moved = np.flatnonzero(((low != self._low) | (high != self._high)).any(axis=1))
            self._octree.update(moved, low[moved], high[moved])
        self._low, self._high = low, high

    def in_view(self, camera: CameraState, width: int, height: int) -> Rows:
        """Return what the pyramid of a camera touches."""
        camera, width, height = straight_view(camera, width, height)
        shift = np.eye(4)
        shift[:3, 3] = -camera.matrix[:3, 3]
        return self.in_planes(frustum_planes(clip_from_world(camera, width, height) @ shift))

    def in_planes(self, planes: ArrayLike) -> Rows:
        """Return what touches the inside of all (P, 4) world planes, where n·x + d >= 0."""
        return self._own.frustum(planes)

    @property
    def _own(self) -> Octree:
        assert self._octree is not None, "update() comes first"
        return self._octree


def swept_bounds(shot: Shot) -> tuple[Floats, Floats]:
    """Return the world boxes (N, 3), (N, 3) of all instances over every snapshot of a shot."""
    every = shot.previous, shot.current, shot.next, *(snapshot for _, snapshot in shot.shutter)
    snapshots = {id(snapshot.instances): snapshot for snapshot in every}
    boxes = [_world_bounds(shot.stage, snapshot) for snapshot in snapshots.values()]
    return np.min([low for low, _ in boxes], axis=0), np.max([high for _, high in boxes], axis=0)


def _world_bounds(stage: Stage, snapshot: Snapshot) -> tuple[Floats, Floats]:
    if not len(snapshot.instances):
        return np.zeros((0, 3)), np.zeros((0, 3))
    corners = np.array([mesh.bounds for mesh in stage.meshes])[snapshot.instances.mesh]
    return transform_bounds(snapshot.instances.transform, corners[:, 0], corners[:, 1])
