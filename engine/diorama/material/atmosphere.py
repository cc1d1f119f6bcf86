"""The Earth's clear air, and what it does to sunlight in eleven bands of wavelengths.

Molecules scatter, haze scatters and absorbs, ozone absorbs; all lie in spherical shells. Lengths
are in kilometres, a cosine is that of the angle to the zenith at the place in question. Bands
instead of red, green and blue keep low suns orange: within a band of 30 nm the air is alike, within
the whole of what the eye calls blue it is not. Refraction, half a degree at the horizon, is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

Floats: TypeAlias = NDArray[np.float64]

EARTH, TOP = 6371.0, 100.0
"""The radius of the Earth, and the altitude where the air ends."""

SUN_DIAMETER = float(np.radians(0.533))
"""The angle across the sun."""

_BANDS = np.arange(405.0, 706.0, 30.0)
"""The middles of the bands in nanometres."""

_SOLAR = np.array(
    [
        1.14716, 1.72765, 1.73054, 1.6887, 1.61253, 1.91198, 2.03474, 2.02042, 2.02212, 1.93377, 1.95809,
        1.91686, 1.8298, 1.8685, 1.8931, 1.85149, 1.8504, 1.8341, 1.8345, 1.8147, 1.78158, 1.7533,
        1.6965, 1.68194, 1.64654, 1.6048, 1.52143, 1.55622, 1.5113, 1.474, 1.4482, 1.41018, 1.36775,
    ]
)  # fmt: skip
"""Sunlight above the air in W/m²/nm, means over 10 nm from 390 nm on (ASTM G-173, extraterrestrial)."""

_OZONE = np.array([0.0165, 0.0993, 0.3636, 1.052, 2.165, 3.619, 4.590, 4.355, 2.705, 1.511, 0.7815]) * 1e-25
"""Cross-section of an ozone molecule in m², means over the bands (Serdyuchenko et al. 2014, 233 K)."""

_OZONE_COLUMN = 300.0 * 2.687e20
"""Molecules of ozone above a square metre: 300 Dobson units."""

_SCALE_HEIGHTS = 8.0, 1.2
"""Of molecules and of haze."""

_HAZE_ALBEDO = 0.95
"""How much of what meets haze goes on; the rest is absorbed."""

STRAIGHT_ON = 0.5
"""How much of what haze scatters goes on nearly straight: the narrow lobe of its phase function."""

_XYZ_TO_REC709 = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)

_TABLE = 96, 192
"""Altitudes and cosines in the table of columns towards the sun."""


@dataclass(frozen=True, eq=False)
class Air:
    """The air's optical depths from sea level straight up: (B,) in each band, of each of its parts."""

    molecules: Floats
    haze: Floats
    ozone: Floats

    @property
    def scattering(self) -> Floats:
        """What molecules, haze to all sides, and haze nearly straight on scatter, (3, B) in optical depth."""
        scattered = self.haze * _HAZE_ALBEDO
        return np.stack([self.molecules, scattered * (1.0 - STRAIGHT_ON), scattered * STRAIGHT_ON])

    @property
    def extinction(self) -> Floats:
        """What molecules, haze and ozone scatter and absorb, (3, B) in optical depth."""
        return np.stack([self.molecules, self.haze, self.ozone])

    @property
    def deflection(self) -> Floats:
        """The extinction (3, B) without what haze scatters nearly straight on, which goes on as if it had met nothing.

        Joseph, Wiscombe and Weinman 1976, "The Delta-Eddington Approximation".
        """
        return np.stack([self.molecules, self.haze * (1.0 - _HAZE_ALBEDO * STRAIGHT_ON), self.ozone])


def clear_air(turbidity: float) -> Air:
    """Return the air of a ``turbidity``: 1 is without haze, 2 very clear, 3 clear, 6 hazy, 10 thick haze.

    Molecules after Hansen and Travis 1974; haze after Preetham et al. 1999, whose turbidity this is.
    """
    micron = _BANDS / 1000.0
    molecules = 0.008569 * micron**-4 * (1.0 + 0.0113 * micron**-2 + 0.00013 * micron**-4)
    haze = max(0.04608 * turbidity - 0.04586, 0.0) * micron**-1.3
    return Air(molecules, haze, _OZONE * _OZONE_COLUMN)


def densities(altitude: Floats) -> Floats:
    """Return how much of molecules, haze and ozone lies at ``altitude`` (...): (..., 3) of the column per kilometre."""
    thin, low = (np.exp(-altitude / height) / height for height in _SCALE_HEIGHTS)
    # a tent from 10 to 40 km, as in Bruneton 2017
    return np.stack([thin, low, np.maximum(1.0 - np.abs(altitude - 25.0) / 15.0, 0.0) / 15.0], axis=-1)


def sunlight(extinction: Floats, altitude: Floats, cosine: Floats) -> Floats:
    """Return the share (..., B) of the sun's light that comes to ``altitude`` (...), the sun at ``cosine`` (...).

    The sun is a disc: it sets behind the Earth's edge little by little.
    """
    edge = horizon_cosine(altitude)
    over = np.arccos(edge) - np.arccos(np.clip(cosine, -1.0, 1.0))
    shown = np.clip(over / SUN_DIAMETER + 0.5, 0.0, 1.0)
    table = _columns()
    rows = np.sqrt(np.clip(altitude / TOP, 0.0, 1.0)) * (_TABLE[0] - 1)
    places = np.sqrt(np.clip((cosine - edge) / (1.0 - edge), 0.0, 1.0)) * (_TABLE[1] - 1)
    where = np.stack(np.broadcast_arrays(rows, places))
    columns = np.stack([map_coordinates(part, where, order=1, mode="nearest") for part in table], axis=-1)
    return np.asarray((shown**2 * (3.0 - 2.0 * shown))[..., None] * np.exp(-columns @ extinction))


def horizon_cosine(altitude: Floats) -> Floats:
    """Return the cosine (...) of the direction to the Earth's edge, seen from ``altitude`` (...)."""
    return -np.sqrt(np.maximum(1.0 - (EARTH / (EARTH + altitude)) ** 2, 0.0))


def way_out(radius: Floats, cosine: Floats) -> Floats:
    """Return how far (...) it is from ``radius`` (...) to the end of the air along ``cosine`` (...)."""
    inside = (EARTH + TOP) ** 2 - radius**2 * (1.0 - cosine**2)
    return np.asarray(-radius * cosine + np.sqrt(np.maximum(inside, 0.0)))


def to_nits(light: Floats) -> Floats:
    """Turn shares (..., B) of the sun's light into linear Rec.709 lux (..., 3); shares per steradian into nits."""
    return np.asarray(light @ _band_colors().T)


def from_rec709(color: Floats) -> Floats:
    """Return reflectances (B,) of a surface that looks about like the linear Rec.709 ``color`` (3,)."""
    return np.asarray(np.interp(_BANDS, [480.0, 510.0, 565.0, 600.0], color[[2, 1, 1, 0]]))


@cache
def _band_colors() -> Floats:
    """Return the colour (3, B) in lux of the sun above the air in each band."""
    wavelengths = np.arange(395.0, 716.0, 10.0)
    energy = 683.0 * 10.0 * _SOLAR * _matching(wavelengths)
    return np.asarray(_XYZ_TO_REC709 @ energy.reshape(3, len(_BANDS), -1).sum(axis=2))


def _matching(wavelengths: Floats) -> Floats:
    """Return the CIE 1931 colour matching functions (3, N), fitted by Wyman, Sloan and Shirley 2013."""

    def lobe(height: float, middle: float, below: float, above: float) -> Floats:
        slope = np.where(wavelengths < middle, below, above)
        return np.asarray(height * np.exp(-0.5 * ((wavelengths - middle) * slope) ** 2))

    x = lobe(0.362, 442.0, 0.0624, 0.0374) + lobe(1.056, 599.8, 0.0264, 0.0323) + lobe(-0.065, 501.1, 0.0490, 0.0382)
    y = lobe(0.821, 568.8, 0.0213, 0.0247) + lobe(0.286, 530.9, 0.0613, 0.0322)
    z = lobe(1.217, 437.0, 0.0845, 0.0278) + lobe(0.681, 459.0, 0.0385, 0.0725)
    return np.stack([x, y, z])


@cache
def _columns() -> Floats:
    """Return how much (3, rows, cosines) of molecules, haze and ozone lies between a place and the sun.

    In columns from sea level up. Rows are altitudes, close near the ground; cosines run from the
    Earth's edge up, close near it.
    """
    altitude = TOP * np.linspace(0.0, 1.0, _TABLE[0])[:, None] ** 2
    edge = horizon_cosine(altitude)
    cosine = edge + (1.0 - edge) * np.linspace(0.0, 1.0, _TABLE[1]) ** 2
    radius = EARTH + altitude
    nearest = np.maximum(-radius * cosine, 0.0)
    end = np.maximum(way_out(radius, cosine), nearest)
    # where the way comes nearest to the ground the air is thickest: steps are short on either side of it
    points, weights = np.polynomial.legendre.leggauss(16)
    steps = ((points + 1.0) / 2.0) ** 3
    lengths = weights / 2.0 * 3.0 * ((points + 1.0) / 2.0) ** 2
    total = np.zeros((*cosine.shape, 3))
    for span in (-nearest, end - nearest):
        at = nearest[..., None] + span[..., None] * steps
        height = np.sqrt(radius[..., None] ** 2 + at**2 + 2.0 * radius[..., None] * at * cosine[..., None]) - EARTH
        total += np.einsum("...ks,...k->...s", densities(np.maximum(height, 0.0)), np.abs(span)[..., None] * lengths)
    return np.moveaxis(total, -1, 0)
