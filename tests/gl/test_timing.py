"""The stopwatch and the device that it belongs to: what counts, for whom, and that nothing else changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import accumulate

import numpy as np
import pytest
from shots import Thing, camera, lights, make_shot

from diorama.frame import Frame
from diorama.geometry.primitives import box
from diorama.gl.device import Device
from diorama.gl.timing import Stopwatch, TimedDevice
from diorama.renderer.renderer import PRESETS, Preset, Renderer
from diorama.renderer.voxels import VoxelQuality

PASSES = ("color", "alpha", "depth", "instance", "flow_forward", "occlusion_forward")
SMALL_HIGH = replace(PRESETS["high"], voxels=VoxelQuality(side=16, bounces=4))


def ticking(*steps: float) -> Stopwatch:
    """A stopwatch whose clock moves on by the next of ``steps`` whenever it is read."""
    times: Iterator[float] = accumulate(steps)
    return Stopwatch(lambda: next(times))


def test_time_in_an_inner_part_is_not_the_outers() -> None:
    watch = ticking(5, 1, 10, 2, 20, 100)
    with watch.during("outer"):
        with watch.during("inner"):
            pass
        with watch.during("inner"):
            pass
    assert {name: (part.calls, part.seconds) for name, part in watch.spent.items()} == {
        "inner": (2, 30),
        "outer": (1, 1 + 2 + 100),
    }


def test_what_is_added_takes_its_span_from_the_part_around_it_and_from_no_other() -> None:
    watch = ticking(0, 10, 7, 40)
    with watch.during("frame"), watch.during("draw"):
        watch.add("shade", seconds=4, span=6)
    assert watch.spent["shade"].seconds == 4
    assert watch.spent["draw"].seconds == 7 - 6
    assert watch.spent["frame"].seconds == 10 + 40


def drawn(device: Device, preset: str | Preset) -> list[Frame]:
    light = lights({"kind": 0, "color": (3, 3, 3), "direction": (-1, -2, -1)})
    things = [Thing(box((1, 1, 1)), np.eye(4)), Thing(box((9, 0.1, 9)), np.eye(4))]
    shot = make_shot(things, camera((1, 2, 4), (0, 0, 0)), size=(40, 24), light=light)
    later = replace(shot, frame=2, current=replace(shot.current, camera=camera((1, 2, 3), (0, 0, 0))))
    frames = []
    with Renderer(device, preset) as renderer:
        for taken in (shot, later):
            with renderer.draw(taken, PASSES) as on_gpu:
                frames.append(renderer.read(on_gpu))
    return frames


@pytest.mark.parametrize("preset", ["draft", "standard", SMALL_HIGH], ids=["draft", "standard", "high"])
@pytest.mark.parametrize("queries", [False, True], ids=["cpu", "gpu"])
def test_timing_changes_no_byte(device: Device, preset: str | Preset, queries: bool) -> None:
    with TimedDevice("software") as timed:
        if queries:  # as on a GPU; Mesa's answers mean little, but the calls are those
            timed._query = timed.context.query(time=True)
        ours = drawn(timed, preset)
        spent = timed.stopwatch.spent
    for one, other in zip(ours, drawn(device, preset), strict=True):
        assert one.passes.keys() == other.passes.keys() >= set(PASSES)
        assert all(one[name].tobytes() == other[name].tobytes() for name in PASSES)
        assert one["alpha"].any()
    assert spent["shade"].calls == spent["label"].calls == 2
    assert all(part.calls > 0 and part.seconds >= 0.0 for part in spent.values())
    assert queries or all(part.seconds > 0.0 for part in spent.values())
