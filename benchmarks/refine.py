"""Milliseconds a frame of refining, by its parts: warp, guides, network, memory, decoding, gate.

    python benchmarks/refine.py [--sizes 256x256,960x540] [--frames 8] [--gl software] [--checkpoint DIR]

The scene is hello's with a camera that circles, so that every pixel is carried along. Beside the
compute shader stands torch's warp, which does the same. Without a checkpoint, shipped or named,
one with random weights is made (extra ``torch``), which costs the same. CPU is user + system of
all threads, less touched by what else the machine does than wall time.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from diorama import Camera, Scene, load_scene
from diorama.frame import Frame
from diorama.gl.device import Device
from diorama.refine import guides
from diorama.refine.checkpoint import default_checkpoint
from diorama.refine.gate import examine
from diorama.refine.guides import Floats
from diorama.refine.refiner import Refiner
from diorama.refine.reproject import Memory
from diorama.refine.session import StepInput
from diorama.renderer.renderer import Renderer
from diorama.resources import scenes
from diorama.scene.sample import shot

Result = TypeVar("Result")
HAS_TORCH = find_spec("torch") is not None


class Clock:
    """Collects what each named piece of work takes, frame by frame."""

    def __init__(self) -> None:
        self._taken: dict[str, list[tuple[float, float]]] = {}

    def run(self, name: str, work: Callable[..., Result], *values: Any, **options: Any) -> Result:
        """Call ``work``; note its wall and its CPU time."""
        wall, cpu = time.perf_counter(), time.process_time()
        result = work(*values, **options)
        self._taken.setdefault(name, []).append((time.perf_counter() - wall, time.process_time() - cpu))
        return result

    def show(self) -> None:
        """Print the median of each piece."""
        for name, taken in self._taken.items():
            wall, cpu = (1e3 * statistics.median(column) for column in zip(*taken, strict=True))
            print(f"    {name:36s} CPU {cpu:7.2f} ms   wall {wall:7.2f} ms", flush=True)


def clip(width: int, height: int) -> Scene:
    """Return hello with a camera that circles."""
    scene = load_scene(scenes() / "hello.yaml", overrides={"video.size": [width, height]})
    scene.camera = Camera(position={"keys": {0: (3, 2, 4), 2: (4, 2, 3)}}, look_at=(0, 1, 0), fov=40)
    return scene


def random_checkpoint(folder: Path) -> Path:
    """Write a checkpoint of the tiny network as it is before training."""
    from diorama.refine.checkpoint import Training
    from diorama.refine.export import save_checkpoint
    from diorama.refine.network import RefinerNetwork

    training = Training(seed=0, steps=0, recipes=0)
    save_checkpoint(folder / "tiny", RefinerNetwork(), tier="tiny", preset="standard", training=training)
    return folder / "tiny"


def measure(device: Device, folder: Path, width: int, height: int, frames: int) -> Clock:
    """Refine the first frames of the clip; the first of all is not counted."""
    scene, clock = clip(width, height), Clock()
    with Renderer(device) as renderer, Refiner(device, folder, preset="standard") as refiner:
        memory = blank(width, height, refiner.hidden)
        for number in range(frames + 1):
            parts = clock if number else Clock()
            taken = shot(scene, number)
            with renderer.draw(taken, guides.GUIDE_PASSES) as drawn:
                frame = renderer.read(drawn)
                carried = parts.run("warp (compute shader)", refiner.reprojection.carry, drawn, memory)
            rotation = taken.current.camera.matrix[:3, :3]
            values = parts.run("guides (numpy)", given, frame, carried, rotation=rotation, exposure=taken.exposure)
            output, hidden = parts.run("network (ONNX Runtime, 1 thread)", refiner.session.step, values)
            color, edge = (values.guides[guides.GUIDE_PLACES[name]] for name in ("color", "edge"))
            memory = parts.run("memory laid out", Memory.of, output - color, hidden, edge)
            parts.run("decoding", guides.decode, output)
            parts.run("label gate", gate, values.guides, output, frame)
            if HAS_TORCH:
                compare(parts, frame, memory)
    return clock


def given(frame: Frame, carried: tuple[Floats, Floats, Floats], *, rotation: Floats, exposure: float) -> StepInput:
    """Return the network's input."""
    planes = guides.padded(guides.guides(frame, rotation=rotation, exposure=exposure))
    change, hidden, kept = carried
    return StepInput(planes, change, guides.padded(guides.motion(frame)[1]) * kept, hidden)


def blank(width: int, height: int, hidden: int) -> Memory:
    """Return the memory of a black picture."""
    wide, high = width + -width % guides.MULTIPLE, height + -height % guides.MULTIPLE
    change, edge = np.zeros((3, high, wide), np.float32), np.zeros((1, high, wide), np.float32)
    return Memory.of(change, np.zeros((hidden, high // 2, wide // 2), np.float32), edge)


def gate(planes: Floats, output: Floats, frame: Frame) -> None:
    """Look at the picture without its padding."""
    height, width = frame["instance"].shape
    drawn = [planes[guides.GUIDE_PLACES[name], :height, :width] for name in ("color", "shadowed")]
    examine(drawn, output[:, :height, :width], frame["instance"])


def compare(clock: Clock, frame: Frame, memory: Memory) -> None:
    """Time what the compute shader replaces."""
    import torch

    from diorama.refine.warp import reproject

    flow, _ = guides.motion(frame)
    height, width = flow.shape[1:]
    previous = np.moveaxis(memory.change[:height, :width, :3], 2, 0)
    hidden = np.moveaxis(memory.hidden, 3, 1).reshape(-1, *memory.hidden.shape[1:3])
    hidden = hidden[:, : (height + 1) // 2, : (width + 1) // 2]
    edge = guides.instance_edge(frame["instance"])[None]
    change, state, along, now = (
        torch.from_numpy(np.ascontiguousarray(values)[None]) for values in (previous, hidden, flow, edge)
    )
    clock.run("  for comparison: warp, torch", reproject, change, state, along, (now, now))


def main() -> None:
    """Print the parts for each size."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="256x256,960x540")
    parser.add_argument("--frames", type=int, default=8)
    parser.add_argument("--gl", default="software")
    parser.add_argument("--checkpoint", type=Path, default=default_checkpoint())
    options = parser.parse_args()
    if HAS_TORCH:
        import torch

        torch.set_num_threads(1)
    with ExitStack() as stack:
        device = stack.enter_context(Device(options.gl))
        temporary = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = options.checkpoint or random_checkpoint(temporary)
        print(f"{device.info.renderer}; {folder.name}, weights {'given' if options.checkpoint else 'random'}")
        for size in options.sizes.split(","):
            width, height = (int(side) for side in size.split("x"))
            print(size)
            measure(device, folder, width, height, options.frames).show()


if __name__ == "__main__":
    main()
