"""Small shots, built by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from diorama.geometry.mesh import Mesh
from diorama.scene.shot import (
    CameraState,
    EnvironmentState,
    InstanceBatch,
    Label,
    LightBatch,
    MaterialBatch,
    Shot,
    Snapshot,
    Stage,
)

GREY = (0.5, 0.5, 0.5)


def mesh_between(low, high) -> Mesh:
    """A mesh whose vertices are the two corners of a box."""
    corners = np.array([low, high, low], np.float32)
    return Mesh(
        positions=corners,
        normals=np.tile(np.float32([0, 1, 0]), (3, 1)),
        uvs=np.zeros((3, 2), np.float32),
        tangents=np.tile(np.float32([1, 0, 0, 1]), (3, 1)),
        triangles=np.array([[0, 1, 2]], np.uint32),
    )


def snapshot(time, nodes, parts, camera) -> Snapshot:
    mesh, label, node = (np.array([part[column] for part in parts], np.int32) for column in range(3))
    instances = InstanceBatch(
        transform=nodes[node] if len(parts) else np.zeros((0, 4, 4)),
        mesh=mesh, material=np.zeros_like(mesh), label=label, node=node,
    )  # fmt: skip
    nothing = np.zeros((0, 3))
    numbers, flags, rows = np.zeros(0), np.zeros(0, np.bool_), np.zeros((0, 5), np.int32)
    materials = MaterialBatch(nothing, numbers, numbers, numbers, nothing, numbers, numbers, flags, flags, rows)
    lights = LightBatch(rows[:, 0], nothing, nothing, nothing, numbers, numbers, flags)
    sky = EnvironmentState(1.0, 0.0, GREY, GREY, GREY)
    return Snapshot(time, nodes, instances, materials, lights, camera, sky)


@pytest.fixture
def make_shot() -> Callable[..., Shot]:
    """Return a shot at 1 s, neighbours 0.1 s away, of ``parts`` (mesh, label, node) on moving ``nodes``.

    ``nodes`` holds three (P, 4, 4) arrays: before, at and after.
    """

    def make(nodes, parts=(), boxes=(), paths=("a",), labels=("a",), camera=None) -> Shot:
        camera = camera or CameraState(np.eye(4), 50.0, 50.0, 32.0, 24.0, 0.1)
        stage = Stage(
            meshes=tuple(mesh_between(*box) for box in boxes),
            images=(),
            labels=tuple(Label(path, "toy", 2) for path in labels),
            node_paths=tuple(paths),
        )
        three = [snapshot(0.9 + 0.1 * row, nodes[row], parts, camera) for row in range(3)]
        return Shot(10, 1.0, 64, 48, stage, *three, shutter=((1.0, three[1]),))

    return make
