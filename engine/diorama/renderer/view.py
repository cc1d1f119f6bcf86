"""The camera block that every program reads; ``shaders/lib/view.glsl`` mirrors :data:`VIEW_BLOCK`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.scene.shot import CameraState, Shot, Snapshot
from diorama.transform import perspective

CAMERA = np.dtype([("right", "4f4"), ("up", "4f4"), ("back", "4f4"), ("lens", "4f4")])
"""One camera: its axes in the world, and fx, fy, cx, cy in pixels."""

VIEW_BLOCK = np.dtype(
    [
        ("camera", CAMERA),
        ("camera_previous", CAMERA),
        ("camera_next", CAMERA),
        ("picture", "2u4"),
        ("near", "f4"),
        ("sky_visible", "u4"),
    ]
)
"""The uniform block ``View``."""


def clip_from_world(camera: CameraState, width: int, height: int) -> NDArray[np.float64]:
    """Return (4, 4): world axes relative to the camera's position, to clip space."""
    view = np.eye(4)
    view[:3, :3] = camera.matrix[:3, :3].T
    return perspective(camera.fx, camera.fy, camera.cx, camera.cy, width, height, camera.near) @ view


class View:
    """Owns the uniform block."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._buffer = device.buffer(reserve=VIEW_BLOCK.itemsize)

    def update(self, shot: Shot, now: Snapshot) -> None:
        """Describe the cameras of ``now`` and of the frames before and after, and bind the block."""
        block = np.zeros((), VIEW_BLOCK)
        for name, snapshot in (("camera", now), ("camera_previous", shot.previous), ("camera_next", shot.next)):
            block[name] = _camera(snapshot.camera)
        block["picture"] = shot.width, shot.height
        block["near"], block["sky_visible"] = now.camera.near, now.environment.visible
        self._buffer.write(block.tobytes())
        self._buffer.bind_to_uniform_block(bindings.VIEW)

    def release(self) -> None:
        """Give the memory back."""
        self._device.release(self._buffer)


def _camera(camera: CameraState) -> NDArray[np.void]:
    row = np.zeros((), CAMERA)
    for name, axis in (("right", 0), ("up", 1), ("back", 2)):
        row[name][:3] = camera.matrix[:3, axis]
    row["lens"] = camera.fx, camera.fy, camera.cx, camera.cy
    return row
