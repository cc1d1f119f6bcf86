"""What the refiner is taught: unoccluded it is the ordinary picture, occluded it has the sky's shadows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from diorama.gl.device import Device
from diorama.renderer.renderer import REFERENCE, Preset, Renderer
from diorama.renderer.sky_pieces import SkyPieces, picture_cells
from diorama.scene.graph import Scene
from diorama.scene.sample import shot
from diorama.scene.schema import Box, Camera, Environment, Gradient, Material, Plane, Point, RectangleLight, Sun
from diorama.scene.shot import RECTANGLE, SKY, SPHERE, SUN, EnvironmentState, Shot
from diorama.training.reference import SKY_PIECES, SUN_RADIUS, jittered_shot, reference_shot

GRADIENT = Gradient(zenith=(0.3, 0.6, 1.2), horizon=(0.9, 0.8, 0.7), ground=(0.3, 0.2, 0.1))


@pytest.fixture(scope="module")
def renderer(device: Device) -> Iterator[Renderer]:
    with Renderer(device, REFERENCE) as made:
        yield made


def color(renderer: Renderer, taken: Shot) -> NDArray[np.float32]:
    with renderer.draw(taken, ("color",)) as drawn:
        return renderer.read(drawn)["color"]


def scene(*, box: bool = False, environment: Environment | None = None) -> Scene:
    made = Scene(size=(32, 32), frames=2)
    made.add(Plane(size=(40, 40)), name="floor", material=Material(base_color=(0.5, 0.5, 0.5), roughness=0.7))
    if box:
        made.add(Box(), name="box", position=(0, 0.5, 0))
    made.environment = environment or Environment(gradient=GRADIENT)
    made.camera = Camera(position=(0, 6, 0.01), look_at=(0, 0, 0), fov=40)
    return made


def test_nothing_in_the_way_it_is_the_ambient_light(renderer: Renderer) -> None:
    taken = shot(scene(), 0)
    plain, taught = color(renderer, taken), color(renderer, reference_shot(taken, 3, 256))
    np.testing.assert_allclose(taught, plain, rtol=0.02)


@pytest.mark.parametrize("normal", [(0, 1, 0), (0, -1, 0), (1, 0, 0), (0.6, 0.48, -0.64)])
def test_the_pieces_of_a_gradient_add_up_to_its_irradiance(normal: tuple[float, float, float]) -> None:
    state = EnvironmentState(2.0, 0.0, GRADIENT.zenith, GRADIENT.horizon, GRADIENT.ground)  # type: ignore[arg-type]
    points = np.stack(np.meshgrid((np.arange(128) + 0.5) / 128, (np.arange(128) + 0.5) / 128), -1).reshape(-1, 2)
    directions, colors = SkyPieces(state, None).sample(points)
    found = (colors * np.maximum(-directions @ normal, 0.0)[:, None]).mean(axis=0) / np.pi
    np.testing.assert_allclose(found, gradient_irradiance(state, normal[1]), rtol=4e-3)


def gradient_irradiance(state: EnvironmentState, y: float) -> NDArray[np.float64]:
    """Irradiance over pi by brute force over a fine sphere."""
    random = np.random.default_rng(0)
    directions = random.normal(size=(2_000_000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    up = directions[:, 1:2]
    zenith, horizon, ground = (np.asarray(c) for c in (state.zenith, state.horizon, state.ground))
    radiance = horizon + (zenith - horizon) * np.maximum(up, 0) + (ground - horizon) * np.maximum(-up, 0)
    cosine = np.maximum(directions @ (np.sqrt(1 - y * y), y, 0.0), 0.0)
    return np.asarray(4.0 * (radiance * cosine[:, None]).mean(axis=0) * state.intensity)


def test_a_picture_turns_with_the_environment() -> None:
    picture = np.full((32, 64, 3), 1e-6, np.float32)
    picture[10, 40] = 5.0
    state = EnvironmentState(1.0, 0.7, (0, 0, 0), (0, 0, 0), (0, 0, 0), extract_sun=False)
    directions, colors = SkyPieces(state, picture_cells(picture)).sample(np.full((1, 2), 0.5))
    polar, azimuth = 10.5 * np.pi / 32, 40.5 * np.pi / 32 - np.pi
    wanted = np.array([np.sin(polar) * np.sin(azimuth), np.cos(polar), -np.sin(polar) * np.cos(azimuth)])
    turn = np.array([[np.cos(0.7), 0, np.sin(0.7)], [0, 1, 0], [-np.sin(0.7), 0, np.cos(0.7)]])
    np.testing.assert_allclose(-directions[0], turn @ wanted, atol=0.06)
    assert colors[0, 0] == pytest.approx(
        5.0 * 2 * np.pi / 64 * (np.cos(polar - np.pi / 64) - np.cos(polar + np.pi / 64)), rel=0.01
    )


def test_the_floor_beside_a_box_sees_less_of_the_sky(renderer: Renderer) -> None:
    uniform = Environment(color=(1, 1, 1))
    taken = shot(scene(box=True, environment=uniform), 0)
    with renderer.draw(taken, ("color", "depth")) as drawn:
        plain = renderer.read(drawn)
    taught = color(renderer, reference_shot(taken, 5, 512))
    share = taught[..., 0] / plain["color"][..., 0]
    floor = plain["depth"] > 5.9
    middle = share[16]
    beside = np.flatnonzero(floor[16] & (np.arange(32) > 16))[1]
    assert 0.5 < middle[beside] < 0.75, (
        "a wall of its own height hides up to half of the sky from the floor at its foot"
    )
    assert middle[31] > 0.9
    top = share[15:17, 15:17].mean()
    assert top == pytest.approx(1.0, abs=0.03)


def test_a_shadow_edge_is_as_soft_as_the_sun_is_wide(renderer: Renderer) -> None:
    made = scene(environment=Environment(color=(0, 0, 0)))
    made.add(Box(size=(1, 0.02, 8)), name="board", position=(-0.5, 4, 0))
    made.add(Sun(direction=(0, -1, 0), illuminance=3), name="sun")
    made.camera = Camera(position=(0, 3.5, 0.01), look_at=(0, 0, 0), fov=5)
    taught = color(renderer, reference_shot(shot(made, 0), 1, 256))[16, :, 0]
    metres = 2 * 3.5 * np.tan(np.radians(2.5)) / 32
    width = ((taught > 0.02 * taught.max()) & (taught < 0.98 * taught.max())).sum() * metres
    assert width == pytest.approx(2 * 4 * np.tan(SUN_RADIUS), abs=2.5 * metres)


def test_samples_are_the_same_every_time_and_differ_between_frames() -> None:
    made = scene()
    made.add(Sun(direction=(1, -1, 0)), name="sun")
    first, again = (reference_shot(shot(made, 0), 9, 8) for _ in range(2))
    other = reference_shot(shot(made, 1), 9, 8)
    for (_, a), (_, b), (_, c) in zip(first.shutter, again.shutter, other.shutter, strict=True):
        assert a.camera.cx == b.camera.cx != c.camera.cx
        np.testing.assert_array_equal(a.lights.direction, b.lights.direction)
        assert a.lights.kind.tolist() == [SUN] + SKY_PIECES * [SKY]
        assert not a.environment.diffuse
    assert sum(weight for weight, _ in first.shutter) == 1.0


def test_lights_are_points_on_their_discs_and_surfaces_stay() -> None:
    made = scene()
    for light in (
        Sun(direction=(1, -1, 0)),
        Point(radius=0.3),
        RectangleLight(position=(0, 3, 0), direction=(0, 0, 1)),
    ):
        made.add(light)
    taken = shot(made, 0)
    before = taken.current.lights
    for _, sample in reference_shot(taken, 9, 8).shutter:
        after = sample.lights
        moved = (after.position[:3] != before.position).any(axis=1) | (after.direction[:3] != before.direction).any(
            axis=1
        )
        assert moved[before.kind < SPHERE].all()
        assert not moved[before.kind == RECTANGLE].any()
        assert (after.size[:3][before.kind < SPHERE] == 0).all()
        assert after.size[:3][before.kind == RECTANGLE].tolist() == [[0.5, 0.5]]
        np.testing.assert_allclose(np.sum(after.tangent * after.direction, axis=1), 0, atol=1e-12)


def test_jitter_alone_moves_the_camera_alone() -> None:
    taken = shot(scene(), 0)
    offsets = np.array([(s.camera.cx - 16, s.camera.cy - 16) for _, s in jittered_shot(taken, 2, 64).shutter])
    assert np.abs(offsets).max() <= 0.5
    assert np.histogram2d(*offsets.T, bins=4, range=[[-0.5, 0.5]] * 2)[0].min() >= 2
    assert all(replace(s, camera=taken.current.camera) == taken.current or s.lights is taken.current.lights
               for _, s in jittered_shot(taken, 2, 4).shutter)  # fmt: skip


def test_textures_are_as_sharp_as_many_samples_make_them(device: Device, tmp_path: Path) -> None:
    """A floor of fine stripes, averaged over the pixel once and not twice."""
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, (np.arange(256) // 8) % 2 == 0] = 255
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    made = Scene(size=(64, 64), frames=1)
    material = Material(base_color_texture=tmp_path / "stripes.png", unlit=True)
    made.add(Plane(size=(4, 4)), name="floor", material=material)
    made.camera = Camera(position=(0, 4, 0.01), look_at=(0, 0, 0), fov=45)
    taken = shot(made, 0)
    with Renderer(device, Preset(8, False, 1)) as fine, Renderer(device, REFERENCE) as taught:
        wanted, found = color(fine, taken), color(taught, reference_shot(taken, 4, 64))
    assert wanted[24:40, 24:40].std() > 0.3
    assert np.abs(found - wanted)[24:40, 24:40].mean() < 0.03
