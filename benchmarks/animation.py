"""How long it takes to sample 10,000 animated nodes at one time: ``python benchmarks/animation.py``."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from diorama.scene.graph import Scene
from diorama.scene.sample import compiled, snapshot
from diorama.scene.schema import Box, Camera

EASES = ("linear", "in_out_cubic", "out_bounce", "in_out_sine")


def build(count: int, channels: tuple[str, ...], random: np.random.Generator) -> Scene:
    """Return a scene of ``count`` boxes in families of one parent and nine children, each with 6 keys a channel."""
    scene = Scene(frames=120)
    scene.camera = Camera(position=(0, 0, 10))
    parent = None
    for number in range(count):
        node = scene.add(Box(), name=f"n{number}", parent=parent if number % 10 else None)
        parent = node if number % 10 == 0 else parent
        for channel in channels:
            times = np.cumsum(random.uniform(0.2, 1.0, 6)).tolist()
            values = random.uniform(0.5, 2.0, (6, 3)).tolist()
            node.keys(channel, dict(zip(times, values, strict=True)), ease=EASES[number % 4])
    return scene


def seconds(work: Callable[[float], object], repeats: int) -> tuple[float, float]:
    """Return the least and the median time of a call."""
    spent = []
    for number in range(repeats):
        start = time.perf_counter()
        work(number * 5.0 / repeats)
        spent.append(time.perf_counter() - start)
    return min(spent), float(np.median(spent))


def main() -> None:
    """Print milliseconds for several mixes of channels."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--nodes", type=int, default=10_000)
    options.add_argument("--repeats", type=int, default=60)
    given = options.parse_args()
    print(f"{given.nodes} animated nodes, milliseconds: least / median")
    for channels in (("position",), ("position", "rotation"), ("position", "rotation", "scale")):
        random = np.random.default_rng(0)
        start = time.perf_counter()
        scene = build(given.nodes, channels, random)
        built = time.perf_counter() - start
        ready = compiled(scene)
        prepared = time.perf_counter() - start - built
        transforms = seconds(ready.hierarchy.world, given.repeats)
        whole = seconds(lambda when, ready=ready: snapshot(ready, when), given.repeats)  # type: ignore[misc]
        print(
            f"{' + '.join(channels):28}  world matrices {transforms[0] * 1e3:5.2f} / {transforms[1] * 1e3:5.2f}"
            f"   whole snapshot {whole[0] * 1e3:5.2f} / {whole[1] * 1e3:5.2f}"
            f"   (built in {built:.1f} s, compiled in {prepared:.1f} s)"
        )


if __name__ == "__main__":
    main()
