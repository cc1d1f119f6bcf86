"""Scenes to learn from and to be judged by, each a pure function of its split, number and seed."""

from __future__ import annotations

import colorsys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.random import Generator
from PIL import Image

from diorama.atomic import atomic_file
from diorama.color import srgb_to_linear
from diorama.rng import generator
from diorama.scene.graph import Scene
from diorama.scene.schema import Material
from diorama.training import movement
from diorama.training.splits import SPLITS, Split

RECIPES_VERSION = 3
"""Counts up whenever the same seed makes another scene."""

FPS = 24.0
_VARIANTS = 4
"""Textures made of each pattern."""


@dataclass(frozen=True)
class Recipe:
    """What a clip is made of: names of a split's generators."""

    split: str
    number: int
    seed: int
    layout: str
    lighting: str
    move: str

    @property
    def name(self) -> str:
        """The recipe in one word, for files and reports."""
        return f"{self.split}-{self.seed}-{self.number:03d}-{self.layout}-{self.lighting}-{self.move}"


def recipe(split: str, number: int, seed: int) -> Recipe:
    """Return recipe ``number`` of a split; layouts and lightings take turns, so that few clips hold all pairs."""
    own = SPLITS[split]
    layouts, lightings, moves = (list(names) for names in (own.layouts, own.lightings, own.moves))
    random = generator(seed, f"{split}/{number}", "recipe")
    return Recipe(
        split,
        number,
        seed,
        layouts[number % len(layouts)],
        lightings[(number // len(layouts) + number % len(layouts)) % len(lightings)],
        moves[int(random.integers(len(moves)))],
    )


def scene_of(chosen: Recipe, textures: Mapping[str, Path], size: tuple[int, int], frames: int) -> Scene:
    """Build the scene of a recipe; ``textures`` come from :func:`write_textures`."""
    split, place = SPLITS[chosen.split], f"{chosen.split}/{chosen.number}"

    def random(purpose: str) -> Generator:
        return generator(chosen.seed, place, purpose)

    scene = Scene(size=size, fps=FPS, frames=frames, seed=int(random("scene").integers(2**31)))
    seconds = (frames - 1) / FPS
    paint = _Paint(random("paint"), textures, split)
    move = movement.for_training(seconds) if chosen.split == "train" else movement.for_judging(seconds)
    found = split.layouts[chosen.layout](scene, random("layout"), paint, move)
    split.lightings[chosen.lighting](scene, random("light"), seconds)
    scene.camera = split.moves[chosen.move](found, random("camera"), seconds)
    return scene


def write_textures(folder: Path) -> dict[str, Path]:
    """Write every pattern of all splits as PNG files where they are missing; return them as ``pattern-variant``."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for split in SPLITS.values():
        for name, pattern in split.patterns.items():
            for variant in range(_VARIANTS):
                path = folder / f"{name}-{variant}.png"
                paths[path.stem] = path
                if not path.is_file():
                    pixels = pattern(generator(variant, name, "texture"))
                    with atomic_file(path, overwrite=True) as temporary:
                        Image.fromarray(pixels).save(temporary)
    return paths


class _Paint:
    """Makes materials: rough and smooth, metal and not, plain and patterned."""

    def __init__(self, random: Generator, textures: Mapping[str, Path], split: Split) -> None:
        self._random, self._textures = random, textures
        self._names = [f"{pattern}-{variant}" for pattern in split.patterns for variant in range(_VARIANTS)]

    def __call__(self) -> Material:
        random = self._random
        metal, patterned = random.random() < 0.2, random.random() < 0.35
        color = colorsys.hsv_to_rgb(random.random(), random.uniform(0, 0.8), random.uniform(0.35, 0.95))
        red, green, blue = srgb_to_linear(np.array([1.0, 1.0, 1.0]) if patterned else np.array(color))
        name = self._names[int(random.integers(len(self._names)))]
        return Material(
            base_color=(float(red), float(green), float(blue)),
            metallic=1.0 if metal else 0.0,
            roughness=float(random.uniform(0.25, 0.6) if metal else random.uniform(0.3, 1.0)),
            base_color_texture=str(self._textures[name]) if patterned else None,
        )
