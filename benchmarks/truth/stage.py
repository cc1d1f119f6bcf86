"""What the scenes of the benchmark are built from: surfaces, slabs, rooms and lamps whose housing does not count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from diorama import Box, Environment, Gradient, Material, RectangleLight, Scene

Vec3 = tuple[float, float, float]
SIDE = 256
_CHECKS, _CHECK = 8, 64
_HOUSING = 0.02


@dataclass(frozen=True)
class Stand:
    """One scene: ``build`` takes a folder to write textures to and the picture's height in pixels.

    ``effort`` is how many times more samples its reference needs than the others' for like noise.
    """

    build: Callable[[Path, int], Scene]
    effort: int = 1
    frame: int = 0


def matte(red: float, green: float, blue: float) -> Material:
    """Return a surface that only scatters light evenly."""
    return paint((red, green, blue), 1.0, specular=0.0)


def paint(
    color: Vec3,
    roughness: float,
    metallic: float = 0.0,
    *,
    specular: float = 1.0,
    texture: Path | None = None,
) -> Material:
    """Return a dielectric or a metal."""
    return Material(
        base_color=color,
        roughness=roughness,
        metallic=metallic,
        specular=specular,
        base_color_texture=None if texture is None else str(texture),
    )


def checks(folder: Path) -> Path:
    """Write a picture of light and dark squares, which stays a light one on average."""
    y, x = np.indices((_CHECKS * _CHECK, _CHECKS * _CHECK)) // _CHECK
    light, dark = np.array([225, 220, 210], np.uint8), np.array([90, 105, 130], np.uint8)
    path = folder / "checks.png"
    Image.fromarray(np.where(((x + y) % 2 == 0)[..., None], light, dark)).save(path)
    return path


def day() -> Environment:
    """Return a clear day's sky over grey ground."""
    sky = Gradient(zenith=(0.25, 0.45, 0.95), horizon=(0.8, 0.9, 1.0), ground=(0.2, 0.18, 0.15))
    return Environment(gradient=sky)


def slab(scene: Scene, name: str, low: Vec3, high: Vec3, material: Material, *, counts: bool = True) -> None:
    """Add the box between two corners; one that does not count in comparisons has no label."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    centre, size = ((x0 + x1) / 2, (y0 + y1) / 2, (z0 + z1) / 2), (x1 - x0, y1 - y0, z1 - z0)
    instance = None if counts else False
    scene.add(Box(size=size), name=name, position=centre, material=material, instance=instance)


def room(scene: Scene, low: Vec3, high: Vec3, walls: dict[str, Material], thick: float = 0.1) -> None:
    """Add the ``walls`` of a room whose inside lies between two corners.

    They are floor, ceiling, left, right, back and front; those that are not named are left out.
    """
    (x0, y0, z0), (x1, y1, z1) = low, high
    outer = {
        "floor": ((x0 - thick, y0 - thick, z0 - thick), (x1 + thick, y0, z1 + thick)),
        "ceiling": ((x0 - thick, y1, z0 - thick), (x1 + thick, y1 + thick, z1 + thick)),
        "left": ((x0 - thick, y0, z0 - thick), (x0, y1, z1 + thick)),
        "right": ((x1, y0, z0 - thick), (x1 + thick, y1, z1 + thick)),
        "back": ((x0, y0, z0 - thick), (x1, y1, z0)),
        "front": ((x0, y0, z1), (x1, y1, z1 + thick)),
    }
    for name, material in walls.items():
        slab(scene, name, *outer[name], material)


def ceiling_lamp(scene: Scene, centre: Vec3, size: tuple[float, float], luminance: float, color: Vec3) -> None:
    """Add a rectangle that shines down, under a housing.

    Cameras look through lamps, in the reference too. What is seen there, in the lamp's own shadow,
    says nothing of the room's light: the housing has no label and does not count.
    """
    x, y, z = centre
    scene.add(
        RectangleLight(position=(x, y - _HOUSING - 0.002, z), size=size, luminance=luminance, color=color), name="lamp"
    )
    half = size[0] / 2 + 0.06, size[1] / 2 + 0.06
    low, high = (x - half[0], y - _HOUSING, z - half[1]), (x + half[0], y, z + half[1])
    slab(scene, "housing", low, high, matte(0.1, 0.1, 0.1), counts=False)
