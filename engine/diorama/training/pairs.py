"""Pairs to learn from: what the refiner is shown of a clip's frames, and what it should make of them.

Clips are rendered by spawned processes, one clip a file, and are skipped where they lie already.
A file is a numpy archive of half floats (light log-encoded), which loses less than a tenth of a
step of 8 bits; flow stays float32.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import ExitStack
from dataclasses import dataclass, fields, replace
from functools import cache
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from signal import SIG_IGN, SIGINT, signal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.atomic import atomic_file
from diorama.gl.device import Device
from diorama.refine.checkpoint import shader_hash
from diorama.refine.guides import GUIDE_PASSES, encode, guides, motion
from diorama.renderer.renderer import FIRST_FRAME, PRESETS, REFERENCE, SKY_PIECES, Renderer
from diorama.scene.sample import shot
from diorama.scene.shot import Shot
from diorama.training.recipes import RECIPES_VERSION, Recipe, recipe, scene_of, write_textures
from diorama.training.reference import jittered_shot, reference_shot

INPUT_PRESET = "standard"

MORE = replace(PRESETS[INPUT_PRESET], finer=2)
"""The same for shots of four and more jittered snapshots."""


@dataclass(frozen=True)
class Plan:
    """Which clips: so many of a split, by ``seeds``, of ``frames`` square frames of ``side`` pixels.

    Targets have ``samples`` samples a pixel. ``rivals``: also render what the refiner is compared with.
    """

    split: str
    clips: int
    seeds: tuple[int, ...]
    side: int
    frames: int
    samples: int
    rivals: bool = False

    @property
    def recipes(self) -> list[Recipe]:
        """All recipes, seed by seed."""
        return [recipe(self.split, number, seed) for seed in self.seeds for number in range(self.clips)]

    @property
    def folder(self) -> str:
        """The name of a folder for these clips alone: other numbers, recipes, shaders or presets make other files."""
        made_by = shader_hash(), PRESETS, REFERENCE, SKY_PIECES, FIRST_FRAME
        drawn = blake2b(repr(made_by).encode(), digest_size=4).hexdigest()
        return f"{self.split}-v{RECIPES_VERSION}-{self.side}px-{self.frames}f-{self.samples}spp-{drawn}"


@dataclass(frozen=True, eq=False)
class Clip:
    """A clip of T frames, channels first; light is log-encoded.

    ``guides`` (T, 16, H, W), ``target`` (T, 3, H, W), ``flow`` (T, 2, H, W), ``valid`` (T, 1, H, W) 0 or 1. The
    rivals' light, (T, 3, H, W) or None: the ``draft`` preset (edges smoothed by FXAA), and the input's own
    preset with ``four`` and ``eight`` times the samples.
    """

    guides: NDArray[np.float16]
    target: NDArray[np.float16]
    flow: NDArray[np.float32]
    valid: NDArray[np.uint8]
    draft: NDArray[np.float16] | None = None
    four: NDArray[np.float16] | None = None
    eight: NDArray[np.float16] | None = None

    @classmethod
    def load(cls, path: Path) -> Clip:
        """Read a file that :func:`render_pairs` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls(**{name: stored[name] for name in stored.files})

    def save(self, path: Path) -> None:
        """Write the file ``path`` whole or not at all."""
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        with atomic_file(path, overwrite=True) as temporary:
            np.savez(
                temporary, allow_pickle=False, **{name: value for name, value in arrays.items() if value is not None}
            )


def render_pairs(plan: Plan, work: Path, *, processes: int, gl: str = "software") -> Iterator[int]:
    """Render the clips of ``plan`` below ``work`` that are missing; yield how many are there, again and again."""
    folder = work / plan.folder
    folder.mkdir(parents=True, exist_ok=True)
    write_textures(work / "textures")
    missing = [chosen for chosen in plan.recipes if not (folder / f"{chosen.name}.npz").is_file()]
    done = len(plan.recipes) - len(missing)
    yield done
    if not missing:
        return
    pool = ProcessPoolExecutor(min(processes, len(missing)), get_context("spawn"), _start)
    try:
        for job in as_completed([pool.submit(_render, plan, chosen, work, gl) for chosen in missing]):
            job.result()
            done += 1
            yield done
    finally:
        # After an error or Ctrl-C there are clips that nobody waits for.
        pool.shutdown(wait=done == len(plan.recipes), cancel_futures=True)


def _start() -> None:
    """Make a process ready to render: it draws with one thread, since there are many, and its parent ends it."""
    os.environ["LP_NUM_THREADS"] = "1"
    signal(SIGINT, SIG_IGN)


def load_pairs(plan: Plan, work: Path) -> list[Clip]:
    """Return the clips of ``plan`` in the order of its recipes."""
    return [Clip.load(work / plan.folder / f"{chosen.name}.npz") for chosen in plan.recipes]


def _render(plan: Plan, chosen: Recipe, work: Path, gl: str) -> None:
    bench = _bench(gl)
    scene = scene_of(chosen, write_textures(work / "textures"), (plan.side, plan.side), plan.frames)
    shots = [shot(scene, frame) for frame in range(plan.frames)]
    clip = bench.clip(shots, scene.seed, plan.samples, rivals=plan.rivals)
    clip.save(work / plan.folder / f"{chosen.name}.npz")


@cache
def _bench(gl: str) -> Bench:
    """Return this process's renderers."""
    return Bench(gl)


class Bench:
    """One device with a renderer for each kind of picture, kept for many clips."""

    def __init__(self, gl: str) -> None:
        self._owned = ExitStack()
        device = self._owned.enter_context(Device(gl))
        self._input, self._draft, self._more, self._reference = (
            self._owned.enter_context(Renderer(device, preset)) for preset in (INPUT_PRESET, "draft", MORE, REFERENCE)
        )

    def clip(self, shots: Sequence[Shot], seed: int, samples: int, *, rivals: bool) -> Clip:
        """Render one clip."""
        frames = [self._frame(taken, seed, samples, rivals=rivals) for taken in shots]
        return Clip(**{name: np.stack([frame[name] for frame in frames]) for name in frames[0]})

    def release(self) -> None:
        """Give the device back."""
        self._owned.close()

    def _frame(self, taken: Shot, seed: int, samples: int, *, rivals: bool) -> dict[str, NDArray[Any]]:
        with self._input.draw(taken, GUIDE_PASSES) as drawn:
            frame = self._input.read(drawn)
        flow, valid = motion(frame)
        made: dict[str, NDArray[Any]] = {
            "guides": guides(frame, rotation=taken.current.camera.matrix[:3, :3], exposure=taken.exposure).astype(
                np.float16
            ),
            "target": self._light(self._reference, reference_shot(taken, seed, samples)),
            "flow": flow,
            "valid": valid.astype(np.uint8),
        }
        if rivals:
            made["draft"] = self._light(self._draft, taken)
            made["four"] = self._light(self._more, jittered_shot(taken, seed, 4))
            made["eight"] = self._light(self._more, jittered_shot(taken, seed, 8))
        return made

    def _light(self, renderer: Renderer, taken: Shot) -> NDArray[np.float16]:
        with renderer.draw(taken, ("color",)) as drawn:
            color = renderer.read(drawn)["color"]
        return np.moveaxis(encode(color * np.float32(taken.exposure)), 2, 0).astype(np.float16)
