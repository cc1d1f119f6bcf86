"""The camera block that every program reads; ``shaders/lib/view.glsl`` mirrors :data:`VIEW_BLOCK`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diorama.distortion import Field, field_of
from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.scene.shot import CameraState, Shot, Snapshot
from diorama.transform import perspective

CAMERA = np.dtype([(name, "4f4") for name in ("right", "up", "back", "lens", "bend", "bend_more")])
"""One camera: its axes in the world, fx, fy, cx, cy in pixels, and how its lens bends lines."""

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


MOST_SIDE = 8192
"""Texels along a side of what a pinhole sees for a lens, at most."""

_MARGIN = 2
"""Texels around it."""


def seen_field(camera: CameraState, width: int, height: int) -> Field:
    """Return what a camera with a distortion sees in pictures of ``width`` x ``height`` pixels."""
    assert camera.distortion is not None
    return field_of(camera.distortion, camera.fx, camera.fy, camera.cx, camera.cy, width, height)


def straight_view(camera: CameraState, width: int, height: int, finer: int = 1) -> tuple[CameraState, int, int]:
    """Return a pinhole at the camera that sees all that it sees, and the size of its picture.

    It is the camera itself unless its lens bends lines; then each of its texels shows no more than one of
    ``finer`` x ``finer`` parts of a pixel does.
    """
    if camera.distortion is None:
        return camera, width, height
    field = seen_field(camera, width, height)
    span, focal = field.high - field.low, finer * field.most * np.array([camera.fx, camera.fy])
    focal *= min(1.0, float(((MOST_SIDE - 2 * _MARGIN - 1) / (span * focal)).min()))
    columns, rows = np.ceil(span * focal).astype(int) + 2 * _MARGIN
    centre = (np.asarray(camera.shear) - field.low) * focal + _MARGIN
    (fx, fy), (cx, cy) = focal.tolist(), centre.tolist()
    pinhole = replace(camera, fx=fx, fy=fy, cx=cx, cy=cy, distortion=None, shear=(0.0, 0.0))
    return pinhole, int(columns), int(rows)


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
            block[name] = _camera(snapshot.camera, shot.width, shot.height)
        block["picture"] = shot.width, shot.height
        block["near"], block["sky_visible"] = now.camera.near, now.environment.visible
        self._buffer.write(block.tobytes())
        self._buffer.bind_to_uniform_block(bindings.VIEW)

    def release(self) -> None:
        """Give the memory back."""
        self._device.release(self._buffer)


def _camera(camera: CameraState, width: int, height: int) -> NDArray[np.void]:
    row = np.zeros((), CAMERA)
    for name, axis in (("right", 0), ("up", 1), ("back", 2)):
        row[name][:3] = camera.matrix[:3, axis]
    row["lens"] = camera.fx, camera.fy, camera.cx, camera.cy
    if camera.distortion is not None:
        *first, last = (*camera.distortion.coefficients, 0.0)[:5]
        row["bend"], row["bend_more"] = first, (last, seen_field(camera, width, height).reach, *camera.shear)
    return row
