"""Light that surfaces send each other in the preset ``high``, against closed forms; and how far it leaks."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from renderer.conftest import Draw
from renderer.light_probe import sky
from renderer.test_area_lights import corners_of, polygon_factor
from renderer.voxel_probe import VoxelBench
from shots import Thing, camera, inside_out, lights, make_shot

from diorama.frame import Frame
from diorama.geometry.mesh import Mesh
from diorama.geometry.primitives import box, plane, sphere
from diorama.gl.device import Device
from diorama.material.pbr import PbrMaterial
from diorama.renderer.renderer import Renderer
from diorama.renderer.voxels import VoxelQuality
from diorama.scene.shot import RECTANGLE, SUN, CameraState, Shot
from diorama.transform import compose, euler_to_quaternion

Floats = NDArray[np.float64]

UNIFORM = sky(zenith=(1.0, 1.0, 1.0), horizon=(1.0, 1.0, 1.0), ground=(1.0, 1.0, 1.0))
DOWN, UPSIDE_DOWN = (0.0, -1.0, 0.0), (np.pi, 0.0, 0.0)


@pytest.fixture
def see(draw: Draw) -> Draw:
    """Draw passes of a shot by voxels of 64 cells along a side."""
    return partial(draw, preset="high")


def matt(*color: float, shines: ArrayLike = (0, 0, 0)) -> PbrMaterial:
    """A Lambert surface, grey where one number is given; ``shines`` are nits."""
    rgb = color * 3 if len(color) == 1 else color
    return PbrMaterial(base_color=rgb, specular=0.0, roughness=1.0, emission=tuple(np.asarray(shines, float)))


def put(mesh: Mesh, place: ArrayLike, paint: PbrMaterial, turn: ArrayLike = (0, 0, 0)) -> Thing:
    return Thing(mesh, compose(place, euler_to_quaternion(turn), (1, 1, 1)), paint)


def places(frame: Frame, view: CameraState) -> Floats:
    """World positions (H, W, 3)."""
    return np.asarray(frame["position"] + view.matrix[:3, 3])


@pytest.mark.parametrize("albedo", [0.3, 0.5, 0.8])
@pytest.mark.parametrize("shape", ["room", "ball"])
def test_a_closed_room_that_shines_is_as_bright_as_its_geometric_series(see: Draw, shape: str, albedo: float) -> None:
    """e + e a + e a² + ... = e / (1 - a), wherever one looks; bounces that are not followed are estimated."""
    mesh = inside_out(box((4, 3, 5)) if shape == "room" else sphere(2, 48))
    view = camera((0.3, 0.1, 0.4), (1, -0.5, -1), fov=80, size=48)
    shot = make_shot([put(mesh, (0, 0, 0), matt(albedo, shines=(1, 0.5, 0)), (0.1, 0.2, 0.3))], view, size=(48, 48))
    found = see(shot, "color")["color"]
    wanted = 1 / (1 - albedo)
    assert found[..., 0].mean() == pytest.approx(wanted, rel=0.05)
    near = np.abs(found[..., 0] / wanted - 1) < 0.2
    assert near.mean() > (0.9 if shape == "room" else 0.999)
    np.testing.assert_allclose(found[..., 1], found[..., 0] / 2, rtol=1e-3)
    assert not found[..., 2].any()


@pytest.mark.parametrize("metallic", [0.0, 1.0])
def test_a_white_ball_alone_vanishes_in_a_white_furnace(see: Draw, metallic: float) -> None:
    """Nothing is in its way, not even what it is made of in the voxels; and no ray is lost in its own surface."""
    for roughness in (0.1, 0.46, 0.75, 1.0):
        paint = PbrMaterial(metallic=metallic, roughness=roughness)
        shot = make_shot([put(sphere(0.6, 64), (0, 0, -6), paint)], camera(fov=15, size=48), size=(48, 48),
                         environment=UNIFORM)  # fmt: skip
        frame = see(shot, "color", "instance")
        assert (frame["instance"] > 0).mean() > 0.3
        np.testing.assert_allclose(frame["color"], 1.0, atol=0.01)


@pytest.mark.parametrize(("metallic", "roughness"), [(0.0, 0.5), (1.0, 0.5), (1.0, 0.2)])
def test_a_closed_room_lets_no_sky_in(see: Draw, metallic: float, roughness: float) -> None:
    """The sky outside is 1, the lights are off; mirrors that mirror each other are dark as well."""
    paint = PbrMaterial(base_color=(0.5, 0.5, 0.5), metallic=metallic, roughness=roughness)
    view = camera((0.3, 0.1, 0.4), (1, -0.5, -1), fov=80, size=48)
    room = put(inside_out(box((4, 3, 5))), (0, 0, 0), paint, (0.1, 0.2, 0.3))
    frame = see(make_shot([room], view, size=(48, 48), environment=UNIFORM), "color")
    assert frame["color"].mean() < 0.02
    assert np.quantile(frame["color"], 0.99) < 0.2


def red_wall_beside_a_floor() -> tuple[list[Thing], Floats]:
    """A wall 2 m high along x = 0, and a floor that sunlight only grazes; the sun's direction."""
    wall = put(plane((2, 40)), (0, 1, 0), matt(0.8, 0, 0), (0, 0, -np.pi / 2))
    return [wall, put(plane((6, 40)), (3, 0, 0), matt(0.5))], np.array((-1, -1e-4, 0))


def test_a_red_wall_reddens_a_white_floor_by_its_form_factor(see: Draw) -> None:
    """A long strip of height h sends a floor at its foot B (1 - x / sqrt(x² + h²)) / 2."""
    things, direction = red_wall_beside_a_floor()
    view = camera((2, 3, 0.01), (1.5, 0, 0), fov=60, size=64)
    sun = lights({"kind": SUN, "direction": direction, "color": (np.pi,) * 3})
    frame = see(make_shot(things, view, light=sun), "color", "position", "instance")
    across, floor = places(frame, view)[..., 0], frame["instance"] == 2
    for x in (0.25, 0.5, 1.0):
        here = floor & (np.abs(across - x) < 0.08)
        wanted = 0.5 * 0.8 * 0.5 * (1 - x / np.hypot(x, 2.0))
        assert here.sum() > 30
        assert frame["color"][here][:, 0].mean() == pytest.approx(wanted, rel=0.12)
    assert frame["color"][floor][:, 1:].max() < 1e-3, "and in no other colour"


def lamp_lit_corner(size: int, **view: ArrayLike) -> Shot:
    """Two walls and a floor around a box, one wall red, under a lamp."""
    walls = [
        put(plane((4, 4)), (0, -1, 0), matt(0.7)),
        put(plane((4, 4)), (-2, 1, 0), matt(0.8, 0.1, 0.1), (0, 0, -np.pi / 2)),
        put(plane((4, 4)), (0, 1, -2), matt(0.7), (np.pi / 2, 0, 0)),
        put(box((0.8, 1.2, 0.8)), (0.2, -0.4, -0.4), matt(0.6), (0, 0.4, 0)),
    ]
    lamp = {"kind": RECTANGLE, "position": (0, 2.5, 0), "direction": DOWN, "size": (0.5, 0.5), "color": (8,) * 3}
    return make_shot(walls, camera(**view, size=size), size=(size, size), light=lights(lamp))  # type: ignore[arg-type]


def test_bounced_light_stays_where_it_is_while_the_camera_turns(device: Device) -> None:
    """The voxels' light to the byte; and what one sees of a surface near the middle of both pictures."""
    bench, eye = VoxelBench(device, VoxelQuality(side=32)), (1.5, 1.0, 2.5)
    seen = []
    for target in ((-0.8, -0.8, -0.2), (-0.2, -0.6, -1.0), (0.9, 0.4, -1.2)):
        bench.draw(lamp_lit_corner(32, position=eye, target=target))
        seen.append((bench.voxels.levels.tobytes(), bench.light()))
    bench.release()
    assert seen[0] == seen[1] == seen[2]
    assert len(seen[0][1]) > 16 * 1000


def test_a_surface_looks_the_same_from_the_middle_and_the_edge_of_the_picture(see: Draw) -> None:
    pictures = []
    for target in ((-0.5, -0.8, 0.4), (0.6, 0.0, 0.0)):
        shot = lamp_lit_corner(96, position=(1.5, 1.0, 2.5), target=target, fov=60)
        frame = see(shot, "color", "position", "instance")
        here = np.linalg.norm(places(frame, shot.current.camera) - (0.0, -1.0, 0.5), axis=-1) < 0.2
        assert (here & (frame["instance"] == 1)).sum() > 40
        pictures.append(frame["color"][here].mean(axis=0))
    assert pictures[0].min() > 0.05
    np.testing.assert_allclose(pictures[1], pictures[0], rtol=0.05)


@pytest.mark.parametrize(("thickness", "most"), [(0.02, 0.02), (0.1, 0.015), (0.3, 1e-6)])
def test_how_much_light_leaks_through_a_wall(see: Draw, thickness: float, most: float) -> None:
    """Two closed rooms of 3 m, a lamp in one: of its mean light 1 % is in the other through 2 cm, none through 30."""
    off = 1.5 + thickness / 2
    rooms = [put(inside_out(box((3, 3, 3))), (x, 0, 0), matt(0.7)) for x in (-off, off)]
    lamp = lights({"kind": RECTANGLE, "position": (-1.5, 1.4, 0), "size": (0.5, 0.5), "color": (10,) * 3})
    means, brightest = [], []
    for x, target in ((-2.5, (0, -0.2, -0.5)), (2.5, (0, -0.2, -0.5))):
        shot = make_shot(rooms, camera((x, 0, 1), target, fov=80, size=48), size=(48, 48), light=lamp)
        found = see(shot, "color")["color"][..., 0]
        means.append(found.mean())
        brightest.append(found.max())
    assert means[0] > 0.2
    assert means[1] < most * means[0]
    assert brightest[1] < 0.15 * means[0]


@pytest.mark.parametrize("height", [0.55, 0.8, 1.5])
def test_a_black_ball_over_a_floor_hides_its_form_factor_of_the_sky(see: Draw, height: float) -> None:
    """Of a uniform sky a ball of radius r at a distance d takes (r / d)² cos from a floor (Nusselt)."""
    things = [put(sphere(0.5, 48), (0, height, 0), matt(0.0)), put(plane((8, 8)), (0, 0, 0), matt(0.5))]
    view = camera((0, 3, 3), (0, 0.2, 0), fov=45, size=96)
    shot = make_shot(things, view, size=(96, 96), environment=UNIFORM)
    frame = see(shot, "color", "position", "instance")
    floor, place = frame["instance"] == 2, places(frame, view)
    aside = np.hypot(place[..., 0], place[..., 2])
    wanted = 0.5 * (1 - 0.25 * height / np.hypot(aside, height) ** 3)
    off = frame["color"][..., 0] - wanted
    near = floor & (aside < 1.5)
    assert np.abs(off[near]).mean() < 0.025
    assert np.quantile(np.abs(off[near]), 0.95) < 0.08
    for ring in (0.5, 0.8, 1.2, 2.0):
        assert abs(off[floor & (np.abs(aside - ring) < 0.06)].mean()) < 0.035
    assert np.median(frame["color"][frame["instance"] == 1]) == 0, "the ball itself is black"


@pytest.mark.parametrize(("height", "side"), [(1.0, 1.0), (0.5, 0.3)])
def test_a_mesh_that_shines_lights_a_floor_as_a_lamp_of_its_size(see: Draw, height: float, side: float) -> None:
    shining = put(plane((side, side)), (0, height, 0), matt(0.0, shines=(10, 5, 2)), UPSIDE_DOWN)
    view = camera((0, 2.5, 3), (0, 0.2, 0), fov=45, size=96)
    things = [shining, put(plane((6, 6)), (0, 0, 0), matt(0.5))]
    frame = see(make_shot(things, view, size=(96, 96)), "color", "position", "instance")
    chosen = np.argwhere(frame["instance"] == 2)[::31]
    points = places(frame, view)[tuple(chosen.T)].astype(float)
    corners = corners_of((0, height, 0), DOWN, (side / 2, side / 2))
    wanted = 0.5 * 10 * np.array([polygon_factor(corners, point, np.array((0, 1.0, 0))) for point in points])
    found = frame["color"][tuple(chosen.T)]
    assert found[:, 0].sum() == pytest.approx(wanted.sum(), rel=0.06)
    bright = wanted > 0.2 * wanted.max()
    assert np.quantile(np.abs(found[bright, 0] / wanted[bright] - 1), 0.9) < 0.35
    np.testing.assert_allclose(found[:, 1:], found[:, :1] * (0.5, 0.2), rtol=1e-3)


def test_a_metal_floor_shows_a_box_where_it_is_mirrored(see: Draw) -> None:
    """The pixels of the mirrored box, drawn alone below the floor's plane; and none of it elsewhere."""
    glow, mirror = matt(0.0, shines=(4, 1, 0)), PbrMaterial(metallic=1.0, roughness=0.02)
    above, floor = put(box((0.8, 0.8, 0.8)), (0, 0.9, 0), glow), put(plane((5, 5)), (0, 0, 0), mirror)
    view = camera((0.3, 1.6, 3.5), (0, 0.2, 0), fov=45, size=96)
    seen = see(make_shot([above, floor], view, size=(96, 96)), "color", "instance")
    below = put(box((0.8, 0.8, 0.8)), (0, -0.9, 0), glow)
    wanted = see(make_shot([below], view, size=(96, 96)), "instance")["instance"] > 0
    on_floor = seen["instance"] == 2
    wanted &= on_floor
    found = on_floor & (seen["color"][..., 0] > 2.0)
    assert wanted.sum() > 150
    assert (wanted & found).sum() / (wanted | found).sum() > 0.8
    np.testing.assert_allclose(seen["color"][wanted & found].mean(axis=0), (4, 1, 0), rtol=0.1, atol=1e-3)
    assert seen["color"][on_floor & ~wanted].mean() < 0.15


def test_draft_and_standard_know_nothing_of_it(draw: Draw) -> None:
    things, direction = red_wall_beside_a_floor()
    view = camera((2, 3, 0.01), (1.5, 0, 0), fov=60, size=64)
    shot = make_shot(things, view, light=lights({"kind": SUN, "direction": direction, "color": (np.pi,) * 3}))
    for preset in ("draft", "standard"):
        frame = draw(shot, "color", "instance", preset=preset)
        assert np.median(frame["color"][frame["instance"] == 2]) < 1e-3


def drawn_whole(device: Device, shot: Shot) -> Frame:
    """Draw by the preset as it ships."""
    with Renderer(device, "high") as renderer, renderer.draw(shot, ["color", "position", "instance"]) as drawn:
        return renderer.read(drawn)


@pytest.mark.slow
def test_the_preset_as_it_ships_lights_a_floor_beside_a_wall(device: Device) -> None:
    """As above, in a larger picture: its filter takes a mean over 32 pixels."""
    things, direction = red_wall_beside_a_floor()
    view = camera((2, 3, 0.01), (1.5, 0, 0), fov=60, size=256)
    sun = lights({"kind": SUN, "direction": direction, "color": (np.pi,) * 3})
    frame = drawn_whole(device, make_shot(things, view, size=(256, 256), light=sun))
    across, floor = places(frame, view)[..., 0], frame["instance"] == 2
    for x in (0.5, 1.0, 1.5):
        wanted = 0.5 * 0.8 * 0.5 * (1 - x / np.hypot(x, 2.0))
        assert frame["color"][floor & (np.abs(across - x) < 0.05)][:, 0].mean() == pytest.approx(wanted, rel=0.1)


@pytest.mark.slow
def test_the_preset_as_it_ships_shades_a_floor_under_a_ball(device: Device) -> None:
    things = [put(sphere(0.5, 48), (0, 0.8, 0), matt(0.0)), put(plane((8, 8)), (0, 0, 0), matt(0.5))]
    view = camera((0, 3, 3), (0, 0.2, 0), fov=45, size=256)
    frame = drawn_whole(device, make_shot(things, view, size=(256, 256), environment=UNIFORM))
    aside = np.hypot(*np.moveaxis(places(frame, view)[..., [0, 2]], -1, 0))
    for ring in (0.5, 0.8, 1.2, 2.0):
        here = (frame["instance"] == 2) & (np.abs(aside - ring) < 0.04)
        wanted = 0.5 * (1 - 0.25 * 0.8 / np.hypot(ring, 0.8) ** 3)
        assert frame["color"][here][:, 0].mean() == pytest.approx(wanted, rel=0.08)
