"""The oracle's camera is the renderer's: the same thing in the same pixel, whatever the lens."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from shots import Thing, camera, make_shot

from diorama.distortion import Distortion
from diorama.geometry.primitives import box, plane, sphere
from diorama.gl.device import Device
from diorama.material.pbr import PbrMaterial
from diorama.oracle.path_tracer import DIRECT, trace
from diorama.renderer.renderer import Renderer
from diorama.scene.lens_points import LENS_POINTS, seen_through
from diorama.scene.shot import CameraState, Shot
from diorama.transform import compose, rotation_matrix

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 48, 32
FINER = 8


def scene(view: CameraState) -> Shot:
    """Things that shine evenly, each with a value of its own: n / 8."""
    shapes = [(plane((9, 9)), (0, 0, 0)), (box((1, 1, 1)), (-1.2, 0.5, 0)), (sphere(0.6), (0.9, 0.6, 0.4)),
              (box((0.4, 2, 0.4)), (0.2, 1, -1.4))]  # fmt: skip
    things = [
        Thing(mesh, compose(place, (0, 0, 0, 1), (1, 1, 1)), PbrMaterial(unlit=True, base_color=((n + 1) / 8,) * 3))
        for n, (mesh, place) in enumerate(shapes)
    ]
    return make_shot(things, view, size=(WIDTH, HEIGHT))


LENSES = {
    "plain": {},
    "off centre": {"cx": 15.0, "cy": 21.5},
    "uneven": {"fx": 60.0, "fy": 36.0},
    "near": {"near": 3.2},
    "barrel": {"distortion": Distortion("brown_conrady", (-0.35, 0.12, 0.01, -0.02, 0.0)), "cx": 21.0},
    "fisheye": {"distortion": Distortion("fisheye", (0.05, -0.01, 0.002, 0.0)), "fx": 25.0, "fy": 27.0},
}


@pytest.mark.parametrize("lens", LENSES)
def test_each_pixel_shows_what_the_renderers_labels_say(device: Device, lens: str) -> None:
    """Labels of a picture eight times as fine, each 8 x 8 of them averaged: edges and background too."""
    view = replace(camera((1.5, 2.2, 3.5), (0, 0.5, 0), width=WIDTH, size=HEIGHT), **LENSES[lens])
    rolled = view.matrix.copy()
    rolled[:3, :3] = rolled[:3, :3] @ rotation_matrix([0, 0, np.sin(0.1), np.cos(0.1)])
    view = replace(view, matrix=rolled)
    fine = replace(view, **{name: getattr(view, name) * FINER for name in ("fx", "fy", "cx", "cy")})
    labelled = replace(scene(fine), width=WIDTH * FINER, height=HEIGHT * FINER)
    with Renderer(device, "draft") as renderer, renderer.draw(labelled, ["instance"]) as drawn:
        instance = renderer.read(drawn)["instance"]
    assert len(np.unique(instance)) >= 4
    wanted = (instance / 8.0).reshape(HEIGHT, FINER, WIDTH, FINER).mean(axis=(1, 3))
    error = trace(scene(view), 256, depth=DIRECT).color[..., 0] - wanted
    assert np.abs(error).max() < 0.08 and np.abs(error).mean() < 0.0015


def test_a_pixel_is_the_mean_over_its_square() -> None:
    """An edge through the middle of a column: half of it is bright."""
    half = Thing(plane((4, 4)), compose((2, 0, 0), (0, 0, 0, 1), (1, 1, 1)), PbrMaterial(unlit=True))
    view = replace(camera((0, 4, 0), (0, 0, 0), width=9, size=9), cx=4.5)
    color = trace(make_shot([half], view, size=(9, 9)), 1024, depth=DIRECT).color[..., 0]
    np.testing.assert_allclose(color[2:7, 4], 0.5, atol=0.06)
    np.testing.assert_array_equal(color[2:7, :4], 0.0)
    np.testing.assert_allclose(color[2:7, 5:], 1.0, rtol=1e-5)


def test_an_open_shutter_adds_its_times_by_weight() -> None:
    still = scene(camera((1.5, 2.2, 3.5), (0, 0.5, 0), width=WIDTH, size=HEIGHT))
    dark = replace(still.current, materials=replace(still.current.materials, base_color=np.zeros((4, 3))))
    whole = trace(still, 16, depth=DIRECT).color
    part = trace(replace(still, shutter=((0.25, still.current), (0.75, dark))), 16, depth=DIRECT).color
    np.testing.assert_allclose(part.mean(), 0.25 * whole.mean(), rtol=0.01)


@pytest.mark.parametrize("lens", ["plain", "barrel"])
def test_a_thin_lens_blurs_as_the_renderer_does(device: Device, lens: str) -> None:
    """Through many places of the lens; the oracle's rays meet in the plane of focus by a rule of their own."""
    view = replace(camera((1.5, 2.2, 3.5), (0, 0.5, 0), width=WIDTH, size=HEIGHT), aperture=0.4, focus=2.0)
    view = replace(view, **LENSES[lens])
    still = scene(view)
    many = tuple((1 / 1024, one) for one in seen_through([still.current] * (1024 // LENS_POINTS), 0, 0))
    with (
        Renderer(device, "standard") as renderer,
        renderer.draw(replace(still, shutter=many, spread=True), ["color"]) as drawn,
    ):
        ours = renderer.read(drawn)["color"]
    sharp, blurred = (trace(scene(lens), 256, depth=DIRECT).color for lens in (replace(view, aperture=0.0), view))
    assert np.abs(sharp - blurred).mean() > 0.02
    error = np.abs(ours - blurred)
    assert error.max() < 0.1 and error.mean() < 0.005
