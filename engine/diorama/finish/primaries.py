"""Colours as matrices: linear Rec.709 and Rec.2020 to CIE XYZ, and how a matrix is applied to a picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]

D65 = (0.3127, 0.3290)
"""The white of Rec.709 and Rec.2020 as CIE xy."""


def xyz_of(chromaticity: ArrayLike) -> Matrix:
    """Return XYZ (..., 3) of luminance 1 of chromaticities (..., 2) as CIE xy."""
    x, y = np.moveaxis(np.asarray(chromaticity, np.float64), -1, 0)
    return np.stack([x / y, np.ones_like(x), (1 - x - y) / y], axis=-1)


def to_xyz(*primaries: tuple[float, float]) -> Matrix:
    """Return the matrix (3, 3) from linear values of red, green and blue (CIE xy), with the white D65, to XYZ."""
    columns = xyz_of(primaries).T
    return np.asarray(columns * np.linalg.solve(columns, xyz_of(D65)))


REC709 = to_xyz((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
"""From linear Rec.709 to XYZ (ITU-R BT.709)."""

REC2020 = to_xyz((0.708, 0.292), (0.170, 0.797), (0.131, 0.046))
"""From linear Rec.2020 to XYZ (ITU-R BT.2020)."""


def mixed(light: NDArray[np.float32], matrix: Matrix) -> NDArray[np.float32]:
    """Return ``matrix`` (3, 3) times every colour of ``light`` (..., 3).

    Spelled out, since how BLAS rounds hangs on how many rows it is given.
    """
    result = np.empty_like(light)
    for row, (red, green, blue) in enumerate(matrix.astype(np.float32)):
        result[..., row] = light[..., 0] * red + light[..., 1] * green + light[..., 2] * blue
    return result
