"""The clear sky as a picture, and the sun that goes with it, by the height of the sun and the haze.

Sunlight scattered once is summed along lines of sight, light scattered more often comes from
:mod:`diorama.material.scattering`. Without the phase functions, which hold the glow around the sun,
these sums change little with the azimuth: a few azimuths tell all others, every row of the picture
has sums of its own, and nothing is banded.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.material.atmosphere import Air, Floats, clear_air, from_rec709, sunlight, to_nits
from diorama.material.scattering import ScatteredOften, Sights, look

Color: TypeAlias = tuple[float, float, float]

LOWEST_SUN = -6.0
"""In degrees: the end of civil twilight. Below, lamps, the moon and the stars light more than the sun."""

_EYE = 0.05
"""The altitude in kilometres from which the sky is seen."""

_AZIMUTHS = 8
"""From the sun's azimuth to the opposite one."""

_STEPS = 40

_BROAD, _NARROW = 0.5, 0.8
"""The asymmetry of the two lobes of haze: what it scatters to all sides, and nearly straight on."""


def sun_illuminance(elevation: float, turbidity: float) -> Floats:
    """Return the sun's light (3,) at the ground, in linear Rec.709 lux on a plane that faces it."""
    share = sunlight(clear_air(turbidity).extinction, np.zeros(1), np.sin(np.radians([elevation])))
    return np.asarray(np.maximum(to_nits(share)[0], 0.0))


def clear_sky(elevation: float, turbidity: float, ground: Color, height: int) -> NDArray[np.float32]:
    """Return the sky as a picture (height, 2 height, 3) in linear Rec.709 nits, without the sun's disc.

    Laid out as ``Stage.environment``, with the sun at -Z, ``elevation`` degrees up (``LOWEST_SUN`` to
    90). ``turbidity`` is that of :func:`clear_air`. Below the horizon lies ground of the reflectance
    ``ground``, lit by this sky and its sun. ``height`` is even.
    """
    air, sun = clear_air(turbidity), float(np.sin(np.radians(elevation)))
    slope = np.cos((np.arange(height) + 0.5) * np.pi / height)
    turn = (np.arange(height) + 0.5) * np.pi / height
    sights = look(air, np.array(_EYE), slope[:, None], _STEPS)
    molecules, broad, narrow, often = (_over(turn, part) for part in _light(air, sun, np.asarray(ground), sights))
    level = np.sqrt((1.0 - slope**2) * (1.0 - sun**2))
    between = slope[:, None] * sun + level[:, None] * np.cos(turn)
    half = _even(between) * molecules + _lobe(between, _BROAD) * broad + _lobe(between, _NARROW) * narrow + often
    half = np.maximum(half, 0.0)
    lit = _irradiance(half[: height // 2]) + sun_illuminance(elevation, turbidity) * max(sun, 0.0)
    daylight = to_nits(sights.through[:, 0]) / to_nits(np.ones(sights.through.shape[-1]))
    half += np.where(sights.ground, daylight, 0.0)[:, None] * np.asarray(ground) * lit / np.pi
    return np.concatenate([half[:, ::-1], half], axis=1).astype(np.float32)


def _light(air: Air, sun: float, ground: Floats, sights: Sights) -> list[Floats]:
    """Return what comes along ``sights`` (H, 1) from each azimuth, (H, azimuths, 3) each.

    Scattered once by molecules, and once by haze, both without their phase functions; and scattered
    more often.
    """
    cosine = sights.sun(np.array(sun), _azimuths())
    direct = sunlight(air.deflection, sights.altitude, cosine)
    around = ScatteredOften(air, sun, from_rec709(ground))(sights.altitude, cosine)
    scattered = np.moveaxis(sights.scattered, -3, 0)
    once = [to_nits((part * direct).sum(axis=-2)) for part in scattered]
    return [*once, to_nits((scattered[:2].sum(axis=0) * around).sum(axis=-2))]


def _azimuths() -> Floats:
    return (np.arange(_AZIMUTHS) + 0.5) * np.pi / _AZIMUTHS


def _over(turn: Floats, values: Floats) -> Floats:
    """Return ``values`` (H, azimuths, C), even functions of the azimuth, at each ``turn`` (W,): (H, W, C)."""
    orders = np.arange(_AZIMUTHS)
    weights = np.where(orders, 2.0, 1.0) / _AZIMUTHS
    series = np.cos(turn[:, None] * orders) @ (weights[:, None] * np.cos(orders[:, None] * _azimuths()))
    return np.asarray(np.einsum("wa,hac->hwc", series, values))


def _even(cosine: Floats) -> Floats:
    """Return Rayleigh's phase function per steradian, (..., 1)."""
    return (3.0 / (16.0 * np.pi) * (1.0 + cosine**2))[..., None]


def _lobe(cosine: Floats, asymmetry: float) -> Floats:
    """Return Henyey and Greenstein's phase function (1941) per steradian, (..., 1)."""
    spread = 1.0 + asymmetry**2 - 2.0 * asymmetry * cosine
    return ((1.0 - asymmetry**2) / (4.0 * np.pi) * spread**-1.5)[..., None]


def _irradiance(half: Floats) -> Floats:
    """Return the lux (3,) on level ground under one half, by azimuth, of the upper half (H, W, 3) of a picture."""
    rows = np.cos(np.arange(len(half) + 1) * np.pi / (2 * len(half)))
    return np.asarray((half.mean(axis=1) * np.pi * -np.diff(rows**2)[:, None]).sum(axis=0))
