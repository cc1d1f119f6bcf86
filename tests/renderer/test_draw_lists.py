"""What is drawn, from where: culling by the octree, the mesh pool, GPU records, multi-draw lists."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memory import peak_of, size_of
from renderer.conftest import Draw
from shots import Thing, camera, make_shot

from diorama.geometry.mesh import Mesh
from diorama.geometry.primitives import box, capsule, cone, cylinder, plane, sphere, torus
from diorama.gl.device import Device
from diorama.material.pbr import PbrMaterial
from diorama.renderer.closed import is_closed
from diorama.renderer.culling import Culling, swept_bounds
from diorama.renderer.geometry import MESH, VERTEX, GeometryPool
from diorama.renderer.instances import INSTANCE, relative_to_camera
from diorama.renderer.materials import MATERIAL
from diorama.renderer.view import VIEW_BLOCK
from diorama.transform import compose, transform_points

IDENTITY, ONE = (0, 0, 0, 1), (1, 1, 1)


def at(x: float, y: float, z: float, scale=ONE) -> np.ndarray:
    return compose([x, y, z], IDENTITY, scale)


def turned_inside_out(mesh: Mesh) -> Mesh:
    return replace(mesh, triangles=np.ascontiguousarray(mesh.triangles[:, ::-1]))


def test_records_have_the_sizes_the_shaders_read() -> None:
    assert VERTEX.itemsize == 3 * 16 and MESH.itemsize == 2 * 16
    assert INSTANCE.itemsize == 11 * 16 and INSTANCE.fields["first_triangle"][1] == 9 * 16
    assert INSTANCE.fields["mesh"][1] == 10 * 16
    assert MATERIAL.itemsize == 8 * 16 and MATERIAL.fields["images"][1] == 3 * 16
    assert VIEW_BLOCK.itemsize == 3 * 6 * 16 + 16 and VIEW_BLOCK.fields["picture"][1] == 288


def test_the_view_block_lies_as_the_driver_says(device: Device) -> None:
    block = device.compute("label", {"BUCKETS": 0, "OCCLUSION": 0})["View"]
    assert block.size == VIEW_BLOCK.itemsize


def test_positions_become_relative_before_they_become_float32() -> None:
    far = np.array([123456.75, -98765.5, 54321.125])
    shot = make_shot([Thing(box(), at(*np.add(far, [0.001, 0.002, -3.003])))], camera(far, np.add(far, [0, 0, -1])))
    np.testing.assert_allclose(relative_to_camera(shot.current)[0, :, 3], [0.001, 0.002, -3.003], rtol=1e-5)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_nothing_a_camera_can_see_is_culled(seed: int) -> None:
    rng = np.random.default_rng(seed)
    things = [Thing(sphere(0.5, 8), at(*rng.uniform(-9, 9, 3), rng.uniform(0.2, 2, 3))) for _ in range(40)]
    view = camera(rng.uniform(-5, 5, 3), rng.uniform(-5, 5, 3), fov=rng.uniform(20, 90), width=80)
    shot = make_shot(things, view, size=(80, 64))
    culling = Culling()
    culling.update(shot)
    rows = culling.in_view(view, 80, 64)
    assert (np.diff(rows) > 0).all()
    for row, thing in enumerate(things):
        points = (transform_points(thing.transform, thing.mesh.positions) - view.matrix[:3, 3]) @ view.matrix[:3, :3]
        depth = -points[:, 2]
        x, y = view.cx + view.fx * points[:, 0] / depth, view.cy - view.fy * points[:, 1] / depth
        seen = (depth > view.near) & (x > 0) & (x < 80) & (y > 0) & (y < 64)
        assert row in rows or not seen.any()


def test_bounds_are_swept_over_the_whole_shot() -> None:
    goes = Thing(box(), at(0, 0, -5), previous=at(-8, 0, -5), next=at(7, 0, -5))
    low, high = swept_bounds(make_shot([goes, Thing(box(), at(0, 50, 0))], camera()))
    np.testing.assert_allclose(low, [(-8.5, -0.5, -5.5), (-0.5, 49.5, -0.5)])
    np.testing.assert_allclose(high, [(7.5, 0.5, -4.5), (0.5, 50.5, 0.5)])


def test_what_moves_is_found_where_it_is_now() -> None:
    there, culling = camera((7, 0, 0), (7, 0, -5), fov=10), Culling()
    goes = Thing(box(), at(0, 0, -5), previous=at(-8, 0, -5), next=at(7, 0, -5))
    culling.update(make_shot([goes, Thing(box(), at(0, 50, 0))], camera()))
    assert culling.in_view(there, 64, 64).tolist() == [0]
    culling.update(make_shot([Thing(box(), at(0, 0, -5)), Thing(box(), at(0, 0, 9))], camera()))
    assert culling.in_view(there, 64, 64).tolist() == []
    assert culling.in_view(camera(), 64, 64).tolist() == [0]


def test_an_empty_world_has_no_rows() -> None:
    culling = Culling()
    culling.update(make_shot([], camera()))
    assert culling.in_view(camera(), 8, 8).tolist() == []


def test_culled_and_whole_lists_draw_the_same(draw: Draw) -> None:
    rng = np.random.default_rng(11)
    things = [Thing(box((0.5, 0.5, 0.5)), at(*rng.uniform(-12, 12, 3))) for _ in range(200)]
    view = camera((0, 0, 0), (1, 0.3, -1))
    shot = make_shot(things, view)
    seen = draw(shot, "surface", "depth")
    points = [transform_points(t.transform, t.mesh.positions) @ view.matrix[:3, :3] for t in things]
    ahead = [i for i, p in enumerate(points) if (p[:, 2] < 0).any()]
    few = make_shot([things[i] for i in ahead], view)
    again = draw(few, "surface", "depth")
    np.testing.assert_array_equal(seen["depth"], again["depth"])
    rows = np.array([0, *(1 + i for i in ahead)])
    np.testing.assert_array_equal(seen["surface"][..., 0], rows[again["surface"][..., 0]])
    np.testing.assert_array_equal(seen["surface"][..., 1:], again["surface"][..., 1:])


def test_many_meshes_in_one_list_keep_their_triangles_apart(draw: Draw) -> None:
    shapes = [box((0.3, 0.3, 0.3)), sphere(0.2, 16), torus(0.15, 0.05, 12), cone(0.2, 0.3, 9)]
    things = [Thing(shapes[i % 4], at(0.5 * (i % 4) - 0.75, 0.5 * (i // 4) - 0.75, -3)) for i in range(16)]
    frame = draw(make_shot(things, camera(size=128), size=(128, 128)), "surface", "position")
    for row, thing in enumerate(things):
        own = frame["surface"][..., 0] == row + 1
        assert own.sum() > 20
        triangles = frame["surface"][own][:, 1] - 1
        assert triangles.max() < len(thing.mesh.triangles)
        corners = transform_points(thing.transform, thing.mesh.positions)[thing.mesh.triangles[triangles]]
        points = frame["position"][own].astype(float)
        assert (points >= corners.min(axis=1) - 1e-4).all() and (points <= corners.max(axis=1) + 1e-4).all()


def test_sides_are_culled_apart_and_still_ordered(draw: Draw) -> None:
    both = PbrMaterial(double_sided=True)
    things = [
        Thing(box(), at(-1.5, 0, -4)),
        Thing(box(), at(0, 0, -4), both),
        Thing(box(), at(1.5, 0, -4, (-1, 1, 1))),
    ]
    frame = draw(make_shot(things, camera(fov=70)), "instance", "depth", "normal")
    for row in (1, 2, 3):
        own = frame["instance"] == row
        assert own.sum() > 50 and frame["depth"][own].min() == pytest.approx(3.5, abs=1e-3)
    np.testing.assert_allclose(frame["normal"][32, 32], [0, 0, 1], atol=1e-6)


def test_meshes_lie_in_the_pool_once_and_leave_it_when_unused(device: Device) -> None:
    before, pool = device.used, GeometryPool(device)
    balls = [sphere(0.1 * n, 24) for n in range(1, 6)]
    rows = pool.require([balls[0], balls[1], sphere(0.1, 24)])
    assert rows[0] == rows[2] != rows[1]
    size = device.used
    for n in range(5):
        pool.require([balls[n]])
    assert device.used <= size
    assert len(pool.require(balls)) == 5
    pool.release()
    assert device.used == before


def test_which_meshes_are_closed() -> None:
    assert not is_closed(plane())
    for mesh in (box(), sphere(), torus(), cylinder(), cone(), capsule()):
        assert is_closed(mesh)
        assert not is_closed(turned_inside_out(mesh))
        assert not is_closed(replace(mesh, triangles=mesh.triangles[:-1]))
    assert not is_closed(replace(box(), triangles=np.zeros((0, 3), np.uint32)))
    # all edges lead back, but those of the first triangle once too rarely
    assert not is_closed(replace(box(), triangles=np.concatenate([box().triangles, box().triangles[:1]])))


def test_a_fine_mesh_is_looked_at_in_little_more_memory_than_it_takes() -> None:
    ball = sphere(segments=512)
    assert peak_of(lambda: is_closed(ball)) < 2 * size_of(ball)
