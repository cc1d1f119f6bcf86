"""A physical sky in a scene: where its sun stands, what is computed when, and that the ground is lit by it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from diorama.gl.device import Device
from diorama.material.atmosphere import SUN_DIAMETER
from diorama.material.clear_sky import clear_sky, sun_illuminance
from diorama.renderer.renderer import Renderer
from diorama.renderer.sky_pieces import environment_turn
from diorama.renderer.sphere_maps import equirectangular_directions
from diorama.scene import daylight
from diorama.scene.graph import Scene
from diorama.scene.sample import compiled, shot
from diorama.scene.schema import Camera, Environment, Keys, Material, Plane, Sky, Sun
from diorama.scene.shot import SUN

Floats = NDArray[np.float64]


def made(sky: Sky, **environment: object) -> Scene:
    scene = Scene(size=(16, 16), fps=10, duration=1)
    scene.camera = Camera(position=(0, 1, 0))
    scene.environment = Environment(sky=sky, **environment)
    return scene


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The elevations of the skies computed, none of which is known from before."""
    found: list[float] = []

    def counted(elevation: float, *rest: object) -> object:
        found.append(elevation)
        return clear_sky(elevation, *rest)  # type: ignore[arg-type]

    daylight._picture.cache_clear()
    monkeypatch.setattr(daylight, "clear_sky", counted)
    monkeypatch.setattr(daylight, "_ROWS", 32)
    return found


@settings(max_examples=8)
@given(st.floats(1, 89), st.floats(-400, 400), st.floats(-400, 400))
def test_the_sun_shines_from_where_the_picture_has_it(elevation: float, azimuth: float, rotation: float) -> None:
    """The picture's sun is at -Z before it is turned; an azimuth turns it towards +X, a rotation towards -X."""
    now = shot(made(Sky(elevation=elevation, azimuth=azimuth), rotation=rotation), 0).current
    height = np.radians(elevation)
    inside = np.array([0.0, np.sin(height), -np.cos(height)])
    np.testing.assert_allclose(
        -now.lights.direction[-1], environment_turn(now.environment.rotation) @ inside, atol=1e-9
    )


def test_an_azimuth_is_a_bearing_from_minus_z() -> None:
    now = shot(made(Sky(elevation=45, azimuth=90)), 0).current
    np.testing.assert_allclose(now.lights.direction, [[-np.sqrt(0.5), -np.sqrt(0.5), 0]], atol=1e-12)


def test_the_sun_is_a_light_behind_those_of_the_scene() -> None:
    scene = made(Sky(elevation=30, turbidity=3), intensity=0.5)
    scene.add(Sun(illuminance=7), name="lamp")
    lights = shot(scene, 0).current.lights
    assert lights.kind.tolist() == [SUN, SUN] and lights.casts_shadow.tolist() == [True, True]
    np.testing.assert_allclose(lights.color, [[7, 7, 7], 0.5 * sun_illuminance(30, 3)])
    np.testing.assert_allclose(lights.size[1], SUN_DIAMETER / 2)


def test_below_the_horizon_the_sun_is_dark() -> None:
    assert not shot(made(Sky(elevation=-3)), 0).current.lights.color.any()


def test_a_sky_that_stays_is_computed_once(calls: list[float]) -> None:
    """Whatever its azimuth does, and in every scene alike; nothing looks for a sun in it."""
    for _ in range(2):
        scene = made(Sky(elevation=33, azimuth=Keys({0: 0, 1: 90})))
        now = [shot(scene, frame).current.environment for frame in (0, 5)]
    assert calls == [33]
    assert [state.picture for state in now] == [None, None] and not now[0].extract_sun
    np.testing.assert_allclose([state.rotation for state in now], [0, -np.pi / 4])
    picture = compiled(scene).stage.picture(now[0])
    np.testing.assert_array_equal(picture, clear_sky(33, 2, (0.2, 0.2, 0.2), 32))


def test_a_sky_that_changes_is_that_of_its_time(calls: list[float]) -> None:
    """One sky a frame, however frames are come by, and the same one."""
    moving = Sky(elevation=Keys({0: 0, 1: 50}), turbidity=Keys({0: 2, 1: 4}), ground=Keys({0: (0, 0, 0), 1: (1, 0, 1)}))
    scene = made(moving)
    for frame in range(3, 6):
        drawn = shot(scene, frame)
    assert calls == pytest.approx([10, 15, 20, 25, 30])
    assert drawn.stage.environment is None
    state = drawn.current.environment
    np.testing.assert_array_equal(drawn.stage.picture(state), state.picture)
    np.testing.assert_allclose(state.picture, clear_sky(25, 3, (0.5, 0, 0.5), 32), rtol=1e-6)
    daylight._picture.cache_clear()
    np.testing.assert_array_equal(shot(made(moving), 5).current.environment.picture, state.picture)
    np.testing.assert_allclose(drawn.current.lights.color[-1], sun_illuminance(25, 3))


def drawn_light(device: Device, scene: Scene, frame: int = 0) -> Floats:
    """The nits (H, W, 3) of a frame."""
    with Renderer(device, "draft") as renderer, renderer.draw(shot(scene, frame), ["color"]) as drawn:
        return np.asarray(renderer.read(drawn)["color"], np.float64)


def test_a_plane_and_the_ground_of_the_sky_are_one(device: Device) -> None:
    """A matt surface of the ground's colour is as bright as the ground: sun and sky add up as they do in the air."""
    ground = (0.2, 0.3, 0.1)
    scene = made(Sky(elevation=40, azimuth=70, ground=ground))
    scene.camera = Camera(position=(0, 1, 0), rotation=(-90, 0, 0), fov=20)
    below = drawn_light(device, scene).mean(axis=(0, 1))
    scene.add(Plane(size=(9, 9)), material=Material(base_color=ground, roughness=1, specular=0))
    np.testing.assert_allclose(drawn_light(device, scene).mean(axis=(0, 1)), below, rtol=0.03)


def test_what_is_drawn_follows_the_sun(device: Device) -> None:
    """A sky that changes is seen as it is at that time: as the texels that the camera looks at."""
    scene = made(Sky(elevation=Keys({0: -5, 0.9: 60})))
    scene.camera = Camera(rotation=(60, 0, 0), fov=5)
    for frame in (0, 9):
        picture = shot(scene, frame).current.environment.picture
        assert picture is not None
        towards = equirectangular_directions(*picture.shape[:2]) @ (0.0, np.sin(np.pi / 3), -np.cos(np.pi / 3))
        wanted = picture[np.unravel_index(int(np.argmax(towards)), towards.shape)]
        np.testing.assert_allclose(drawn_light(device, scene, frame)[8, 8], wanted, rtol=0.03)
