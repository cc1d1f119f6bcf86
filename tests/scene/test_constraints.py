"""Constraints against closed forms, through scenes as a user writes them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import solve_ivp
from scipy.spatial.transform import Rotation

from diorama.errors import SceneError
from diorama.scene.graph import Scene
from diorama.scene.hierarchy import lag
from diorama.scene.sample import compiled, snapshot
from diorama.scene.schema import Box, Camera, Follow, Keys, Orbit, Point

Floats = NDArray[np.float64]


@pytest.fixture
def scene() -> Scene:
    made = Scene(fps=24, duration=2)
    made.camera = Camera(position=(0, 0, 10))
    return made


def world(scene: Scene, path: str, time: float) -> Floats:
    ready = compiled(scene)
    return snapshot(ready, time).nodes[ready.stage.node_paths.index(path)]


def test_orbit_runs_on_a_circle_from_z_towards_x(scene: Scene) -> None:
    scene.add(None, name="moon", orbit=Orbit(target=(1, 2, 3), radius=2, height=0.5, speed=90, start=30))
    for time in (-1.0, 0.0, 0.25, 3.0):
        angle = math.radians(30 + 90 * time)
        where = [1 + 2 * math.sin(angle), 2.5, 3 + 2 * math.cos(angle)]
        np.testing.assert_allclose(world(scene, "moon", time)[:3, 3], where, atol=1e-12)


def test_orbit_around_a_moving_child_of_a_turned_parent(scene: Scene) -> None:
    arm = scene.add(None, name="arm", rotation=(0, 90, 0), position=(5, 0, 0), scale=2)
    arm.add(None, name="hand").keys("position", {0: (0, 0, 0), 1: (1, 0, 0)})
    moon = scene.add(None, name="moon", orbit=Orbit(target="arm/hand", radius=1))
    moon.keys("orbit.radius", {0: 1, 1: 3})
    np.testing.assert_allclose(world(scene, "moon", 0.5)[:3, 3], [5, 0, -1 + 2], atol=1e-12)


def test_look_at_points_minus_z_at_a_node_and_keeps_scale(scene: Scene) -> None:
    scene.add(None, name="star").keys("position", {0: (0, 0, 0), 1: (4, 8, 1)})
    arm = scene.add(None, name="arm", position=(1, 0, 2), rotation=(10, 20, 30))
    arm.add(None, name="eye", position=(0, 3, 0), scale=(2, 2, 2), look_at="star")
    for time in (0.0, 0.4, 1.0):
        eye, star = world(scene, "arm/eye", time), world(scene, "star", time)
        toward = star[:3, 3] - eye[:3, 3]
        np.testing.assert_allclose(-eye[:3, 2], 2 * toward / np.linalg.norm(toward), atol=1e-12)
        np.testing.assert_allclose(np.linalg.det(eye[:3, :3]), 8, rtol=1e-12)
        assert eye[1, 1] > 0
        assert abs(eye[1, 0]) < 1e-12


def test_look_at_an_animated_point(scene: Scene) -> None:
    scene.camera = Camera(position=(0, 0, 0), look_at=Keys({0: (0, 0, -1), 2: (2, 0, -1)}))
    matrix = snapshot(compiled(scene), 1.0).camera.matrix
    np.testing.assert_allclose(-matrix[:3, 2], np.array([1, 0, -1]) / math.sqrt(2), atol=1e-12)


def test_follow_keeps_an_offset_along_the_targets_own_axes(scene: Scene) -> None:
    car = scene.add(None, name="car", scale=3)
    car.keys("position", {0: (0, 0, 0), 1: (2, 0, 0)})
    car.keys("rotation", {0: (0, 0, 0), 1: (0, 90, 0)})
    scene.add(None, name="chase", follow=Follow(target="car", offset=(0, 1, 4)))
    for time in (0.0, 0.5, 1.0):
        turned = Rotation.from_euler("y", 90 * time, degrees=True).apply([0, 1, 4])
        np.testing.assert_allclose(world(scene, "chase", time)[:3, 3], np.array([2 * time, 0, 0]) + turned, atol=1e-12)


def test_a_damped_follower_of_a_steady_target_lags_by_speed_times_damping(scene: Scene) -> None:
    scene.add(None, name="car").keys("position", {0: (0, 0, 0), 1: (3, 0, 0)}, extrapolate="linear")
    scene.add(None, name="chase", follow=Follow(target="car", damping=0.25))
    start = -2 / 24
    for time in (0.0, 0.3, 1.9):
        lagging = 3 * (time - 0.25) + 3 * 0.25 * math.exp(-(time - start) / 0.25)
        assert world(scene, "chase", time)[0, 3] == pytest.approx(lagging, abs=2e-4)
        assert world(scene, "car", time)[0, 3] == pytest.approx(3 * time)


def test_lag_solves_its_differential_equation() -> None:
    times = np.linspace(0, 2, 401)
    wanted = np.stack([np.sin(3 * times), times**2], axis=1)
    solved = lag(times, wanted, 0.3)
    exact = solve_ivp(
        lambda t, p: (np.array([math.sin(3 * t), t * t]) - p) / 0.3, (0, 2), wanted[0], t_eval=times, rtol=1e-9
    )
    np.testing.assert_allclose(solved, exact.y.T, atol=1e-4)


def test_a_damped_follower_does_not_depend_on_what_was_asked_before(scene: Scene) -> None:
    scene.add(None, name="car").keys("position", {0: (0, 0, 0), 1: (3, 1, 0)}, ease="in_out_back")
    scene.add(None, name="chase", follow=Follow(target="car", damping=0.5))
    scene.add(None, name="second", follow=Follow(target="chase", offset=(0, 1, 0), damping=0.1))
    late_first = [world(scene, "second", time).tobytes() for time in (1.5, 0.25, 0.0)]
    scene.changed()
    assert [world(scene, "second", time).tobytes() for time in (0.0, 0.25, 1.5)] == late_first[::-1]


def test_damped_followers_follow_each_other_in_turn(scene: Scene) -> None:
    scene.add(None, name="car").keys("position", {0: (0, 0, 0), 1: (3, 1, 0)}, ease="in_out_sine")
    scene.add(None, name="a_last", follow=Follow(target="chase", offset=(0, 1, 0), damping=0.1))
    scene.add(None, name="chase", follow=Follow(target="car", damping=0.5))
    times = np.arange(-2 / 24, 2, 1 / 96)
    leading = np.array([world(scene, "chase", time)[:3, 3] for time in times])
    trailing = [world(scene, "a_last", time)[:3, 3] for time in times]
    np.testing.assert_allclose(trailing, lag(times, leading + np.array([0, 1, 0]), 0.1), atol=1e-9)
    assert np.abs(trailing - leading).max() > 0.1


def test_constraints_run_through_each_other(scene: Scene) -> None:
    """A camera looks at a lamp that follows a moon that orbits a child."""
    scene.add(None, name="planet", position=(0, 1, 0))
    scene.add(None, name="a_moon", orbit=Orbit(target="planet", radius=2, speed=180))
    scene.add(Point(intensity=5), name="a_lamp", follow=Follow(target="a_moon", offset=(0, 1, 0)))
    scene.camera = Camera(position=(0, 2, 10), look_at="a_lamp")
    shown = snapshot(compiled(scene), 0.5)
    np.testing.assert_allclose(shown.lights.position[0], [2, 2, 0], atol=1e-12)
    np.testing.assert_allclose(-shown.camera.matrix[:3, 2], np.array([2, 0, -10]) / math.hypot(2, 10), atol=1e-12)


def test_the_place_of_a_bare_light_or_camera_is_its_own_and_else_that_of_the_node(scene: Scene) -> None:
    scene.add(Point(position=(3, 0, 0)), name="lamp")
    scene.add(Box(), name="car", light=Point(position=(0, 7, 0)))
    for name, target in (("to_lamp", "lamp"), ("to_car", "car"), ("to_camera", "camera")):
        scene.add(None, name=name, follow=Follow(target=target))
    places = [world(scene, name, 0.0)[:3, 3].tolist() for name in ("to_lamp", "to_car", "to_camera")]
    assert places == [[3, 0, 0], [0, 0, 0], [0, 0, 10]]


def test_an_unknown_target_suggests_the_nearest(scene: Scene) -> None:
    scene.add(None, name="ball")
    scene.add(None, name="eye", look_at="bal")
    with pytest.raises(SceneError) as raised:
        compiled(scene)
    assert str(raised.value) == "eye.look_at: expected the path of a node, got 'bal'; did you mean 'ball'?"
