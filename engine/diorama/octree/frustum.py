"""The planes of a view or shadow volume, read off its matrix (Gribb & Hartmann 2001)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from diorama.errors import OptionError, expected
from diorama.octree.bounds import Floats


def frustum_planes(matrix: ArrayLike) -> Floats:
    """Return the inward unit planes (P, 4) of clip = ``matrix`` @ world, for a depth range of 0..1.

    ``matrix`` (4, 4) is projection times view, perspective or orthographic, with depth 0 far or
    near. A plane that no point bounds, as the far one of an infinite projection, is left out:
    P is 5 or 6. A point x lies inside where n·x + d >= 0 for every row (n, d).
    """
    rows = np.asarray(matrix, np.float64)
    if rows.shape != (4, 4) or not np.isfinite(rows).all() or not rows[:, :3].any():
        raise OptionError(expected("a finite projection of shape (4, 4)", rows.tolist()), place="matrix")
    x, y, z, w = rows
    planes = np.stack([w + x, w - x, w + y, w - y, z, w - z])
    length = np.linalg.norm(planes[:, :3], axis=1)
    bounded = length > 1e-12 * length.max()
    return np.asarray(planes[bounded] / length[bounded, None])
