"""A scene at a time, and the shot of it at a frame or between: pure functions of scene, seed and time."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np

from diorama.errors import OptionError, expected
from diorama.scene.compile import Compiled, compile_scene
from diorama.scene.graph import Scene
from diorama.scene.lens_points import seen_through
from diorama.scene.shot import InstanceBatch, Shot, Snapshot

_READY: WeakKeyDictionary[Scene, tuple[int, Compiled]] = WeakKeyDictionary()
"""The compiled form of each living scene, with the version that it was made from."""

_MIDWAY = 1e-6
"""In frames, far more than rounding makes of a time: midway between two frames by so little is midway."""


def compiled(scene: Scene) -> Compiled:
    """Return ``scene`` as arrays, compiled when first asked for and again after it has changed."""
    version, ready = _READY.get(scene, (-1, None))
    if ready is None or version != scene.version:
        ready = compile_scene(scene)
        _READY[scene] = (scene.version, ready)
    return ready


def snapshot(scene: Compiled, time: float) -> Snapshot:
    """Return the world at ``time`` in seconds."""
    world = scene.hierarchy.world(time)
    drawn = scene.drawn
    return Snapshot(
        time=time,
        nodes=world[: scene.node_count],
        instances=InstanceBatch(world[drawn.node], drawn.mesh, drawn.material, drawn.label, drawn.node),
        materials=scene.materials.sample(time),
        lights=scene.sky.with_sun(scene.lights.sample(world, time), time),
        camera=scene.lens.sample(world, time),
        environment=scene.sky.sample(time),
        fog=scene.air.sample(time),
    )


def nearest_frame(moment: float) -> int:
    """Return the number of the frame nearest to ``moment``, counted in frames; midway, the later one.

    round() would give every other even number for steps between frames.
    """
    return int(np.floor(moment + 0.5 + _MIDWAY))


def shot(scene: Scene, frame: int, samples: int = 1, *, lens: bool = True) -> Shot:
    """Return what frame ``frame`` (from 0) needs; an open shutter is seen at ``samples`` times.

    Frame n is at n / fps. The samples have equal weights and lie in the middle of equal parts of
    the time for which the shutter, centred on the frame, is open. An open lens is seen from some
    places for every sample, unless that is one, or ``lens`` says to leave it open.
    """
    ready = compiled(scene)
    if not 0 <= frame < ready.frame_count:
        raise OptionError(expected(f"a frame from 0 to {ready.frame_count - 1}", frame), place="frame")
    return _shot(ready, frame, samples, lens)


def shot_at(scene: Scene, time: float, samples: int = 1) -> Shot:
    """Return the shot at ``time`` in seconds; at the time of a frame it is that frame's.

    ``time`` lies in the clip or at most a frame's time before it. The shot's neighbours lie one
    frame's time before and after it, its number is that of the nearest frame.
    """
    ready = compiled(scene)
    start, end = -1.0 / ready.fps, ready.frame_count / ready.fps
    if not start <= time <= end:
        raise OptionError(expected(f"a time from {start:g} to {end:g} seconds", time), place="time")
    nearest = nearest_frame(time * ready.fps)
    return _shot(ready, nearest if nearest / ready.fps == time else time * ready.fps, samples)


def _shot(ready: Compiled, moment: float, samples: int, lens: bool = True) -> Shot:
    """Return the shot at ``moment``, counted in frames."""
    if samples < 1:
        raise OptionError(expected("at least 1", samples), place="samples")
    previous, current, following = (snapshot(ready, n / ready.fps) for n in (moment - 1, moment, moment + 1))
    shutter = [current]
    if ready.shutter > 0.0 and samples > 1:
        offsets = ((np.arange(samples) + 0.5) / samples - 0.5) * ready.shutter
        shutter = [snapshot(ready, (moment + float(offset)) / ready.fps) if offset else current for offset in offsets]
    spread = lens and samples > 1 and any(one.camera.aperture for one in shutter)
    if spread:
        times = shutter if len(shutter) > 1 else shutter * samples
        shutter = list(seen_through(times, ready.stage.seed, nearest_frame(moment)))
    width, height = ready.size
    return Shot(
        frame=nearest_frame(moment),
        time=current.time,
        width=width,
        height=height,
        stage=ready.stage,
        previous=previous,
        current=current,
        next=following,
        shutter=tuple((1.0 / len(shutter), one) for one in shutter),
        energy=ready.energy,
        exposure=ready.exposure.sample(current.time),
        spread=spread,
    )
