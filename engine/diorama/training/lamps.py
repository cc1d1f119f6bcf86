"""How scenes are lit: every lighting adds lights to a scene and sets its environment."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from diorama.scene.graph import Scene
from diorama.scene.schema import Environment, Gradient, Keys, Point, Spot, Sun

Lighting: TypeAlias = Callable[[Scene, Generator, float], None]
"""Lights a scene for a clip of so many seconds."""

_Vec = tuple[float, float, float]


def noon(scene: Scene, random: Generator, seconds: float) -> None:
    """Put a high sun into a blue sky."""
    scene.add(
        Sun(direction=_downward(random, 35, 75), illuminance=_uniform(random, 2, 4.5), color=_tint(random)), name="sun"
    )
    _sky(scene, random, _uniform(random, 0.5, 1.0))


def overcast(scene: Scene, random: Generator, seconds: float) -> None:
    """Leave all to the sky."""
    _sky(scene, random, _uniform(random, 0.9, 1.6))


def stage(scene: Scene, random: Generator, seconds: float) -> None:
    """Aim one to three spots at the middle from above, under a dim sky."""
    for number in range(int(random.integers(1, 4))):
        angle, height = random.uniform(0, 2 * np.pi), random.uniform(2.5, 4)
        position = (float(3 * np.sin(angle)), float(height), float(3 * np.cos(angle)))
        outer = _uniform(random, 25, 45)
        spot = Spot(
            position=position,
            look_at=(_uniform(random, -0.5, 0.5), 0.3, _uniform(random, -0.5, 0.5)),
            intensity=_uniform(random, 12, 40),
            color=_tint(random),
            inner_angle=outer * _uniform(random, 0.5, 0.95),
            outer_angle=outer,
        )
        scene.add(spot, name=f"spot_{number}")
    _sky(scene, random, _uniform(random, 0.2, 0.7))


def sweep(scene: Scene, random: Generator, seconds: float) -> None:
    """Move a sun or a spot, so that shadows travel over what stands still."""
    if random.random() < 0.5:
        x, y, z = _downward(random, 30, 70)
        turned = (x + _uniform(random, -0.15, 0.15), y, z + _uniform(random, -0.15, 0.15))
        sun = Sun(
            direction=Keys({0: (x, y, z), seconds: turned}), illuminance=_uniform(random, 2, 4.5), color=_tint(random)
        )
        scene.add(sun, name="sun")
    else:
        start = (_uniform(random, -2, 2), 3.2, _uniform(random, 0, 2))
        goal = (start[0] + _uniform(random, -0.5, 0.5), 3.2, start[2])
        spot = Spot(position=Keys({0: start, seconds: goal}), look_at=(0, 0.3, 0), intensity=35, outer_angle=40)
        scene.add(spot, name="spot")
    _sky(scene, random, _uniform(random, 0.4, 1.0))


def evening(scene: Scene, random: Generator, seconds: float) -> None:
    """Put a low, warm sun opposite a violet sky: long shadows."""
    sun = Sun(direction=_downward(random, 12, 28), illuminance=_uniform(random, 2.5, 5), color=(1, 0.72, 0.45))
    scene.add(sun, name="sun")
    gradient = Gradient(zenith=(0.25, 0.3, 0.6), horizon=(0.9, 0.6, 0.45), ground=(0.25, 0.18, 0.15))
    scene.environment = Environment(gradient=gradient, intensity=_uniform(random, 0.5, 0.9))


def uniform(scene: Scene, random: Generator, seconds: float) -> None:
    """Surround everything with one colour, as a light tent does."""
    scene.environment = Environment(color=_tint(random), intensity=_uniform(random, 0.6, 1.2))


def lanterns(scene: Scene, random: Generator, seconds: float) -> None:
    """Hang warm points, one of them swinging, and one spot among them under a night sky."""
    for number in range(int(random.integers(2, 5))):
        x, y, z = _uniform(random, -2, 2), _uniform(random, 1.2, 2.5), _uniform(random, -1, 2)
        position: _Vec | Keys = (x, y, z)
        if number == 0:
            position = Keys({0: (x, y, z), seconds / 2: (x + 0.3, y + 0.05, z), seconds: (x, y, z)})
        point = Point(position=position, intensity=_uniform(random, 1, 4), color=(1, 0.8, 0.55))
        scene.add(point, name=f"lantern_{number}")
    scene.add(
        Spot(position=(1, 3.5, 2), look_at=(0, 0, 0), intensity=_uniform(random, 10, 25), outer_angle=35), name="spot"
    )
    gradient = Gradient(zenith=(0.3, 0.4, 0.8), horizon=(0.35, 0.4, 0.6), ground=(0.15, 0.15, 0.2))
    scene.environment = Environment(gradient=gradient, intensity=_uniform(random, 0.4, 0.8))


def _sky(scene: Scene, random: Generator, intensity: float) -> None:
    zenith = np.array([0.35, 0.55, 1.0]) * random.uniform(0.6, 1.2) + random.uniform(-0.1, 0.1, 3)
    horizon = np.array([0.9, 0.9, 0.95]) + random.uniform(-0.25, 0.05, 3)
    ground = np.array([0.35, 0.3, 0.25]) + random.uniform(-0.15, 0.15, 3)
    colors = [(float(r), float(g), float(b)) for r, g, b in (zenith, horizon, ground)]
    gradient = Gradient(zenith=colors[0], horizon=colors[1], ground=colors[2])
    scene.environment = Environment(gradient=gradient, intensity=intensity)


def _downward(random: Generator, lowest: float, highest: float) -> _Vec:
    """Return the way light travels from a sun between two heights in degrees."""
    height, around = np.radians(random.uniform(lowest, highest)), random.uniform(0, 2 * np.pi)
    level = np.cos(height)
    return float(level * np.sin(around)), float(-np.sin(height)), float(level * np.cos(around))


def _tint(random: Generator) -> _Vec:
    red, green, blue = 1.0 - random.uniform(0, 0.3, 3) * random.random()
    return float(red), float(green), float(blue)


def _uniform(random: Generator, low: float, high: float) -> float:
    return float(random.uniform(low, high))
