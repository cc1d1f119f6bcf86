"""Labels of simple bodies against what geometry says they must be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from renderer.conftest import Draw
from shots import Thing, camera, make_shot

from diorama.frame import MADE_FROM_COLOR, PASSES
from diorama.geometry.mesh import Mesh
from diorama.geometry.primitives import box, plane, sphere
from diorama.material.pbr import PbrMaterial
from diorama.renderer.renderer import PRESETS
from diorama.transform import compose, euler_to_quaternion, look_at, rotation_matrix, transform_points

IDENTITY, ONE = (0, 0, 0, 1), (1, 1, 1)
TILT = euler_to_quaternion([0.9, 0.4, 0.3])
ALL = [name for name in PASSES if name not in MADE_FROM_COLOR]


def rays(view, width: int, height: int) -> np.ndarray:
    """(H, W, 3) directions through pixel centres in the world, one metre of depth long."""
    x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
    local = np.stack([(x - view.cx) / view.fx, -(y - view.cy) / view.fy, -np.ones_like(x)], axis=-1)
    return local @ view.matrix[:3, :3].T


def plane_depth(view, width: int, height: int, point, normal) -> np.ndarray:
    along = rays(view, width, height)
    return (np.asarray(point) - view.matrix[:3, 3]) @ normal / (along @ normal)


@pytest.mark.parametrize("eye", [(0.3, 1.2, 3.0), (1000.3, 501.2, -4003.0)])
def test_depth_of_a_tilted_plane(draw: Draw, eye) -> None:
    centre = np.add(eye, [-0.1, -1.2, -3.0])
    view = camera(eye, centre)
    shot = make_shot([Thing(plane((30, 30)), compose(centre, TILT, ONE))], view)
    frame = draw(shot, "depth", "distance", "position", "normal")
    normal = rotation_matrix(TILT) @ [0, 1, 0]
    expected = plane_depth(view, 64, 64, centre, normal)
    seen = np.isfinite(frame["depth"])
    assert seen.mean() > 0.9
    np.testing.assert_allclose(frame["depth"][seen], expected[seen], rtol=1e-5)
    points = rays(view, 64, 64) * expected[..., None]
    np.testing.assert_allclose(frame["distance"][seen], np.linalg.norm(points, axis=-1)[seen], rtol=1e-5)
    np.testing.assert_allclose(frame["position"][seen], points[seen], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(np.abs(frame["normal"][seen] @ normal), 1.0, atol=1e-6)


def test_normals_and_mask_of_a_sphere(draw: Draw) -> None:
    size, radius, centre = 128, 0.5, np.array([0.1, 0.05, -3.0])
    view = camera(fov=25, size=size)
    shot = make_shot([Thing(sphere(radius, 192), compose(centre, IDENTITY, ONE))], view, size=(size, size))
    frame = draw(shot, "normal", "instance", "position")
    along = rays(view, size, size)
    along /= np.linalg.norm(along, axis=-1, keepdims=True)
    middle = along @ centre
    half = radius**2 - (centre @ centre - middle**2)
    inside = half > 0
    edge = np.abs(half) < 2 * radius * 3.0 * view.fx**-1 * 1.5
    assert (frame["instance"] == 1)[~edge].tolist() == inside[~edge].tolist()
    area, expected_area = (frame["instance"] == 1).sum(), inside.sum()
    assert abs(area - expected_area) <= 0.01 * expected_area
    deep = half > 0.1 * radius**2
    hit = along * (middle - np.sqrt(np.maximum(half, 0)))[..., None]
    expected = (hit - centre) / radius
    np.testing.assert_allclose(frame["normal"][deep], expected[deep], atol=5e-3)
    np.testing.assert_allclose(np.linalg.norm(frame["normal"][deep], axis=-1), 1.0, atol=1e-6)


@pytest.mark.parametrize("scale", [(1, 1, 1), (1, 3, 0.5), (-1, 1, 1)])
def test_normals_stand_on_unevenly_scaled_and_mirrored_surfaces(draw: Draw, scale) -> None:
    view = camera(fov=25)
    shot = make_shot([Thing(sphere(0.5, 192), compose([0, 0, -4], TILT, scale))], view)
    frame = draw(shot, "normal", "position")
    seen = np.isfinite(frame["position"][..., 0])
    along = rays(view, 64, 64)
    facing = (frame["normal"] * along).sum(-1)[seen]
    assert seen.sum() > 100
    assert (facing < 0.05).all()
    linear = rotation_matrix(TILT) * np.array(scale)
    local = (frame["position"][seen] - [0, 0, -4]) @ np.linalg.inv(linear).T
    expected = local @ np.linalg.inv(linear)
    expected /= np.linalg.norm(expected, axis=-1, keepdims=True)
    dots = (expected * frame["normal"][seen]).sum(-1)
    assert (dots > 1 - 2e-3).all()


def test_texture_coordinates_start_at_the_upper_left(draw: Draw) -> None:
    upright = compose([0, 0, -2], euler_to_quaternion([np.pi / 2, 0, 0]), ONE)
    frame = draw(make_shot([Thing(plane((1, 1)), upright)], camera()), "uv", "depth")
    seen = np.isfinite(frame["depth"])
    rows, columns = np.nonzero(seen)
    u, v = frame["uv"][seen].T
    first_row, last_row = rows == rows.min(), rows == rows.max()
    assert v[first_row].max() < 0.05 and v[last_row].min() > 0.95
    assert u[columns == columns.min()].max() < 0.05 and u[columns == columns.max()].min() > 0.95


def test_the_first_row_is_the_top_of_the_picture(draw: Draw) -> None:
    above = Thing(box((0.2, 0.2, 0.2)), compose([0, 0.5, -3], IDENTITY, ONE))
    left = Thing(box((0.2, 0.2, 0.2)), compose([-0.5, 0, -3], IDENTITY, ONE))
    frame = draw(make_shot([above, left], camera()), "instance")
    assert np.argwhere(frame["instance"] == 1)[:, 0].max() < 32
    assert np.argwhere(frame["instance"] == 2)[:, 1].max() < 32


def test_surface_identity_gives_the_point_back(draw: Draw) -> None:
    things = [
        Thing(sphere(0.5, 24), compose([-0.5, 0, -3], TILT, (1, 2, 1))),
        Thing(box(), compose([0.7, 0, -4], TILT, ONE)),
    ]
    shot = make_shot(things, camera())
    frame = draw(shot, "surface", "position", "instance", "object_coordinates")
    seen = frame["surface"][..., 0] > 0
    assert (seen == (frame["instance"] > 0)).all()
    draws, triangles, *bits = np.moveaxis(frame["surface"][seen], -1, 0)
    b1, b2 = (channel.astype(np.uint32).view(np.float32).astype(float) for channel in bits)
    for draw_row, thing in enumerate(things):
        own = draws == draw_row + 1
        assert own.sum() > 50
        corners = thing.mesh.positions[thing.mesh.triangles[triangles[own] - 1]].astype(float)
        weights = np.stack([1 - b1[own] - b2[own], b1[own], b2[own]], axis=-1)
        local = (corners * weights[..., None]).sum(axis=1)
        world = transform_points(thing.transform, local)
        np.testing.assert_allclose(frame["position"][seen][own], world, atol=2e-5)
        low, high = thing.mesh.bounds
        wanted = (local - low) / (high - low)
        np.testing.assert_allclose(frame["object_coordinates"][seen][own], wanted, atol=1e-5)


def test_material_values_reach_their_passes(draw: Draw) -> None:
    paint = PbrMaterial(base_color=(0.1, 0.5, 0.9), metallic=0.25, roughness=0.75, emission=(3, 0, 2))
    wall = compose([0, 0, -2], euler_to_quaternion([np.pi / 2, 0, 0]), ONE)
    shot = make_shot([Thing(plane((9, 9)), wall, paint, class_id=41)], camera())
    frame = draw(shot, "albedo", "material", "emission", "semantic", "instance")
    np.testing.assert_allclose(frame["albedo"], np.broadcast_to(np.float32([0.1, 0.5, 0.9]), (64, 64, 3)))
    np.testing.assert_allclose(frame["material"], np.broadcast_to(np.float32([0.25, 0.75]), (64, 64, 2)))
    np.testing.assert_allclose(frame["emission"], np.broadcast_to(np.float32([3, 0, 2]), (64, 64, 3)))
    assert (frame["semantic"] == 41).all() and (frame["instance"] == 1).all()


def test_unlabelled_things_count_as_background_only_in_the_id_passes(draw: Draw) -> None:
    shot = make_shot([Thing(sphere(), compose([0, 0, -2], IDENTITY, ONE), labelled=False)], camera())
    frame = draw(shot, "instance", "semantic", "depth", "surface")
    assert not frame["instance"].any() and not frame["semantic"].any()
    assert np.isfinite(frame["depth"][32, 32]) and frame["surface"][32, 32, 0] == 1


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("size", [(64, 64), (33, 7), (1, 1)])
def test_background_values_shapes_and_dtypes(draw: Draw, preset, size) -> None:
    frame = draw(make_shot([], camera(), size=size), *ALL, preset=preset)
    for name in ALL:
        spec = PASSES[name]
        assert frame[name].shape == spec.shape(*size) and frame[name].dtype == spec.dtype
        np.testing.assert_array_equal(frame[name], np.full_like(frame[name], spec.background))


@pytest.mark.parametrize("size", [(1, 1), (37, 23), (130, 5)])
def test_odd_sizes_hold_the_same_rays(draw: Draw, size) -> None:
    view = camera(size=size[1], width=size[0], fov=60)
    shot = make_shot([Thing(plane((50, 50)), compose([0, 0, -3], TILT, ONE))], view, size=size)
    frame = draw(shot, *ALL, preset="standard")
    expected = plane_depth(view, *size, (0, 0, -3), rotation_matrix(TILT) @ [0, 1, 0])
    seen = np.isfinite(frame["depth"])
    assert seen.mean() > 0.5
    np.testing.assert_allclose(frame["depth"][seen], expected[seen], rtol=1e-5)


def test_back_faces_are_hidden_unless_double_sided(draw: Draw) -> None:
    away = compose([0, 0, -2], euler_to_quaternion([-np.pi / 2, 0, 0]), ONE)
    hidden = draw(make_shot([Thing(plane(), away)], camera()), "instance")
    assert not hidden["instance"].any()
    both = draw(make_shot([Thing(plane(), away, PbrMaterial(double_sided=True))], camera()), "instance", "normal")
    assert both["instance"][32, 32] == 1
    np.testing.assert_allclose(both["normal"][32, 32], [0, 0, 1], atol=1e-6)


def test_what_lies_nearer_than_near_is_cut(draw: Draw) -> None:
    wall = compose([0, 0, -2], euler_to_quaternion([np.pi / 2, 0, 0]), ONE)
    frame = draw(make_shot([Thing(plane((9, 9)), wall)], camera(near=2.5)), "depth")
    assert np.isinf(frame["depth"]).all()
    behind = draw(make_shot([Thing(plane((9, 9)), compose([0, 0, 2], TILT, ONE))], camera()), "instance")
    assert not behind["instance"].any()


def test_an_empty_mesh_is_no_trouble(draw: Draw) -> None:
    nothing = Mesh(*(np.zeros((0, n), np.float32) for n in (3, 3, 2, 4)), np.zeros((0, 3), np.uint32))
    shot = make_shot([Thing(nothing), Thing(sphere(), compose([0, 0, -2], IDENTITY, ONE))], camera())
    assert draw(shot, "instance")["instance"][32, 32] == 2


def test_equal_depth_is_won_by_the_first_row(draw: Draw) -> None:
    same = compose([0, 0, -2], IDENTITY, ONE)
    frame = draw(make_shot([Thing(box(), same), Thing(box(), same)], camera()), "instance")
    assert set(np.unique(frame["instance"])) == {0, 1}


def test_the_principal_point_may_lie_anywhere(draw: Draw) -> None:
    view = replace(camera(), cx=10.0, cy=50.0, fx=70.0)
    shot = make_shot([Thing(sphere(0.01, 32), compose([0, 0, -1], IDENTITY, ONE))], view)
    rows, columns = np.nonzero(draw(shot, "instance")["instance"])
    assert abs(columns.mean() + 0.5 - 10.0) < 0.5 and abs(rows.mean() + 0.5 - 50.0) < 0.5


def test_a_camera_anywhere_looking_anywhere(draw: Draw) -> None:
    rng = np.random.default_rng(3)
    for _ in range(5):
        eye, goal = rng.uniform(-50, 50, (2, 3))
        view = camera(eye, goal)
        ahead = eye - 3.0 * look_at(eye, goal)[:, 2]
        frame = draw(make_shot([Thing(sphere(0.1, 48), compose(ahead, TILT, ONE))], view), "depth")
        assert frame["depth"][32, 32] == pytest.approx(2.9, abs=5e-3)
