"""Shots: the times they hold, their shutter, and that a frame depends on nothing but its number."""

from __future__ import annotations

import pickle
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.animation.easing import EASE_NAMES
from diorama.errors import OptionError
from diorama.scene.graph import Scene
from diorama.scene.sample import compiled, shot, shot_at, snapshot
from diorama.scene.schema import Box, Camera, Follow, Orbit, Place, Point, Sphere, Spot
from diorama.scene.schema import Node as NodeSpec


def content(value: object) -> object:
    """Turn snapshots and shots into plain values that compare byte for byte."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, tuple):
        return tuple(content(item) for item in value)
    if is_dataclass(value):
        return tuple(content(getattr(value, field.name)) for field in fields(value))
    return value


def busy(seed: int) -> Scene:
    """A scene with a track of every kind, constraints, a damped follower and a scattered group."""
    random = np.random.default_rng(seed)
    scene = Scene(size=(32, 24), fps=24, frames=30, seed=seed, shutter=0.5)
    for name in ("a", "b"):
        node = scene.add(Sphere(), name=name).add(Box(), name="child", position=(1, 0, 0))
        ease = str(random.choice(EASE_NAMES))
        scene[name].keys("position", {0: random.normal(size=3), 0.7: random.normal(size=3)}, ease=ease)
        node.keys("rotation", {0: random.normal(size=4), 0.4: random.normal(size=4)}, extrapolate="pingpong")
        node.keys("material.base_color", {0: (0, 0, 0), 1: (1, 0.5, 0)}, extrapolate="loop")
        scene[name].keys("scale", {0: 1, 0.5: 2, 1: 1}, interpolation="cubic")
    scene.add(Point(), name="lamp", follow=Follow(target="a/child", offset=(0, 1, 0), damping=0.2))
    scene.add(Spot(look_at="lamp", position=(0, 4, 0)), name="spot").keys("light.intensity", {0: 1, 1: 9})
    box = Place(box=((-3, -3, -3), (3, 3, 3)), gap=0.1)
    scene.add(NodeSpec(repeat=3, place=box, children={n: NodeSpec(mesh=Box()) for n in "012"}), name="toys")
    scene.camera = Camera(orbit=Orbit(target="b", radius=5, height=1, speed=40), look_at="a/child")
    return scene


@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 1000), frames=st.lists(st.integers(0, 29), min_size=1, max_size=3))
def test_a_frame_is_the_same_from_a_fresh_scene_and_from_one_sampled_in_any_order(seed: int, frames: list[int]) -> None:
    used = busy(seed)
    for frame in frames:
        assert content(shot(used, frame, 3)) == content(shot(busy(seed), frame, 3))


def test_snapshots_are_not_changed_by_later_ones() -> None:
    scene = busy(1)
    first = shot(scene, 3)
    before = pickle.dumps(content(first))
    shot(scene, 20, 5)
    assert pickle.dumps(content(first)) == before


def test_neighbours_are_one_frame_away() -> None:
    scene = Scene(fps=12, frames=24)
    scene.camera = Camera()
    scene.add(Box(), name="box").keys("position", {0: (0, 0, 0), 2: (24, 0, 0)}, extrapolate="linear")
    made = shot(scene, 7)
    assert made.time == pytest.approx(7 / 12)
    around = [one.nodes[0, 0, 3] for one in (made.previous, made.current, made.next)]
    assert around == pytest.approx([6, 7, 8])
    assert shot(scene, 0).previous.nodes[0, 0, 3] == pytest.approx(-1)
    np.testing.assert_array_equal(made.current.instances.transform[0], made.current.nodes[0])
    assert content(shot(scene, 8).previous) == content(made.current)


def test_the_shutter_is_centred_with_equal_weights() -> None:
    scene = Scene(fps=10, frames=10, shutter=0.5)
    scene.camera = Camera()
    assert [weight for weight, _ in shot(scene, 2).shutter] == [1.0]
    assert shot(scene, 2).shutter[0][1] is not None
    made = shot(scene, 2, 4)
    assert [weight for weight, _ in made.shutter] == [0.25] * 4
    times = [one.time for _, one in made.shutter]
    np.testing.assert_allclose(times, 0.2 + 0.1 * 0.5 * np.array([-0.375, -0.125, 0.125, 0.375]))
    middle = shot(scene, 2, 3)
    assert middle.shutter[1][1] is middle.current
    closed = Scene(fps=10, frames=10)
    closed.camera = Camera()
    made = shot(closed, 2, 8)
    assert made.shutter == ((1.0, made.current),)


@pytest.mark.parametrize(
    ("video", "count"),
    [
        ({"fps": 24, "duration": 2}, 48),
        ({"fps": 24, "duration": 0.99}, 24),
        ({"fps": 24, "frames": 7}, 7),
        ({"fps": 29.97, "duration": 1}, 30),
        ({"fps": 1, "duration": 0.2}, 1),
        ({}, 48),
    ],
)
def test_frame_count_is_the_rounded_product(video: dict[str, float], count: int) -> None:
    scene = Scene(**video)
    scene.camera = Camera()
    assert scene.frame_count == count
    shot(scene, count - 1)
    for frame in (count, -1):
        with pytest.raises(OptionError, match=f"frame: expected a frame from 0 to {count - 1}, got {frame}"):
            shot(scene, frame)


def test_slots_keep_their_meaning_over_time() -> None:
    scene = busy(2)
    first, last = shot(scene, 0).current.instances, shot(scene, 29).current.instances
    for name in ("mesh", "material", "label", "node"):
        np.testing.assert_array_equal(getattr(first, name), getattr(last, name))
    stage = compiled(scene).stage
    assert [stage.node_paths[row] for row in first.node] == sorted(stage.node_paths[row] for row in first.node)
    assert [label.path for label in stage.labels] == ["a", "b", "toys/0", "toys/1", "toys/2"]


def test_a_scene_with_nothing_in_it_can_be_shot() -> None:
    scene = Scene()
    scene.camera = Camera()
    made = shot(scene, 0)
    assert (len(made.current.instances), len(made.current.lights), len(made.stage.labels)) == (0, 0, 0)


@settings(deadline=None, max_examples=5)
@given(seed=st.integers(0, 1000), frame=st.integers(0, 29), fps=st.sampled_from([24, 25, 29.97, 49]))
def test_at_the_time_of_a_frame_the_shot_is_that_frames(seed: int, frame: int, fps: float) -> None:
    scene = busy(seed)
    scene.video = scene.video.model_copy(update={"fps": fps})
    assert content(shot_at(scene, frame / fps, 3)) == content(shot(scene, frame, 3))


@pytest.mark.parametrize(("fps", "frame"), [(25, 7), (25, 29), (30000 / 1001, 15), (49, 1)])
def test_rounding_does_not_part_a_frame_from_its_time(fps: float, frame: int) -> None:
    assert frame / fps * fps != frame
    scene = busy(3)
    scene.video = scene.video.model_copy(update={"fps": fps})
    assert content(shot_at(scene, frame / fps)) == content(shot(scene, frame))


def test_between_frames_a_shots_neighbours_lie_a_whole_frame_away_and_its_shutter_is_as_long() -> None:
    scene = busy(5)
    scene.video = scene.video.model_copy(update={"fps": 16, "shutter": 0.5})
    ready = compiled(scene)
    for time in (1 / 64, 2 / 64, 7 / 64, 119 / 64):
        made = shot_at(scene, time, 2)
        seen = (made.previous, made.current, made.next, *(one for _, one in made.shutter))
        for one, offset in zip(seen, (-4, 0, 4, -0.5, 0.5), strict=True):
            assert content(one) == content(snapshot(ready, time + offset / 64))
        assert made.frame == int(np.floor(time * 16 + 0.5))


@pytest.mark.parametrize("fps", [16, 24, 25, 29.97, 49])
def test_midway_between_frames_a_shot_has_the_number_of_the_later(fps: float) -> None:
    """So the numbers of shots a frame apart go up by one, whatever rounding makes of their times."""
    scene = busy(4)
    scene.video = scene.video.model_copy(update={"fps": fps})
    late = 12.5 / fps - 13 / fps
    assert [shot_at(scene, frame / fps + late).frame for frame in range(14)] == list(range(14))
    assert [shot_at(scene, (frame + 0.5) / fps).frame for frame in range(14)] == list(range(1, 15))
    assert [shot_at(scene, (frame + 0.49) / fps).frame for frame in range(14)] == list(range(14))


@pytest.mark.parametrize("time", [-0.05, 1.26, float("nan")])
def test_a_shot_lies_in_the_clip_or_just_before_it(time: float) -> None:
    scene = busy(1)
    with pytest.raises(OptionError, match=r"^time: expected a time from -0\.0416667 to 1\.25 seconds, got "):
        shot_at(scene, time)
    assert shot_at(scene, 1.25).time == 1.25
    assert shot_at(scene, -1 / 24).frame == -1
