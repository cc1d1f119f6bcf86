"""A shot as the path tracer sees it: linear radiance by Monte Carlo, without bias but for what is stated here.

What it leaves out: occlusion pictures (it traces what they stand for); a smaller version of a
picture far away (it takes more samples instead); ``casts_shadow``: all lights have shadows here.
Area lights keep light off as bodies do. Things that are ``unlit`` shine on others here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.errors import OptionError, expected
from diorama.oracle.backend import dr, mi
from diorama.oracle.bsdf import bsdf_of
from diorama.oracle.camera_rays import seen_paths
from diorama.oracle.emitters import emitters, sky
from diorama.oracle.geometry import MOST_TRIANGLES, mesh_of, soups
from diorama.oracle.glow import glow
from diorama.oracle.images import Images
from diorama.oracle.materials import Materials
from diorama.oracle.sensor import sensor_of
from diorama.scene.shot import BASE_COLOR, EMISSION, Shot, Snapshot

DIRECT, FULL = 2, 17
"""Path depths: light that was reflected once, and up to sixteen times."""

_BATCH = 1 << 25
"""Paths traced in one piece: about 2 GB in flight."""


@dataclass(frozen=True, eq=False)
class Reference:
    """A traced picture: ``color`` (H, W, 3) float32 linear radiance, ``noise`` (H, W, 3) its standard error."""

    color: NDArray[np.float32]
    noise: NDArray[np.float32]


def trace(
    shot: Shot,
    samples: int,
    *,
    depth: int = FULL,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Reference:
    """Return ``shot`` traced with at least ``samples`` paths a pixel, over all times of its shutter."""
    if samples < 4:
        raise OptionError(expected("at least 4 samples a pixel", samples), place="samples")
    if shot.current.fog is not None:
        raise OptionError(expected("a scene without fog (--set fog=)", "one with it"), place="oracle")
    pieces = max(4, -(-samples * shot.width * shot.height // _BATCH), len(shot.shutter))
    scenes = [(weight, _scene(shot, snapshot), snapshot) for weight, snapshot in shot.shutter]
    integrator = seen_paths(depth, sky=shot.current.environment.visible)
    total, squares = (np.zeros((shot.height, shot.width, 3)) for _ in range(2))
    for piece in range(pieces):
        picture = np.zeros_like(total)
        for number, (weight, scene, snapshot) in enumerate(scenes):
            sensor = sensor_of(snapshot.camera, shot.width, shot.height)
            image = mi.render(
                scene,
                sensor=sensor,
                integrator=integrator,
                spp=max(1, -(-samples // pieces)),
                seed=(seed * pieces + piece) * len(scenes) + number,
            )
            picture += weight * np.array(image, np.float64)
            dr.flush_malloc_cache()
        total += picture
        squares += picture**2
        if progress is not None:
            progress(piece + 1, pieces)
    mean = total / pieces
    variance = np.maximum(squares / pieces - mean**2, 0.0) / (pieces - 1)
    return Reference(mean.astype(np.float32), np.sqrt(variance).astype(np.float32))


def _scene(shot: Shot, snapshot: Snapshot) -> Any:
    images = Images(shot.stage.images)
    materials = Materials(snapshot.materials, images, conserving=shot.energy == "conserving")
    bsdf = bsdf_of(materials)
    parts: dict[str, Any] = {"type": "scene"}
    triangles = 0
    for row, soup in soups(shot.stage, snapshot):
        triangles += len(soup.triangles)
        if triangles > MOST_TRIANGLES:
            raise OptionError(expected(f"at most {MOST_TRIANGLES} triangles to trace", triangles), place="oracle")
        emitter = None if row is None else _glow(shot, snapshot, images, row)
        parts[f"mesh_{row}"] = mesh_of(soup, f"mesh_{row}", bsdf, emitter)
    for number, light in enumerate(emitters(snapshot.lights, snapshot.camera.matrix[:3, 3])):
        parts[f"light_{number}"] = light
    environment = sky(snapshot.environment, shot.stage.picture(snapshot.environment))
    if environment is not None:
        parts["sky"] = environment
    return mi.load_dict(parts)


def _glow(shot: Shot, snapshot: Snapshot, images: Images, row: int) -> Any:
    materials = snapshot.materials
    image, color = int(materials.images[row, EMISSION]), materials.emission[row]
    if materials.unlit[row]:
        image, color = int(materials.images[row, BASE_COLOR]), materials.base_color[row]
    return glow(images, image, color, double_sided=bool(materials.double_sided[row]))
