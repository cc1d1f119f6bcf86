"""A matt floor seen from above: what a light gives it, by the path tracer, and where each pixel is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from shots import DARK, Thing, camera, make_shot

from diorama.geometry.primitives import plane
from diorama.material.pbr import PbrMaterial
from diorama.oracle.path_tracer import DIRECT, trace
from diorama.scene.shot import EnvironmentState, LightBatch
from diorama.transform import compose

Floats = NDArray[np.float64]

SIZE = 16
ALBEDO = (0.8, 0.5, 0.2)
MATT = PbrMaterial(base_color=ALBEDO, specular=0.0, roughness=1.0)
VIEW = camera((0.0, 5.0, 4.0), (0.0, 0.0, 0.0), fov=40, size=SIZE)


def at(place: Sequence[float] = (0.0, 0.0, 0.0)) -> Floats:
    return compose(place, (0, 0, 0, 1), (1, 1, 1))


def illuminance(
    light: LightBatch | None = None,
    things: Sequence[Thing] = (),
    *,
    environment: EnvironmentState = DARK,
    picture: NDArray[np.float32] | None = None,
    samples: int = 400,
) -> Floats:
    """Lux on the floor y = 0, (16, 16, 3), by its radiance."""
    floor = Thing(plane((200.0, 200.0)), at(), MATT)
    shot = make_shot([floor, *things], VIEW, size=(SIZE, SIZE), light=light, environment=environment, picture=picture)
    return trace(shot, samples, depth=DIRECT).color.astype(float) * np.pi / ALBEDO


def places(steps: int = 4) -> Floats:
    """Points of the floor (16, 16, steps², 3) that each pixel sees."""
    across = (np.arange(SIZE * steps) + 0.5) / steps
    x, y = np.meshgrid((across - VIEW.cx) / VIEW.fx, (VIEW.cy - across) / VIEW.fy)
    ray = np.stack([x, y, -np.ones_like(x)], axis=-1) @ VIEW.matrix[:3, :3].T
    points = VIEW.matrix[:3, 3] - ray * (VIEW.matrix[1, 3] / ray[..., 1])[..., None]
    return points.reshape(SIZE, steps, SIZE, steps, 3).transpose(0, 2, 1, 3, 4).reshape(SIZE, SIZE, -1, 3)


def check(found: Floats, wanted: Floats, *, each: float, mean: float) -> None:
    """Compare lux (16, 16, 3) with those at ``places`` (16, 16, S): pixels and their mean, relative to the largest."""
    lux = np.broadcast_to(wanted.mean(axis=2)[..., None], found.shape)
    assert lux.max() > 0.0
    error = (found - lux) / lux.max()
    assert np.abs(error).max() <= each, np.abs(error).max()
    assert abs(error.mean()) <= mean, error.mean()
