"""Lines of sight through the air, and the light that the air has scattered more than once.

Hillaire 2020, "A Scalable and Production Ready Sky and Atmosphere Rendering Technique": light
scattered twice is summed at a few places, and whatever follows is a geometric series. All light is
a share of the sun's above the air, per steradian.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from diorama.material.atmosphere import EARTH, TOP, Air, Floats, densities, sunlight, way_out

_ALTITUDES, _ANGLES = 16, 24
"""The size of the table of light scattered often: altitudes, and angles of the sun to the zenith."""

_SLOPES, _TURNS, _STEPS = 6, 3, 20
"""The directions that make up a quarter of a sphere, and the steps of each line of sight."""

_REACH = float(np.radians(15.0))
"""How much nearer to the zenith, or farther, the sun can stand above the far end of a line of sight."""

_LEAST = 1e-30
"""Light of which the logarithm is still a number."""


@dataclass(frozen=True, eq=False)
class Sights:
    """Lines of sight (...) to the ground or to the end of the air, in K steps that grow.

    ``radius`` (...) is the eye's from the middle of the Earth, ``cosine`` (...) the direction's;
    ``length`` (...) is that of the whole, ``distance`` and ``altitude`` (..., K) are those of the
    steps' middles. ``scattered`` (..., 3, K, B) is what a step sends to the eye of light that shines
    on it from all sides alike: by molecules, by haze to all sides, by haze nearly straight on.
    ``through`` (..., B) is what comes from the end, ``ground`` (...) whether that is the ground.
    """

    radius: Floats
    cosine: Floats
    length: Floats
    distance: Floats
    altitude: Floats
    scattered: Floats
    through: Floats
    ground: NDArray[np.bool_]

    def sun(self, sun: Floats, turn: Floats) -> Floats:
        """Return the sun's cosine (..., K) at the steps: at the eye it is ``sun``, its azimuth ``turn`` away."""
        return self._sun_at(self.distance, sun, turn, EARTH + self.altitude)

    def sun_at_end(self, sun: Floats, turn: Floats) -> Floats:
        """Return the sun's cosine (...) at the ends, where they are on the ground."""
        return self._sun_at(self.length[..., None], sun, turn, np.array(EARTH))[..., 0]

    def _sun_at(self, distance: Floats, sun: Floats, turn: Floats, radius: Floats) -> Floats:
        level = np.sqrt(np.maximum((1.0 - self.cosine**2) * (1.0 - sun**2), 0.0))
        between = self.cosine * sun + level * np.cos(turn)
        up = (self.radius * sun)[..., None] + distance * between[..., None]
        return np.asarray(np.clip(up / radius, -1.0, 1.0))


def look(air: Air, altitude: Floats, cosine: Floats, steps: int) -> Sights:
    """Return the lines of sight from ``altitude`` (...) along ``cosine`` (...)."""
    altitude, cosine = np.broadcast_arrays(altitude, cosine)
    radius = EARTH + altitude
    above = EARTH**2 - radius**2 * (1.0 - cosine**2)
    ground = (cosine < 0.0) & (above >= 0.0)
    length = np.where(ground, -radius * cosine - np.sqrt(np.maximum(above, 0.0)), way_out(radius, cosine))
    length = np.maximum(length, 0.0)
    # what is near is dense and close to the eye: steps grow from the eye on
    edges = length[..., None] * np.linspace(0.0, 1.0, steps + 1) ** 2.5
    distance, size = (edges[..., 1:] + edges[..., :-1]) / 2.0, np.diff(edges)
    from_middle = radius[..., None] ** 2 + distance**2 + 2.0 * distance * (radius * cosine)[..., None]
    height = np.maximum(np.sqrt(from_middle) - EARTH, 0.0)
    amount = densities(height) * size[..., None]
    aside, met = _met(amount @ air.deflection)
    # what goes straight on to the eye has not been scattered straight on once more
    straight, _ = _met(amount @ air.extinction)
    scattered = amount[..., (0, 1, 1), None] * air.scattering * np.stack([aside, aside, straight], axis=-2)
    return Sights(radius, cosine, length, distance, height, np.moveaxis(scattered, -2, -3), met, ground)


def _met(depth: Floats) -> tuple[Floats, Floats]:
    """Return what comes to the eye of the light of each step (..., K, B), and of that of the end (..., B)."""
    before = np.exp(depth - np.cumsum(depth, axis=-2))
    return before * -np.expm1(-depth) / np.maximum(depth, _LEAST), np.exp(-depth.sum(axis=-2))


class ScatteredOften:
    """What shines on the air from all sides, scattered once or more, as if every scattering were even."""

    def __init__(self, air: Air, sun: float, ground: Floats) -> None:
        """``sun`` is the sun's cosine where the eye is; ``ground`` (B,) is what the ground reflects."""
        middle = float(np.arccos(sun))
        self._first, self._last = max(middle - _REACH, 0.0), min(middle + _REACH, np.pi)
        altitude = TOP * np.linspace(0.0, 1.0, _ALTITUDES) ** 2
        points, weights = np.polynomial.legendre.leggauss(_SLOPES)
        slopes = np.concatenate([points - 1.0, points + 1.0]) / 2.0
        shares = np.concatenate([weights, weights])[:, None] / 4.0
        sights = look(air, altitude[:, None, None, None], slopes[:, None, None], _STEPS)  # (altitude, slope, 1, 1)
        suns = np.cos(np.linspace(self._first, self._last, _ANGLES))[:, None]
        turns = (np.arange(_TURNS) + 0.5) * np.pi / _TURNS
        scattered = sights.scattered[..., :2, :, :].sum(axis=-3)
        once = (scattered * sunlight(air.deflection, sights.altitude, sights.sun(suns, turns))).sum(axis=-2) / (
            4.0 * np.pi
        )
        below = sights.sun_at_end(suns, turns)
        lit = sunlight(air.deflection, np.array(0.0), below) * np.maximum(below, 0.0)[..., None] / np.pi
        bounced = np.where(sights.ground[..., None], sights.through, 0.0) * ground
        twice = ((once + bounced * lit).mean(axis=-2) * shares[:, None]).sum(axis=1)  # (altitude, angle, B)
        again = ((scattered.sum(axis=-2) + bounced)[:, :, 0, 0] * shares).sum(axis=1)  # (altitude, B)
        self._logarithm = np.log(twice / (1.0 - again)[:, None] + _LEAST)

    def __call__(self, altitude: Floats, cosine: Floats) -> Floats:
        """Return the light (..., B) per steradian at ``altitude`` (...), with the sun at ``cosine`` (...)."""
        row = np.sqrt(altitude / TOP) * (_ALTITUDES - 1)
        angle = (np.arccos(cosine) - self._first) / (self._last - self._first) * (_ANGLES - 1)
        where = np.stack(np.broadcast_arrays(row, angle))
        bands = np.moveaxis(self._logarithm, -1, 0)
        found = [map_coordinates(band, where, order=1, mode="nearest") for band in bands]
        return np.asarray(np.exp(np.stack(found, axis=-1)))
