"""The directional albedo of stretched GGX lobes (KHR_materials_anisotropy), by quadrature, a table a material."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.oracle.backend import dr, mi

Floats: TypeAlias = NDArray[np.float64]

SIZE = (9, 9, 33)
"""Entries by perceptual roughness up to the material's own, by the view's turn from the stretch (a quarter), by n.v."""

_STEPS = 48


def widths(roughness: Any, anisotropy: Any) -> tuple[Any, Any]:
    """Return alpha along and across the stretch."""
    across = roughness * roughness
    return across + (1.0 - across) * anisotropy * anisotropy, across


def stretched_terms(view: Floats, along: float, across: float, steps: int = _STEPS) -> tuple[float, float]:
    """Return what :func:`diorama.oracle.albedo.albedo_terms` does for a lobe of two widths and ``view`` (3,)."""
    u, v = np.meshgrid((np.arange(steps) + 0.5) / steps, (np.arange(steps) + 0.5) / steps)
    scale = np.array([along, across, 1.0])
    warped = view * scale / np.linalg.norm(view * scale)
    z = (1.0 - u) * (1.0 + warped[2]) - warped[2]  # Dupuy and Benyoub 2023
    sine = np.sqrt(np.clip(1.0 - z * z, 0.0, 1.0))
    half = np.stack([sine * np.cos(2 * np.pi * v), sine * np.sin(2 * np.pi * v), z], axis=-1) + warped
    half = half * scale
    half[..., 2] = np.maximum(half[..., 2], 1e-9)
    half /= np.linalg.norm(half, axis=-1, keepdims=True)
    v_dot_h = half @ view
    light = 2.0 * v_dot_h[..., None] * half - view
    up = light[..., 2] > 1e-9
    one, both = _smith(view, scale), _smith(np.where(up[..., None], light, [0.0, 0.0, 1.0]), scale)
    weight = np.where(up, (1.0 + one) / (1.0 + one + both), 0.0)
    fresnel = np.clip(1.0 - v_dot_h, 0.0, 1.0) ** 5
    return float((weight * (1.0 - fresnel)).mean()), float((weight * fresnel).mean())


def _smith(direction: Floats, scale: Floats) -> Any:
    slope2 = ((direction[..., :2] * scale[:2]) ** 2).sum(axis=-1) / direction[..., 2] ** 2
    return 0.5 * (np.sqrt(1.0 + slope2) - 1.0)


class StretchTables:
    """The tables of all materials that are stretched; (M,) roughness and anisotropy, the roughness a factor."""

    def __init__(self, roughness: Floats, anisotropy: Floats) -> None:
        self._first = np.cumsum(anisotropy > 0.0) - 1
        rows = np.flatnonzero(anisotropy > 0.0)
        tables = [_table(float(roughness[row]), float(anisotropy[row])) for row in rows]
        self._starts = mi.UInt32(np.maximum(self._first, 0).astype(np.uint32) * int(np.prod(SIZE)))
        self._roughness = mi.Float(np.maximum(roughness, 1e-3).astype(np.float32))
        self._entries = mi.Float(np.concatenate(tables).astype(np.float32).ravel())

    def terms(self, row: Any, view: Any, roughness: Any, active: Any) -> Any:
        """Return (a, b) as a vector for ``view`` in the frame of the stretch, between the entries."""
        start = dr.gather(mi.UInt32, self._starts, row, active)
        turn = dr.atan2(dr.abs(view.y), dr.abs(view.x)) * (2.0 / dr.pi)
        share = roughness / dr.gather(mi.Float, self._roughness, row, active)
        at = [dr.clip(one, 0.0, 1.0) * (size - 1) for one, size in zip((share, turn, view.z), SIZE, strict=True)]
        low = [dr.minimum(mi.UInt32(one), size - 2) for one, size in zip(at, SIZE, strict=True)]
        part = [one - mi.Float(floor) for one, floor in zip(at, low, strict=True)]
        total = mi.Vector2f(0.0)
        for corner in range(8):
            step = [corner >> axis & 1 for axis in range(3)]
            weight = mi.Float(1.0)
            for axis in range(3):
                weight *= part[axis] if step[axis] else 1.0 - part[axis]
            x, y, z = (low[axis] + step[axis] for axis in range(3))
            total += weight * dr.gather(mi.Vector2f, self._entries, start + (x * SIZE[1] + y) * SIZE[2] + z, active)
        return total


def _table(roughness: float, anisotropy: float) -> Floats:
    """Return (entries, 2) in the order of :data:`SIZE`."""
    found = []
    for part in np.linspace(0.0, 1.0, SIZE[0]):
        along, across = widths(max(part * roughness, 0.02), anisotropy)
        for turn in np.linspace(0.0, np.pi / 2, SIZE[1]):
            for cosine in np.maximum(np.linspace(0.0, 1.0, SIZE[2]), 1e-3):
                sine = np.sqrt(1.0 - cosine**2)
                view = np.array([sine * np.cos(turn), sine * np.sin(turn), cosine])
                found.append(stretched_terms(view, along, across))
    return np.array(found)
