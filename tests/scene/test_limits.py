"""What moves stays within what a still value may be, and finite."""

from __future__ import annotations

import numpy as np
import pytest

from diorama.errors import SceneError
from diorama.scene.graph import Scene
from diorama.scene.sample import shot
from diorama.scene.schema import Box, Camera, Environment, Follow, Keys, Material, Point, Spot


def test_a_camera_below_a_scale_that_passes_zero_keeps_a_pose() -> None:
    scene = Scene(size=(8, 8), fps=24, frames=25)
    scene.add(Camera(), name="eye", position=(0, 0, 5)).keys("scale", {0: 1, 1: -1})
    scene.add(Box(), name="box", follow=Follow(target="eye", offset=(1, 0, 0)))
    scene.camera = "eye"
    middle = shot(scene, 12).current
    np.testing.assert_array_equal(middle.camera.matrix[:3, :3], np.eye(3))
    np.testing.assert_array_equal(middle.nodes[0, :3, 3], [1, 0, 5])


def test_scales_that_multiply_beyond_measure_are_refused() -> None:
    scene = Scene(size=(8, 8), frames=1)
    scene.camera = Camera()
    node = scene.add(Box(), name="n", scale=1e6)
    for _ in range(60):
        node = node.add(Box(), name="n", scale=1e6)
    with pytest.raises(SceneError, match=r"^n/n/n: expected a place and a size up to 1e\+15 metres, got more$"):
        shot(scene, 0)


@pytest.mark.parametrize(
    ("camera", "least", "most"),
    [
        (Camera(fov=Keys({0: 1, 1: 179}, ease="out_back")), 1, 179),
        (Camera(fov=Keys({0: 179, 0.5: 10}, extrapolate="linear")), 1, 179),
    ],
)
def test_an_animated_lens_stays_within_the_angles_of_a_still_one(camera: Camera, least: float, most: float) -> None:
    scene = Scene(size=(8, 8), fps=24, frames=25)
    scene.camera = camera
    focal = np.array([shot(scene, frame).current.camera.fy for frame in range(25)])
    angles = np.degrees(2 * np.arctan(4 / focal))
    assert angles.min() >= least - 1e-9
    assert angles.max() <= most + 1e-9
    assert np.isclose(angles, least).any() or np.isclose(angles, most).any()


def test_light_and_material_do_not_overshoot_what_a_still_value_may_be() -> None:
    scene = Scene(size=(8, 8), fps=24, frames=49)
    scene.camera = Camera()
    scene.environment = Environment(color=(1, 1, 1), intensity=Keys({0: 0, 2: 1}, ease="in_back"))
    ball = scene.add(Box(), name="box", material=Material())
    ball.keys("material.roughness", {0: 0, 2: 1}, ease="out_elastic")
    ball.keys("material.base_color", {0: (0, 0, 0), 2: (1, 1, 1)}, ease="in_out_back")
    lamp = scene.add(Spot(), name="lamp")
    lamp.keys("light.intensity", {0: 1, 1: 0}, extrapolate="linear")
    lamp.keys("light.outer_angle", {0: 60, 1: 89}, ease="out_back")
    for frame in range(49):
        now = shot(scene, frame).current
        assert 0 <= now.materials.roughness[0] <= 1
        assert now.materials.base_color.min() >= 0
        assert now.materials.base_color.max() <= 1
        assert now.lights.color.min() >= 0
        assert 0 <= now.lights.outer_angle[0] <= np.radians(89)
        assert now.environment.intensity >= 0
    assert shot(scene, 36).current.lights.color.max() == 0  # half a second beyond its end


def test_more_lights_than_a_shader_counts_are_refused() -> None:
    scene = Scene(size=(8, 8), frames=1)
    scene.camera = Camera()
    for row in range(4096):
        scene.add(Point(), name=f"lamp_{row}")
    assert len(shot(scene, 0).current.lights.kind) == 4096
    scene.add(Point())
    with pytest.raises(SceneError, match=r"^lights: expected at most 4096 lights, got 4097$"):
        shot(scene, 0)
