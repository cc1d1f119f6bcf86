"""Lenses that bend straight lines, in the conventions of OpenCV.

Places are given on the plane one unit ahead of the camera: x to the right, y down, the axis at
(0, 0). A pinhole shows a point where it lies on that plane; a lens shows it elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Model: TypeAlias = Literal["brown_conrady", "fisheye"]

ROUNDS = 8
"""Steps of Newton's method from a bent place to the straight one; ``lib/lens.glsl`` takes as many."""

WIDEST = np.radians(75.0)
"""The farthest angle off its axis to which a fisheye can be drawn, in radians: beyond it no flat picture serves."""


@dataclass(frozen=True)
class Distortion:
    """A lens: ``coefficients`` are k1, k2, p1, p2, k3 (Brown-Conrady), or k1 to k4 (fisheye).

    Brown 1966, "Decentering distortion of lenses"; Kannala and Brandt 2006, "A generic camera model and
    calibration method for conventional, wide-angle, and fish-eye lenses".
    """

    model: Model
    coefficients: tuple[float, ...]

    def bent(self, plane: Floats) -> Floats:
        """Return where the lens shows places (..., 2) of the plane."""
        if self.model == "fisheye":
            radius = np.linalg.norm(plane, axis=-1, keepdims=True)
            angle, _ = self._angle(np.arctan(radius))
            return np.asarray(plane * np.where(radius > 1e-9, angle / np.maximum(radius, 1e-9), 1.0))
        return self._brown(plane)[0]

    def straight(self, bent: Floats) -> Floats:
        """Return the places (..., 2) that the lens shows at ``bent`` (..., 2), by Newton's method."""
        if self.model == "fisheye":
            radius = np.linalg.norm(bent, axis=-1, keepdims=True)
            angle = radius
            for _ in range(ROUNDS):
                there, slope = self._angle(angle)
                angle = angle - (there - radius) / _off_zero(slope)
            angle = np.where(np.abs(angle) < np.pi / 2.0, angle, np.nan)
            return np.asarray(bent * np.where(radius > 1e-9, np.tan(angle) / np.maximum(radius, 1e-9), 1.0))
        plane = bent
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(ROUNDS):
                there, (xx, xy, yy) = self._brown(plane)
                off, determinant = there - bent, _off_zero(xx * yy - xy * xy)
                step = [yy * off[..., 0] - xy * off[..., 1], xx * off[..., 1] - xy * off[..., 0]]
                plane = plane - np.stack(step, axis=-1) / determinant[..., None]
        return plane

    def stretch(self, plane: Floats) -> tuple[Floats, Floats]:
        """Return by how much the lens stretches the surroundings of places (..., 2): least and most, (...,), (...,).

        The least is below 0 where it turns them over.
        """
        if self.model == "fisheye":
            radius = np.linalg.norm(plane, axis=-1)
            angle, slope = self._angle(np.arctan(radius))
            along, across = slope / (1.0 + radius**2), np.where(radius > 1e-9, angle / np.maximum(radius, 1e-9), 1.0)
            return np.minimum(along, across), np.maximum(along, across)
        _, (xx, xy, yy) = self._brown(plane)
        middle, half = (xx + yy) / 2.0, np.hypot((xx - yy) / 2.0, xy)
        return middle - half, middle + half

    def _brown(self, plane: Floats) -> tuple[Floats, tuple[Floats, Floats, Floats]]:
        """Return the bent places (..., 2), and how they change: dx/dx, dx/dy which is dy/dx, dy/dy."""
        k1, k2, p1, p2, k3 = self.coefficients
        x, y = plane[..., 0], plane[..., 1]
        r2 = x * x + y * y
        radial, change = 1.0 + r2 * (k1 + r2 * (k2 + r2 * k3)), k1 + r2 * (2.0 * k2 + r2 * 3.0 * k3)
        bent = np.stack(
            [
                x * radial + 2.0 * p1 * x * y + p2 * (r2 + 2.0 * x * x),
                y * radial + p1 * (r2 + 2.0 * y * y) + 2.0 * p2 * x * y,
            ],
            axis=-1,
        )
        xx = radial + 2.0 * x * x * change + 2.0 * p1 * y + 6.0 * p2 * x
        yy = radial + 2.0 * y * y * change + 6.0 * p1 * y + 2.0 * p2 * x
        return bent, (xx, 2.0 * (x * y * change + p1 * x + p2 * y), yy)

    def _angle(self, angle: Floats) -> tuple[Floats, Floats]:
        """Return how far from the middle a fisheye shows what is ``angle`` radians off its axis, and its slope."""
        k1, k2, k3, k4 = self.coefficients
        a2 = angle * angle
        there = angle * (1.0 + a2 * (k1 + a2 * (k2 + a2 * (k3 + a2 * k4))))
        return there, 1.0 + a2 * (3.0 * k1 + a2 * (5.0 * k2 + a2 * (7.0 * k3 + a2 * 9.0 * k4)))


@dataclass(frozen=True, eq=False)
class Field:
    """What a lens shows in a picture: the corners ``low`` and ``high`` (2,) of a box of the plane around it.

    ``reach`` is the farthest from the axis, ``most`` the largest stretch in it. Without ``faithful`` the lens
    shows some places twice or not at all.
    """

    low: Floats
    high: Floats
    reach: float
    most: float
    faithful: bool


@lru_cache(maxsize=64)
def field_of(distortion: Distortion, fx: float, fy: float, cx: float, cy: float, width: int, height: int) -> Field:
    """Return what is seen in a picture with these intrinsics and this size, all in pixels."""
    x, y = np.meshgrid(np.linspace(0.0, width, 65), np.linspace(0.0, height, 65))
    inside = np.stack([x, y], axis=-1).reshape(-1, 2)
    columns, rows = np.arange(width + 1.0), np.arange(height + 1.0)
    level = [np.stack([columns, np.full_like(columns, y)], axis=-1) for y in (0.0, height)]
    upright = [np.stack([np.full_like(rows, x), rows], axis=-1) for x in (0.0, width)]
    pixels = np.concatenate([inside, *level, *upright])
    bent = (pixels - (cx, cy)) / (fx, fy)
    plane = distortion.straight(bent)
    if not np.isfinite(plane).all() or np.abs(distortion.bent(plane) - bent).max() > 1e-7:
        return Field(np.zeros(2), np.zeros(2), np.inf, 1.0, faithful=False)
    reach = float(np.linalg.norm(plane, axis=1).max())
    turn, out = np.meshgrid(np.linspace(0.0, 2.0 * np.pi, 64), np.linspace(0.0, reach, 128))
    least, _ = distortion.stretch(np.stack([out * np.cos(turn), out * np.sin(turn)], axis=-1))
    most = float(distortion.stretch(plane)[1].max())
    return Field(plane.min(axis=0), plane.max(axis=0), reach, most, faithful=bool(least.min() > 0.0))


def _off_zero(value: Floats) -> Floats:
    return np.asarray(np.where(np.abs(value) > 1e-12, value, 1e-12))
