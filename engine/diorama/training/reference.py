"""The picture that the refiner is taught: a shot with many jittered samples of pixel, lights and sky.

Where the renderer takes lights for points and lights surfaces from the whole sky unshadowed, a
reference shot holds many snapshots of the same instant. Each looks through another place of the
pixel, at another place of every light, and has other pieces of the sky as lights that cast
shadows; the renderer averages them. What the sky adds to reflections stays as it is.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.stats.qmc import Sobol

from diorama.renderer.sky_pieces import EVEN_STEPS, SkyPieces, picture_cells
from diorama.renderer.sun_extraction import extract_sun
from diorama.rng import generator
from diorama.scene.shot import SKY, SPHERE, SUN, CameraState, LightBatch, Shot, Snapshot, with_parallel
from diorama.transform import look_at

Floats: TypeAlias = NDArray[np.float64]

SUN_RADIUS = np.radians(0.5)
"""The half angle under which a sun is seen: the real one's 0.27 degrees, and haze."""

LAMP_RADIUS = 0.08
"""Metres from the middle of a point or spot to its surface."""

SKY_PIECES = 2
"""How many pieces of the sky light each snapshot."""

_PIXEL, _LIGHT, _SKY, _TIME = slice(0, 2), slice(2, 4), slice(4, 6), 6
"""The dimensions of a sample."""


def reference_shot(shot: Shot, seed: int, samples: int) -> Shot:
    """Return ``shot`` with ``samples`` (a power of 2) snapshots in its shutter; every frame has its own pattern."""
    points = _points(SKY_PIECES * samples, seed, shot.frame)
    pieces = SkyPieces(shot.current.environment, _cells(shot))
    directions, colors = (
        values.reshape(SKY_PIECES, samples, 3).swapaxes(0, 1) for values in pieces.sample(points[:, _SKY])
    )
    shutter = []
    for point, where, light in zip(points[:samples], directions, colors / SKY_PIECES, strict=True):
        base = shot.shutter[int(point[_TIME] * len(shot.shutter))][1]
        lights = _moved(base.lights, point[_LIGHT])
        # The sky's lower half stands for light that the ground sends back: it reaches everything.
        lights = with_parallel(lights, SKY, where, light, casts_shadow=where[:, 1] < 0.0)
        shutter.append((1.0 / samples, _sample(base, lights, point[_PIXEL])))
    return replace(shot, shutter=tuple(shutter))


def jittered_shot(shot: Shot, seed: int, samples: int) -> Shot:
    """Return ``shot`` with ``samples`` (a power of 2) snapshots that differ in the place inside the pixel only."""
    points = _points(samples, seed, shot.frame)
    jittered = (replace(shot.current, camera=_shifted(shot.current.camera, point[_PIXEL])) for point in points)
    return replace(shot, shutter=tuple((1.0 / samples, snapshot) for snapshot in jittered))


def _points(samples: int, seed: int, frame: int) -> Floats:
    """Return (samples, 7) points in 0..1 of low discrepancy, turned by another shift in every frame."""
    shift = generator(seed, f"frame {frame}", "reference").random(7)
    even = Sobol(7, scramble=False).random_base2(int(samples).bit_length() - 1)
    return np.asarray((even + shift) % 1.0)


def _cells(shot: Shot) -> Floats | None:
    picture = shot.stage.picture(shot.current.environment)
    if picture is None:
        return None
    return picture_cells(extract_sun(picture)[0] if shot.current.environment.extract_sun else picture)


def _sample(base: Snapshot, lights: LightBatch, pixel: Floats) -> Snapshot:
    sky = replace(base.environment, diffuse=False)
    return replace(base, lights=lights, camera=_shifted(base.camera, pixel), environment=sky)


def _shifted(camera: CameraState, pixel: Floats) -> CameraState:
    """Look through the place ``pixel`` (2,) in 0..1 of every pixel instead of its centre."""
    return replace(camera, cx=camera.cx + float(pixel[0]) - 0.5, cy=camera.cy + float(pixel[1]) - 0.5)


def _moved(lights: LightBatch, point: Floats) -> LightBatch:
    """Return ``lights`` as points on their own discs, at a place that follows from ``point`` (2,) in 0..1.

    Surfaces that shine stay as they are.
    """
    if not len(lights):
        return lights
    own = (point + np.arange(len(lights))[:, None] * EVEN_STEPS) % 1.0  # lights of one snapshot at unlike places
    radius, angle = np.sqrt(own[:, :1]), 2.0 * np.pi * own[:, 1:]
    axes = look_at(np.zeros(3), lights.direction)
    offset = axes[:, :, 0] * radius * np.cos(angle) + axes[:, :, 1] * radius * np.sin(angle)
    sun, surface = (lights.kind == SUN)[:, None], (lights.kind >= SPHERE)[:, None]
    turned = lights.direction + offset * np.tan(SUN_RADIUS)
    turned /= np.linalg.norm(turned, axis=1, keepdims=True)
    return replace(
        lights,
        position=np.where(sun | surface, lights.position, lights.position + offset * LAMP_RADIUS),
        direction=np.where(sun, turned, lights.direction),
        size=np.where(surface, lights.size, 0.0),
        tangent=np.where(sun, look_at(np.zeros(3), turned)[:, :, 0], lights.tangent),
    )
