"""Steadiness along the flow, of clips whose motion is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from diorama.metrics import tpsnr, warp, warp_error

RANDOM = np.random.default_rng(3)
WIDE = gaussian_filter(RANDOM.random((20, 40, 3)), (1, 1, 0))


def drift(frames: int, step: int) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """A window that moves ``step`` pixels to the right over a wide picture a frame."""
    clip = [WIDE[:, step * n : step * n + 20] for n in range(frames)]
    flow = np.zeros((20, 20, 2))
    flow[..., 0] = step
    valid = np.broadcast_to(np.arange(20) + step < 20, (20, 20))
    return clip, [flow] * frames, [valid] * frames


def test_whole_pixels_are_moved_exactly() -> None:
    flow = np.zeros((20, 20, 2))
    flow[..., 0], flow[..., 1] = 2, -3
    warped = warp(WIDE[:, :20], flow)
    np.testing.assert_array_equal(warped[3:, :18], WIDE[:17, 2:20])


def test_half_pixels_are_means_and_the_border_repeats() -> None:
    flow = np.full((4, 4, 2), (0.5, 0.0))
    picture = np.arange(16.0).reshape(4, 4, 1)
    np.testing.assert_allclose(warp(picture, flow)[0, :, 0], [0.5, 1.5, 2.5, 3.0])


def test_a_rigid_drift_is_perfectly_steady() -> None:
    clip, flows, valid = drift(4, 3)
    assert warp_error(clip, flows, valid) == pytest.approx(0.0, abs=1e-20)
    assert warp_error(clip, flows, [np.ones((20, 20), bool)] * 4) > 1e-4


def test_flicker_has_a_known_error() -> None:
    clip, flows, valid = drift(5, 2)
    flicker = [frame + 0.05 * (-1) ** n for n, frame in enumerate(clip)]
    assert warp_error(flicker, flows, valid) == pytest.approx(0.1**2)
    assert tpsnr(flicker, clip, flows, valid) == pytest.approx(20.0)


def test_a_constant_error_is_steady() -> None:
    clip, flows, valid = drift(3, 2)
    assert tpsnr([frame + 0.2 for frame in clip], clip, flows, valid) > 200


def test_change_that_the_reference_shows_too_costs_nothing() -> None:
    clip, flows, valid = drift(4, 1)
    fading = [frame * 0.9**n for n, frame in enumerate(clip)]
    assert tpsnr(fading, fading, flows, valid) == float("inf")
    assert tpsnr(clip, fading, flows, valid) < 40
