"""Places on what shines by itself, drawn evenly by power, to which shadow rays go: emissive meshes as lights."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.color import LUMINANCE, srgb_to_linear
from diorama.material.pbr import Image
from diorama.renderer.sky_pieces import EVEN_STEPS
from diorama.scene.shot import EMISSION, Snapshot, Stage
from diorama.transform import transform_points

Floats: TypeAlias = NDArray[np.float64]

Glow: TypeAlias = tuple[Floats, Floats, Floats, NDArray[np.bool_]]
"""World positions (N, 3), unit normals (N, 3), powers (N, 3) and sidedness (N,); N is PLACES or 0."""

NO_GLOW: Glow = (np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0, np.bool_))

PLACES = 128
"""How many: a point asks a few of them, its neighbours others."""

GLOW = np.dtype([("position", "3f4"), ("both", "f4"), ("normal", "4f4"), ("power", "4f4")])
"""One place: metres from the camera, 1 where it shines to both sides; normal; nits times square metres."""


def glow_places(stage: Stage, snapshot: Snapshot) -> Glow:
    """Return the places on all that shines in ``snapshot``.

    A power is radiance in nits times the area that the place stands for. Emission pictures count with their mean.
    """
    corners, radiance, both = _shining(stage, snapshot)
    crossed = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = 0.5 * np.linalg.norm(crossed, axis=1)
    sums = np.cumsum(area * (radiance @ LUMINANCE))
    if not len(sums) or not sums[-1] > 0.0:
        return NO_GLOW
    goals = (np.arange(PLACES) + 0.5) / PLACES * sums[-1]
    chosen = np.minimum(np.searchsorted(sums, goals), len(sums) - 1)
    u, v = ((np.arange(PLACES)[:, None] + 1.0) * EVEN_STEPS % 1.0).T
    root = np.sqrt(u)
    weights = np.stack([1.0 - root, root * (1.0 - v), root * v], axis=1)
    places = np.einsum("nc,ncd->nd", weights, corners[chosen])
    normals = crossed[chosen] / (2.0 * area[chosen, None])
    share = sums[-1] / PLACES / np.maximum(radiance[chosen] @ LUMINANCE, 1e-30)
    return places, normals, radiance[chosen] * share[:, None], both[chosen]


def _shining(stage: Stage, snapshot: Snapshot) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return the world corners (T, 3, 3) of all triangles that shine, their radiance (T, 3) and sidedness (T,)."""
    batch, materials = snapshot.instances, snapshot.materials
    light = np.where(materials.unlit[:, None], 0.0, materials.emission)
    corners, radiance, both = [np.zeros((0, 3, 3))], [np.zeros((0, 3))], [np.zeros(0, np.bool_)]
    shines = np.asarray((light > 0.0).any(axis=1))
    for row in np.flatnonzero(shines[batch.material]):
        mesh, material, matrix = stage.meshes[batch.mesh[row]], batch.material[row], batch.transform[row]
        picture = int(materials.images[material, EMISSION])
        mean = _mean(stage.images[picture]) if picture >= 0 else np.ones(3)
        world = transform_points(matrix, mesh.positions[mesh.triangles])
        corners.append(world[:, ::-1] if np.linalg.det(matrix[:3, :3]) < 0.0 else world)
        radiance.append(np.tile(light[material] * mean, (len(world), 1)))
        both.append(np.full(len(world), materials.double_sided[material]))
    return np.concatenate(corners), np.concatenate(radiance), np.concatenate(both)


def _mean(image: Image) -> Floats:
    """Return the mean light (3,) of an sRGB picture."""
    decoded = srgb_to_linear(np.arange(256) / 255.0)
    return np.array([decoded @ np.bincount(image.pixels[..., c].ravel(), minlength=256) for c in range(3)]) / (
        image.pixels[..., 0].size
    )


def glow_buffer(places: Glow, eye: Floats) -> bytes:
    """Return the buffer of :func:`glow_places` as a camera at ``eye`` (3,) needs it, for ``lib/glow.glsl``."""
    positions, normals, powers, both = places
    rows = np.zeros(PLACES, GLOW)
    count = len(positions)
    rows["position"][:count], rows["both"][:count] = positions - eye, both
    rows["normal"][:count, :3], rows["power"][:count, :3] = normals, powers
    return np.array([count, 0, 0, 0], np.uint32).tobytes() + rows.tobytes()


BUFFER_BYTES = 16 + PLACES * GLOW.itemsize
