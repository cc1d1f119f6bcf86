"""Error and similarity of two pictures (H, W, 3), display-referred, 0..1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

_SIGMA, _RADIUS = 1.5, 5
_C1, _C2 = 0.01**2, 0.03**2


def mse(picture: NDArray[Any], reference: NDArray[Any]) -> float:
    """Return the mean squared difference."""
    difference = np.asarray(picture, np.float64) - reference
    return float(np.mean(difference * difference))


def psnr(picture: NDArray[Any], reference: NDArray[Any]) -> float:
    """Return the peak signal-to-noise ratio in dB, infinite for equal pictures."""
    return psnr_of_mse(mse(picture, reference))


def psnr_of_mse(error: float) -> float:
    """Return the ratio in dB that belongs to a mean squared error."""
    return float(-10.0 * np.log10(error)) if error > 0.0 else float("inf")


def ssim(picture: NDArray[Any], reference: NDArray[Any]) -> float:
    """Return the structural similarity (Wang et al. 2004), the mean over pixels and channels.

    The window is the paper's, a Gaussian of 1.5 pixels on 11 x 11; pixels whose window leaves the
    picture do not count.
    """
    a, b = np.asarray(picture, np.float64), np.asarray(reference, np.float64)
    if min(a.shape[:2]) <= 2 * _RADIUS:
        raise ValueError(f"expected pictures of more than {2 * _RADIUS} pixels a side, got {a.shape[1]}x{a.shape[0]}")
    mean_a, mean_b = _blurred(a), _blurred(b)
    var_a, var_b = _blurred(a * a) - mean_a**2, _blurred(b * b) - mean_b**2
    covariance = _blurred(a * b) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + _C1) / (mean_a**2 + mean_b**2 + _C1)
    structure = (2 * covariance + _C2) / (var_a + var_b + _C2)
    inside = slice(_RADIUS, -_RADIUS)
    return float((luminance * structure)[inside, inside].mean())


def _blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(gaussian_filter(values, _SIGMA, axes=(0, 1), radius=_RADIUS))
