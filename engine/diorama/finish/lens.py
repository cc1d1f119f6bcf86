"""What a lens does to light on its way to the sensor, but for the glow: it darkens corners and parts colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def vignette(height: int, width: int, loss: float) -> Floats:
    """Return the share of light (H, W, 1) that a lens lets through; in the very corners ``loss`` is missing.

    It is cos⁴ of the angle to the axis, the law of natural vignetting, through a lens whose angle
    makes it so: (1 + tan²)⁻², and the tangent grows with the distance from the middle.
    """
    corner = (1.0 - loss) ** -0.5 - 1.0
    reach = corner / ((height**2 + width**2) / 4)
    down, across = (reach * (np.arange(side) + 0.5 - side / 2) ** 2 for side in (height, width))
    secant = down.astype(np.float32)[:, None] + (1.0 + across).astype(np.float32)
    return np.asarray(1 / (secant * secant))[..., None]


def parted(light: Floats, shift: float) -> Floats:
    """Return light (H, W, 3) with red 1 + ``shift`` times as large around the middle, and blue 1 - ``shift`` times.

    Lateral chromatic aberration in its first order. Bilinear, so that nothing rings around highlights.
    """
    result = np.empty_like(light)
    for channel, scale in enumerate((1.0 + shift, 1.0, 1.0 - shift)):
        result[..., channel] = _scaled(light[..., channel], scale)
    return result


def parted_cover(alpha: Floats, shift: float) -> Floats:
    """Return coverage (H, W) of light that was parted: how much the most of any colour is covered."""
    return np.maximum(np.maximum(_scaled(alpha, 1.0 + shift), alpha), _scaled(alpha, 1.0 - shift))


def _scaled(plane: Floats, scale: float) -> Floats:
    """Return a plane (H, W) magnified around its middle; beyond its border it goes on as it is there."""
    if scale == 1.0:
        return plane
    return _scaled_rows(_scaled_rows(plane, scale).T, scale).T


def _scaled_rows(plane: Floats, scale: float) -> Floats:
    count = len(plane)
    at = np.clip((np.arange(count) + 0.5 - count / 2) / scale + count / 2 - 0.5, 0, count - 1)
    first = np.minimum(at.astype(np.intp), max(count - 2, 0))
    share = (at - first).astype(np.float32)[:, None]
    near, far = plane[first], plane[np.minimum(first + 1, count - 1)]
    return np.asarray(near + (far - near) * share)
