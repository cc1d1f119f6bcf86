"""Hulls of a few points against scipy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import Delaunay

from diorama.renderer.hulls import hull_of, outline_of

AROUND = {2: outline_of, 3: hull_of}


@given(st.sampled_from([2, 3]), st.integers(4, 9), st.integers(0, 2**32), st.sampled_from([1e-3, 1.0, 1e6]))
def test_the_same_points_are_inside_as_in_scipys(dimensions: int, count: int, seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    points = random.normal(size=(count, dimensions)) * scale
    borders = AROUND[dimensions](points)
    asked = random.normal(size=(500, dimensions)) * scale
    distance = (asked @ borders[:, :-1].T + borders[:, -1]).min(axis=1)
    clear = np.abs(distance) > 1e-6 * scale
    inside = Delaunay(points).find_simplex(asked) >= 0
    np.testing.assert_array_equal((distance >= 0)[clear], inside[clear])
    np.testing.assert_allclose(np.linalg.norm(borders[:, :-1], axis=1), 1.0)


@pytest.mark.parametrize("twice", [0, 3])
def test_corners_that_fall_together_and_sides_of_four_corners(twice: int) -> None:
    cube = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)], float)
    planes = hull_of(np.vstack([cube, cube[:twice]]))
    expected = [(*(side * np.eye(3)[axis]), 0.0 if side > 0 else 1.0) for axis in range(3) for side in (1, -1)]
    found = {tuple(np.round(plane, 9) + 0.0) for plane in planes}
    assert found == {tuple(np.array(plane) + 0.0) for plane in expected}
