"""Shadows of lights that have a size against closed forms: how wide, how dark, where they begin, on all sides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from renderer.light_probe import DIRECT, Bench, probe
from renderer.test_shadows import at, floor_points, in_picture, misses_sphere
from shots import Thing, camera, inside_out, lights, unit

from diorama.geometry.build import build_mesh
from diorama.geometry.mesh import Mesh
from diorama.geometry.primitives import box, plane, sphere
from diorama.gl.device import Device
from diorama.scene.shot import DISC, POINT, RECTANGLE, SPHERE, SPOT, SUN, CameraState
from diorama.transform import compose

Floats = NDArray[np.float64]
Lamp = dict[str, object]

UP = (0.0, 1.0, 0.0)
SIDES = np.vstack([np.eye(3), -np.eye(3)])
TURN = unit((0.2, 0.3, 0.1, 0.9))
SEAMS = unit([(1, 1, 0), (0, 1, -1), (-1, 0, 1), (1, 1, 1), (-1, 1, -1), (1, -1, 1), (1, 0.98, 0.2)])


def visibility(
    bench: Bench,
    device: Device,
    lamp: Lamp,
    things: Sequence[Thing],
    points: Floats,
    normals: ArrayLike = UP,
    *,
    view: CameraState | None = None,
) -> Floats:
    """How much of ``lamp`` (N,) reaches white Lambert points: their light over that without shadows."""
    found, eye = [], (view or camera()).matrix[:3, 3]
    for casts in (True, False):
        bench.light(lights({**lamp, "casts_shadow": casts}), things=things, view=view, size=512)
        light = probe(device, DIRECT, len(points), position=points - eye, normal=normals, view=normals,
                      specular=0.0, soft=True)  # fmt: skip
        found.append(light[:, 0].astype(float))
    assert (found[1] > 0).all(), "asked of points that the lamp shines at"
    return np.asarray(found[0] / found[1])


def bright(lamp: Lamp) -> Lamp:
    return {"color": (10.0,) * 3, "direction": (0, -1, 0), "outer_angle": 1.0, **lamp}


# the lamp, half its width seen from the edge (metres) and the distances from lamp to edge and edge to floor
PENUMBRAE = {
    "sun of 2 degrees": ({"kind": SUN, "size": (np.radians(1),) * 2}, 2 * np.tan(np.radians(1))),
    "sun of 8 degrees": ({"kind": SUN, "size": (np.radians(4),) * 2}, 2 * np.tan(np.radians(4))),
    "small point": ({"kind": POINT, "position": (0, 4, 0), "size": (0.05, 0.05)}, 0.05),
    "point": ({"kind": POINT, "position": (0, 4, 0), "size": (0.2, 0.2)}, 0.2),
    "point above": ({"kind": POINT, "position": (0, 7, 0), "size": (0.5, 0.5)}, 0.5 * 2 / 5),
    "spot": ({"kind": SPOT, "position": (0, 4, 0), "size": (0.2, 0.2)}, 0.2),
    "ball": ({"kind": SPHERE, "position": (0, 4, 0), "size": (0.2, 0.2)}, 0.2),
    "disc": ({"kind": DISC, "position": (0, 4, 0), "size": (0.2, 0.2)}, 0.2),
    "square": ({"kind": RECTANGLE, "position": (0, 4, 0), "size": (0.2, 0.2)}, 0.2),
}


@pytest.mark.parametrize("name", PENUMBRAE)
def test_the_penumbra_of_a_straight_edge_is_as_wide_as_geometry_says(
    soft_bench: Bench, device: Device, name: str
) -> None:
    """An edge 2 m over the floor: half of the penumbra is size × (floor - edge) / (edge - lamp)."""
    lamp, half = PENUMBRAE[name]
    roof, floor = at(box((20, 0.02, 40)), (-10, 2, 0)), at(plane((60, 60)))
    along = np.linspace(-0.6, 0.6, 601)
    strips = [np.column_stack([along, 0 * along, np.full(601, 0.01 * k)]) for k in range(16)]
    seen = visibility(soft_bench, device, bright(lamp), [roof, floor], np.concatenate(strips),
                      view=camera((0, 1.2, 5), (0, 0, 0), fov=60, size=512))  # fmt: skip
    found, t = seen.reshape(16, 601).mean(axis=0), np.clip(along / half, -1, 1)
    wanted = 0.5 + (t * np.sqrt(1 - t * t) + np.arcsin(t)) / np.pi  # the part of a disc on one side of a line
    assert (found[along < -half - 0.04] == 0).all()
    np.testing.assert_allclose(found[along > half + 0.04], 1.0, rtol=1e-6)
    assert np.abs(found - wanted)[np.abs(along) < half].mean() < 0.03
    step = along[1] - along[0]
    width, expected = ((seen * (1 - seen)).sum() * step for seen in (found, wanted))
    assert width == pytest.approx(expected, rel=0.12, abs=0.004)
    assert (1 - found).sum() * step == pytest.approx((1 - wanted).sum() * step, abs=0.004), "nor does it move"


@pytest.mark.parametrize("degrees", [0.5, 4.0])
def test_a_penumbra_is_sharp_where_things_stand_and_grows_away_from_them(
    soft_bench: Bench, device: Device, degrees: float
) -> None:
    """The edge of the shadow of a thin post, 2 cm and 2 m from its foot, the sun 45 degrees high."""
    post, floor = at(box((0.5, 6, 0.5)), (0, 3, 0)), at(plane((60, 60)))
    lamp = bright({"kind": SUN, "direction": (1, -1, 0), "size": (np.radians(degrees / 2),) * 2})
    across = np.linspace(-0.3, 0.3, 301)
    widths = []
    for far in (0.02, 2.0):
        line = np.column_stack([np.full(301, 0.25 + far), 0 * across, 0.25 + across])
        seen = visibility(soft_bench, device, lamp, [post, floor], line,
                          view=camera((2, 2, 4), (1, 0, 0), fov=60, size=512))  # fmt: skip
        assert seen[0] == 0 and seen[-1] == pytest.approx(1)
        widths.append(np.count_nonzero((seen > 0.02) & (seen < 0.98)) * (across[1] - across[0]))
    assert widths[0] < 0.06
    assert widths[1] == pytest.approx(2 * np.sqrt(2) * 2 * np.tan(np.radians(degrees / 2)), abs=0.06)


@pytest.mark.parametrize("elevation", [3, 8, 20, 45, 80])
@pytest.mark.parametrize("degrees", [0.5, 5.0])
def test_nothing_shadows_itself(soft_bench: Bench, device: Device, elevation: float, degrees: float) -> None:
    """Planes, a ball and hills, wherever the whole of the sun is above their own surface: light comes in full."""
    angle = np.radians(elevation)
    to_sun = np.array([np.cos(angle) * 0.8, np.sin(angle), np.cos(angle) * 0.6])
    lamp = bright({"kind": SUN, "direction": -to_sun, "size": (np.radians(degrees / 2),) * 2})
    margin = np.radians(degrees / 2) + 0.02
    tilt = compose((0, 0, 0), (np.sin(0.1), 0, 0, np.cos(0.1)), (1, 1, 1))
    for mesh, transform, hollows in (
        (plane((40, 40)), np.eye(4), 0.0),
        (plane((40, 40)), tilt, 0.0),
        (sphere(1.0, 64), np.eye(4), 0.0),
        (hills(0.5 * np.tan(max(angle - margin, 0))), np.eye(4), 0.005),
    ):
        points, normals = places_on(mesh, transform, 2500)
        facing = normals @ to_sun > np.sin(margin)
        if not facing.any():
            continue
        seen = visibility(soft_bench, device, lamp, [Thing(mesh, transform)], points[facing], normals[facing],
                          view=camera((1, 2.5, 7), (0, 0, 0), fov=60, size=512))  # fmt: skip
        assert (seen < 1 - 1e-5).mean() <= hollows, "in hollows a kernel may meet the slope across"
        assert seen.min() > (0.85 if hollows else 1 - 1e-5)


@pytest.mark.parametrize("kind", [POINT, SPOT, RECTANGLE])
def test_floors_under_near_lamps_do_not_shadow_themselves(soft_bench: Bench, device: Device, kind: int) -> None:
    """Also where the light grazes: the lamp hangs 30 cm over a floor of 12 m."""
    lamp = bright({"kind": kind, "position": (0, 0.3, 0), "size": (0.1, 0.1), "outer_angle": 1.4})
    points = floor_points(4000, 6.0)
    points = points[np.hypot(points[:, 0], points[:, 2]) < (1.2 if kind == SPOT else 8)]
    seen = visibility(soft_bench, device, lamp, [at(plane((12, 12)))], points,
                      view=camera((0, 3, 6), (0, 0, 0), fov=70, size=512))  # fmt: skip
    np.testing.assert_allclose(seen, 1.0, rtol=1e-5)


def hills(slope: float) -> Mesh:
    """Waves over 12 x 12 m, nowhere steeper than ``slope``."""
    side = np.linspace(-6, 6, 81)
    x, z = np.meshgrid(side, side)
    height = slope / 3.0 * (np.sin(1.5 * x) + np.cos(1.2 * z + x)) / 1.5
    corner = (np.arange(80)[:, None] * 81 + np.arange(80)).ravel()
    triangles = np.concatenate(
        [np.stack([corner, corner + 81, corner + 1], 1), np.stack([corner + 1, corner + 81, corner + 82], 1)]
    )
    return build_mesh(np.stack([x, height, z], -1).reshape(-1, 3), triangles)


def places_on(mesh: Mesh, transform: Floats, count: int) -> tuple[Floats, Floats]:
    """Return points (N, 3) of a mesh in the world, and the normals (N, 3) of the triangles that they lie on."""
    corners = mesh.positions[mesh.triangles].astype(float) @ transform[:3, :3].T + transform[:3, 3]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normals, axis=1)
    random = np.random.default_rng(3)
    chosen = random.choice(len(corners), count, p=area / area.sum())
    weights = random.dirichlet((1, 1, 1), count)
    return (weights[:, :, None] * corners[chosen]).sum(axis=1), unit(normals[chosen])


@pytest.mark.parametrize("kind", [SUN, POINT])
def test_no_strip_of_light_lies_at_the_foot_of_a_thin_wall(soft_bench: Bench, device: Device, kind: int) -> None:
    """A wall of 3 cm on a floor, which continues a little below it: behind it all is dark, from the foot on."""
    wall, floor = at(box((0.03, 1.0, 4)), (0, 0.45, 0)), at(plane((20, 20)))
    size = (np.radians(1),) * 2 if kind == SUN else (0.1, 0.1)
    lamp = bright({"kind": kind, "direction": (1, -0.7, 0), "position": (-2, 2, 0), "size": size})
    far = np.linspace(0.002, 0.4, 200)
    line = np.column_stack([0.015 + far, 0 * far, np.full(200, 0.1)])
    seen = visibility(soft_bench, device, lamp, [wall, floor], line,
                      view=camera((2, 1.5, 2), (0, 0, 0), fov=50, size=512))  # fmt: skip
    assert (seen == 0).all()
    before = line[far > 0.02] * (-1, 1, 1)  # nearer, the edge of the wall is smoothed
    np.testing.assert_allclose(
        visibility(soft_bench, device, lamp, [wall, floor], before, view=camera((-2, 1.5, 2), (0, 0, 0), size=512)),
        1.0, rtol=1e-5)  # fmt: skip


def on_walls(along: Floats, side: float) -> tuple[Floats, Floats]:
    """Where rays (N, 3) from the middle of a room meet its walls, and the walls' normals; 30 cm off its edges."""
    points = along * (side / 2 / np.abs(along).max(axis=1))[:, None]
    points = points[np.sort(np.abs(points), axis=1)[:, 1] < side / 2 - 0.3]
    axis = np.abs(points).argmax(axis=1)
    normals = np.zeros_like(points)
    normals[np.arange(len(points)), axis] = -np.sign(points[np.arange(len(points)), axis])
    return points, normals


@pytest.mark.parametrize("radius", [0.0, 0.05, 0.3])
def test_a_point_casts_shadows_to_all_sides_and_over_the_seams_of_its_cube(
    soft_bench: Bench, device: Device, radius: float
) -> None:
    """Thirteen balls around a point in a closed room, on the axes and on the edges and corners of a cube around it."""
    turn = compose((0, 0, 0), TURN, (1, 1, 1))
    ways, side, off, ball, random = np.vstack([SIDES, SEAMS]), 8.0, 1.5, 0.32, np.random.default_rng(4)
    balls = [at(sphere(ball, 64), way * off) for way in ways]
    things = [Thing(inside_out(box((side, side, side))), turn), *balls]
    along = unit(np.repeat(ways, 300, axis=0) + random.normal(size=(3900, 3)) * 0.12)
    points, normals = (found @ turn[:3, :3].T for found in on_walls(along @ turn[:3, :3], side))
    gap = np.min([misses_sphere(points, -unit(points), way * off, ball) for way in ways], axis=0)
    distance = np.linalg.norm(points, axis=1)
    half = 1.1 * radius * (distance - off) / distance + 0.04  # of the penumbra, measured at the ball
    lamp, sides = bright({"kind": POINT, "size": (radius, radius)}), [0, 0]
    for eye in ((3, 3, 3.5), (-3, -3, -3.5)):
        view = camera(eye, (0, 0, 0), fov=100, size=512)
        shown = in_picture(view, points, 512)
        seen = visibility(soft_bench, device, lamp, things, points[shown], normals[shown], view=view)
        dark, clear = (gap < -half)[shown], (gap > half)[shown]
        sides = [sides[0] + dark.sum(), sides[1] + clear.sum()]
        assert seen[dark].max() <= (0.051 if radius > 0.1 else 0), "of twenty looks one may go astray"
        np.testing.assert_allclose(seen[clear], 1.0, rtol=1e-5)
    assert min(sides) > 20


@pytest.mark.parametrize("radius", [0.0, 0.1, 0.5])
def test_the_seams_of_a_points_cube_do_not_show(soft_bench: Bench, device: Device, radius: float) -> None:
    """An empty room is lit all over its walls, one with a shell around the lamp is dark.

    The edges of the room do not lie where the faces of the cube meet.
    """
    random = np.random.default_rng(6)
    along = random.uniform(-1, 1, (6000, 3))
    along[:4000, 1] = along[:4000, 0] * random.choice([-1, 1], 4000) * (1 + random.normal(size=4000) * 0.004)
    turn = compose((0, 0, 0), TURN, (1, 1, 1))
    points, normals = (found @ turn[:3, :3].T for found in on_walls(along @ turn[:3, :3], 6.0))
    lamp = bright({"kind": POINT, "size": (radius, radius)})
    for eye in ((1, 1, 2), (-1, -1, -2)):
        view = camera(eye, (0, 0, 0), fov=100, size=512)
        shown = in_picture(view, points, 512)
        assert shown.sum() > 1000
        walls = Thing(inside_out(box((6, 6, 6))), turn)
        for things, wanted in (([walls], 1.0), ([walls, at(inside_out(sphere(1.0, 32)))], 0.0)):
            seen = visibility(soft_bench, device, lamp, things, points[shown], normals[shown], view=view)
            np.testing.assert_allclose(seen, wanted, rtol=1e-5)


@pytest.mark.parametrize(
    ("lamp", "dark"),
    [
        ({"kind": POINT, "size": (0.1, 0.1)}, 0.02),
        ({"kind": POINT, "size": (0.5, 0.5)}, 0.08),
        ({"kind": RECTANGLE, "position": (0, 2.9, 0), "size": (0.5, 0.5)}, 0.15),
    ],
)
def test_edges_of_a_room_are_dark_no_farther_than_a_kernel_reaches(
    soft_bench: Bench, device: Device, lamp: Lamp, dark: float
) -> None:
    """A known limit: near where two walls of 6 m meet, each stands in the way of wide lamps on the other."""
    off, along = np.meshgrid(np.linspace(dark, 2.0, 60), np.linspace(-1, 1, 40))
    points = np.stack([-3 + off, np.full_like(off, -3), along], -1).reshape(-1, 3)
    seen = visibility(soft_bench, device, bright(lamp), [at(inside_out(box((6, 6, 6))))], points,
                      view=camera((1.5, 0, 2), (-2, -2, 0), fov=90, size=512))  # fmt: skip
    np.testing.assert_allclose(seen, 1.0, rtol=1e-5)


@pytest.mark.parametrize("kind", [SUN, POINT, SPOT])
def test_lights_without_a_size_still_have_hard_edges(soft_bench: Bench, device: Device, kind: int) -> None:
    """The edge of a roof 2 m over the floor: lit or dark but for three texels of its map, about 1 cm each."""
    lamp = bright({"kind": kind, "position": (0, 4, 0), "size": (0, 0), "outer_angle": 0.6})
    things = [at(box((20, 0.02, 40)), (-10, 2, 0)), at(plane((60, 60)))]
    along = np.linspace(-0.3, 0.3, 1201)
    line = np.column_stack([along, 0 * along, 0 * along])
    seen = visibility(soft_bench, device, lamp, things, line, view=camera((0, 1.2, 5), (0, 0, 0), fov=60, size=512))
    assert np.ptp(along[(seen > 0) & (seen < 1 - 1e-5)]) < 0.06
    assert np.abs(along[np.searchsorted(seen, 0.5)]) < 0.03


def test_a_lamp_without_shadows_has_none(soft_bench: Bench, device: Device) -> None:
    soft_bench.light(
        lights(bright({"kind": POINT, "position": (0, 4, 0), "size": (0.2, 0.2), "casts_shadow": False})),
        things=[at(box(), (0, 2, 0)), at(plane((9, 9)))], view=camera((0, 3, 5), (0, 0, 0)), size=512)  # fmt: skip
    below = probe(device, DIRECT, 1, position=(0, -3, -5), normal=UP, view=UP, specular=0.0, soft=True)
    assert below[0, 0] == pytest.approx(10 / 16 / np.pi, rel=1e-3)
