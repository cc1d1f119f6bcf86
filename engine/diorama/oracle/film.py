"""Iridescence by a thin film (Belcour and Barla 2017), as KHR_materials_iridescence puts it to a base's reflectance.

The film lies on a dielectric that would reflect ``base`` at normal incidence; polarisation is left
out, light interferes after up to two rounds inside the film, and each colour is the Fourier
transform of the eye's answer, fitted with Gaussians (the paper's supplement).
"""

from __future__ import annotations

import math
from typing import Any

from diorama.oracle.backend import dr, mi

_WHITE = 1.0685e-7


def _gaussian(strength: float, middle: float, variance: float) -> tuple[float, float, float]:
    return strength * math.sqrt(2.0 * math.pi * variance) / _WHITE, middle, variance


_SENSITIVITY = (
    (_gaussian(5.4856e-13, 1.6810e6, 4.3278e9), _gaussian(9.7470e-14, 2.2399e6, 4.5282e9)),
    (_gaussian(4.4201e-13, 1.7953e6, 9.3046e9),),
    (_gaussian(5.2481e-13, 2.2084e6, 6.6121e9),),
)
"""For X, Y and Z: height, middle and variance of each Gaussian."""

_REC709 = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)


def film_reflectance(base: Any, ior: Any, cosine: Any, nanometres: Any) -> Any:
    """Return the reflectance at normal incidence which Schlick's formula leads to the film's at ``cosine``."""
    grazing = dr.minimum(_schlick(0.0, cosine), 0.9999)
    return dr.clip((_fresnel(base, ior, cosine, nanometres) - grazing) / (1.0 - grazing), 0.0, 1.0)


def _fresnel(base: Any, ior: Any, cosine: Any, nanometres: Any) -> Any:
    there = dr.clip(nanometres / 0.03, 0.0, 1.0)
    ior = dr.lerp(1.0, ior, there * there * (3.0 - 2.0 * there))
    refracted = dr.safe_sqrt(1.0 - (1.0 - cosine * cosine) / (ior * ior))
    upper = _schlick(((ior - 1.0) / (ior + 1.0)) ** 2, cosine)
    amplitude = dr.sqrt(dr.clip(base, 0.0, 0.9999))
    below = (1.0 + amplitude) / (1.0 - amplitude)
    lower = _schlick(((below - ior) / (below + ior)) ** 2, refracted)
    path = 2.0 * ior * nanometres * 1e-9 * refracted
    turned = math.pi + dr.select(below < ior, mi.Color3f(math.pi), mi.Color3f(0.0))
    both = dr.clip(upper * lower, 1e-5, 0.9999)
    rounds = (1.0 - upper) ** 2 * lower / (1.0 - both)
    total = upper + rounds
    for order in (1, 2):
        waves = _answer(order * path, order * turned)
        total += 2.0 * (rounds - (1.0 - upper)) * dr.sqrt(both) ** order * waves
    return dr.clip(total, 0.0, 1.0)


def _answer(path: Any, turned: Any) -> Any:
    """Return the colour of light that interferes over ``path`` metres and is turned by so many radians."""
    wave = 2.0 * math.pi * path
    xyz = []
    for gaussians, shift in zip(_SENSITIVITY, turned, strict=True):
        parts = [
            weight * dr.exp(-spread * wave * wave) * dr.cos(middle * wave + shift)
            for weight, middle, spread in gaussians
        ]
        xyz.append(sum(parts))
    return mi.Color3f(*(sum(weight * value for weight, value in zip(row, xyz, strict=True)) for row in _REC709))


def _schlick(f0: Any, cosine: Any) -> Any:
    return f0 + (1.0 - f0) * (1.0 - dr.clip(cosine, 0.0, 1.0)) ** 5
