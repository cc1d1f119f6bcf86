"""Charlie sheen (Estevez and Kulla 2017, "Production friendly microfacet sheen BRDF"), as KHR_materials_sheen has it.

The numbers of the masking are the paper's fit. Written for numpy and drjit alike: ``lib`` is either.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

LEAST_ROUGHNESS = 0.07
"""Smoother fibres than this are drawn as rough as this."""

SIZE = 64

_FIT = ((21.5473, 25.3245), (3.82987, 3.32435), (0.19823, 0.16801), (-1.97760, -1.27393), (-4.32054, -4.85967))
"""The paper's table 1: each parameter at alpha 1 and at alpha 0."""


def sheen_brdf(lib: Any, light: Any, view: Any, half: Any, alpha: Any) -> Any:
    """Return the BRDF of white fibres, by the cosines to the normal of light, view and half vector."""
    sine2 = lib.maximum(1.0 - half * half, 1e-12)
    distribution = (2.0 + 1.0 / alpha) * sine2 ** (0.5 / alpha) / (2.0 * float(np.pi))
    masked = 1.0 + _lambda(lib, light, alpha) + _lambda(lib, view, alpha)
    return distribution * lib.minimum(1.0 / (masked * 4.0 * light * view), 1.0)


def _lambda(lib: Any, cosine: Any, alpha: Any) -> Any:
    choose = lib.where if lib is np else lib.select
    turned = 2.0 * _log_lambda(0.5, alpha) - _log_lambda(1.0 - lib.minimum(cosine, 1.0), alpha)
    return lib.exp(choose(cosine < 0.5, _log_lambda(cosine, alpha), turned))


def _log_lambda(x: Any, alpha: Any) -> Any:
    part = (1.0 - alpha) ** 2
    a, b, c, d, e = (one + (other - one) * part for one, other in _FIT)
    return a / (1.0 + b * x**c) + d * x + e


def sheen_albedo(cosine: float, alpha: float, steps: int = 64) -> float:
    """Return what white fibres return of uniform light: a sum over the hemisphere, finer towards the horizon."""
    u = (np.arange(steps) + 0.5) / steps
    z, phi = (one[..., None] if k else one for k, one in enumerate((u * u, np.pi * u)))
    sine = np.sqrt(1.0 - cosine**2)
    around = np.sqrt(1.0 - z * z)
    light = np.stack(np.broadcast_arrays(around * np.cos(phi), around * np.sin(phi), z), axis=-1)
    half = light + np.array([sine, 0.0, cosine])
    half /= np.linalg.norm(half, axis=-1, keepdims=True)
    value = sheen_brdf(np, light[..., 2], cosine, half[..., 2], alpha) * light[..., 2]
    return float((value * (2.0 * u * 2.0 * np.pi)).mean())


@cache
def sheen_table(size: int = SIZE) -> Floats:
    """Return (size, size) albedos by perceptual roughness (rows) and n.v (columns), both 0..1 end to end."""
    axis = np.linspace(0.0, 1.0, size)
    return np.array([[sheen_albedo(max(c, 1e-3), max(r, LEAST_ROUGHNESS) ** 2) for c in axis] for r in axis])
