"""The oracle's BSDF against the analytic grid of spheres: glTF 2.0, appendix B, without noise."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import OpenImageIO
from numpy.typing import NDArray
from oracle.patches import Patches
from shots import unit

from diorama.material.pbr import PbrMaterial
from diorama.transform import rotation_matrix

Floats = NDArray[np.float64]

CELL, SAMPLES, RADIUS = 64, 4, 0.9


def test_the_bsdf_is_that_of_the_reference_grid(data: Path) -> None:
    """Every sphere, at the normals of its perfect surface: the floor that all comparisons stand on."""
    folder = data / "reference" / "analytic"
    gltf = json.loads((folder / "pbr_grid_one_light.gltf").read_text("utf-8"))
    wanted = OpenImageIO.ImageBuf(str(folder / "pbr_grid_one_light.exr")).get_pixels(OpenImageIO.FLOAT)
    values = [material["pbrMetallicRoughness"] for material in gltf["materials"]]
    patches = Patches(
        [
            PbrMaterial(
                base_color=tuple(one["baseColorFactor"][:3]),
                metallic=one["metallicFactor"],
                roughness=one["roughnessFactor"],
            )
            for one in values
        ],
        conserving=False,
    )
    to_light = -rotation_matrix(gltf["nodes"][-1]["rotation"]) @ (0, 0, -1.0)
    lux = gltf["extensions"]["KHR_lights_punctual"]["lights"][0]["intensity"]
    for row in range(25):
        top, left = CELL * (row // 5), CELL * (row % 5)
        cell = wanted[top : top + CELL, left : left + CELL][disc()]
        found = sphere_of(patches, row, to_light)[disc()] * lux
        assert len(cell) > 2000 and cell.max() > 0.3 and (cell > 0.0).mean() > 0.7
        np.testing.assert_allclose(found, cell, rtol=1e-5, atol=1e-8)


def places() -> tuple[Floats, Floats]:
    """The samples of a cell that is 2 metres wide, (256, 256) each."""
    across = (np.arange(CELL * SAMPLES) + 0.5) / (CELL * SAMPLES) * 2.0 - 1.0
    x, y = np.meshgrid(across, -across)
    return x, y


def disc() -> NDArray[np.bool_]:
    """Pixels all of whose samples are on the sphere, (64, 64)."""
    return _pixels((np.hypot(*places()) < RADIUS)[..., None].astype(float))[..., 0] == 1.0


def sphere_of(patches: Patches, row: int, to_light: Floats) -> Floats:
    """Radiance (64, 64, 3) per lux; the view is along -Z."""
    x, y = (place / RADIUS for place in places())
    on = np.hypot(x, y) < 1.0
    normal = np.stack([x, y, np.sqrt(np.maximum(1.0 - x * x - y * y, 0.0))], axis=-1)[on]
    tangent = unit(np.cross(normal, [0.6, 0.0, -0.8]) + 1e-9)
    frame = np.stack([tangent, normal, np.cross(tangent, normal)], axis=1)
    result = np.zeros((*x.shape, 3))
    result[on] = patches.eval(row, frame[..., 2], frame @ to_light)
    return _pixels(result)


def _pixels(samples: Floats) -> Floats:
    return samples.reshape(CELL, SAMPLES, CELL, SAMPLES, -1).mean(axis=(1, 3))
