"""The planes of a matrix: exactly the points that it maps into the clip volume."""

from __future__ import annotations

import numpy as np
import pytest

from diorama.errors import OptionError
from diorama.octree import frustum_planes
from diorama.transform import look_at, perspective


def view_matrix(eye: np.ndarray, target: np.ndarray) -> np.ndarray:
    rotation = look_at(eye, target)
    view = np.eye(4)
    view[:3, :3], view[:3, 3] = rotation.T, -rotation.T @ eye
    return view


def inside_clip(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    x, y, z, w = matrix @ np.concatenate([points.T, np.ones((1, len(points)))])
    return (np.abs(x) <= w) & (np.abs(y) <= w) & (z >= 0) & (z <= w)


def inside_planes(planes: np.ndarray, points: np.ndarray) -> np.ndarray:
    return (points @ planes[:, :3].T + planes[:, 3] >= 0).all(axis=1)


def test_an_infinite_projection_has_five_planes_and_holds_what_clip_space_holds():
    matrix = perspective(300, 200, 70, 90, 256, 192, 0.5) @ view_matrix(np.array([1.0, 2, 3]), np.array([4.0, 0, -9]))
    planes = frustum_planes(matrix)
    assert planes.shape == (5, 4)
    np.testing.assert_allclose(np.linalg.norm(planes[:, :3], axis=1), 1.0)
    points = np.random.default_rng(0).uniform(-60, 60, (20000, 3))
    inside = inside_clip(matrix, points)
    assert 100 < inside.sum() < 19000
    assert (inside == inside_planes(planes, points)).all()


def test_an_orthographic_box_has_six_planes():
    box = np.diag([1 / 7.0, 1 / 4.0, -1 / 30.0, 1.0])
    matrix = box @ view_matrix(np.array([5.0, 40, 5]), np.array([0.0, 0, 0]))
    planes = frustum_planes(matrix)
    assert planes.shape == (6, 4)
    points = np.random.default_rng(1).uniform(-40, 40, (20000, 3))
    inside = inside_clip(matrix, points)
    assert inside.sum() > 100 and (inside == inside_planes(planes, points)).all()


def test_the_near_plane_stands_at_its_distance():
    planes = frustum_planes(perspective(100, 100, 50, 50, 100, 100, 0.25))
    near = planes[np.abs(planes[:, 2] + 1.0) < 1e-12]
    np.testing.assert_allclose(near, [[0, 0, -1, -0.25]], atol=1e-12)


@pytest.mark.parametrize("matrix", [np.eye(3), np.full((4, 4), np.nan), np.zeros((4, 4))])
def test_what_is_not_a_projection_is_refused(matrix):
    with pytest.raises(OptionError, match="matrix: expected a"):
        frustum_planes(matrix)
