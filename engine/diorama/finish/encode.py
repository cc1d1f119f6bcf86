"""Quantisation of display-linear light to 8-bit sRGB, correctly rounded and by table."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from diorama.color import srgb_to_linear

_TINY = np.float32(1e-30)
"""The least light that is encoded: positive, so that its bits order as its value does."""

_SHIFT = 13
"""The table is indexed by a float32's exponent and its first 10 bits of fraction."""


def encode_srgb(linear: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the nearest 8-bit sRGB value of each float32 (ties up), in the same shape.

    Values outside 0..1 are clipped; NaN has no place here. A cell of the table spans less than
    one step of the code, so one comparison with the next code's threshold settles the rounding.
    """
    table, thresholds = _tables()
    light = np.clip(linear, _TINY, np.float32(1))
    code = table.take(light.view(np.uint32) >> _SHIFT, mode="clip")
    code += light >= thresholds.take(code)
    return code


@cache
def _tables() -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Return the code at the lower edge of every cell, and the light at which code k becomes k + 1."""
    steps = srgb_to_linear((np.arange(255) + 0.5) / 255)
    rounded = steps.astype(np.float32)
    upward = np.where(rounded < steps, np.nextafter(rounded, np.float32(2)), rounded)
    thresholds = np.append(upward, np.float32(np.inf)).astype(np.float32)
    cells = int(np.float32(1).view(np.uint32)) >> _SHIFT
    edges = (np.arange(cells + 1, dtype=np.uint32) << _SHIFT).view(np.float32)
    return np.searchsorted(thresholds, edges, side="right").astype(np.uint8), thresholds
