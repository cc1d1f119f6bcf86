"""Blur by lens and by motion against closed forms: circles of confusion, and the ramp of an edge that moves."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from renderer.conftest import Draw

from diorama.frame import Frame
from diorama.renderer.renderer import PRESETS
from diorama.scene.graph import Scene
from diorama.scene.sample import shot
from diorama.scene.schema import Camera, Environment, Plane
from diorama.scene.schema import Material as MaterialSpec

Floats = NDArray[np.float64]

SIZE = 96
BLURRING = [name for name, preset in PRESETS.items() if preset.times > 1]
BRIGHT = MaterialSpec(unlit=True, base_color=(1, 1, 1))


def studio(*, shutter: float = 0.0, **fields: object) -> Scene:
    """A camera at the origin that looks along -Z, 96 pixels to a metre one metre away."""
    scene = Scene(size=(SIZE, SIZE), fps=10, frames=10, shutter=shutter)
    lens = {"focal_length": 36.0, **fields}
    scene.camera = Camera(**lens)  # type: ignore[arg-type]
    scene.environment = Environment(color=(0, 0, 0))
    return scene


def screen(scene: Scene, x: float, distance: float, width: float, height: float, name: str = "screen") -> None:
    """A bright rectangle that faces the camera, its middle at ``x``."""
    mesh = Plane(size=(width, height))
    scene.add(mesh, name=name, position=(x, 0, -distance), rotation=(90, 0, 0), material=BRIGHT)


def seen(draw: Draw, scene: Scene, preset: str, *passes: str) -> Frame:
    return draw(shot(scene, 2, PRESETS[preset].times), "color", *passes, preset=preset)


@pytest.mark.parametrize("preset", BLURRING)
@pytest.mark.parametrize(("distance", "focus"), [(4.0, 1.0), (1.0, 2.0)])
def test_a_point_spreads_over_its_circle_of_confusion(draw: Draw, preset: str, distance: float, focus: float) -> None:
    """The light is kept, and spread as far as that of an even disc: a sixteenth of its diameter squared, each way."""
    side = 0.05 * distance
    scene = studio(aperture=0.25, focus_distance=focus)
    screen(scene, 0.0, distance, side, side)
    light = seen(draw, scene, preset)["color"][..., 1].astype(float)
    circle = 0.036 / 0.25 * abs(1.0 / focus - 1.0 / distance) * SIZE
    wide = side / distance * SIZE
    assert light.sum() == pytest.approx(wide**2, rel=0.05)
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5 - SIZE / 2
    spread = [(light * axis**2).sum() / light.sum() for axis in (x, y)]
    np.testing.assert_allclose(np.sum(spread), 2.0 * (circle**2 / 16.0 + (wide**2 + 1.0) / 12.0), rtol=0.03)
    assert np.abs(np.diff(spread)) < 0.25 * np.sum(spread)
    assert not light[np.hypot(x, y) > circle / 2 + wide + 1.5].any()


@pytest.mark.parametrize("preset", BLURRING)
def test_the_plane_of_focus_is_as_sharp_as_through_a_pinhole(draw: Draw, preset: str) -> None:
    edge = 7.3
    scene = studio(aperture=0.5, focus_distance=2)
    screen(scene, 1.0 + edge / 48.0, 2.0, 2.0, 4.0)
    light = seen(draw, scene, preset)["color"][SIZE // 2, :, 0]
    column = SIZE // 2 + 7
    np.testing.assert_array_equal(light[:column], 0.0)
    np.testing.assert_allclose(light[column + 1 :], 1.0, atol=1e-5)
    assert light[column] == pytest.approx(0.7, abs=0.05)


def test_the_preset_draft_is_a_pinhole_and_labels_are_sharp(draw: Draw) -> None:
    frames = {}
    for name, lens in (("open", {"aperture": 0.5, "focus_distance": 1.0}), ("closed", {})):
        scene = studio(**lens)
        screen(scene, 0.4, 3.0, 1.0, 1.0)
        frames[name] = [seen(draw, scene, preset, "depth", "instance", "flow_forward") for preset in PRESETS]
    for one, other in zip(frames["open"], frames["closed"], strict=True):
        for label in ("depth", "instance", "flow_forward"):
            np.testing.assert_array_equal(one[label], other[label])
    apart = [np.abs(one["color"] - other["color"]).max() for one, other in zip(*frames.values(), strict=True)]
    assert [far > 0.3 for far in apart] == [preset in BLURRING for preset in PRESETS] and apart[0] == 0.0


def ramp(start: float, end: float) -> Floats:
    """How long each pixel column is covered by an edge that goes from ``start`` to ``end``, to the right of it."""
    fine = (np.arange(SIZE * 64) + 0.5) / 64
    return np.clip((fine - start) / (end - start), 0.0, 1.0).reshape(SIZE, 64).mean(axis=1)


@pytest.mark.parametrize("preset", BLURRING)
@pytest.mark.parametrize("lens", [{}, {"aperture": 16, "focus_distance": 2.0}])
@pytest.mark.parametrize("who", ["thing", "camera"])
def test_an_edge_that_moves_is_a_ramp(draw: Draw, preset: str, lens: dict[str, float], who: str) -> None:
    """48 pixels a second a metre, 0.75 of 0.1 s: at 10 metres a second to the right, or the camera to the left."""
    scene = studio(shutter=0.75, **lens)
    screen(scene, 4.0, 2.0, 8.0, 4.0)
    if who == "thing":
        scene["screen"].keys("position", {0: (2.0, 0, -2), 1: (12.0, 0, -2)})
    else:
        fields = {"focal_length": 36.0, **lens, "position": {"keys": {0: (2, 0, 0), 1: (-8, 0, 0)}}}
        scene.camera = Camera(**fields)
    light = seen(draw, scene, preset)["color"][SIZE // 2, :, 0]
    middle = SIZE / 2 + 48 * (-2.0 + 10.0 * 0.2 if who == "thing" else 10.0 * 0.2 - 2.0)
    np.testing.assert_allclose(light, ramp(middle - 18.0, middle + 18.0), atol=0.09)
    assert (np.diff(light) >= -1e-6).all()


def test_what_moves_with_the_camera_stays_sharp(draw: Draw) -> None:
    keys = {"keys": {0: (0, 0, 0), 1: (7, 3, 0)}}
    scene = studio(shutter=1.0, position=keys)
    screen(scene, 0.5, 2.0, 0.5, 0.5)
    scene["screen"].keys("position", {0: (0.5, 0, -2), 1: (7.5, 3, -2)})
    still = studio()
    screen(still, 0.5, 2.0, 0.5, 0.5)
    blurred, sharp = (seen(draw, one, "standard")["color"] for one in (scene, still))
    np.testing.assert_allclose(blurred, sharp, atol=1e-3)
