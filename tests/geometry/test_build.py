"""Missing normals and tangents: closed forms, and creases."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.errors import AssetError
from diorama.geometry.build import build_mesh, merge
from diorama.geometry.crease import mesh_with_creases
from diorama.geometry.primitives import box, sphere

QUAD = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], float)
QUAD_TRIANGLES = np.array([[0, 1, 2], [0, 2, 3]])
QUAD_UVS = np.array([[0, 1], [1, 1], [1, 0], [0, 0]], float)
FACING = np.tile([0.0, 0.0, 1.0], (4, 1))


def test_without_normals_every_triangle_is_flat_with_its_own_vertices() -> None:
    mesh = build_mesh([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0, 1, 2], [0, 2, 3]], uvs=np.eye(4)[:, :2])
    assert mesh.triangles.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert mesh.normals.tolist() == [[0, 0, 1]] * 3 + [[1, 0, 0]] * 3
    assert mesh.positions[3:].tolist() == [[0, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert mesh.uvs[3:].tolist() == [[1, 0], [0, 0], [0, 0]]


@settings(deadline=None, max_examples=60)
@given(angle=st.floats(-np.pi, np.pi), stretch=st.floats(0.01, 100.0), mirrored=st.booleans())
def test_tangents_turn_with_the_picture_and_tell_a_mirrored_one(angle: float, stretch: float, mirrored: bool) -> None:
    """The picture is turned by ``angle`` on the quad: its u axis then points there."""
    cosine, sine = np.cos(angle), np.sin(angle)
    plane_uvs = np.column_stack([QUAD[:, 0] * cosine + QUAD[:, 1] * sine, QUAD[:, 0] * sine - QUAD[:, 1] * cosine])
    plane_uvs = plane_uvs * [stretch, -1.0 if mirrored else 1.0]
    mesh = build_mesh(QUAD, QUAD_TRIANGLES, normals=FACING, uvs=plane_uvs)
    np.testing.assert_allclose(mesh.tangents[:, :3], np.tile([cosine, sine, 0.0], (4, 1)), atol=1e-5)
    assert (mesh.tangents[:, 3] == (-1.0 if mirrored else 1.0)).all()


def test_without_uvs_tangents_are_any_orthonormal_frame() -> None:
    ball = sphere(1.0, 12)
    mesh = build_mesh(ball.positions, ball.triangles, normals=ball.normals)
    np.testing.assert_allclose(np.sum(mesh.tangents[:, :3] * mesh.normals, axis=1), 0.0, atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(mesh.tangents[:, :3], axis=1), 1.0, atol=1e-6)


def test_normals_are_brought_to_length_one_and_a_zero_one_takes_its_triangles() -> None:
    mesh = build_mesh(QUAD, QUAD_TRIANGLES, normals=[[0, 0, 1e-12], [0, 0, 5], [0, 0, 0], [0, 0, 1e30]], uvs=QUAD_UVS)
    np.testing.assert_allclose(mesh.normals, FACING)


def test_huge_and_tiny_triangles_keep_their_normals() -> None:
    for size in (1e-18, 1e18):
        mesh = build_mesh(QUAD * size, QUAD_TRIANGLES)
        np.testing.assert_allclose(mesh.normals, np.tile([0.0, 0.0, 1.0], (6, 1)))


def test_positions_beyond_float32_are_refused_without_a_warning() -> None:
    with pytest.raises(AssetError, match="expected finite positions"):
        build_mesh(QUAD * 1e300, QUAD_TRIANGLES, normals=FACING)


def test_merging_keeps_each_triangle() -> None:
    whole = merge([box(), sphere(0.3, 8), box((2, 2, 2))])
    parts = [box(), sphere(0.3, 8), box((2, 2, 2))]
    wanted = np.concatenate([part.positions[part.triangles] for part in parts])
    assert (whole.positions[whole.triangles] == wanted).all()


def _welded(mesh: object) -> tuple[np.ndarray, np.ndarray]:
    places, vertex = np.unique(mesh.positions, axis=0, return_inverse=True)  # type: ignore[attr-defined]
    return places, vertex.reshape(-1)[mesh.triangles]  # type: ignore[attr-defined]


def test_a_welded_box_gets_its_flat_faces_back() -> None:
    positions, triangles = _welded(box())
    mesh = mesh_with_creases(positions, triangles, np.radians(30))
    assert len(mesh.positions) == 24
    normals = mesh.normals[mesh.triangles]
    assert (np.abs(normals).max(axis=2) > 1.0 - 1e-6).all()
    assert (normals == normals[:, :1]).all()


def test_a_wide_enough_angle_rounds_the_box() -> None:
    positions, triangles = _welded(box())
    mesh = mesh_with_creases(positions, triangles, np.radians(91))
    assert len(mesh.positions) == 8
    np.testing.assert_allclose(mesh.normals, np.sign(mesh.positions) / np.sqrt(3.0), atol=1e-6)


def test_a_sphere_in_loose_triangles_becomes_smooth() -> None:
    ball = sphere(1.0, 32)
    loose = ball.positions[ball.triangles].reshape(-1, 3)
    mesh = mesh_with_creases(loose, np.arange(len(loose)).reshape(-1, 3), np.radians(30))
    np.testing.assert_allclose(np.sum(mesh.normals * mesh.positions, axis=1), 1.0, atol=1e-3)
    assert len(mesh.positions) == len(np.unique(loose, axis=0))
    assert (mesh.positions[mesh.triangles].reshape(-1, 3) == loose).all()


def test_creases_keep_triangles_and_uvs() -> None:
    ball = sphere(1.0, 12)
    mesh = mesh_with_creases(ball.positions, ball.triangles, np.radians(30), ball.uvs)
    assert (mesh.positions[mesh.triangles] == ball.positions[ball.triangles]).all()
    assert (mesh.uvs[mesh.triangles] == ball.uvs[ball.triangles]).all()
