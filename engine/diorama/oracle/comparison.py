"""How far a frame is from its reference, where the two can be compared: inside one thing, off its edges.

Pixels count whose 3 x 3 neighbours all show the same instance, so that neither the background nor
a silhouette's coverage speaks for the light. For what is seen, one exposure sets the reference's
median luminance to :data:`MIDDLE`, and both pictures go through the same tone curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from diorama.color import LUMINANCE, linear_to_srgb
from diorama.finish.tone import clip_light, neutral
from diorama.metrics import flip, psnr_of_mse

Floats = NDArray[np.float64]

MIDDLE = 0.18
"""The linear value that the reference's median luminance is exposed to."""

_SHARE = 0.01
"""Of the reference's mean: what is added to it in the error's denominator."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """The error of a frame against its reference, over the pixels ``counted`` (H, W).

    ``relative`` (H, W) is |a - b| / (b + 1 % of the mean of b), channels summed; ``median`` and ``p95``
    are of it. ``psnr`` in dB and ``flip`` (0..1, over all pixels) are of the tone-mapped pictures
    ``picture`` and ``reference`` (H, W, 3), sRGB 0..1. ``rmse`` is of linear light, in units of its mean.
    """

    counted: NDArray[np.bool_]
    relative: Floats
    picture: Floats
    reference: Floats
    median: float
    p95: float
    psnr: float
    rmse: float

    @property
    def flip(self) -> float:
        """The mean LDR-FLIP over the whole picture."""
        return flip(self.picture, self.reference)


def compare(color: NDArray[np.floating], reference: NDArray[np.floating], instance: NDArray[np.uint32]) -> Comparison:
    """Compare linear ``color`` (H, W, 3) with ``reference``; ``instance`` (H, W) is the label pass, 0 background."""
    a, b = np.asarray(color, np.float64), np.asarray(reference, np.float64)
    counted = inside_of_things(instance)
    if not counted.any():
        counted = np.ones_like(counted)
    relative = np.abs(a - b).sum(axis=2) / (b.sum(axis=2) + max(_SHARE * float(b.sum(axis=2).mean()), 1e-12))
    seen, wanted = (as_seen(light, exposure_of(b, counted)) for light in (a, b))
    error = float(np.mean((seen - wanted)[counted] ** 2))
    linear = float(np.sqrt(np.mean((a - b)[counted] ** 2))) / max(float(b[counted].mean()), 1e-12)
    median, p95 = np.percentile(relative[counted], [50.0, 95.0])
    return Comparison(counted, relative, seen, wanted, float(median), float(p95), psnr_of_mse(error), linear)


def inside_of_things(instance: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Return where all of a pixel's 3 x 3 neighbours show one instance, (H, W); never in the background."""
    same = maximum_filter(instance, 3, mode="nearest") == minimum_filter(instance, 3, mode="nearest")
    return np.asarray(same & (instance > 0))


def exposure_of(reference: Floats, counted: NDArray[np.bool_]) -> float:
    """Return the factor that brings the median luminance of the ``counted`` pixels to :data:`MIDDLE`."""
    median = float(np.median((reference @ LUMINANCE)[counted]))
    return MIDDLE / median if median > 0.0 else 1.0


def as_seen(light: Floats, exposure: float) -> Floats:
    """Return linear ``light`` (H, W, 3) as a display shows it: exposed, toned (Khronos neutral), sRGB 0..1."""
    return linear_to_srgb(neutral(clip_light((light * exposure).astype(np.float32))))
