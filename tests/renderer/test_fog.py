"""Fog against closed forms: what it takes of light, what it scatters, and what shadows leave of that."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from renderer.conftest import Draw
from scipy.integrate import quad
from shots import DARK, Thing, camera, lights, make_shot, unit

from diorama import resources
from diorama.frame import MADE_FROM_COLOR, PASSES
from diorama.geometry.primitives import box, plane
from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.material.pbr import PbrMaterial
from diorama.renderer.fog import FOG_BLOCK, FogPass
from diorama.renderer.renderer import PRESETS
from diorama.scene.shot import POINT, SPOT, SUN, EnvironmentState, FogState
from diorama.transform import compose

Floats = NDArray[np.float64]

WHITE = EnvironmentState(1.0, 0.0, *3 * ((1.0, 1.0, 1.0),))
SHINING = PbrMaterial(base_color=(1.0, 1.0, 1.0), unlit=True)
BLACK = PbrMaterial(base_color=(0.0, 0.0, 0.0), unlit=True)
EVEN = FogState(0.08, 0.0, 0.0, (1.0, 1.0, 1.0), 0.4)
TAKING = replace(EVEN, albedo=(0.0, 0.0, 0.0))


def at(mesh: object, position: ArrayLike, material: PbrMaterial = BLACK) -> Thing:
    return Thing(mesh, compose(position, (0, 0, 0, 1), (1, 1, 1)), material)  # type: ignore[arg-type]


def wall(metres: float, material: PbrMaterial = BLACK) -> Thing:
    """A wall across the view of a camera that looks along -Z from the origin."""
    return at(box((4 * metres, 4 * metres, 0.1)), (0, 0, -metres - 0.05), material)


def rays(size: int = 64, fov: float = 45) -> Floats:
    """Directions (size, size, 3), one metre of depth long, through the middles of pixels."""
    view = camera(fov=fov, size=size)
    columns, rows = np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5)
    return np.stack([(columns - view.cx) / view.fx, (view.cy - rows) / view.fy, -np.ones_like(rows)], axis=-1)


def phase(cosine: ArrayLike, g: float) -> Floats:
    return np.asarray((1 - g * g) / (4 * np.pi * (1 + g * g - 2 * g * np.asarray(cosine)) ** 1.5))


def test_the_block_is_as_the_shader_reads_it(device: Device) -> None:
    program = device.compute("fog", {"BUCKETS": 0, "SAMPLES": 1, "SHAFTS": 0})
    assert program["FogBlock"].size == FOG_BLOCK.itemsize


def test_the_phase_function_holds_all_light() -> None:
    for g in (-0.9, 0.0, 0.5, 0.95):
        assert quad(lambda c, g=g: 2 * np.pi * phase(c, g), -1, 1)[0] == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("preset", PRESETS)
def test_what_shines_fades_with_distance(draw: Draw, preset: str) -> None:
    """Beer and Lambert, over every pixel of a wall at 5 metres and its slanted rays."""
    frame = draw(make_shot([wall(5, SHINING)], camera(), fog=TAKING), "color", preset=preset)
    metres = 5 * np.linalg.norm(rays(), axis=-1)
    np.testing.assert_allclose(frame["color"], np.exp(-0.08 * metres)[..., None].repeat(3, -1), rtol=2e-3)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_white_furnace_stays_white(draw: Draw, preset: str) -> None:
    """Fog that loses nothing gives back what it takes: surfaces near and far, edges, and the sky."""
    things = [at(box((0.8, 0.8, 0.8)), (x, 0.2, z), SHINING) for x, z in ((-1, -3), (0.6, -6), (3, -12))]
    fog = replace(EVEN, density=0.1, falloff=0.2)
    frame = draw(make_shot(things, camera(), environment=WHITE, fog=fog), "color", preset=preset)
    np.testing.assert_allclose(frame["color"], 1.0, atol=1e-3)


@pytest.mark.parametrize("picture", [False, True])
def test_all_sides_light_the_fog_by_their_mean(draw: Draw, picture: bool) -> None:
    """A sky above a black ground: before a black wall, the fog has the mean of the sphere times what it takes."""
    sky = EnvironmentState(2.0, 0.0, (1.0, 0.5, 0.25), (0.5, 0.5, 0.5), (0.0, 0.0, 0.0))
    pixels = None
    mean = 2.0 * (np.array([1.0, 0.5, 0.25]) / 4 + 0.25)
    if picture:
        pixels = np.zeros((64, 128, 3), np.float32)
        pixels[:32] = (0.4, 0.6, 0.8)
        mean = np.array([0.4, 0.6, 0.8])
    frame = draw(make_shot([wall(8)], camera(), environment=sky, picture=pixels, fog=EVEN), "color", preset="standard")
    taken = 1 - np.exp(-0.08 * 8 * np.linalg.norm(rays(), axis=-1))
    np.testing.assert_allclose(frame["color"], taken[..., None] * mean, rtol=2e-3)


def probed(device: Device, fog: FogState, eye: float, along: Floats, metres: float, to_sun: Floats) -> Floats:
    """Return depth, sunlight scattered and the way back from the depth; then depth and sunlight without an end."""
    path = Path(os.path.relpath(Path(__file__).parent / "shaders" / "fog_probe", resources.shaders())).as_posix()
    program, block = device.compute(path), FogPass(device)
    block.bind(fog, np.array([0.0, eye, 0.0]), (0, 0, 0))
    inputs = device.buffer(np.array([*along, metres, *to_sun, 0.0], np.float32))
    outputs = device.buffer(reserve=32)
    inputs.bind_to_storage_buffer(0)
    outputs.bind_to_storage_buffer(bindings.OUTPUT)
    program["count"] = 1
    program.run(1)
    device.context.memory_barrier()
    found = np.frombuffer(outputs.read(), np.float32)[[0, 1, 2, 4, 5]].astype(float)
    device.release(inputs, outputs)
    block.release()
    return found


def integrated(fog: FogState, eye: float, climb: float, metres: float, sun_height: float) -> tuple[float, float]:
    """Return the optical depth of a ray, and the sunlight that it scatters, step by step in float64."""

    def density(height: Floats) -> Floats:
        return np.asarray(fog.density * np.exp(-(height - fog.base_height) * fog.falloff))

    edges = np.linspace(0.0, metres, 20001)
    middles, step = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
    taken = density(eye + climb * middles) * step
    before = np.cumsum(taken) - taken / 2
    to_sun = np.zeros_like(middles)
    if fog.falloff:
        up = (np.arange(4000) + 0.5) / 4000 * 40 / fog.falloff
        column = density(up).sum() * 40 / fog.falloff / 4000 / density(np.zeros(1))[0]
        to_sun = column * density(eye + climb * middles) / sun_height
    return float(taken.sum()), float((taken * np.exp(-before - to_sun)).sum())


@settings(max_examples=60, deadline=None)
@given(
    density=st.floats(1e-4, 0.5),
    scale=st.none() | st.floats(1.0, 500.0),
    eye=st.floats(-20.0, 200.0),
    climb=st.floats(-1.0, 1.0),
    metres=st.floats(0.1, 300.0),
    sun_height=st.floats(0.05, 1.0),
)
@example(density=0.05, scale=20.0, eye=2.0, climb=0.0, metres=100.0, sun_height=0.3)
@example(density=0.05, scale=20.0, eye=2.0, climb=0.3, metres=100.0, sun_height=0.3)  # towards the sun
@example(density=0.5, scale=1.0, eye=0.0, climb=1.0, metres=17.0, sun_height=1.0)  # out of all fog
@example(density=0.2, scale=5.0, eye=150.0, climb=-0.9, metres=160.0, sun_height=0.3)  # down from far above
def test_rays_through_fog_are_as_integrated(
    device: Device, density: float, scale: float | None, eye: float, climb: float, metres: float, sun_height: float
) -> None:
    fog = FogState(density, 0.0 if scale is None else 1.0 / scale, 0.0, (1.0, 1.0, 1.0), 0.0)
    along = np.array([np.sqrt(1 - climb**2), climb, 0.0])
    to_sun = np.array([np.sqrt(1 - sun_height**2), sun_height, 0.0])
    depth, light, reach, beyond, endless = probed(device, fog, eye, along, metres, to_sun)
    wanted_depth, wanted_light = integrated(fog, eye, climb, metres, sun_height)
    assert depth == pytest.approx(min(wanted_depth, 1e4), rel=1e-3, abs=1e-7)
    fall = abs(fog.falloff * climb * metres)
    if wanted_depth < 20.0 and fall < 30.0:
        assert light == pytest.approx(wanted_light, rel=5e-3, abs=1e-6)
    local = density * np.exp(-eye * fog.falloff)
    if 1e-3 < wanted_depth < 5.0 and local > 1e-3 * density and fall < 5.0:
        assert reach == pytest.approx(metres, rel=0.02)
    if fog.falloff and climb > 0.05:
        all_depth, all_light = integrated(fog, eye, climb, 40.0 / (fog.falloff * climb), sun_height)
        assert beyond == pytest.approx(all_depth, rel=1e-3, abs=1e-30)
        if all_depth < 20.0:
            assert endless == pytest.approx(all_light, rel=5e-3, abs=1e-6)
    if fog.falloff * climb <= 0.0 and local > 1e-30:
        assert beyond == 1e4  # no end, or ever thicker below the horizon


@pytest.mark.parametrize("shadow", [False, True])
@pytest.mark.parametrize("preset", PRESETS)
def test_a_sun_lights_even_fog(draw: Draw, preset: str, shadow: bool) -> None:
    """Single scattering before a black wall at 9 metres; shadow maps that hold nothing in the way change nothing."""
    direction = unit((0.5, -1, -0.4))
    sun = lights({"kind": SUN, "direction": direction, "color": (3, 2, 1), "casts_shadow": shadow})
    frame = draw(make_shot([wall(9)], camera(), light=sun, fog=EVEN), "color", preset=preset)
    metres, cosine = 9 * np.linalg.norm(rays(), axis=-1), -unit(rays()) @ direction
    wanted = (phase(cosine, 0.4) * (1 - np.exp(-0.08 * metres)))[..., None] * (3, 2, 1)
    np.testing.assert_allclose(frame["color"], wanted, rtol=5e-3)


@pytest.mark.parametrize("preset", PRESETS)
def test_air_in_the_shadow_of_a_wall_is_dark(draw: Draw, preset: str) -> None:
    """A sun from the right; a screen that is not in view shadows the air from 5 metres on."""
    screen = at(box((0.1, 40, 10)), (5, 0, -10.05))
    sun = lights({"kind": SUN, "direction": (-1, 0, 0), "color": (10, 10, 10)})
    view = camera(fov=30)
    frame = draw(make_shot([wall(9), screen], view, light=sun, fog=EVEN), "color", "instance", preset=preset)
    assert len(np.unique(frame["instance"])) == 1
    metres, cosine = np.linalg.norm(rays(fov=30), axis=-1), unit(rays(fov=30)) @ (1, 0, 0)
    wanted = 10 * phase(cosine, 0.4) * (1 - np.exp(-0.08 * 5.05 * metres))
    np.testing.assert_allclose(frame["color"][..., 0], wanted, rtol=0.05)
    assert frame["color"][..., 0].mean() == pytest.approx(wanted.mean(), rel=0.01)


@pytest.mark.parametrize("preset", ["standard", "high"])
def test_edges_have_the_fog_of_either_side(draw: Draw, preset: str) -> None:
    """Before a wall far away, a box near by: pixels on its edge hold both, each with the fog before it, by samples."""
    near = Thing(box((1, 1, 0.1)), compose((0.1, 0, -2.05), (0, 0, 0.13, 0.9915), (1, 1, 1)), SHINING)
    sun = lights({"kind": SUN, "direction": (0, 0, -1), "color": (10, 10, 10)})
    clear = draw(make_shot([near, wall(20)], camera(), light=sun), "color", preset=preset)["color"][..., 0]
    foggy = draw(make_shot([near, wall(20)], camera(), light=sun, fog=EVEN), "color", preset=preset)["color"][..., 0]
    assert ((clear > 0.01) & (clear < 0.99)).sum() > 20
    stretch, cosine = np.linalg.norm(rays(), axis=-1), -unit(rays())[..., 2]
    through = [np.exp(-0.08 * metres * stretch) for metres in (2, 20)]
    light = 10 * phase(-cosine, 0.4)
    wanted = clear * (through[0] + light * (1 - through[0])) + (1 - clear) * light * (1 - through[1])
    np.testing.assert_allclose(foggy, wanted, rtol=0.01)


@pytest.mark.parametrize("preset", ["standard", "high"])
def test_edges_keep_shadows_in_the_air_apart(draw: Draw, preset: str) -> None:
    """A sheet at 2 metres before air that a screen shadows from 5 metres on: none of that shadow reaches the sheet."""
    screen = at(box((0.1, 40, 10)), (5, 0, -10.05))
    sheet = Thing(box((0.4, 0.4, 0.001)), compose((0.1, 0, -2), (0, 0, 0.13, 0.9915), (1, 1, 1)), SHINING)
    things, view = [wall(9), screen, sheet], camera(fov=30)
    sun = lights({"kind": SUN, "direction": (-1, 0, 0), "color": (10, 10, 10)})
    thick = replace(EVEN, density=0.3)
    clear, foggy = (
        draw(make_shot(things, view, light=sun, fog=fog), "color", preset=preset)["color"][..., 0]
        for fog in (None, thick)
    )
    stretch, cosine = np.linalg.norm(rays(fov=30), axis=-1), unit(rays(fov=30)) @ (1, 0, 0)
    light, through = 10 * phase(cosine, 0.4), np.exp(-0.3 * 2 * stretch)
    wanted = clear * (through + light * (1 - through)) + (1 - clear) * light * (1 - np.exp(-0.3 * 5.05 * stretch))
    edge = (clear > 0.01) & (clear < 0.99)
    assert edge.sum() > 20
    error = np.abs(foggy / wanted - 1)[clear > 0.01]
    assert np.quantile(error, 0.98) < 0.01 and error.max() < 0.05  # a corner may lie between all half-size entries


@pytest.mark.parametrize("preset", ["draft", "high"])
def test_air_below_all_that_is_seen_has_shadows(draw: Draw, preset: str) -> None:
    """A sun from straight above; before the sky, a plate over the view's top shadows the air from 1.5 to 2.5 metres."""
    plate, seen = at(box((20, 0.05, 1)), (0, 1, -2)), at(box((0.2, 0.2, 0.2)), (2, 2, -9))
    sun = lights({"kind": SUN, "direction": (0, -1, 0), "color": (10, 10, 10)})
    fog = replace(EVEN, density=0.3)
    frame = draw(make_shot([plate, seen], camera(fov=30), light=sun, fog=fog), "color", "instance", preset=preset)
    assert len(np.unique(frame["instance"])) == 2
    stretch, cosine = np.linalg.norm(rays(fov=30), axis=-1), unit(rays(fov=30)) @ (0, 1, 0)
    wanted = 10 * phase(cosine, 0.4) * (1 - np.exp(-0.3 * 1.5 * stretch) + np.exp(-0.3 * 2.5 * stretch))
    np.testing.assert_allclose(frame["color"][:, :40, 0], wanted[:, :40], rtol=0.05)
    assert frame["color"][:, :40, 0].mean() == pytest.approx(wanted[:, :40].mean(), rel=0.01)


def test_what_metals_mirror_fades_with_them(draw: Draw) -> None:
    """A mirror that shows what shines behind the camera."""
    mirror = PbrMaterial(base_color=(0.9, 0.6, 0.3), metallic=1.0, roughness=0.05)
    things = [wall(5, mirror), at(box((30, 30, 0.2)), (0, 0, 3), SHINING)]
    clear, foggy = (
        draw(make_shot(things, camera(), fog=fog), "color", preset="high")["color"] for fog in (None, TAKING)
    )
    wanted = np.exp(-0.08 * 5 * np.linalg.norm(rays(), axis=-1))[..., None] * clear
    assert np.median(clear[..., 0]) > 0.5
    np.testing.assert_allclose(np.median(foggy / wanted, axis=(0, 1)), 1.0, rtol=0.01)


@pytest.mark.parametrize("preset", ["standard", "high"])
def test_a_lamp_lights_the_air_around_it(draw: Draw, preset: str) -> None:
    """A bare bulb in even fog, against the integral along each ray that does not pass right by it."""
    place = np.array([0.3, 0.2, -3.0])
    lamp = lights({"kind": POINT, "position": place, "color": (5, 5, 5), "casts_shadow": False})
    shot = make_shot([wall(7)], camera(size=256), size=(256, 256), light=lamp, fog=EVEN)
    found = draw(shot, "color", preset=preset)["color"][8::16, 8::16, 0]

    def wanted(ray: Floats) -> float:
        along, end = unit(ray), 7 * float(np.linalg.norm(ray))

        def share(t: float) -> float:
            way = along * t - place
            r = float(np.linalg.norm(way))
            return float(0.08 * np.exp(-0.08 * (t + r)) * phase(-along @ way / r, 0.4) * 5 / r**2)

        return quad(share, 0, end, points=[float(along @ place)], limit=200)[0]

    grid = rays(256)[8::16, 8::16]
    apart = np.linalg.norm(np.cross(unit(grid), place), axis=-1) > 0.3
    assert apart.sum() > 200
    np.testing.assert_allclose(found[apart], np.apply_along_axis(wanted, -1, grid[apart]), rtol=0.03)


def test_a_spot_draws_a_cone(draw: Draw) -> None:
    """A spot from above before a black wall: bright air inside its cone, none beside it, none below what is in it."""
    spot = lights({"kind": SPOT, "position": (0, 3, -6), "direction": (0, -1, 0), "color": (50, 50, 50),
                   "inner_angle": 0.2, "outer_angle": 0.22})  # fmt: skip
    things = [wall(9), at(box((1.5, 0.1, 1.5)), (0, 0, -6)), at(plane((20, 20)), (0, -2.5, -6))]
    found = draw(make_shot(things, camera(), light=spot, fog=EVEN), "color", preset="standard")["color"][..., 0]
    above, below, beside = found[12, 32], found[46, 32], found[12, 54]
    assert above > 0.02
    assert below < 0.02 * above and beside < 0.02 * above


@pytest.mark.parametrize("preset", PRESETS)
def test_light_is_lost_on_its_way_to_surfaces(draw: Draw, preset: str) -> None:
    """A matt floor under a slanted sun and under a lamp, seen from above through fog that scatters nothing."""
    matt = PbrMaterial(base_color=(1.0, 1.0, 1.0), specular=0.0, roughness=1.0)
    floor = at(plane((60, 60)), (0, 0, 0), matt)
    view = camera((0, 6, 0.001), (0, 0, 0), fov=5)
    fog = FogState(0.1, 0.2, 0.0, (0.0, 0.0, 0.0), 0.0)
    through = np.exp(-0.1 * 5 * (1 - np.exp(-6 / 5)))
    height = 0.5
    direction = (-np.sqrt(1 - height**2), -height, 0)
    sun = lights({"kind": SUN, "direction": direction, "color": (np.pi,) * 3, "casts_shadow": False})
    lit = draw(make_shot([floor], view, light=sun, fog=fog), "color", preset=preset)["color"]
    assert lit.mean() == pytest.approx(height * through * np.exp(-0.1 * 5 / height), rel=0.01)
    lamp = lights({"kind": POINT, "position": (0, 4, 0), "color": (16 * np.pi,) * 3, "casts_shadow": False})
    lit = draw(make_shot([floor], view, light=lamp, fog=fog), "color", preset=preset)["color"]
    assert lit[32, 32, 0] == pytest.approx(through * np.exp(-0.1 * 5 * (1 - np.exp(-4 / 5))), rel=0.02)


def test_the_sky_shows_above_low_fog_only(draw: Draw) -> None:
    """Even fog has no end; low fog lets through exp(-density · scale / sine of the elevation)."""
    low = FogState(0.02, 0.1, 1.0, (0.0, 0.0, 0.0), 0.0)
    shot = make_shot([], camera((0, 3, 0), (0, 3, -1)), environment=WHITE, fog=low)
    found = draw(shot, "color", preset="standard")["color"][..., 0]
    climb = unit(rays())[..., 1]
    with np.errstate(divide="ignore"):
        wanted = np.where(climb > 0, np.exp(-0.02 * 10 * np.exp(-0.2) / np.maximum(climb, 0)), 0.0)
    np.testing.assert_allclose(found[:24], wanted[:24], rtol=0.01)
    assert (found[32:] == 0).all()
    shot = make_shot([], camera(), environment=WHITE, fog=TAKING)
    assert (draw(shot, "color", preset="standard")["color"] == 0).all()


@pytest.mark.parametrize("preset", PRESETS)
def test_labels_and_coverage_know_no_fog(draw: Draw, preset: str) -> None:
    things = [at(box((1, 1, 1)), (0, 0, -4), PbrMaterial()), at(plane((6, 6)), (0, -1, -4), PbrMaterial())]
    sun = lights({"kind": SUN, "direction": (0.3, -1, -0.2), "color": (3, 3, 3)})
    names = tuple(name for name in PASSES if name not in ("color", "hidden_sky", *MADE_FROM_COLOR))
    one, other = (
        draw(make_shot(things, camera(), light=sun, environment=WHITE, fog=fog), *names, "color", preset=preset)
        for fog in (None, EVEN)
    )
    for name in names:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)
    assert not np.array_equal(one["color"], other["color"])


def test_hidden_skylight_fades_as_the_surface_does(draw: Draw) -> None:
    things = [at(box((1, 1, 1)), (0, -0.5, -4), PbrMaterial()), at(plane((20, 20)), (0, -1, -4), PbrMaterial())]
    clear, foggy = (
        draw(make_shot(things, camera(), environment=WHITE, fog=fog), "hidden_sky", "depth", preset="standard")
        for fog in (None, EVEN)
    )
    assert clear["hidden_sky"].max() > 0.1
    seen = np.isfinite(clear["depth"]) & (clear["hidden_sky"].max(axis=-1) > 0.02)
    wanted = np.exp(-0.08 * np.where(seen, clear["depth"], 0) * np.linalg.norm(rays(), axis=-1))
    ratio = foggy["hidden_sky"][seen][:, 1] / clear["hidden_sky"][seen][:, 1]
    assert np.median(np.abs(ratio / wanted[seen] - 1)) < 0.005


@pytest.mark.parametrize("preset", ["draft", "standard"])
def test_a_background_that_is_left_out_stays_empty(draw: Draw, preset: str) -> None:
    """So that a video with alpha holds no light where nothing covers the picture."""
    unseen = replace(WHITE, visible=False)
    thing = at(box((1, 1, 1)), (0, 0, -4), SHINING)
    frame = draw(make_shot([thing], camera(), environment=unseen, fog=EVEN), "color", "alpha", preset=preset)
    assert (frame["color"][frame["alpha"] == 0] == 0).all()
    assert (frame["alpha"] == 0).any() and (frame["color"] > 0.5).any()


def test_fog_of_no_density_changes_nothing(draw: Draw) -> None:
    things = [at(box((1, 1, 1)), (0, 0, -4), PbrMaterial())]
    sun = lights({"kind": SUN, "direction": (0.3, -1, -0.2), "color": (3, 3, 3), "casts_shadow": False})
    none = replace(EVEN, density=0.0)
    one, other = (
        draw(make_shot(things, camera(), light=sun, environment=WHITE, fog=fog), "color", preset="standard")["color"]
        for fog in (None, none)
    )
    np.testing.assert_allclose(one, other, rtol=1e-6)


def test_dark_fog_without_lights_is_black(draw: Draw) -> None:
    frame = draw(make_shot([wall(5)], camera(), environment=DARK, fog=EVEN), "color", preset="standard")
    assert (frame["color"] == 0).all()
