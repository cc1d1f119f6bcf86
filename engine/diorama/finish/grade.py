"""Development and grading of linear light: white balance, contrast, saturation."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diorama.color import LUMINANCE
from diorama.finish.primaries import D65, REC709, Matrix, xyz_of
from diorama.scene.schema.finish import DAYLIGHT

Floats = NDArray[np.float32]

MID_GREY = np.float32(0.18)
"""The light that contrast leaves as it is."""

_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_TINT = 3000.0
"""How much tint is a step of 1 in CIE 1960 uv."""


def white_balance(temperature: float, tint: float) -> Matrix:
    """Return the matrix (3, 3) of linear Rec.709 that shows light of ``temperature`` kelvin and ``tint`` as white.

    The light lies on a line parallel to that of black bodies through D65, so that daylight of 6504 K
    changes nothing. Adapted with the Bradford matrix (Lam 1985; as in ICC profiles).
    """
    return np.asarray(np.linalg.solve(REC709, adaptation(_white(temperature, tint), D65) @ REC709), np.float64)


def adaptation(source: ArrayLike, target: ArrayLike) -> Matrix:
    """Return the matrix of XYZ that takes the white ``source`` to ``target``, both CIE xy."""
    gains = (_BRADFORD @ xyz_of(target)) / (_BRADFORD @ xyz_of(source))
    return np.linalg.solve(_BRADFORD, gains[:, None] * _BRADFORD)


def contrasted(light: Floats, contrast: float) -> Floats:
    """Return light (..., 3) with its distance from mid grey in stops times ``contrast``."""
    with np.errstate(over="ignore"):  # the very brightest light: clipped again afterwards
        return np.asarray((light / MID_GREY) ** np.float32(contrast) * MID_GREY, np.float32)


def saturated(light: Floats, saturation: float) -> Floats:
    """Return light (..., 3) with its distance from grey of the same luminance times ``saturation``."""
    red, green, blue = LUMINANCE.astype(np.float32)
    grey = (light[..., 0] * red + light[..., 1] * green + light[..., 2] * blue)[..., None]
    return np.asarray(grey + (light - grey) * np.float32(saturation))


def _white(temperature: float, tint: float) -> tuple[float, float]:
    """Return the chromaticity (CIE xy) of the light that is to be white."""
    slope = (_planckian(temperature + 1.0) - _planckian(temperature - 1.0)) / 2.0
    across = np.array([slope[1], -slope[0]]) / np.hypot(*slope)  # towards green: v grows
    across *= np.sign(across[1])
    u, v = _uv(D65) + _planckian(temperature) - _planckian(DAYLIGHT) + across * tint / _TINT
    scale = 2 * u - 8 * v + 4
    return 3 * u / scale, 2 * v / scale


def _uv(chromaticity: tuple[float, float]) -> Matrix:
    """Return CIE 1960 uv of CIE xy."""
    x, y = chromaticity
    return np.array([4 * x, 6 * y]) / (12 * y - 2 * x + 3)


def _planckian(kelvin: float) -> Matrix:
    """Return CIE 1960 uv of a black body (Krystek, An algorithm to calculate correlated colour temperature, 1985)."""
    u = (0.860117757 + 1.54118254e-4 * kelvin + 1.28641212e-7 * kelvin**2) / (
        1 + 8.42420235e-4 * kelvin + 7.08145163e-7 * kelvin**2
    )
    v = (0.317398726 + 4.22806245e-5 * kelvin + 4.20481691e-8 * kelvin**2) / (
        1 - 2.89741816e-5 * kelvin + 1.61456053e-7 * kelvin**2
    )
    return np.array([u, v])
