"""Metrics against closed forms and sums written out."""

from __future__ import annotations

import numpy as np
import pytest

from diorama.metrics import flip, flip_map, mse, psnr, psnr_of_mse, ssim

RANDOM = np.random.default_rng(7)
PICTURE = RANDOM.random((24, 20, 3))


def test_a_constant_difference_has_a_known_error() -> None:
    assert mse(PICTURE, PICTURE + 0.1) == pytest.approx(0.01)
    assert psnr(PICTURE, PICTURE - 0.1) == pytest.approx(20.0)
    assert psnr(PICTURE, PICTURE) == float("inf")
    assert psnr_of_mse(1e-4) == pytest.approx(40.0)


def test_differences_do_not_wrap_in_half_precision() -> None:
    half = PICTURE.astype(np.float16)
    assert mse(half, half + np.float16(0.1)) == pytest.approx(0.01, rel=0.02)


def test_ssim_of_constants_is_the_luminance_term() -> None:
    a, b = np.full((16, 16, 3), 0.3), np.full((16, 16, 3), 0.6)
    assert ssim(a, b) == pytest.approx((2 * 0.3 * 0.6 + 1e-4) / (0.3**2 + 0.6**2 + 1e-4))
    assert ssim(a, a) == pytest.approx(1.0)


def test_ssim_is_the_sum_written_out() -> None:
    other = np.clip(PICTURE + RANDOM.normal(0, 0.2, PICTURE.shape), 0, 1)
    line = np.exp(-0.5 * (np.arange(-5, 6) / 1.5) ** 2)
    window = np.outer(line, line) / line.sum() ** 2
    values = []
    for y in range(5, 19):
        for x in range(5, 15):
            for c in range(3):
                a, b = (p[y - 5 : y + 6, x - 5 : x + 6, c] for p in (PICTURE, other))
                ma, mb = (window * a).sum(), (window * b).sum()
                va, vb = (window * (a - ma) ** 2).sum(), (window * (b - mb) ** 2).sum()
                cov = (window * (a - ma) * (b - mb)).sum()
                values.append((2 * ma * mb + 1e-4) * (2 * cov + 9e-4) / ((ma**2 + mb**2 + 1e-4) * (va + vb + 9e-4)))
    assert ssim(PICTURE, other) == pytest.approx(float(np.mean(values)), rel=1e-9)


def test_ssim_refuses_pictures_smaller_than_its_window() -> None:
    with pytest.raises(ValueError, match="more than 10 pixels a side, got 20x8"):
        ssim(PICTURE[:8], PICTURE[:8])


def test_flip_is_the_mean_of_its_authors_map() -> None:
    evaluate = pytest.importorskip("flip_evaluator", reason="no flip_evaluator: make test-torch").evaluate

    a, b = PICTURE.astype(np.float32), np.clip(PICTURE + 0.2, 0, 1).astype(np.float32)
    picture, _, _ = evaluate(b, a, "LDR", applyMagma=False)
    assert flip(a, b) == pytest.approx(float(np.mean(picture)), rel=1e-4)
    np.testing.assert_array_equal(flip_map(a, b), picture[..., 0])
    assert flip(a, a) == 0.0


def test_flip_of_black_and_white_is_nearly_one() -> None:
    pytest.importorskip("flip_evaluator", reason="no flip_evaluator: make test-torch")
    assert flip(np.zeros((32, 32, 3)), np.ones((32, 32, 3))) > 0.9
