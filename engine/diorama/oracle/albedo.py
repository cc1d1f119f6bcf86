"""The directional albedo of a GGX lobe, by quadrature in numpy: what the energy-conserving material is made with."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

SIZE = 64
_STEPS = 256


def smith_lambda(cosine: Floats, alpha: Floats | float) -> Floats:
    """Return Smith's Lambda of a direction at ``cosine`` from the normal (Heitz 2014, eq. 72)."""
    tangent2 = np.maximum(1.0 - cosine**2, 0.0) / np.maximum(cosine, 1e-9) ** 2
    return np.asarray(0.5 * (np.sqrt(1.0 + alpha**2 * tangent2) - 1.0))


def albedo_terms(cosine: float, alpha: float, steps: int = _STEPS) -> tuple[float, float]:
    """Return (a, b): under uniform light a lobe of reflectance f0 to f90 (Schlick) returns f0 a + f90 b.

    Half vectors are drawn on a regular grid by the distribution of visible normals (Heitz 2018).
    """
    u, v = np.meshgrid((np.arange(steps) + 0.5) / steps, (np.arange(steps) + 0.5) / steps)
    view = np.array([np.sqrt(max(1.0 - cosine**2, 0.0)), 0.0, cosine])
    stretched = view * [alpha, alpha, 1.0]
    stretched /= np.linalg.norm(stretched)
    across = np.array([0.0, 1.0, 0.0])
    other = np.cross(stretched, across)
    radius, angle = np.sqrt(u), 2.0 * np.pi * v
    p, q = radius * np.cos(angle), radius * np.sin(angle)
    blend = 0.5 * (1.0 + stretched[2])
    q = (1.0 - blend) * np.sqrt(np.maximum(1.0 - p**2, 0.0)) + blend * q
    half = (
        p[..., None] * across
        + q[..., None] * other
        + np.sqrt(np.maximum(1.0 - p**2 - q**2, 0.0))[..., None] * stretched
    )
    half = half * [alpha, alpha, 1.0]
    half[..., 2] = np.maximum(half[..., 2], 0.0)
    half /= np.linalg.norm(half, axis=-1, keepdims=True)
    v_dot_h = half @ view
    light_z = 2.0 * v_dot_h * half[..., 2] - cosine
    up = light_z > 0.0
    one, both = smith_lambda(np.array(cosine), alpha), smith_lambda(np.maximum(light_z, 1e-9), alpha)
    weight = np.where(up, (1.0 + one) / (1.0 + one + both), 0.0)
    fresnel = np.clip(1.0 - v_dot_h, 0.0, 1.0) ** 5
    return float(np.mean(weight * (1.0 - fresnel))), float(np.mean(weight * fresnel))


@cache
def albedo_table(size: int = SIZE) -> Floats:
    """Return (size, size, 2): the terms by perceptual roughness (rows) and n.v (columns), both 0..1 end to end."""
    axis = np.linspace(0.0, 1.0, size)
    return np.array([[albedo_terms(max(c, 1e-3), max(r * r, 1e-4), 64) for c in axis] for r in axis])
