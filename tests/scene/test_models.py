"""Meshes of shapes and files: shared where equal, flattened into the asset's space, read again when changed."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from diorama.errors import AssetError
from diorama.geometry.primitives import box, sphere
from diorama.material.pbr import PbrMaterial
from diorama.scene.asset_tree import Asset, AssetNode, AssetPart
from diorama.scene.models import asset_of, flattened, mesh_of
from diorama.scene.schema import Box, Capsule, Cone, Cylinder, Plane, Sphere, Torus
from diorama.transform import transform_points


@pytest.mark.parametrize(
    ("shape", "half"),
    [
        (Plane(size=(2, 4)), (1, 0, 2)),
        (Box(size=(1, 2, 3)), (0.5, 1, 1.5)),
        (Sphere(radius=2), (2, 2, 2)),
        (Cylinder(radius=1, height=4), (1, 2, 1)),
        (Cone(radius=1, height=4), (1, 2, 1)),
        (Torus(radius=2, tube=0.5), (2.5, 0.5, 2.5)),
        (Capsule(radius=1, height=2), (1, 2, 1)),
    ],
)
def test_shapes_have_their_sizes_and_equal_ones_are_one(shape: Box, half: tuple[float, float, float]) -> None:
    np.testing.assert_allclose(mesh_of(shape).bounds, [[-value for value in half], half], atol=1e-6)
    assert mesh_of(shape.model_copy()) is mesh_of(shape)


def test_flattening_moves_normals_and_keeps_triangles_facing_outward() -> None:
    nodes = (AssetNode("a", -1, (5, 0, 0), scale=(-1.0, 2.0, 1.0)), AssetNode("b", 0, (0, 3, 0)))
    parts = (AssetPart(0, sphere(1.0, 16), PbrMaterial()), AssetPart(1, box(), PbrMaterial()))
    mesh = flattened(Asset(nodes, parts))
    count = len(parts[0].mesh.positions)
    centres = np.where(np.arange(len(mesh.positions))[:, None] < count, [5.0, 0.0, 0.0], [5.0, 6.0, 0.0])
    low, high = mesh.bounds
    np.testing.assert_allclose([low, high], [[4, -2, -1], [6, 7, 1]], atol=1e-6)
    ellipsoid = (mesh.positions - centres)[:count] / np.array([1, 4, 1])
    outward = ellipsoid / np.linalg.norm(ellipsoid, axis=1, keepdims=True)
    np.testing.assert_allclose(mesh.normals[:count], outward, atol=1e-5)
    a, b, c = (mesh.positions[mesh.triangles[:, corner]].astype(np.float64) for corner in range(3))
    facing = np.cross(b - a, c - a)
    solid = np.linalg.norm(facing, axis=1) > 1e-9
    assert (np.sum(facing * mesh.normals[mesh.triangles[:, 0]], axis=1)[solid] > 0).all()
    bitangents = np.cross(mesh.normals, mesh.tangents[:, :3]) * mesh.tangents[:, 3:]
    before = parts[1].mesh
    old = np.cross(before.normals, before.tangents[:, :3]) * before.tangents[:, 3:]
    moved = transform_points(np.diag([-1.0, 2.0, 1.0, 1.0]), old)
    moved /= np.linalg.norm(moved, axis=1, keepdims=True)
    np.testing.assert_allclose(bitangents[count:], moved, atol=1e-6)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "a.obj"
    text = "v 0 0 0\nv 1 0 0\nv 0 {} 0\nf 1 2 3\n"
    file.write_text(text.format(1))
    first = asset_of(str(file))
    assert asset_of(str(file)) is first
    file.write_text(text.format(7))
    os.utime(file, ns=(1, 1))
    assert asset_of(str(file)).bounds()[1][1] == 7
    with pytest.raises(AssetError, match=r"nowhere\.obj: expected a model file"):
        asset_of(str(tmp_path / "nowhere.obj"))
