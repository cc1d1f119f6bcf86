"""Shadow maps against rays: no acne, no gap at the foot of things, edges where geometry puts them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from renderer.light_probe import DIRECT, Bench, probe
from shots import Thing, camera, lights, unit

from diorama.geometry.mesh import Mesh
from diorama.geometry.primitives import box, plane, sphere
from diorama.gl.device import Device
from diorama.renderer.shadow_views import BORDER, Boxes, Receivers, ShadowView, camera_planes, sun_views
from diorama.renderer.shadows import TILE, places_of, sky_side, tile_size
from diorama.scene.shot import POINT, SPOT, SUN, CameraState, Shot
from diorama.transform import compose, transform_points

Floats = NDArray[np.float64]


def at(mesh: Mesh, position: ArrayLike = (0, 0, 0), scale: float = 1.0) -> Thing:
    return Thing(mesh, compose(position, (0, 0, 0, 1), (scale,) * 3))


def sun(direction: ArrayLike) -> dict[str, object]:
    return {"kind": SUN, "direction": tuple(unit(direction)), "color": (np.pi,) * 3}


def lambert(device: Device, shot: Shot, points: Floats, normals: ArrayLike) -> Floats:
    """Direct light (N,) on white Lambert points in the world, which face the camera."""
    eye = shot.current.camera.matrix[:3, 3]
    view = unit(eye - points)
    return probe(device, DIRECT, len(points), position=points - eye, normal=normals, view=view, specular=0.0)[:, 0]


def floor_points(count: int, extent: float, seed: int = 0) -> Floats:
    xz = np.random.default_rng(seed).uniform(-extent, extent, (count, 2))
    return np.column_stack([xz[:, 0], np.zeros(count), xz[:, 1]])


def misses_sphere(points: Floats, to_light: Floats, centre: ArrayLike, radius: float) -> Floats:
    """By how many metres (N,) the ray to the light passes a sphere; negative: through it."""
    towards = np.asarray(centre) - points
    along = np.maximum(np.sum(towards * to_light, axis=-1), 0)
    return np.linalg.norm(towards - along[:, None] * to_light, axis=-1) - radius


def views_of(bench: Bench, shot: Shot, direction: ArrayLike) -> list[ShadowView]:
    now, size = shot.current, (shot.width, shot.height)
    seen = bench.culling.in_planes(camera_planes(now.camera, *size))
    receivers = Receivers(now.camera, *size, seen, Boxes(shot.stage, now.instances))
    return sun_views(unit(direction), receivers, bench.culling.in_planes, TILE)


@pytest.mark.parametrize("cosine", [0.1, 0.2, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("turn", [0.0, 0.3, 1.0])
def test_a_plane_does_not_shadow_itself(bench: Bench, device: Device, cosine: float, turn: float) -> None:
    sine = np.sqrt(1 - cosine**2)
    shot = bench.light(
        lights(sun((sine * np.cos(turn), -cosine, sine * np.sin(turn)))),
        things=[at(plane((40, 40)))],
        view=camera((0, 2, 8), (0, 0, 0), fov=60, size=256),
    )
    found = lambert(device, shot, floor_points(4000, 20), (0, 1, 0))
    np.testing.assert_allclose(found, cosine, rtol=1e-5)


@pytest.mark.parametrize("segments", [24, 64])
def test_a_sphere_does_not_shadow_itself(bench: Bench, device: Device, segments: int) -> None:
    """At points of its triangles, wherever they face the light by more than a tenth."""
    to_light, mesh = unit((1, 1.2, 0.4)), sphere(1.0, segments)
    shot = bench.light(
        lights(sun(-to_light)),
        things=[at(mesh, (0, 1, 0)), at(plane((20, 20)))],
        view=camera((0, 2, 6), (0, 1, 0), fov=60, size=256),
    )
    corners = mesh.positions[mesh.triangles].astype(float)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    solid = np.linalg.norm(normals, axis=1) > 1e-9
    weights = np.random.default_rng(1).dirichlet((1, 1, 1), len(corners))
    points, normals = (weights[:, :, None] * corners).sum(axis=1)[solid] + (0, 1, 0), unit(normals[solid])
    facing = normals @ to_light
    found = lambert(device, shot, points, normals)
    np.testing.assert_allclose(found[facing > 0.1], facing[facing > 0.1], rtol=1e-4)
    assert (found[facing < 0] == 0).all()


def test_the_shadow_of_a_box_begins_at_its_foot(bench: Bench, device: Device) -> None:
    direction = unit((1, -1, 0))
    shot = bench.light(
        lights(sun(direction)),
        things=[at(box((1, 1, 1)), (0, 0.5, 0)), at(plane((20, 20)))],
        view=camera((3, 3, 6), (0, 0, 0), fov=60, size=256),
    )
    texel = views_of(bench, shot, direction)[0].texel
    assert texel < 0.02
    beyond = np.linspace(0, 3, 3001)[1:]
    line = np.column_stack([0.5 + beyond, np.zeros(3000), np.full(3000, 0.1)])
    found = lambert(device, shot, line, (0, 1, 0)) / np.sqrt(0.5)
    on_floor = texel * np.sqrt(2)
    assert (found[(beyond > on_floor) & (beyond < 1 - 4 * on_floor)] == 0).all()
    np.testing.assert_allclose(found[beyond > 1 + 4 * on_floor], 1.0, rtol=1e-5)
    before = np.column_stack([-0.5 - on_floor - beyond, np.zeros(3000), np.full(3000, 0.1)])
    np.testing.assert_allclose(lambert(device, shot, before, (0, 1, 0)) / np.sqrt(0.5), 1.0, rtol=1e-5)


def test_the_edge_of_a_suns_shadow_lies_where_rays_say(bench: Bench, device: Device) -> None:
    direction, centre = unit((0.6, -1, -0.3)), (0.5, 1.5, 0)
    shot = bench.light(
        lights(sun(direction)),
        things=[at(sphere(0.7, 256), centre), at(plane((20, 20)))],
        view=camera((0, 5, 5), (0, 0, 0), fov=60, size=256),
    )
    points = floor_points(6000, 2.5)
    gap = misses_sphere(points, -direction, centre, 0.7)
    found = lambert(device, shot, points, (0, 1, 0)) / -direction[1]
    width = 4 * views_of(bench, shot, direction)[0].texel
    assert (found[gap < -width] == 0).all()
    np.testing.assert_allclose(found[gap > width], 1, rtol=1e-5)
    assert found[np.abs(gap) < width].mean() == pytest.approx(0.5, abs=0.15)


def test_a_spot_lights_its_cone_and_casts_shadows(bench: Bench, device: Device) -> None:
    place, centre = np.array((1.0, 4.0, 1.0)), np.array((0.5, 1.5, 0.3))
    direction = unit((-0.3, -1, -0.2))
    shot = bench.light(
        lights({"kind": SPOT, "position": place, "direction": direction, "color": (np.pi,) * 3,
                "inner_angle": 0.3, "outer_angle": 0.6}),
        things=[at(sphere(0.3, 256), centre), at(plane((20, 20)))],
        view=camera((0, 6, 6), (0, 0, 0), fov=60, size=256),
    )  # fmt: skip
    points = floor_points(6000, 3)
    towards = place - points
    distance = np.linalg.norm(towards, axis=1)
    cosine = unit(towards) @ -direction
    falloff = np.clip((cosine - np.cos(0.6)) / (np.cos(0.3) - np.cos(0.6)), 0, 1) ** 2
    wanted = falloff * (towards[:, 1] / distance) / distance**2
    gap = misses_sphere(points, unit(towards), centre, 0.3)
    found = lambert(device, shot, points, (0, 1, 0))
    assert (found[gap < -0.02] == 0).all()
    np.testing.assert_allclose(found[gap > 0.02], wanted[gap > 0.02], rtol=1e-3, atol=1e-5)
    assert (wanted[gap < -0.02] > 0).sum() > 20


def test_a_point_obeys_the_inverse_square(bench: Bench, device: Device) -> None:
    place = np.array((0.5, 2.0, 0.0))
    shot = bench.light(lights({"kind": POINT, "position": place, "color": (np.pi,) * 3}))
    points = floor_points(500, 5)
    towards = place - points
    distance = np.linalg.norm(towards, axis=1)
    found = lambert(device, shot, points, (0, 1, 0))
    np.testing.assert_allclose(found, towards[:, 1] / distance**3, rtol=1e-4)


@settings(deadline=None, max_examples=30)
@given(
    st.tuples(*[st.floats(-30, 30), st.floats(0.3, 30), st.floats(-30, 30)]),
    st.tuples(*[st.floats(-20, 20), st.floats(-5, 5), st.floats(-20, 20)]),
    st.tuples(*[st.floats(-1, 1), st.floats(-1, -0.05), st.floats(-1, 1)]),
)
def test_every_receiver_in_view_lies_in_its_map(
    bench: Bench, eye: tuple[float, ...], target: tuple[float, ...], direction: tuple[float, ...]
) -> None:
    if np.linalg.norm(np.subtract(eye, target)) < 0.5:
        return
    things = [at(plane((200, 200))), *(at(box(), (x, 0.5, z)) for x in (-9, 0, 4) for z in (-20, 0, 7))]
    view = camera(eye, target, fov=50, size=64)
    shot = bench.light(things=things, view=view, size=64)
    views = views_of(bench, shot, direction)
    points = np.concatenate([floor_points(300, 100), floor_points(300, 10)])
    points = points[in_picture(view, points, 64)]
    number, depth = looked_up(views, points)
    assert (number < len(views)).all()
    assert ((depth >= 0) & (depth <= 1)).all()
    assert len(views) <= 4


def looked_up(views: Sequence[ShadowView], points: Floats) -> tuple[NDArray[np.integer], Floats]:
    """The number (N,) of the first map that holds each point across the light, and its depth (N,) there."""
    clip = np.array([transform_points(one.clip_from_world, points) for one in views]).reshape(len(views), -1, 3)
    holds = (np.abs(clip[..., :2]) <= 1 - 2 * BORDER / TILE).all(axis=-1)
    number = np.where(holds.any(axis=0), holds.argmax(axis=0), len(views))
    return number, clip[np.minimum(number, len(views) - 1), np.arange(len(points)), 2]


@settings(deadline=None, max_examples=12)
@given(st.integers(0, 1000), st.sampled_from([0.15, 0.4, 1.0]))
def test_shadows_of_scattered_boxes_are_those_that_rays_find(
    bench: Bench, device: Device, seed: int, steepness: float
) -> None:
    """Near and far, on two storeys: whatever map a point is looked up in holds all that hides the sun from it."""
    random = np.random.default_rng(seed)
    direction = unit((*random.normal(size=2), 0.0))[[0, 2, 1]] + (0, -steepness, 0)
    direction = unit(direction)
    places = random.uniform((-25, 0.3, -60), (25, 6, 4), (60, 3))
    sizes = random.uniform(0.3, 2.0, 60)
    things = [at(box(), place, size) for place, size in zip(places, sizes, strict=True)]
    things += [at(plane((200, 200))), at(plane((30, 200)), (40, -12, 0))]
    shot = bench.light(
        lights(sun(direction)), things=things, view=camera((0, 2.5, 8), (6, 0, -6), fov=75, size=64), size=64
    )
    points = np.concatenate([random.uniform(-low, low, (1500, 3)) * (1, 0, 1) for low in (8, 30, 90)])
    points = points[in_picture(shot.current.camera, points, 64)]
    views = views_of(bench, shot, direction)
    margin = 7 * np.array([one.texel for one in views])[looked_up(views, points)[0]]
    shaded = hit_boxes(points, -direction, places, sizes / 2 - margin[:, None])
    clear = ~hit_boxes(points, -direction, places, sizes / 2 + margin[:, None])
    found = lambert(device, shot, points, (0, 1, 0)) / -direction[1]
    assert (found[shaded] == 0).all()
    np.testing.assert_allclose(found[clear], 1.0, rtol=1e-4)
    assert shaded.mean() + clear.mean() > 0.6


def hit_boxes(points: Floats, to_light: Floats, places: Floats, halves: Floats) -> NDArray[np.bool_]:
    """Whether rays (N,) to the light pass through any of the cubes; ``halves`` (N, B), none where negative."""
    with np.errstate(divide="ignore"):
        to_faces = (places - points[:, None])[..., None] + np.multiply.outer(halves, (-1, 1))[:, :, None]
        times = np.sort(to_faces / np.where(to_light == 0, 1e-12, to_light)[:, None], axis=-1)
    enter, leave = times[..., 0].max(axis=-1), times[..., 1].min(axis=-1)
    return np.asarray(((leave > np.maximum(enter, 0)) & (halves > 0)).any(axis=1))


def in_picture(view: CameraState, points: Floats, size: int) -> NDArray[np.bool_]:
    local = (points - view.matrix[:3, 3]) @ view.matrix[:3, :3]
    depth = np.maximum(-local[:, 2], 1e-9)
    x, y = local[:, 0] * view.fx / depth + view.cx, -local[:, 1] * view.fy / depth + view.cy
    return (local[:, 2] < -view.near) & (x >= 0) & (x <= size) & (y >= 0) & (y <= size)


def test_texels_stand_still_while_the_camera_moves(bench: Bench) -> None:
    """Where two cameras get maps of one size, a fixed point lies equally far from its texel's corner."""
    direction, things = (0.4, -1, 0.2), [at(plane((60, 60))), at(box(), (0, 0.5, 0))]
    phases: dict[float, list[Floats]] = {}
    for step in np.linspace(0, 2, 9):
        shot = bench.light(things=things, view=camera((step, 3, 9), (step, 0, 0), size=64), size=64)
        for one in views_of(bench, shot, direction):
            texels = (transform_points(one.clip_from_world, np.zeros(3))[:2] * 0.5 + 0.5) * TILE
            phases.setdefault(one.texel, []).append(texels)
    assert max(len(found) for found in phases.values()) >= 5
    for found in phases.values():
        moved = np.array(found) - found[0]
        np.testing.assert_allclose(moved, np.round(moved), atol=1e-6)


def test_maps_draw_only_what_can_cast_into_view(bench: Bench) -> None:
    """A field of 2,500 boxes, of which the camera sees a few."""
    things = [at(box(), (x, 0.5, z)) for x in range(-100, 100, 4) for z in range(-100, 100, 4)]
    shot = bench.light(things=things, view=camera((0, 4, 0), (3, 0, 3), fov=40, size=64), size=64)
    for one in views_of(bench, shot, (0.3, -1, 0.1)):
        assert 0 < len(one.casters) < 0.05 * len(things)


def test_a_caster_outside_the_picture_still_throws_its_shadow_into_it(bench: Bench, device: Device) -> None:
    direction = unit((1, -1, 0))
    shot = bench.light(
        lights(sun(direction)),
        things=[at(box(), (-20, 20, 0)), at(plane((10, 10)))],
        view=camera((0, 3, 5), (0, 0, 0), fov=40, size=64),
        size=64,
    )
    found = lambert(device, shot, np.array([(0.0, 0, 0), (1.5, 0, 0), (0, 0, 1)]), (0, 1, 0))
    np.testing.assert_allclose(found, [0, np.sqrt(0.5), np.sqrt(0.5)], rtol=1e-5)


def test_many_lights_keep_their_shadows_within_the_same_memory(bench: Bench, device: Device) -> None:
    """Forty spots in a row, each over its own ball on the floor."""
    spots: list[dict[str, object]] = [
        {"kind": SPOT, "position": (3.0 * i, 3, 0), "direction": (0, -1, 0), "color": (1.0,) * 3, "outer_angle": 0.3}
        for i in range(40)
    ]
    balls: Sequence[Thing] = [at(sphere(0.3, 32), (3.0 * i, 1, 0)) for i in range(40)]
    view = camera((60, 40, 60), (60, 0, 0), fov=120, size=64)
    shot = bench.light(lights(*spots), things=[*balls, at(plane((400, 40)))], view=view, size=64)
    under = np.array([(3.0 * i, 0, 0) for i in range(40)])
    assert (lambert(device, shot, under, (0, 1, 0)) == 0).all()
    assert (lambert(device, shot, under + np.array((0.6, 0, 0)), (0, 1, 0)) > 0.01).all()
    assert [tile_size(count) for count in (0, 1, 16, 17, 64, 65, 256)] == [1024, 1024, 1024, 512, 512, 256, 256]
    assert [tile_size(count, 2048) for count in (0, 4, 5, 16, 17)] == [2048, 2048, 1024, 1024, 512]


def test_maps_of_the_sky_are_as_fine_as_the_picture_and_no_finer_than_a_tile() -> None:
    sizes = [(64, 64), (128, 100), (129, 100), (200, 256), (512, 288), (3840, 2160)]
    assert [sky_side(*size) for size in sizes] == [256, 256, 512, 512, 1024, 1024]


@given(st.lists(st.sampled_from([2048, 1024, 512, 256, 64]), max_size=40))
def test_maps_lie_side_by_side_however_large_they_are(sizes: list[int]) -> None:
    sizes.sort(reverse=True)
    places, height = places_of(sizes)
    corners = np.array([(left, low, left + wide, low + high) for left, low, wide, high in places]).reshape(-1, 4)
    assert [wide for _, _, wide, _ in places] == sizes == [high for _, _, _, high in places]
    assert corners.min(initial=0) == 0
    assert corners[:, 2].max(initial=0) <= 4096
    assert corners[:, 3].max(initial=0) == height
    for one, other in combinations(corners.tolist(), 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart, (one, other)


def test_the_edge_of_a_shadow_is_finer_in_larger_pictures(device: Device) -> None:
    """The same view, in twice as many pixels: as far as the light's maps may grow."""
    bench, direction = Bench(device, 2 * TILE), unit((1, -1, 0))
    line = np.column_stack([np.linspace(1.2, 1.8, 4000), np.zeros(4000), np.full(4000, 0.1)])
    widths = []
    for size in (512, 1024, 2048):
        view = camera((3, 3, 6), (0, 0, 0), fov=60, size=size)
        things = [at(box((1, 1, 1)), (0, 0.5, 0)), at(plane((20, 20)))]
        shot = bench.light(lights(sun(direction)), things=things, view=view, size=size)
        found = lambert(device, shot, line, (0, 1, 0))
        widths.append(np.count_nonzero((found > 0) & (found < found.max() * 0.999)))
    assert widths[0] > 50
    np.testing.assert_allclose(widths[1:], widths[0] / 2, rtol=0.1)
    bench.release()


def test_a_shot_looks_the_same_whatever_was_lit_before(bench: Bench, device: Device) -> None:
    direction = unit((0.5, -1, 0.3))
    things, points = [at(sphere(0.7), (0, 1, 0)), at(plane((20, 20)))], floor_points(2000, 2)

    def draw() -> bytes:
        view = camera((0.3, 5, 5), (0, 0, 0), fov=60, size=256)
        return lambert(
            device, bench.light(lights(sun(direction)), things=things, view=view), points, (0, 1, 0)
        ).tobytes()

    first = draw()
    test_many_lights_keep_their_shadows_within_the_same_memory(bench, device)
    assert draw() == first
    fresh = Bench(device)
    view = camera((0.3, 5, 5), (0, 0, 0), fov=60, size=256)
    shot = fresh.light(lights(sun(direction)), things=things, view=view)
    assert lambert(device, shot, points, (0, 1, 0)).tobytes() == first
    fresh.release()


def test_everything_is_given_back(device: Device) -> None:
    before = device.used
    bench = Bench(device)
    bench.light(lights(sun((0, -1, 0))), things=[at(box())], picture=np.ones((32, 64, 3), np.float32))
    assert device.used > before
    bench.release()
    assert device.used == before
