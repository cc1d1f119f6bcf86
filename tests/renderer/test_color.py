"""Colour and coverage: filtering, smoothing of edges, shutter times, what shines by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from renderer.conftest import Draw
from scipy.ndimage import binary_dilation
from shots import DARK, Thing, camera, lights, make_shot

from diorama import resources
from diorama.geometry.primitives import plane, sphere
from diorama.gl.device import Device
from diorama.material.pbr import PbrMaterial
from diorama.renderer import tiles
from diorama.renderer.dispatch import GROUP
from diorama.renderer.renderer import PRESETS, Preset, Renderer
from diorama.scene.shot import SUN, EnvironmentState
from diorama.transform import compose, euler_to_quaternion

IDENTITY, ONE = (0, 0, 0, 1), (1, 1, 1)
UPRIGHT = euler_to_quaternion([np.pi / 2, 0, 0])
GLOW = PbrMaterial(base_color=(0.0, 0.0, 0.0), emission=(2.0, 1.0, 0.5), specular=0.0)


def wall(x: float = 0.0, size: float = 9.0, material: PbrMaterial = GLOW, turn: float = 0.0) -> Thing:
    return Thing(plane((size, size)), compose([x, 0, -2], euler_to_quaternion([np.pi / 2, 0, turn]), ONE), material)


@pytest.mark.parametrize("preset", PRESETS)
def test_emission_is_seen_as_it_is(draw: Draw, preset: str) -> None:
    frame = draw(make_shot([wall()], camera()), "color", "alpha", preset=preset)
    np.testing.assert_allclose(frame["color"], np.broadcast_to([2.0, 1.0, 0.5], (64, 64, 3)), rtol=1e-6)
    np.testing.assert_array_equal(frame["alpha"], 1.0)


def test_unlit_surfaces_show_their_base_colour(draw: Draw) -> None:
    paint = PbrMaterial(base_color=(0.2, 0.4, 0.6), unlit=True)
    shot = make_shot([wall(material=paint)], camera(), light=lights({"kind": SUN, "direction": (0, 0, -1)}))
    np.testing.assert_allclose(draw(shot, "color")["color"][10, 10], [0.2, 0.4, 0.6], rtol=1e-6)


@pytest.mark.parametrize(("turn", "error"), [(0.0, 0.25), (0.3, 0.25), (1.1, 0.25), (0.03, 0.15), (1.54, 0.15)])
def test_alpha_of_a_half_plane_is_its_coverage(draw: Draw, turn: float, error: float) -> None:
    """Edges that are almost upright or level are seen in four steps, by samples that share no row or column."""
    size, side = 64, 40.0
    offset = 0.013
    middle = np.array([np.cos(turn), np.sin(turn)]) * (side / 2 + offset)
    edge = Thing(plane((side, side)), compose([*middle, -2], euler_to_quaternion([np.pi / 2, 0, turn]), ONE), GLOW)
    view = camera(size=size)
    frame = draw(make_shot([edge], view, size=(size, size)), "alpha", "color", preset="standard")
    fine = (np.arange(size * 16) + 0.5) / 16
    x, y = np.meshgrid((fine - view.cx) / view.fx * 2, -(fine - view.cy) / view.fy * 2)
    inside = (x * np.cos(turn) + y * np.sin(turn)) > offset
    coverage = inside.reshape(size, 16, size, 16).mean(axis=(1, 3))
    assert np.abs(frame["alpha"] - coverage).max() <= error + 1e-6
    assert set(np.unique(frame["alpha"])) <= {0.0, 0.25, 0.5, 0.75, 1.0}
    assert 0.4 < frame["alpha"].mean() < 0.6
    np.testing.assert_allclose(frame["color"], frame["alpha"][..., None] * [2.0, 1.0, 0.5], rtol=1e-5)


def test_draft_smooths_a_slanted_edge(draw: Draw) -> None:
    edge = wall(x=4.5, turn=0.1)
    shot = make_shot([edge], camera())
    smooth, fine = draw(shot, "alpha", "color"), draw(shot, "alpha", preset="standard")
    rough = smooth_before(draw, shot)
    assert np.abs(smooth["alpha"] - fine["alpha"]).mean() < 0.8 * np.abs(rough - fine["alpha"]).mean()
    np.testing.assert_allclose(smooth["color"], smooth["alpha"][..., None] * [2.0, 1.0, 0.5], rtol=1e-5, atol=1e-6)
    partly = (fine["alpha"] > 0) & (fine["alpha"] < 1) | (fine["alpha"] != rough)
    partly |= rough != np.roll(rough, 1, axis=1)
    far = ~binary_dilation(partly, iterations=3)
    np.testing.assert_array_equal(smooth["alpha"][far], rough[far])


def smooth_before(draw: Draw, shot) -> np.ndarray:
    return (draw(shot, "instance")["instance"] > 0).astype(np.float32)


def test_draft_leaves_flat_areas_and_soft_gradients_untouched(device: Device, draw: Draw) -> None:
    ball = Thing(sphere(3.0, 256), compose([0, 0, -4], IDENTITY, ONE), PbrMaterial(roughness=1.0, specular=0.0))
    sun = lights({"kind": SUN, "direction": (-0.3, -0.2, -1), "casts_shadow": False})
    view = camera(fov=20)
    shot = make_shot([ball], view, light=sun)
    smooth = draw(shot, "color", "normal")
    with Renderer(device, Preset(1, False, 1)) as rough, rough.draw(shot, ["color"]) as drawn:
        np.testing.assert_array_equal(smooth["color"], rough.read(drawn)["color"])
    lambert = np.clip(smooth["normal"] @ -sun.direction[0], 0, 1) / np.pi
    np.testing.assert_allclose(smooth["color"][..., 0], lambert, atol=1e-4)


def test_shutter_times_are_averaged_by_weight(draw: Draw) -> None:
    shot = make_shot([wall(x=4.5)], camera())
    moved = make_shot([wall(x=20.0)], camera())
    other = replace(shot.current, instances=moved.current.instances)
    blurred = replace(shot, shutter=((0.25, shot.current), (0.75, other)))
    for preset in PRESETS:
        alpha = draw(blurred, "alpha", "color", "depth", preset=preset)
        np.testing.assert_allclose(alpha["alpha"][:, 40:], 0.25, atol=1e-6)
        np.testing.assert_allclose(alpha["color"][:, 40:], np.broadcast_to([0.5, 0.25, 0.125], (64, 24, 3)), atol=1e-6)
        np.testing.assert_array_equal(alpha["alpha"][:, :25], 0.0)
        assert np.isfinite(alpha["depth"][:, 40:]).all()


def test_labels_do_not_depend_on_the_preset_or_the_shutter(draw: Draw) -> None:
    shot = make_shot([wall(x=4.5, turn=0.2)], camera())
    names = ("depth", "normal", "surface", "flow_forward", "occlusion_forward")
    other = make_shot([wall(x=5.5)], camera()).current
    blurred = replace(shot, shutter=((0.5, other), (0.5, shot.current)))
    one, two = draw(shot, *names, preset="draft"), draw(blurred, "color", *names, preset="standard")
    for name in names:
        np.testing.assert_array_equal(one[name], two[name])


def test_the_sky_can_be_hidden_from_view(draw: Draw) -> None:
    sky = EnvironmentState(1.0, 0.0, (1, 1, 1), (1, 1, 1), (1, 1, 1))
    for preset in PRESETS:
        seen = draw(make_shot([], camera(), environment=sky), "color", "alpha", preset=preset)
        np.testing.assert_allclose(seen["color"], 1.0, rtol=1e-5)
        assert not seen["alpha"].any()
        hidden = make_shot([], camera(), environment=replace(sky, visible=False))
        assert not draw(hidden, "color", preset=preset)["color"].any()
    assert not draw(make_shot([], camera(), environment=DARK), "color")["color"].any()


def test_lists_of_tiles_longer_than_a_dispatch_lose_nothing(device: Device, monkeypatch: pytest.MonkeyPatch) -> None:
    sky = EnvironmentState(1.0, 0.0, (1, 0, 0), (0, 1, 0), (0, 0, 1))
    shot = make_shot([wall(x=4.5, turn=0.2)], camera(size=64, width=200), size=(200, 64), environment=sky)
    pictures = []
    for most in (65535, 7):
        monkeypatch.setattr(tiles, "_MOST_GROUPS", most)
        with Renderer(device, "standard") as renderer, renderer.draw(shot, ["color"]) as drawn:
            pictures.append(renderer.read(drawn)["color"])
    np.testing.assert_array_equal(pictures[0], pictures[1])
    assert (pictures[0].sum(axis=-1) > 0.1).all()


def test_tiles_are_the_work_groups_of_the_shaders() -> None:
    text = (resources.shaders() / "lib/tiles.glsl").read_text("utf-8")
    assert f"TILE = uvec2({GROUP[0]}u, {GROUP[1]}u)" in text
    for name in ("shade", "sky", "label", "fxaa"):
        shader = (resources.shaders() / f"{name}.comp").read_text("utf-8")
        assert f"layout(local_size_x = {GROUP[0]}, local_size_y = {GROUP[1]}) in;" in shader
