"""Transfer functions between display-referred sRGB and linear Rec.709 light.

IEC 61966-2-1. Inside the engine all colour is linear Rec.709; hex strings are sRGB.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import ArrayLike, NDArray

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
"""Rec.709 weights of linear red, green and blue in luminance."""

_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")


def srgb_to_linear(value: ArrayLike) -> NDArray[np.float64]:
    """Decode sRGB values in 0..1 to linear light, elementwise."""
    srgb = np.asarray(value, np.float64)
    return np.where(srgb <= 0.04045, srgb / 12.92, ((np.maximum(srgb, 0.0) + 0.055) / 1.055) ** 2.4)


def linear_to_srgb(value: ArrayLike) -> NDArray[np.float64]:
    """Encode linear light in 0..1 as sRGB, elementwise; values outside are clipped."""
    linear = np.clip(np.asarray(value, np.float64), 0.0, 1.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def hex_to_linear(text: str) -> tuple[float, float, float]:
    """Turn ``#rgb`` or ``#rrggbb`` (sRGB) into linear Rec.709; ``ValueError`` if it is neither."""
    if not _HEX.fullmatch(text):
        raise ValueError(f"not a hex colour: {text!r}")
    digits = text[1:] if len(text) == 7 else "".join(2 * digit for digit in text[1:])
    red, green, blue = srgb_to_linear([int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)])
    return float(red), float(green), float(blue)


def hsv_to_linear(hue: float, saturation: float, value: float) -> tuple[float, float, float]:
    """Turn hue, saturation and value (each 0..1, of sRGB; hue wraps) into linear Rec.709."""
    sector = (np.array([5.0, 3.0, 1.0]) + hue * 6.0) % 6.0
    srgb = value - value * saturation * np.clip(np.minimum(sector, 4.0 - sector), 0.0, 1.0)
    red, green, blue = srgb_to_linear(srgb)
    return float(red), float(green), float(blue)
