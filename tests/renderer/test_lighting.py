"""Lights of every kind, far from the origin and in any number, and what is kept between frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from renderer.light_probe import AMBIENT, DIRECT, SKY, Bench, probe, sky
from shots import Thing, camera, lights

from diorama.geometry.primitives import box, plane
from diorama.gl.device import Device
from diorama.renderer.lighting import LIGHTING_BLOCK
from diorama.scene.shot import POINT, SPOT, SUN
from diorama.transform import compose

Floats = NDArray[np.float64]


def lit(device: Device, positions: ArrayLike, eye: ArrayLike = (0, 0, 0)) -> NDArray[np.float32]:
    """Direct light on white Lambert points that face +Y."""
    points = np.asarray(positions, float).reshape(-1, 3) - eye
    return probe(device, DIRECT, len(points), position=points, normal=(0, 1, 0), view=(0, 1, 0), specular=0.0)


def test_the_uniform_block_has_the_size_that_the_shader_says(bench: Bench, device: Device) -> None:
    lit(device, (0, 0, 0))
    program = next(p for key, p in device._programs.items() if ("PROBE", DIRECT) in key)
    assert program["LightingBlock"].size == LIGHTING_BLOCK.itemsize


def test_light_adds_up_over_any_number_of_lights(bench: Bench, device: Device) -> None:
    random = np.random.default_rng(5)
    places = random.uniform((-5, 0.5, -5), (5, 3, 5), (150, 3))
    colours = random.uniform(0, 2, (150, 3))
    rows = [{"kind": POINT, "position": tuple(p), "color": tuple(c)} for p, c in zip(places, colours, strict=True)]
    bench.light(lights(*rows))
    points = random.uniform(-5, 5, (50, 3)) * (1, 0, 1)
    towards = places - points[:, None]
    wanted = (towards[..., 1] / np.linalg.norm(towards, axis=-1) ** 3) @ colours / np.pi
    np.testing.assert_allclose(lit(device, points), wanted, rtol=1e-4)


def test_light_from_below_does_not_reach_the_upper_side(bench: Bench, device: Device) -> None:
    below = [{"kind": SUN, "direction": (0.2, 1, 0)}, {"kind": POINT, "position": (0, -1, 0)}]
    bench.light(lights(*below, {"kind": SPOT, "position": (0, -1, 0), "direction": (0, 1, 0)}))
    assert (lit(device, [(0, 0, 0), (1, 0, 2)]) == 0).all()


def test_a_light_in_the_surface_itself_gives_no_nan(bench: Bench, device: Device) -> None:
    bench.light(lights({"kind": POINT, "position": (0, 0, 0)}, {"kind": SPOT, "position": (0, 0, 0)}))
    assert np.isfinite(lit(device, [(0, 0, 0), (1e-9, 0, 0), (0, 0, 1e-20)])).all()


def test_a_cone_without_soft_edge_is_a_step(bench: Bench, device: Device) -> None:
    spot = {"kind": SPOT, "position": (0, 2, 0), "direction": (0, -1, 0), "inner_angle": 0.5, "outer_angle": 0.5}
    bench.light(lights({**spot, "casts_shadow": False}))
    edge = 2 * np.tan(0.5)
    found = lit(device, [(0, 0, 0), (edge - 0.02, 0, 0), (edge + 0.02, 0, 0)])[:, 0]
    distances = np.hypot(2, edge - 0.02)
    np.testing.assert_allclose(found, [0.25 / np.pi, 2 / distances**3 / np.pi, 0], rtol=1e-4)


@pytest.mark.parametrize("origin", [(0, 0, 0), (1e6, -2e5, 3e6)])
def test_scenes_far_from_the_origin_look_the_same(bench: Bench, device: Device, origin: tuple[float, ...]) -> None:
    def moved(point: ArrayLike) -> Floats:
        return np.add(origin, point)

    def thing(mesh: object, point: ArrayLike) -> Thing:
        return Thing(mesh, compose(moved(point), (0, 0, 0, 1), (1, 1, 1)))  # type: ignore[arg-type]

    bench.light(
        lights(
            {"kind": SUN, "direction": (1, -1, 0), "color": (1, 0, 0)},
            {"kind": SPOT, "position": moved((0, 4, 0)), "direction": (0, -1, 0), "color": (0, 9, 0)},
            {"kind": POINT, "position": moved((1, 2, 1)), "color": (0, 0, 5)},
        ),
        things=[thing(box(), (0, 0.5, 0)), thing(plane((20, 20)), (0, 0, 0))],
        view=camera(moved((3, 3, 3)), moved((0, 0, 0)), size=64),
        size=64,
    )
    found = lit(device, np.array([(-1, 0, 0.2), (0.9, 0, 0.2), (2, 0, 0.2)]), (3, 3, 3))
    sun = np.array([1, 0, 1]) * np.sqrt(0.5)
    blue = [2 * 5 / np.linalg.norm(np.subtract((1, 2, 1), p)) ** 3 for p in ((-1, 0, 0.2), (0.9, 0, 0.2), (2, 0, 0.2))]
    np.testing.assert_allclose(found[:, 0] * np.pi, sun, rtol=1e-4)
    np.testing.assert_allclose(found[:, 2] * np.pi, blue, rtol=1e-4)
    assert (found[:2, 1] > 0).all()


def test_the_same_snapshot_is_lit_once(bench: Bench) -> None:
    shot = bench.light(lights({"kind": SUN}), things=[Thing(box())])

    asked: list[Floats] = []

    def casters(planes: Floats) -> NDArray[np.integer]:
        asked.append(planes)
        return np.zeros(0, np.int64)

    bench.lighting.update(shot, shot.current, bench._draw_list, casters)
    assert asked == []
    bench.lighting.update(replace(shot), shot.current, bench._draw_list, casters)
    assert asked != [], "another shot is lit anew"


def test_pictures_are_kept_by_content_and_only_a_few(device: Device) -> None:
    bench = Bench(device)
    random = np.random.default_rng(6)
    pictures = [random.uniform(0, 1, (32, 64, 3)).astype(np.float32) for _ in range(5)]
    bench.light(None, sky(), picture=pictures[0])
    one = device.used
    bench.light(None, sky(), picture=pictures[0].copy())
    assert device.used == one
    bench.light(None, sky(), picture=pictures[1])
    two = device.used
    for picture in (*pictures, *pictures):
        bench.light(None, sky(), picture=picture)
    assert device.used == two > one
    bench.release()


def test_a_scene_may_have_no_light_at_all(bench: Bench, device: Device) -> None:
    bench.light()
    for what in (DIRECT, AMBIENT, SKY):
        assert (probe(device, what, 3) == 0).all()


def test_updating_picture_then_gradient_forgets_the_picture(bench: Bench, device: Device) -> None:
    bench.light(None, sky(), picture=np.ones((16, 32, 3), np.float32))
    bench.light(None, sky(zenith=(0.5, 0, 0), horizon=(0.5, 0, 0), ground=(0.5, 0, 0)))
    np.testing.assert_allclose(probe(device, AMBIENT, 1, specular=0.0), [(0.5, 0, 0)], atol=1e-5)
