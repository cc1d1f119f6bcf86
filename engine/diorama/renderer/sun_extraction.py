"""Find the sun in a picture of the sky, and move it out into a light that can cast shadows.

A sun is one compact region, a few degrees wide at most, that outshines its surroundings and
everything else in the picture many times over. Softboxes are too wide, windows and lamps have
equals elsewhere, an overcast glow fades too slowly: those stay in the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diorama.color import LUMINANCE
from diorama.renderer.sphere_maps import equirectangular_directions, equirectangular_solid_angles

Floats = NDArray[np.float64]

_RADIUS = np.radians(2.0)
"""A sun and the blur of lens and texels around it reach this far; 3 texels in coarse pictures."""

_RING_CONTRAST = 20.0
"""The peak over the mean of the ring from one to two radii around it."""

_RIVAL_CONTRAST = 10.0
"""The peak over the brightest texel outside the ring."""

_REAL_RADIUS = np.radians(0.265)
"""Half the angle under which the sun is seen from the Earth."""

_LEAST_SHARE = 0.005
"""Of the whole picture's energy; a fainter sun is not worth a shadow map."""


@dataclass(frozen=True, eq=False)
class ExtractedSun:
    """A sun taken out of a picture.

    ``direction`` (3,) unit, from the sun to the scene, in the picture's own frame;
    ``illuminance`` (3,) linear Rec.709 lux per unit of intensity on a plane that faces it;
    ``radius`` half the angle under which it is seen in radians, that of the real sun or more.
    """

    direction: Floats
    illuminance: Floats
    radius: float


def extract_sun(pixels: NDArray[np.floating]) -> tuple[NDArray[np.float32], ExtractedSun | None]:
    """Return ``pixels`` (H, W, 3) without their sun, and the sun; both unchanged and None if there is none.

    What is taken is what exceeds the mean of the surrounding ring, so the sum of both is the
    energy of the original.
    """
    picture = np.asarray(pixels, np.float32)
    height, width = picture.shape[:2]
    luminance = picture @ LUMINANCE.astype(np.float32)
    peak = np.unravel_index(int(np.argmax(luminance)), luminance.shape)
    radius = max(_RADIUS, 3.0 * np.pi / height)
    cosine = equirectangular_directions(height, width) @ equirectangular_directions(height, width)[peak]
    disc, ring = cosine > np.cos(radius), (cosine <= np.cos(radius)) & (cosine > np.cos(2.0 * radius))
    solid = np.broadcast_to(equirectangular_solid_angles(height, width), luminance.shape)
    if not _is_sun(luminance, luminance[peak], disc, ring, solid):
        return picture, None
    around = np.average(picture[ring], axis=0, weights=solid[ring])
    excess = np.maximum(picture[disc].astype(np.float64) - around, 0.0)
    energy = excess * solid[disc][:, None]
    places, weights = equirectangular_directions(height, width)[disc], energy @ LUMINANCE
    centre = weights @ places
    centre /= np.linalg.norm(centre)
    without = picture.copy()
    without[disc] = picture[disc] - excess
    return without, ExtractedSun(-centre, energy.sum(axis=0), _radius(places, weights, solid[disc], centre))


def _radius(places: Floats, weights: Floats, solid: Floats, centre: Floats) -> float:
    """Return the radius in radians of the even disc that is as wide as texels at ``places`` (K, 3), by their energy.

    The mean square of the distance from the middle of a disc is half its radius squared. Of that
    between the middles of texels a sixth of a texel's area comes from their own width.
    """
    square = np.sum((places - centre) ** 2, axis=1) - solid / 6.0
    return float(max(np.sqrt(max(2.0 * np.average(square, weights=weights), 0.0)), _REAL_RADIUS))


def _is_sun(
    luminance: NDArray[np.float32],
    peak: float,
    disc: NDArray[np.bool_],
    ring: NDArray[np.bool_],
    solid: Floats,
) -> bool:
    if not ring.any():
        return False
    around = float(np.average(luminance[ring], weights=solid[ring]))
    rival = float(np.max(luminance, where=~(disc | ring), initial=0.0))
    total = float((luminance * solid).sum())
    share = float(((luminance[disc] - around) * solid[disc]).sum()) / max(total, 1e-30)
    return peak > _RING_CONTRAST * around and peak > _RIVAL_CONTRAST * rival and share > _LEAST_SHARE
