"""CPU seconds of drawing a frame, of refining it, and of drawing it with more samples instead."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from diorama.gl.device import Device
from diorama.refine.checkpoint import Training
from diorama.refine.export import save_checkpoint
from diorama.refine.guides import GUIDE_PASSES
from diorama.refine.network import RefinerNetwork
from diorama.refine.refiner import Refiner
from diorama.renderer.renderer import Renderer
from diorama.scene.sample import shot
from diorama.scene.shot import Shot
from diorama.training.pairs import INPUT_PRESET
from diorama.training.recipes import recipe, scene_of, write_textures
from diorama.training.reference import jittered_shot

_SIDE, _FRAMES = 256, 6


@dataclass(frozen=True)
class Cost:
    """CPU seconds of one 256 x 256 frame: drawn, what refining it takes more, and drawn with 8x samples."""

    drawn: float
    refined: float
    eight: float


def measure(network: RefinerNetwork, gl: str) -> Cost:
    """Return the CPU seconds of one frame, the least of a few; they count every thread of this process."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        scene = scene_of(recipe("test", 0, 0), write_textures(folder), (_SIDE, _SIDE), _FRAMES)
        shots = [shot(scene, frame) for frame in range(_FRAMES)]
        save_checkpoint(
            folder / "refiner",
            network,
            tier="measured",
            preset=INPUT_PRESET,
            training=Training(seed=0, steps=0, recipes=0),
        )
        with Device(gl) as device, Renderer(device, INPUT_PRESET) as renderer:
            with Refiner(device, folder / "refiner", preset=INPUT_PRESET) as refiner:
                both = _refined(renderer, refiner, shots)
            drawn = _least(lambda taken: _draw(renderer, taken, ("color",)), shots)
            eight = _least(lambda taken: _draw(renderer, jittered_shot(taken, 0, 8), ("color",)), shots)
    return Cost(drawn, both - drawn, eight)


def _refined(renderer: Renderer, refiner: Refiner, shots: list[Shot]) -> float:
    recurrence = refiner.start()
    steps = iter(recurrence.plan(range(len(shots))))

    def work(taken: Shot) -> None:
        with renderer.draw(taken, GUIDE_PASSES) as drawn:
            turn = taken.current.camera.matrix[:3, :3]
            recurrence.take(next(steps), drawn, renderer.read(drawn), rotation=turn, exposure=taken.exposure)

    return _least(work, shots)


def _draw(renderer: Renderer, taken: Shot, passes: tuple[str, ...]) -> None:
    with renderer.draw(taken, passes) as drawn:
        renderer.read(drawn)


def _least(work: Callable[[Shot], None], shots: list[Shot]) -> float:
    """Return the CPU seconds of the cheapest of all frames but the first, which makes things ready."""
    seconds = []
    for taken in shots:
        start = time.process_time()
        work(taken)
        seconds.append(time.process_time() - start)
    return min(seconds[1:])
