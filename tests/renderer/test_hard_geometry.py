"""Meshes as they come: triangles without area, vectors without length, surfaces close together far away."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from renderer.conftest import Draw
from shots import Thing, camera, lights, make_shot

from diorama.frame import MADE_FROM_COLOR, PASSES
from diorama.geometry.mesh import Mesh
from diorama.geometry.primitives import plane
from diorama.material.pbr import Image, PbrMaterial
from diorama.renderer.renderer import PRESETS
from diorama.scene.shot import SUN, EnvironmentState
from diorama.transform import compose, euler_to_quaternion

FACING = euler_to_quaternion([np.pi / 2, 0, 0])
SKY = EnvironmentState(1.0, 0.0, (0.2, 0.4, 1.0), (0.8, 0.8, 0.8), (0.2, 0.1, 0.1))
LIT = lights({"kind": SUN, "direction": (0.3, -0.5, -1)})
MARBLED = Image(np.random.default_rng(4).integers(0, 256, (16, 16, 4), np.uint8), "srgb")
ALL = [name for name in PASSES if name not in MADE_FROM_COLOR]


def slivers(count: int) -> Mesh:
    """Triangles whose three corners lie on a line: only the rasteriser's grid gives them any area."""
    random = np.random.default_rng(1)
    ends = random.uniform(-1, 1, (count, 2, 2))
    middle = ends[:, 0] + random.uniform(0.2, 0.8, (count, 1)) * (ends[:, 1] - ends[:, 0])
    corners = np.concatenate([ends, middle[:, None]], axis=1).reshape(-1, 2)
    positions = np.column_stack([corners, np.zeros(3 * count)]).astype(np.float32)
    normals, tangents = (np.tile(np.float32(row), (3 * count, 1)) for row in ((0, 0, 1), (1, 0, 0, 1)))
    return Mesh(positions, normals, corners.astype(np.float32), tangents, np.arange(3 * count).reshape(-1, 3))


@pytest.mark.parametrize("preset", PRESETS)
def test_triangles_without_area_are_drawn_without_nan(draw: Draw, preset: str) -> None:
    paint = PbrMaterial(base_color_image=MARBLED, normal_image=MARBLED, double_sided=True)
    shot = make_shot([Thing(slivers(4000), compose([0, 0, -2], (0, 0, 0, 1), (1, 1, 1)), paint)],
                     camera(size=256), size=(256, 256), light=LIT, environment=SKY)  # fmt: skip
    frame = draw(shot, *ALL, preset=preset)
    assert (frame["instance"] > 0).sum() > 20
    seen = frame["instance"] > 0
    for name in ALL:
        if frame[name].dtype.kind == "f":
            assert np.isfinite(frame[name][seen]).all(), name
    assert np.isfinite(frame["color"]).all()
    np.testing.assert_allclose(frame["depth"][seen], 2.0, rtol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(frame["normal"][seen], axis=-1), 1.0, atol=1e-5)


@pytest.mark.parametrize("part", ["normals", "tangents"])
def test_vectors_without_length_fall_back_to_the_triangle(draw: Draw, part: str) -> None:
    mesh = plane((9, 9))
    mesh = replace(mesh, **{part: np.zeros_like(getattr(mesh, part))})
    paint = PbrMaterial(normal_image=MARBLED if part == "tangents" else None)
    shot = make_shot([Thing(mesh, compose([0, 0, -2], FACING, (1, 1, 1)), paint)], camera(), light=LIT, environment=SKY)
    frame = draw(shot, "color", "normal")
    assert np.isfinite(frame["color"]).all()
    np.testing.assert_allclose(frame["normal"], np.broadcast_to([0, 0, 1], (64, 64, 3)), atol=1e-5)


@pytest.mark.parametrize("distance", [10.0, 1000.0, 5000.0])
def test_surfaces_close_together_far_away_hide_each_other_in_the_right_order(draw: Draw, distance: float) -> None:
    """A hundred-thousandth of the distance apart, with the near plane at a centimetre: float32 reverse Z tells them."""
    far, near = (
        Thing(plane((distance, distance)), compose([0, 0, -depth], FACING, (1, 1, 1)))
        for depth in (distance * (1 + 1e-5), distance)
    )
    frame = draw(make_shot([far, near], camera(near=0.01)), "instance")
    assert (frame["instance"] == 2).all()
