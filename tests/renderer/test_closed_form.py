"""What the whole renderer must draw, where a formula or a reference picture says it exactly."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import OpenImageIO
import pytest
from numpy.typing import ArrayLike, NDArray
from renderer.conftest import Draw
from shots import Thing, camera, lights, make_shot, unit

from diorama import load_scene
from diorama.geometry.primitives import sphere
from diorama.material.pbr import PbrMaterial
from diorama.renderer.renderer import PRESETS
from diorama.scene.sample import shot
from diorama.scene.shot import SUN, EnvironmentState
from diorama.transform import compose, rotation_matrix

WHITE = EnvironmentState(1.0, 0.0, *3 * ((1.0, 1.0, 1.0),))
ROUGHNESS = (0.0, 0.15, 0.3, 0.5, 0.75, 1.0)

Floats = NDArray[np.float64]


def at(centre: ArrayLike) -> Floats:
    return compose(centre, (0, 0, 0, 1), (1, 1, 1))


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("sky", ["gradient", "picture"])
def test_white_spheres_vanish_in_a_white_furnace(draw: Draw, sky: str, preset: str) -> None:
    """Rough and smooth, dielectric and metal: each returns all light, so nothing stands out from the sky."""
    ball = sphere(0.45, 64)
    things = [
        Thing(ball, at((column - 2.5, row - 0.5, -6)), PbrMaterial(metallic=float(row), roughness=roughness))
        for row in range(2)
        for column, roughness in enumerate(ROUGHNESS)
    ]
    picture = np.ones((32, 64, 3), np.float32) if sky == "picture" else None
    view = camera(fov=20, size=64, width=192)
    frame = draw(make_shot(things, view, size=(192, 64), environment=WHITE, picture=picture),
                 "color", "instance", preset=preset)  # fmt: skip
    assert len(np.unique(frame["instance"])) == 1 + len(things)
    if preset == "high":  # where balls nearly touch, light goes on for more bounces than are followed
        assert frame["color"].max() < 1.02
        assert all(frame["color"][frame["instance"] == ball].mean() > 0.9 for ball in range(1, 13))
        return
    np.testing.assert_allclose(frame["color"], 1.0, atol=0.02)


def test_a_white_furnace_without_compensation_is_not_white(draw: Draw) -> None:
    """The test above can fail: glTF's own BRDF loses light on rough metal."""
    rough = Thing(sphere(0.45, 64), at((0, 0, -3)), PbrMaterial(metallic=1.0, roughness=1.0))
    frame = draw(make_shot([rough], camera(fov=20), environment=WHITE, energy="gltf"), "color", "instance")
    assert frame["color"][frame["instance"] == 1].mean() < 0.9


@pytest.mark.parametrize(("preset", "share"), [("high", 0.999), ("standard", 1.0), ("draft", 0.995)])
@pytest.mark.parametrize("energy", ["conserving", "gltf"])
def test_a_lambert_sphere_under_one_sun(draw: Draw, energy: str, preset: str, share: float) -> None:
    """A sphere that casts its shadow on itself, against albedo / pi * illuminance * n.l.

    The smoothing of edges, in ``draft``, also finds some where the light ends, and there ``high`` asks wider around.
    """
    size, centre, to_light = 128, np.array([0.1, 0.05, -3.0]), unit([2.0, 1.5, 1.0])
    view = camera(fov=22, size=size)
    matt = PbrMaterial(base_color=(1.0, 0.6, 0.3), specular=0.0, roughness=0.6)
    sun = lights({"kind": SUN, "direction": -to_light, "color": np.full(3, np.pi)})
    ball = Thing(sphere(0.5, 192), at(centre), matt)
    frame = draw(make_shot([ball], view, size=(size, size), light=sun, energy=energy), "color", preset=preset)
    offsets = (np.arange(2) + 0.5) / 2 if preset != "draft" else np.array([0.5])
    samples = [lambert(view, size, x, y, centre, to_light) for x in offsets for y in offsets]
    inside = np.all([np.isfinite(sample) for sample in samples], axis=0)
    assert inside.sum() > 3000
    wanted = np.mean(samples, axis=0)[inside][:, None] * matt.base_color
    assert wanted.min() == 0.0 and wanted.max() > 0.99
    assert np.quantile(np.abs(frame["color"][inside] - wanted).max(axis=-1), share) <= 1 / 255


def lambert(view, size: int, x: float, y: float, centre: Floats, to_light: Floats) -> Floats:
    """max(n.l, 0) (size, size) of a sphere of radius 0.5 at a place in each pixel; nan near and beyond its rim."""
    columns, rows = np.meshgrid(np.arange(size) + x, np.arange(size) + y)
    ray = np.stack([(columns - view.cx) / view.fx, (view.cy - rows) / view.fy, -np.ones_like(rows)], axis=-1)
    ray = unit(ray)
    middle = ray @ centre
    half2 = 0.25 - (centre @ centre - middle**2)
    normal = (ray * (middle - np.sqrt(np.maximum(half2, 0)))[..., None] - centre) / 0.5
    return np.where(half2 > 0.02, np.maximum(normal @ to_light, 0), np.nan)


def test_the_reference_grid_of_spheres_rendered_from_its_gltf(draw: Draw, data: Path, tmp_path: Path) -> None:
    """Its camera is orthographic: ours stands so far away that the view differs by less than 0.1 degrees."""
    folder = data / "reference" / "analytic"
    gltf = json.loads((folder / "pbr_grid_one_light.gltf").read_text("utf-8"))
    wanted = OpenImageIO.ImageBuf(str(folder / "pbr_grid_one_light.exr")).get_pixels(OpenImageIO.FLOAT)
    size, distance = len(wanted), 5000.0
    focal = size / (2.0 * gltf["cameras"][0]["orthographic"]["ymag"]) * distance
    travel = rotation_matrix(gltf["nodes"][-1]["rotation"]) @ (0, 0, -1.0)
    light = gltf["extensions"]["KHR_lights_punctual"]["lights"][0]
    path = tmp_path / "grid.yaml"
    path.write_text(f"""
diorama: 1
energy: gltf
video: {{size: [{size}, {size}], frames: 1}}
camera:
  position: [0, 0, {distance}]
  intrinsics: {{fx: {focal}, fy: {focal}, cx: {size / 2}, cy: {size / 2}}}
environment: {{color: [0, 0, 0]}}
lights:
  sun:
    {{type: sun, direction: {travel.tolist()}, illuminance: {light["intensity"]}, color: {light["color"]},
      cast_shadow: false}}
nodes:
  grid: {{asset: pbr_grid_one_light.gltf}}
""")
    frame = draw(shot(load_scene(path, assets=[folder]), 0), "color", preset="standard")
    errors = [disc_error(frame["color"], wanted, node["translation"], size) for node in gltf["nodes"][:25]]
    assert np.mean(errors) <= 0.006
    assert max(errors) <= 0.012


def disc_error(found: Floats, wanted: Floats, centre: ArrayLike, size: int) -> float:
    """Mean relative error inside the disc of the sphere of radius 0.9 at ``centre``; the picture is 10 metres wide."""
    metres = (np.arange(size) + 0.5) / size * 10.0 - 5.0
    x, y = np.meshgrid(metres, -metres)
    inside = np.hypot(x - centre[0], y - centre[1]) < 0.9 - 0.05
    lit = inside & (wanted.sum(axis=-1) > 1e-3)
    assert lit.sum() > 1000
    return float((np.abs(found - wanted)[lit] / np.maximum(wanted[lit], 1e-3)).mean())
