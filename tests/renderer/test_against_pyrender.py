"""Depth and ids of real models against another rasteriser: equal everywhere but within a pixel of an edge."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from oracle_pyrender import render_depth
from renderer.conftest import Draw
from scipy.ndimage import maximum_filter, minimum_filter
from shots import unit

from diorama import load_scene, resources
from diorama.renderer.culling import swept_bounds
from diorama.scene.sample import shot
from diorama.scene.shot import Shot

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 200, 160
OURS = ["kenney_cars/sedan.glb", "kenney_city/large_buildingE.glb"]
REAL = [
    "WaterBottle/WaterBottle.gltf",
    "FlightHelmet/FlightHelmet.gltf",
    "CesiumMilkTruck.glb",
    "Fox.glb",
    "PBR_Spheres.glb",
    "Robot_Quaternius.glb",
    "NormalTangentTest.glb",
    "SimpleMeshes/SimpleMeshes.gltf",
]
FROM = [(1.0, 0.6, 1.4), (-1.3, 0.2, 0.7), (0.2, 2.0, 1.5)]

SIZE = 4.0
"""Metres across the box around a model, whatever its own."""

JUMP = 0.02
"""Relative change of depth between neighbours that counts as an edge."""


@pytest.mark.parametrize("name", OURS)
def test_models_of_our_own(draw: Draw, tmp_path: Path, name: str) -> None:
    assert differing(draw, tmp_path, resources.scenes() / "assets" / name, FROM[0]) < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("direction", FROM)
@pytest.mark.parametrize("name", REAL)
def test_real_models(draw: Draw, data: Path, tmp_path: Path, name: str, direction: tuple[float, ...]) -> None:
    assert differing(draw, tmp_path, data / "gltf" / name, direction) < 0.01


def differing(draw: Draw, folder: Path, model: Path, direction: tuple[float, ...]) -> float:
    """Return the share of pixels with another instance than pyrender's, once those off all edges were found equal.

    Both draw every side of every triangle; pyrender numbers instances as our surface pass does.
    """
    seen = see(folder, model, direction)
    now = seen.current
    frame = draw(seen, "depth", "surface")
    ids, depth = frame["surface"][..., 0], frame["depth"]
    eye = now.camera
    their_depth, their_ids = render_depth(
        [seen.stage.meshes[mesh] for mesh in now.instances.mesh], now.instances.transform,
        eye.matrix, (eye.fx, eye.fy, eye.cx, eye.cy), WIDTH, HEIGHT,
    )  # fmt: skip
    inner = ~(edges(ids, depth) | edges(their_ids, their_depth))
    assert (ids[inner] > 0).sum() > 900
    np.testing.assert_array_equal(ids[inner], their_ids[inner])
    both = inner & (ids > 0)
    np.testing.assert_allclose(depth[both], their_depth[both], rtol=1e-3)
    return float((ids != their_ids).mean())


def see(folder: Path, model: Path, direction: tuple[float, ...]) -> Shot:
    """The model on its own, from a camera that holds all of it, everything double-sided."""
    path = folder / "model.yaml"

    def scene(scale: float, position: Floats, target: Floats) -> Shot:
        path.write_text(
            f"diorama: 1\nvideo: {{size: [{WIDTH}, {HEIGHT}], frames: 1}}\n"
            f"nodes: {{model: {{asset: {model.name}, scale: {scale}}}}}\n"
            f"camera: {{position: {position.tolist()}, look_at: {target.tolist()}, fov: 40}}\n",
            encoding="utf-8",
        )
        return shot(load_scene(path, assets=[model.parent]), 0)

    low, high = swept_bounds(scene(1.0, np.array([0.0, 0.0, 9.0]), np.zeros(3)))
    low, high = low.min(axis=0), high.max(axis=0)
    scale = SIZE / float(np.linalg.norm(high - low))
    centre = scale * (low + high) / 2
    seen = scene(scale, centre + 1.5 * SIZE * unit(direction), centre)
    sides = replace(seen.current.materials, double_sided=np.ones_like(seen.current.materials.double_sided))
    return replace(seen, current=replace(seen.current, materials=sides))


def edges(ids: NDArray[np.uint32], depth: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Where a pixel or one of the eight around it is another instance, or much nearer or farther."""
    finite = np.where(np.isfinite(depth), depth, 1e9)
    jump = maximum_filter(finite, 3) > (1 + JUMP) * minimum_filter(finite, 3)
    return np.asarray(jump | (maximum_filter(ids, 3) != minimum_filter(ids, 3)))
