"""Tone curves: from scene-linear Rec.709 of any brightness to display-linear values in 0..1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.finish.film import aces, agx

Tone: TypeAlias = Literal["neutral", "agx", "aces", "none"]

BRIGHTEST = np.float32(1e6)
"""Input is clipped here: the neutral curve is white to 16 bits long before it."""

_F90 = np.float32(0.04)
_START = np.float32(0.8 - 0.04)
_DESATURATION = np.float32(0.15)


def clip_light(color: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return ``color`` with NaN and negative light as 0 and infinite light as very bright."""
    return np.fmin(np.fmax(color, np.float32(0)), BRIGHTEST)


def neutral(color: NDArray[np.float32]) -> NDArray[np.float32]:
    """Compress highlights of (..., 3) finite non-negative linear light into 0..1.

    Khronos PBR Neutral (KhronosGroup/ToneMapping, PBR_Neutral/README.md): colours below 0.8
    lose only the 4 % Fresnel reflection that a dielectric adds, so base colours under white
    light come out as they were chosen; brighter ones keep their hue and fade to white.
    """
    channels = [np.ascontiguousarray(color[..., channel]) for channel in range(3)]
    low = np.minimum(np.minimum(*channels[:2]), channels[2])
    fresnel = np.where(low <= 2 * _F90, low - low * low / (4 * _F90), _F90)
    peak = np.maximum(np.maximum(*channels[:2]), channels[2]) - fresnel
    gain, white = _compression(peak)
    result = np.empty_like(color)
    for channel, light in enumerate(channels):
        result[..., channel] = (light - fresnel) * gain + white
    return result


def unchanged(color: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return light as it is; what is brighter than white is clipped where it is quantised."""
    return color


CURVES: dict[Tone, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "neutral": neutral,
    "agx": agx,
    "aces": aces,
    "none": unchanged,
}
"""What each tone curve does to (..., 3) finite non-negative linear light."""


def _compression(peak: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the factor of a colour whose largest channel is ``peak``, and the white added to it."""
    one = np.float32(1)
    high = np.maximum(peak, _START)
    compressed = one - (one - _START) ** 2 / (high + (one - 2 * _START))
    keep = one / (_DESATURATION * (high - compressed) + one)
    bright = peak > _START
    return np.where(bright, compressed / high * keep, one), np.where(bright, compressed * (one - keep), np.float32(0))
