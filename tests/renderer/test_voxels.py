"""Voxels against brute force: which cells hold what, what rays meet, where the cubes lie, and that they forget."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from renderer.voxel_probe import VoxelBench, first_hits, voxelised
from shots import Thing, camera, inside_out, lights, make_shot, unit

from diorama.geometry.mesh import Mesh
from diorama.geometry.primitives import box, plane, sphere, torus
from diorama.gl.device import Device
from diorama.material.pbr import PbrMaterial
from diorama.renderer.voxel_levels import MOST_LEVELS, place_levels
from diorama.renderer.voxels import VoxelQuality
from diorama.scene.shot import RECTANGLE, SUN, CameraState, EnvironmentState, Shot
from diorama.transform import compose, euler_to_quaternion

Floats = NDArray[np.float64]

SIDE, PICTURE = 32, 16
SKY = EnvironmentState(1.0, 0.3, (0.2, 0.4, 1.0), (0.8, 0.8, 0.8), (0.2, 0.1, 0.1))


@pytest.fixture(scope="module")
def voxels(device: Device) -> Iterator[VoxelBench]:
    made = VoxelBench(device, VoxelQuality(side=SIDE))
    yield made
    made.release()


def put(mesh: Mesh, place: ArrayLike, turn: ArrayLike = (0.3, 0.4, 0.5), scale: ArrayLike = (1, 1, 1), *,
        both: bool = False) -> Thing:  # fmt: skip
    return Thing(mesh, compose(place, euler_to_quaternion(turn), scale), PbrMaterial(double_sided=both))


def seen_by(view: CameraState, *things: Thing) -> Shot:
    return make_shot(things, view, size=(PICTURE, PICTURE))


HERE = (0.1, 0.2, -3.0)
SCENES = {
    "ball": [put(sphere(1.0, 24), HERE)],
    "mirrored, stretched ring": [put(torus(0.7, 0.3, 24), HERE, scale=(-1, 1.3, 0.8))],
    "seen from both sides": [put(plane((2, 1.3)), HERE, both=True), put(plane((2, 1.3)), (0.1, 1.0, -3.0))],
    "boxes on a floor that leaves the cube": [
        put(plane((60, 60)), (0.1, -0.2, -3), (0.2, 0.1, 0.3)),
        *(put(box((0.5, 0.5, 0.5)), (0.3 * i, 0.2, -3 - 0.2 * i), (0.3 * i, 0.4, 0.5)) for i in range(5)),
    ],
    "slivers": [put(sphere(1.0, 48), HERE, scale=(1, 0.003, 1))],
}


@pytest.mark.parametrize("name", SCENES)
def test_cells_hold_what_brute_force_says(voxels: VoxelBench, name: str) -> None:
    """At every level, with the camera away from things and among them; rounding decides at 0.002 of a cell."""
    for eye in ((0, 0, 0), (0.05, 0.35, -2.2)):
        voxels.draw(seen_by(camera(eye, (0, 0, -9), size=PICTURE), *SCENES[name]))
        filled = 0
        for number, level in enumerate(voxels.voxels.levels):
            found = voxels.faces(number)
            sure, possible = (voxelised(SCENES[name], level, SIDE, slack) for slack in (-2e-3, 2e-3))
            assert not (sure & ~found).any()
            assert not (found & ~possible).any()
            filled += int(np.unpackbits(found).sum())
        assert filled > 200


ROOM = [
    put(inside_out(box((4, 3, 5))), (0, 0, -3)),
    put(box((1, 1.2, 0.8)), (-0.7, -0.7, -3.5), (0.3, 0.5, 0.1)),
    put(sphere(0.5, 24), (0.6, -0.4, -2.8)),
]


@pytest.mark.parametrize("eye", [(0, 0, 0), (0, 0.2, -2.6)])
@pytest.mark.parametrize("name", ["ball", "room"])
def test_rays_meet_what_triangles_say(device: Device, name: str, eye: tuple[float, ...]) -> None:
    """Hit or miss agrees for 99 of 100, and 97 of 100 hits lie within a cell; cracks along edges are what is left."""
    things, random = ROOM if name == "room" else SCENES["ball"], np.random.default_rng(3)
    bench = VoxelBench(device, VoxelQuality(side=64))
    bench.draw(seen_by(camera(eye, (0, 0, -9), size=PICTURE), *things))
    start = np.add((0, 0.7, -2.4), random.uniform(-0.3, 0.3, (3000, 3)))
    if name == "ball":
        start = np.add(HERE, unit(random.normal(size=(3000, 3))) * random.uniform(1.15, 1.5, (3000, 1)))
    along = unit(random.normal(size=(3000, 3)))
    (found, _), wanted = bench.trace(start, along), first_hits(things, start, along)
    cell, hit = bench.voxels.levels[-1][3], np.isfinite(wanted)
    bench.release()
    assert hit.mean() > 0.05 and (name == "ball") == (hit.mean() < 1)
    assert (np.isfinite(found) == hit).mean() > 0.99
    both = hit & np.isfinite(found)
    off = np.abs(found[both] - wanted[both])
    assert (off < cell).mean() > 0.97
    assert np.median(off) < 0.05 * cell


def test_rays_end_where_they_are_told_to(voxels: VoxelBench) -> None:
    """And nothing is met by those that start outside all cubes."""
    boxes = [put(box((1, 1, 1)), (0, 0, z), (0, 0, 0)) for z in (-3, 3)]
    voxels.draw(seen_by(camera((0, 5, 0), (0, 0, -9), size=PICTURE), *boxes))
    for start, reach, wanted in ((-1, 1.4, np.inf), (-1, 1.6, 1.5), (-1, 1e9, 1.5), (40, 1e9, np.inf)):
        far, _ = voxels.trace((0.01, 0.02, start), [(0, 0, -1)], reach)
        assert far[0] == pytest.approx(wanted, rel=1e-4)


def test_backs_of_surfaces_send_no_light_unless_both_sides_are_seen(voxels: VoxelBench) -> None:
    for both, below in ((False, 0.0), (True, 3.0)):
        paint = PbrMaterial(emission=(3, 3, 3), double_sided=both)
        floor = replace(put(plane((2, 2)), (0, 0, -3), (0, 0, 0)), material=paint)
        voxels.draw(seen_by(camera((0, 1, 0), (0, 0, -3), size=PICTURE), floor))
        far, light = voxels.trace([(0.01, 0.9, -3.02), (0.01, -0.9, -3.02)], [(0, -1, 0), (0, 1, 0)])
        np.testing.assert_allclose(light[:, 0], (3.0, below), atol=0.05)
        np.testing.assert_allclose(far[: 1 + both], 0.9, rtol=1e-3)


def test_nothing_in_sight_holds_nothing(voxels: VoxelBench) -> None:
    voxels.draw(seen_by(camera(size=PICTURE), put(sphere(), HERE)))
    voxels.draw(make_shot([], camera(size=PICTURE), size=(PICTURE, PICTURE)))
    assert voxels.voxels.records == 0
    assert np.isinf(voxels.trace((0, 0, 0), [(0, 0, -1), (0, 1, 0)])[0]).all()


@given(st.tuples(*[st.floats(-20, 20)] * 3), st.floats(0.01, 30), st.sampled_from([32, 64, 128]))
def test_cubes_nest_around_the_camera_and_do_not_turn_with_it(eye: tuple[float, ...], size: float, side: int) -> None:
    things = [put(box((size, size, size)), (0, 0, 0), (0, 0, 0)), put(plane((1000, 1000)), (0, 0, 0), (0, 0, 0))]
    placed = []
    for target in ((1, 2, 3), (-3, 1, -2)):
        shot = seen_by(camera(eye, np.add(eye, target)), *things)
        placed.append(place_levels(shot.stage, shot.current, side))
    np.testing.assert_array_equal(placed[0], placed[1])
    levels = placed[0]
    assert 1 <= len(levels) <= MOST_LEVELS
    ratios = levels[1:, 3] / levels[:-1, 3]
    assert (ratios == np.round(ratios)).all() and (ratios > 1).all()
    steps = 4 * np.log2(levels[:, 3])
    np.testing.assert_allclose(steps, np.round(steps), atol=1e-9)
    blocks = levels[:, :3] / (8 * levels[:, 3:])
    np.testing.assert_allclose(blocks, np.round(blocks), atol=1e-6)
    low, high = levels[:, :3], levels[:, :3] + side * levels[:, 3:]
    assert (low[-1] <= -size / 2 + 1e-9).all() and (high[-1] >= size / 2 - 1e-9).all(), "things lie in the coarsest"
    assert (low[:-1] <= eye).all() and (high[:-1] >= eye).all(), "the camera lies in all finer ones"


def test_small_motions_leave_the_cubes_where_they_are(voxels: VoxelBench) -> None:
    found = set()
    for step in np.linspace(0, 1, 60):
        shot = seen_by(camera((step, 0.3, 0), (0, 0, -9)), put(sphere(), (0.05 * step, 0, -2)), put(box(), (0, 0, -4)))
        found.add(place_levels(shot.stage, shot.current, SIDE)[-1].tobytes())
    assert len(found) <= 2


def lively(number: int, *, moves: bool, travels: bool) -> Shot:
    """A frame of a clip with a sun, a lamp, a mirror and a sky, in which a ball moves or the camera travels."""
    off, way = 0.13 * number * moves, 0.0713 * number * travels
    things = [
        put(plane((6, 6)), (0, -1, -4), (0, 0.3, 0)),
        replace(put(sphere(0.6, 24), (0.5 + off, -0.3, -4)), material=PbrMaterial(metallic=1.0, roughness=0.2)),
        put(box((0.7, 0.9, 0.8)), (-0.8, -0.4, -3.7), (0, 0.5, 0)),
    ]
    lamp = {"kind": RECTANGLE, "position": (0, 2, -4), "size": (0.4, 0.4), "color": (5, 5, 5)}
    shining = lights({"kind": SUN, "direction": (-0.5, -1, -0.3)}, lamp)
    view = camera((way, 0.3 + 0.4 * way, way), (0, -0.3, -4), size=48)
    return make_shot(things, view, size=(48, 48), light=shining, environment=SKY, frame=number)


def clip(device: Device, **motion: bool) -> Iterator[tuple[bool, bool]]:
    """Whether each frame's picture and voxels, drawn one after another, are those of a renderer of its own."""
    kept, stage = VoxelBench(device, VoxelQuality(side=SIDE)), lively(0, **motion).stage
    for number in range(4):
        shot, alone = replace(lively(number, **motion), stage=stage), VoxelBench(device, VoxelQuality(side=SIDE))
        pictures = [bench.draw(shot).tobytes() for bench in (kept, alone)]
        yield pictures[0] == pictures[1], kept.light() == alone.light()
        alone.release()
    kept.release()


def test_a_thing_that_moves_leaves_nothing_behind(device: Device) -> None:
    assert list(clip(device, moves=True, travels=False)) == [(True, True)] * 4
    assert list(clip(device, moves=True, travels=True)) == [(True, True)] * 4


def test_a_scene_that_stands_still_is_that_of_a_fresh_renderer(device: Device) -> None:
    assert list(clip(device, moves=False, travels=False)) == [(True, True)] * 4


def test_what_is_kept_while_the_camera_travels_is_what_would_be_made_again(device: Device) -> None:
    assert list(clip(device, moves=False, travels=True)) == [(True, True)] * 4


def test_the_same_scene_gives_the_same_voxels_however_it_was_come_by(voxels: VoxelBench) -> None:
    first = lively(1, moves=True, travels=True)
    picture, light = voxels.draw(first).tobytes(), voxels.light()
    for other in (lively(3, moves=True, travels=False), seen_by(camera(size=PICTURE), *SCENES["ball"])):
        voxels.draw(other)
        assert voxels.light() != light
        assert (voxels.draw(first).tobytes(), voxels.light()) == (picture, light)


@pytest.mark.parametrize("origin", [(0, 0, 0), (1e5, -2e4, 3e5)])
def test_far_from_the_origin_rays_meet_the_same(voxels: VoxelBench, origin: tuple[float, ...]) -> None:
    """What lies there is as exact as near the origin: everything is relative to the camera."""
    moved = [replace(thing, transform=compose(origin, (0, 0, 0, 1), (1, 1, 1)) @ thing.matrix("current"))
             for thing in SCENES["ball"]]  # fmt: skip
    voxels.draw(seen_by(camera(origin, np.add(origin, (0, 0, -9)), size=PICTURE), *moved))
    random = np.random.default_rng(8)
    start = np.add(np.add(origin, HERE), unit(random.normal(size=(800, 3))) * 1.3)
    along = unit(random.normal(size=(800, 3)) * 0.5 + np.add(origin, HERE) - start)
    (found, _), wanted = voxels.trace(start, along), first_hits(moved, start, along)
    assert (np.isfinite(found) == np.isfinite(wanted)).mean() > 0.97
    both = np.isfinite(found) & np.isfinite(wanted)
    assert both.mean() > 0.5
    assert np.quantile(np.abs(found[both] - wanted[both]), 0.99) < voxels.voxels.levels[-1][3]
