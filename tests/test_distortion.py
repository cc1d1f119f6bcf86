"""Lenses that bend lines: formulas as OpenCV's manual writes them, their inverse, and lenses that fold the picture."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from diorama.distortion import Distortion, field_of

SMALL = st.floats(-0.05, 0.05)


def manual(lens: Distortion, x: float, y: float) -> tuple[float, float]:
    """https://docs.opencv.org/4.x/d9/d0c/group__calib3d.html and .../db/d58/group__calib3d__fisheye.html"""
    if lens.model == "fisheye":
        k1, k2, k3, k4 = lens.coefficients
        r = math.hypot(x, y)
        theta = math.atan(r)
        theta_d = theta * (1 + k1 * theta**2 + k2 * theta**4 + k3 * theta**6 + k4 * theta**8)
        return (theta_d / r * x, theta_d / r * y) if r else (0.0, 0.0)
    k1, k2, p1, p2, k3 = lens.coefficients
    r2 = x**2 + y**2
    radial = 1 + k1 * r2 + k2 * r2**2 + k3 * r2**3
    return (
        x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x**2),
        y * radial + p1 * (r2 + 2 * y**2) + 2 * p2 * x * y,
    )


@given(st.tuples(SMALL, SMALL, SMALL, SMALL, SMALL), st.booleans(), st.floats(-1, 1), st.floats(-1, 1))
def test_the_formulas_are_those_of_opencv_and_straight_undoes_them(
    k: tuple[float, ...], round_view: bool, x: float, y: float
) -> None:
    lens = Distortion("fisheye", k[:4]) if round_view else Distortion("brown_conrady", k)
    place = np.array([x, y])
    shown = lens.bent(place)
    np.testing.assert_allclose(shown, manual(lens, x, y), atol=1e-12)
    assume(float(lens.stretch(place)[0]) > 0.3)
    np.testing.assert_allclose(lens.straight(shown), place, atol=1e-9)


@given(st.tuples(SMALL, SMALL, SMALL, SMALL, SMALL), st.booleans(), st.floats(-1, 1), st.floats(-1, 1))
def test_stretch_is_that_of_small_steps(k: tuple[float, ...], round_view: bool, x: float, y: float) -> None:
    lens = Distortion("fisheye", k[:4]) if round_view else Distortion("brown_conrady", k)
    step, place = 1e-6, np.array([x, y])
    across = [(lens.bent(place + d) - lens.bent(place - d)) / (2 * step) for d in step * np.eye(2)]
    wanted = np.linalg.svd(np.array(across), compute_uv=False)
    least, most = lens.stretch(place)
    np.testing.assert_allclose([most, least], wanted, rtol=1e-5, atol=1e-7)


def test_the_field_holds_all_that_is_seen_and_no_more() -> None:
    lens = Distortion("brown_conrady", (-0.3, 0.08, 0.01, 0.0, 0.0))
    field = field_of(lens, 100.0, 110.0, 70.0, 40.0, 160, 90)
    edge = np.array([[0.0, y] for y in np.linspace(0, 90, 1000)])
    seen = lens.straight((edge - (70.0, 40.0)) / (100.0, 110.0))
    assert field.faithful and field.low[0] == pytest.approx(seen[:, 0].min(), abs=1e-4)
    assert field.low[0] < -0.7 and field.high[0] > 0.9
    corners = lens.straight((np.array([[160.0, 90.0], [160.0, 0.0]]) - (70.0, 40.0)) / (100.0, 110.0))
    assert field.reach == pytest.approx(np.linalg.norm(corners, axis=1).max(), abs=1e-9)
    assert field.most == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize(
    "lens",
    [
        Distortion("brown_conrady", (-0.8, 0.0, 0.0, 0.0, 0.0)),
        Distortion("brown_conrady", (0.0, -2.0, 0.0, 0.0, 0.0)),
        Distortion("brown_conrady", (0.0, 0.0, 0.9, 0.0, 0.0)),
        Distortion("fisheye", (-0.9, 0.0, 0.0, 0.0)),
    ],
)
def test_a_lens_that_folds_the_picture_is_found_out(lens: Distortion) -> None:
    assert not field_of(lens, 50.0, 50.0, 32.0, 32.0, 64, 64).faithful
    assert field_of(lens, 1000.0, 1000.0, 32.0, 32.0, 64, 64).faithful
