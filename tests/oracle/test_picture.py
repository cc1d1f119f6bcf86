"""The picture of a comparison, and how much of an error is the reference's own noise."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from diorama.color import LUMINANCE, srgb_to_linear
from diorama.oracle.comparison import compare
from diorama.oracle.picture import FLIP_MAX, RELATIVE_MAX, magma, noise_floor, noise_share, side_by_side

SIDE = 48


def light() -> NDArray[np.float64]:
    y, x = np.indices((SIDE, SIDE)) / SIDE
    return np.stack([0.2 + 0.3 * x, 0.3 + 0.1 * y, 0.4 - 0.2 * x], axis=2)


def labels() -> NDArray[np.uint32]:
    """One thing on the right, the background on the left."""
    return np.repeat((np.arange(SIDE) >= SIDE // 3).astype(np.uint32)[None], SIDE, axis=0)


def reference(color: NDArray[np.floating], noise: NDArray[np.floating]) -> SimpleNamespace:
    return SimpleNamespace(color=color.astype(np.float32), noise=noise.astype(np.float32))


def test_the_panels_are_the_two_pictures_and_the_error_over_a_caption() -> None:
    found = compare(1.1 * light(), light(), labels())
    made = side_by_side(found, "mine")
    assert made.dtype == np.uint8
    assert made.shape[1] == 3 * SIDE
    for panel, picture in enumerate((found.picture, found.reference)):
        shown = made[:SIDE, panel * SIDE : (panel + 1) * SIDE]
        np.testing.assert_array_equal(shown, np.rint(picture * 255))
    error = made[:SIDE, 2 * SIDE :]
    wanted = np.rint(255 * magma(found.relative / RELATIVE_MAX))
    inside = found.counted
    np.testing.assert_array_equal(error[inside], wanted[inside])
    assert (error[~inside].sum(axis=1) < wanted[~inside].sum(axis=1)).all()


def test_every_panel_is_captioned_and_the_errors_have_scales() -> None:
    made = side_by_side(compare(1.3 * light(), light(), labels()), seen=np.full((SIDE, SIDE), FLIP_MAX))
    strips = np.split(made[SIDE:], 4, axis=1)
    assert all(int(strip.max()) - int(strip[0, 0, 0]) > 100 for strip in strips)
    colourful = [int(np.ptp(strip.astype(int), axis=2).max()) > 60 for strip in strips]
    assert colourful == [False, False, True, True]
    np.testing.assert_array_equal(made[0, 3 * SIDE], np.rint(255 * magma(np.array(1.0))))


@pytest.mark.parametrize("side", [1, 7, 300])
def test_captions_fit_pictures_of_any_size(side: int) -> None:
    picture = np.full((side, side, 3), 0.5)
    made = side_by_side(compare(picture, picture, np.ones((side, side), np.uint32)), "a caption of some length")
    assert made.shape[1] == 3 * side


def test_the_scale_grows_brighter_from_black_at_every_step_and_clips() -> None:
    colors = magma(np.linspace(0.0, 1.0, 200))
    assert (np.diff(srgb_to_linear(colors) @ LUMINANCE) > 0).all()
    np.testing.assert_array_equal(magma(np.array([-1.0, 2.0])), colors[[0, -1]])
    np.testing.assert_allclose(magma(np.array(0.5)) * 255, [0xB6, 0x36, 0x79])


def test_the_share_of_noise_is_its_variance_over_the_squared_error() -> None:
    color, everywhere = light(), np.ones((SIDE, SIDE), bool)
    noisy = reference(color, np.full_like(color, 0.02))
    assert noise_share(color + 0.1, noisy, everywhere) == pytest.approx(0.04, rel=1e-4)
    assert noise_share(color + 0.01, noisy, everywhere) == 1.0
    assert noise_share(noisy.color, noisy, everywhere) == 1.0


def test_the_share_and_the_floor_look_at_what_counts_only() -> None:
    color, counted = light(), labels() > 0
    noise = np.where(counted[..., None], 0.02, 5.0) * np.ones(3)
    noisy = reference(color, noise)
    assert noise_share(color + np.where(counted, 0.1, 9.0)[..., None], noisy, counted) == pytest.approx(0.04, rel=1e-4)
    assert noise_floor(noisy, counted) < 0.05


def test_a_perfect_frame_has_the_median_error_that_the_floor_tells() -> None:
    chance = np.random.default_rng(3)
    truth = np.full((200, 200, 3), 0.4)
    noise = np.full((200, 200, 3), 0.02)
    traced = truth + noise * chance.standard_normal((200, 200, 1))
    noisy = reference(traced, noise)
    found = compare(truth, noisy.color, np.ones((200, 200), np.uint32))
    assert noise_floor(noisy, found.counted) == pytest.approx(found.median, rel=0.03)
