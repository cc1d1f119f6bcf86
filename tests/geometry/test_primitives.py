"""Basic shapes against their closed forms."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sqrt

import numpy as np
import pytest
from memory import peak_of, size_of

from diorama.errors import OptionError
from diorama.geometry.build import vertex_tangents
from diorama.geometry.mesh import Mesh
from diorama.geometry.primitives import box, capsule, cone, cylinder, plane, sphere, torus

SOLIDS: dict[str, tuple[Callable[[int], Mesh], float, float, int]] = {
    "box": (lambda _: box((1.0, 2.0, 3.0)), 22.0, 6.0, 2),
    "sphere": (lambda n: sphere(0.5, n), pi, pi / 6.0, 2),
    "cylinder": (lambda n: cylinder(0.5, 2.0, n), 2.5 * pi, 0.5 * pi, 2),
    "cone": (lambda n: cone(0.5, 1.0, n), pi * 0.5 * (0.5 + sqrt(1.25)), pi / 12.0, 2),
    "torus": (lambda n: torus(0.5, 0.2, n), 4 * pi**2 * 0.1, 2 * pi**2 * 0.5 * 0.04, 0),
    "capsule": (lambda n: capsule(0.5, 1.0, n), 2.0 * pi, pi / 6.0 + pi / 4.0, 2),
}
SHAPES = {"plane": plane((2.0, 3.0))} | {name: solid[0](32) for name, solid in SOLIDS.items()}


def _corners(mesh: Mesh) -> np.ndarray:
    return mesh.positions.astype(np.float64)[mesh.triangles]


def _area(mesh: Mesh) -> float:
    a, b, c = np.moveaxis(_corners(mesh), 1, 0)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0)


def _volume(mesh: Mesh) -> float:
    """By the divergence theorem: positive only if the triangles wind outward."""
    a, b, c = np.moveaxis(_corners(mesh), 1, 0)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


@pytest.mark.parametrize("name", SOLIDS)
def test_area_and_volume_approach_the_closed_form_quadratically(name: str) -> None:
    build, area, volume, _ = SOLIDS[name]
    coarse, fine = build(32), build(64)
    for measure, wanted in ((_area, area), (_volume, volume)):
        first, second = abs(measure(coarse) / wanted - 1.0), abs(measure(fine) / wanted - 1.0)
        assert first < 0.04
        assert second < first / 3.5 + 1e-6


@pytest.mark.parametrize("name", SOLIDS)
def test_solids_are_closed_and_of_their_genus(name: str) -> None:
    build, _, _, characteristic = SOLIDS[name]
    mesh = build(16)
    # Values within 1e-6 m are one place: seams and caps meet there.
    places, vertex = np.unique(np.round(mesh.positions, 6) + 0.0, axis=0, return_inverse=True)
    faces = vertex.reshape(-1)[mesh.triangles]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    directed = {tuple(edge) for edge in edges.tolist()}
    assert len(directed) == len(edges)
    assert all((end, start) in directed for start, end in directed)
    assert len(places) - len(edges) // 2 + len(faces) == characteristic


@pytest.mark.parametrize("name", SHAPES)
def test_normals_are_unit_and_point_out_of_the_front(name: str) -> None:
    mesh = SHAPES[name]
    np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-6)
    a, b, c = np.moveaxis(_corners(mesh), 1, 0)
    front = np.cross(b - a, c - a)
    front /= np.linalg.norm(front, axis=1, keepdims=True)
    assert (np.einsum("tj,tcj->tc", front, mesh.normals[mesh.triangles]) > 0.9).all()


def test_smooth_normals_are_those_of_the_surface() -> None:
    ball = sphere(0.7, 24)
    np.testing.assert_allclose(ball.normals, ball.positions / 0.7, atol=1e-6)
    ring = torus(0.5, 0.2, 24)
    axis = ring.positions * [1, 0, 1]
    centre = axis / np.linalg.norm(axis, axis=1, keepdims=True) * 0.5
    np.testing.assert_allclose(ring.normals, (ring.positions - centre) / 0.2, atol=1e-5)
    pill = capsule(0.3, 1.0, 24)
    middle = np.zeros_like(pill.positions)
    middle[:, 1] = np.clip(pill.positions[:, 1], -0.5, 0.5)
    np.testing.assert_allclose(pill.normals, (pill.positions - middle) / 0.3, atol=1e-5)
    tip = cone(0.3, 0.4, 24)
    side = tip.normals[:, 1] > -0.9
    np.testing.assert_allclose(tip.normals[side, 1], 0.6, atol=1e-6)


@pytest.mark.parametrize("name", SHAPES)
def test_pictures_are_seen_upright_and_not_mirrored(name: str) -> None:
    """From outside u runs right and v down, so triangles that wind counter-clockwise do not in (u, v)."""
    mesh = SHAPES[name]
    a, b, c = np.moveaxis(mesh.uvs[mesh.triangles].astype(np.float64), 1, 0)
    (s1, t1), (s2, t2) = (b - a).T, (c - a).T
    assert (s1 * t2 - s2 * t1 < 0.0).all()
    assert (mesh.uvs >= 0.0).all()
    # The half step of a row on the axis reaches beyond the seam.
    assert (mesh.uvs <= 1.0 + 0.5 / 16).all()
    assert (mesh.tangents[:, 3] == 1.0).all()


@pytest.mark.parametrize("name", SHAPES)
def test_tangent_frames_are_orthonormal_and_follow_u(name: str) -> None:
    mesh = SHAPES[name]
    tangent = mesh.tangents[:, :3]
    np.testing.assert_allclose(np.linalg.norm(tangent, axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(np.sum(tangent * mesh.normals, axis=1), 0.0, atol=1e-6)
    from_uvs = vertex_tangents(
        *(values.astype(np.float64) for values in (mesh.positions, mesh.normals, mesh.uvs)),
        mesh.triangles.astype(np.int64),
    )
    # The grid's border sees triangles on one side only: half a step of 32 aside.
    used = np.unique(mesh.triangles)
    assert (np.sum(from_uvs[:, :3] * tangent, axis=1)[used] > np.cos(1.01 * pi / 32)).all()
    assert (from_uvs[used, 3] == 1.0).all()


def test_the_front_of_a_sphere_shows_the_middle_of_its_picture() -> None:
    ball = sphere(1.0, 32)

    def texel(direction: tuple[float, float, float]) -> list[float]:
        return ball.uvs[np.argmin(np.linalg.norm(ball.positions - np.array(direction), axis=1))].tolist()

    assert texel((0, 0, 1)) == [0.5, 0.5]
    assert texel((1, 0, 0)) == [0.75, 0.5]
    assert texel((-1, 0, 0)) == [0.25, 0.5]
    assert texel((0, 1, 0))[1] == 0.0
    assert texel((0, -1, 0))[1] == 1.0


def test_a_plane_faces_up_with_its_picture_top_at_the_back() -> None:
    mesh = plane((2.0, 4.0))
    assert (mesh.normals == [0, 1, 0]).all()
    corner = {tuple(p): tuple(uv) for p, uv in zip(mesh.positions.tolist(), mesh.uvs.tolist(), strict=True)}
    assert corner == {(-1, 0, -2): (0, 0), (1, 0, -2): (1, 0), (1, 0, 2): (1, 1), (-1, 0, 2): (0, 1)}


def test_shapes_fill_their_stated_box() -> None:
    for mesh, half in (
        (box((1, 2, 3)), (0.5, 1, 1.5)),
        (sphere(0.5), (0.5, 0.5, 0.5)),
        (cylinder(0.5, 3), (0.5, 1.5, 0.5)),
        (cone(0.5, 3), (0.5, 1.5, 0.5)),
        (torus(0.5, 0.25), (0.75, 0.25, 0.75)),
        (capsule(0.5, 3), (0.5, 2.0, 0.5)),
    ):
        np.testing.assert_allclose(mesh.bounds, [-np.array(half), half], atol=1e-6)


@pytest.mark.parametrize("name", SHAPES)
def test_arrays_are_ready_for_upload(name: str) -> None:
    mesh = SHAPES[name]
    for values, dtype in (
        (mesh.positions, np.float32),
        (mesh.normals, np.float32),
        (mesh.uvs, np.float32),
        (mesh.tangents, np.float32),
        (mesh.triangles, np.uint32),
    ):
        assert values.dtype == dtype
        assert values.flags.c_contiguous


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: plane((1.0, 0.0)), "plane.size: expected 2 positive length(s) in metres, got [1.0, 0.0]"),
        (lambda: box((1.0, 2.0)), "box.size: expected 3 positive length(s) in metres, got [1.0, 2.0]"),
        (lambda: sphere(float("nan")), "sphere.radius: expected 1 positive length(s) in metres, got [nan]"),
        (lambda: sphere(1.0, 2), "sphere.segments: expected 3 to 4096, got 2"),
        (lambda: torus(0.2, 0.2), "torus.tube: expected less than the radius 0.2, got 0.2"),
    ],
)
def test_impossible_sizes_are_refused(build: Callable[[], Mesh], message: str) -> None:
    with pytest.raises(OptionError) as caught:
        build()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("mesh", "key"),
    [
        (sphere(0.5, 16), "82cb932dcbccd52bee65eb325ef7118e"),
        (sphere(0.5, 7), "6adeb8a0cfcb29bbf3efc06d51f14331"),
        (cylinder(0.5, 2.0, 16), "943094bc30425b5c60e62ec453a8d20d"),
        (cone(0.5, 1.0, 16), "7d3309fd09a6ffd8dc6b885eeef37838"),
        (torus(0.5, 0.2, 16), "9ffa4941ed119a56b8bcea96c7bcc909"),
        (capsule(0.5, 1.0, 16), "6230271d5280f1f8b4bc5b1fb6ed880b"),
    ],
)
def test_a_shape_is_the_same_to_the_last_bit_in_every_version(mesh: Mesh, key: str) -> None:
    assert mesh.key == key


@pytest.mark.parametrize("build", [sphere, torus, capsule])
def test_a_fine_shape_needs_little_more_memory_than_it_takes(build: Callable[..., Mesh]) -> None:
    mesh = build(segments=512)
    assert peak_of(lambda: build(segments=512)) < 1.25 * size_of(mesh)
    assert peak_of(lambda: mesh.key) < 0.01 * size_of(mesh)
