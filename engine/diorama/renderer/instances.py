"""The rows of a snapshot's instances on the GPU, relative to the camera.

The camera's position is subtracted in float64 before anything becomes float32, so a scene far
from the origin is as exact as one at it. Each row also carries where the thing was one frame
before and will be one frame after, relative to the camera of that time, for motion vectors.
``shaders/lib/geometry.glsl`` mirrors :data:`INSTANCE`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.gl.texels import TexelBuffer
from diorama.renderer.geometry import GeometryPool
from diorama.scene.shot import Snapshot, Stage

INSTANCE = np.dtype(
    [
        ("current", "(3,4)f4"),
        ("previous", "(3,4)f4"),
        ("next", "(3,4)f4"),
        ("first_triangle", "u4"),
        ("base_vertex", "u4"),
        ("material", "u4"),
        ("label", "u4"),
        ("mesh", "u4"),
        ("semantic", "u4"),
        ("pad", "2u4"),
    ]
)
"""One instance, eleven texels: three affine transforms as rows of 3x4 matrices, then what it is."""

COMMAND = np.dtype([("count", "u4"), ("instances", "u4"), ("first_index", "u4"), ("base_vertex", "i4"), ("row", "u4")])
"""One indexed indirect draw, as OpenGL wants it."""


class InstanceRows:
    """One snapshot's instances: their texels, and for each row its draw command and its sides.

    ``mirrored``: the transform turns the winding round; ``double_sided``: back faces are seen;
    ``closed``: back faces are never nearest (:mod:`diorama.renderer.closed`).
    """

    def __init__(self, device: Device) -> None:
        self._texels = TexelBuffer(device, "4u4", 64 * INSTANCE.itemsize)
        self.commands = np.zeros(0, COMMAND)
        self.mirrored = self.double_sided = self.closed = np.zeros(0, np.bool_)

    def __len__(self) -> int:
        return len(self.commands)

    def upload(self, stage: Stage, pool: GeometryPool, now: Snapshot, before: Snapshot, after: Snapshot) -> None:
        """Write the rows of ``now``; ``before`` and ``after`` give the motion."""
        batch = now.instances
        meshes = pool.require(stage.meshes)[batch.mesh]
        rows = np.zeros(len(batch), INSTANCE)
        for name, snapshot in (("current", now), ("previous", before), ("next", after)):
            rows[name] = relative_to_camera(snapshot)
        places = pool.places[meshes]
        rows["first_triangle"], rows["base_vertex"] = places["first_triangle"], places["base_vertex"]
        rows["mesh"], rows["material"], rows["label"] = meshes, batch.material, batch.label
        rows["semantic"] = np.array([0, *(label.class_id for label in stage.labels)], np.uint32)[batch.label]
        self._texels.fit(rows.nbytes)
        self._texels.write(rows)
        self.commands = _commands(places)
        self.mirrored = _mirrored(batch.transform)
        self.double_sided = now.materials.double_sided[batch.material]
        self.closed = places["closed"]

    def bind(self) -> None:
        """Bind the rows for ``lib/geometry.glsl``."""
        self._texels.use(bindings.INSTANCE_DATA)

    def release(self) -> None:
        """Give the memory back."""
        self._texels.release()


def relative_to_camera(snapshot: Snapshot) -> NDArray[np.float32]:
    """Return (N, 3, 4) float32 node-to-world rows with the camera's position subtracted."""
    rows = snapshot.instances.transform[:, :3, :].copy()
    rows[:, :, 3] -= snapshot.camera.matrix[:3, 3]
    return rows.astype(np.float32)


def _commands(places: NDArray[np.void]) -> NDArray[np.void]:
    commands = np.zeros(len(places), COMMAND)
    commands["count"], commands["instances"] = 3 * places["triangles"], 1
    commands["first_index"], commands["base_vertex"] = 3 * places["first_triangle"], places["base_vertex"]
    commands["row"] = np.arange(len(places))
    return commands


def _mirrored(transform: NDArray[np.float64]) -> NDArray[np.bool_]:
    linear = transform[:, :3, :3]
    volume = np.einsum("ni,ni->n", np.cross(linear[:, :, 0], linear[:, :, 1]), linear[:, :, 2])
    return np.asarray(volume < 0.0)
