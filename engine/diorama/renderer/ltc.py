"""The table of linearly transformed cosines: the specular lobe's integrals over polygons in closed form.

Heitz, Dupuy, Hill, Neubelt 2016, "Real-time polygonal-light shading with linearly transformed cosines".
The lobe is GGX with height-correlated masking and shadowing times n·l, without Fresnel, divided by its
albedo (``lib/ggx.glsl``). The frame: z is the surface normal, the view is (sin, 0, cos).

An entry is (turn, size, tilt, width); it stands for the matrix

    M = [[a, 0, b], [0, 1, 0], [c, 0, d]],  a = size cos(turn),  b = size sin(turn),
                                            d = width²,          c = tilt d

(the paper's inverse M over its middle element). Entries, unlike matrices, may be interpolated linearly:
in smooth surfaces seen at a grazing angle a matrix between two others misses the highlight.

The integral of the lobe over a polygon: clip the polygon to z > 0, multiply its corners by M, take
Lambert's form factor of the result *without* clipping again, and multiply by sqrt(a² + c²) / a, so
that the hemisphere has 1. It is 0 below the horizon, and may be slightly negative low above it on the
view's side (the whole of that is -0.04 at most where n·v > 0.06): take 0 there.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diorama.errors import AssetError, expected

LTC_SIZE = 64
"""Entries along each axis; the outermost are the ends of both axes."""

_TABLE = Path(__file__).with_name("ltc_table.npy")


@cache
def ltc_table() -> NDArray[np.float32]:
    """Return the read-only (64, 64, 4) table; down: perceptual roughness, across: sqrt(1 - n·v).

    ``docs/ltc_table.py`` computes it.
    """
    shape = (LTC_SIZE, LTC_SIZE, 4)
    try:
        table: NDArray[np.float32] = np.load(_TABLE, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise AssetError(f"expected a table of shape {shape}: {error}", place=str(_TABLE)) from error
    if table.shape != shape or table.dtype != np.float32:
        raise AssetError(expected(f"float32 of shape {shape}", (str(table.dtype), table.shape)), place=str(_TABLE))
    table.flags.writeable = False
    return table
