"""Tone curves of film: AgX, and ACES as games use it. Both fade bright colours to white."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama.finish.primaries import REC709, REC2020, Matrix, mixed

Floats = NDArray[np.float32]

_INSET: Matrix = np.array(
    [
        [0.856627153315983, 0.0951212405381588, 0.0482516061458583],
        [0.137318972929847, 0.761241990602591, 0.101439036467562],
        [0.11189821299995, 0.0767994186031903, 0.811302368396859],
    ]
)
_INVERSE_OUTSET: Matrix = np.array(
    [
        [0.899796955911611, 0.0871996192028351, 0.013003424885555],
        [0.11142098895748, 0.875575586156966, 0.0130034248855548],
        [0.11142098895748, 0.0871996192028349, 0.801379391839686],
    ]
)
_OUTSET: Matrix = np.asarray(np.linalg.inv(_INVERSE_OUTSET), np.float64)
_TO_LOG: Matrix = _INSET @ np.asarray(np.linalg.solve(REC2020, REC709), np.float64)
_FROM_LOG: Matrix = np.asarray(np.linalg.solve(REC709, REC2020), np.float64)
_DARKEST, _BRIGHTEST = np.float32(-12.47393), np.float32(4.026069)
_AGX_CURVE = (15.5, -40.14, 31.96, -6.868, 0.4298, 0.1191, -0.00232)

_ACES_IN = np.array([[0.59719, 0.35458, 0.04823], [0.07600, 0.90834, 0.01566], [0.02840, 0.13383, 0.83777]])
_ACES_OUT = np.array([[1.60475, -0.53108, -0.07367], [-0.10208, 1.10813, -0.00605], [-0.00327, -0.07276, 1.07602]])


def agx(color: Floats) -> Floats:
    """Compress (..., 3) finite non-negative linear Rec.709 light into 0..1, display-linear.

    AgX by Troy Sobotka (sobotka/AgX) in the form that Filament and three.js give it: inset and outset
    in Rec.2020, and for the contrast curve the polynomial of Benjamin Wrensch (Minimal AgX
    Implementation, 2023). It covers 10 stops below mid grey and 6.5 above.
    """
    inset = mixed(color, _TO_LOG)
    np.maximum(inset, np.float32(1e-10), out=inset)
    stops = (np.log2(inset) - _DARKEST) / (_BRIGHTEST - _DARKEST)
    shaped = _polynomial(np.clip(stops, np.float32(0), np.float32(1)), _AGX_CURVE)
    shown = np.maximum(mixed(shaped, _OUTSET), np.float32(0)) ** np.float32(2.2)
    return np.clip(mixed(shown, _FROM_LOG), np.float32(0), np.float32(1))


def aces(color: Floats) -> Floats:
    """Compress (..., 3) finite non-negative linear Rec.709 light into 0..1, display-linear.

    The fit of Stephen Hill to the RRT and the sRGB ODT of ACES 1.0 (selfshadow/ltc_code, ltc_blit.fs),
    brightened by 1 / 0.6 as in three.js, so that mid grey is about as bright as with other curves.
    """
    light = mixed(color, _ACES_IN / 0.6)
    above = light * (light + np.float32(0.0245786)) - np.float32(0.000090537)
    below = light * (np.float32(0.983729) * light + np.float32(0.4329510)) + np.float32(0.238081)
    return np.clip(mixed(above / below, _ACES_OUT), np.float32(0), np.float32(1))


def _polynomial(x: Floats, coefficients: tuple[float, ...]) -> Floats:
    """Return the polynomial by Horner's rule, the highest power first."""
    result = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        result *= x
        result += np.float32(coefficient)
    return result
