"""Procedural textures, as sRGB bytes (64, 64, 3) that repeat seamlessly."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

Pixels: TypeAlias = NDArray[np.uint8]
Pattern: TypeAlias = Callable[[Generator], Pixels]

SIDE = 64
_Y, _X = np.mgrid[0:SIDE, 0:SIDE]


def checker(random: Generator) -> Pixels:
    """Squares in two colours."""
    size = int(random.choice([8, 16, 32]))
    return _blend((_X // size + _Y // size) % 2, random)


def stripes(random: Generator) -> Pixels:
    """Soft bands across or along."""
    waves = int(random.integers(2, 7))
    axis = _X if random.random() < 0.5 else _Y
    return _blend(0.5 + 0.5 * np.sin(2 * np.pi * waves * axis / SIDE), random)


def clouds(random: Generator) -> Pixels:
    """Smooth noise of several sizes."""
    octaves = (gaussian_filter(random.normal(size=(SIDE, SIDE)), blur, mode="wrap") * blur for blur in (1, 2, 4, 8))
    noise = sum(octaves, np.zeros((SIDE, SIDE)))
    low, high = np.quantile(noise, [0.02, 0.98])
    return _blend(np.clip((noise - low) / (high - low), 0.0, 1.0), random)


def bricks(random: Generator) -> Pixels:
    """Rows of stones with joints between them, every stone of its own shade."""
    row = _Y // 16
    column = (_X + 16 * (row % 2)) % SIDE // 32
    joint = (_Y % 16 < 2) | ((_X + 16 * (row % 2)) % 32 < 2)
    shade = random.uniform(0.6, 1.0, (4, 2))[row, column]
    return _blend(np.where(joint, 0.0, shade), random)


def dots(random: Generator) -> Pixels:
    """Round spots in a grid."""
    period = int(random.choice([16, 32]))
    distance = np.hypot(_X % period - period / 2 + 0.5, _Y % period - period / 2 + 0.5)
    return _blend(distance < period * random.uniform(0.2, 0.4), random)


def _blend(amount: NDArray[np.generic], random: Generator) -> Pixels:
    """Return colours between two of which one is at least a little brighter; ``amount`` (64, 64) in 0..1."""
    dark, bright = random.uniform(40, 140, 3), random.uniform(120, 245, 3)
    share = np.asarray(amount, np.float64)[..., None]
    return np.asarray(dark + (bright - dark) * share + 0.5).astype(np.uint8)
