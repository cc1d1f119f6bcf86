"""The places of an open lens that a frame is seen from: pinholes, each with a place of its own inside the pixel.

What a thin lens shows is the mean of what pinholes on it show, each with its picture moved so that
the plane of focus stays where it is (Potmesil and Chakravarty, "A lens and aperture camera model",
1981; Haeberli and Akeley, "The accumulation buffer", 1990).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diorama.rng import generator
from diorama.scene.shot import CameraState, Snapshot

Floats = NDArray[np.float64]

LENS_POINTS = 4
"""How many places of the lens each of a frame's times is seen from."""

_GOLDEN = np.pi * (3.0 - np.sqrt(5.0))
"""The angle in radians between neighbours of a spiral that fills a disc evenly (Vogel 1979)."""

_STEPS = 0.8191725133961645, 0.6710436067037893, 0.5497004779019703
"""Steps of an even sequence in three dimensions (Roberts 2018, R3)."""


@dataclass(frozen=True, eq=False)
class LensPoints:
    """N points that together fill the lens, the time and the pixel evenly, sorted by time.

    ``disc`` (N, 2) lies on the unit disc, right and up; ``time`` (N,) and ``pixel`` (N, 2), right and
    down, are in 0..1.
    """

    disc: Floats
    time: Floats
    pixel: Floats


def lens_points(count: int, seed: int, frame: int) -> LensPoints:
    """Return ``count`` points; every frame of a scene with this ``seed`` has its own."""
    random = generator(seed, f"frame {frame}", "lens").random(4)
    number = np.arange(count)
    radius, angle = np.sqrt((number + 0.5) / count), _GOLDEN * number + 2.0 * np.pi * random[0]
    even = (number[:, None] * _STEPS + random[1:]) % 1.0
    # The middles of equal parts, in the order of the sequence: no part is left out or seen twice.
    parts = (np.argsort(np.argsort(even, axis=0), axis=0) + 0.5) / count
    order = np.argsort(parts[:, 0])
    disc = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    return LensPoints(disc[order], parts[order, 0], parts[order, 1:])


def seen_through(snapshots: Sequence[Snapshot], seed: int, frame: int) -> Iterable[Snapshot]:
    """Yield the snapshots of an open shutter as places on the lens see them, :data:`LENS_POINTS` times as many.

    Those of equal time come one after another.
    """
    points = lens_points(LENS_POINTS * len(snapshots), seed, frame)
    for place, time, pixel in zip(points.disc, points.time, points.pixel, strict=True):
        base = snapshots[int(time * len(snapshots))]
        yield replace(base, camera=pinhole(base.camera, place, pixel))


def pinhole(camera: CameraState, place: Floats, pixel: Floats) -> CameraState:
    """Return what ``camera`` is seen from the ``place`` (2,) of its lens, -1..1, through ``pixel`` (2,) of every pixel.

    The plane of focus appears where the lens's centre sees it; ``pixel`` is in 0..1, its centre 0.5.
    """
    right, up = camera.aperture * place
    matrix = camera.matrix.copy()
    matrix[:3, 3] += matrix[:3, :2] @ (right, up)
    across, down = float(right) / camera.focus, -float(up) / camera.focus
    cx, cy = camera.cx + 0.5 - float(pixel[0]), camera.cy + 0.5 - float(pixel[1])
    if camera.distortion is not None:
        return replace(camera, matrix=matrix, cx=cx, cy=cy, aperture=0.0, shear=(across, down))
    return replace(camera, matrix=matrix, cx=cx + camera.fx * across, cy=cy + camera.fy * down, aperture=0.0)
