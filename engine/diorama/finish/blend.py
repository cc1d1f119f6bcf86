"""Lay colour over a finished picture: in sRGB, as editors and browsers do, in place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def blend(image: NDArray[np.uint8], cover: Floats, left: int, top: int, ink: Floats) -> None:
    """Mix ``ink``, (3,) or (h, w, 3) sRGB in 0..255, into the part of the picture that ``cover`` (h, w) lies on.

    Over (H, W, 4) with straight alpha it covers what was clear, and adds to alpha as much as it does.
    """
    height, width = image.shape[:2]
    rows = slice(max(top, 0), max(min(top + cover.shape[0], height), 0))
    columns = slice(max(left, 0), max(min(left + cover.shape[1], width), 0))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    part = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
    amount, ink = cover[part][..., None], ink[part] if ink.ndim == 3 else ink
    under = image[rows, columns].astype(np.float32)
    mixed = _over_straight(under, amount, ink) if image.shape[2] == 4 else under + (ink - under) * amount
    image[rows, columns] = np.floor(mixed + np.float32(0.5)).astype(np.uint8)


def _over_straight(under: Floats, amount: Floats, ink: Floats) -> Floats:
    """Return ``ink`` over a straight picture (H, W, 4), all in 0..255, where it covers ``amount`` (H, W, 1).

    The operator *over* of Porter & Duff, Compositing Digital Images, 1984, divided by the alpha that comes out.
    """
    color, below = under[..., :3], under[..., 3:] / np.float32(255)
    alpha = below + (np.float32(1) - below) * amount
    share = np.divide(amount, alpha, out=np.zeros_like(amount), where=amount > 0)
    return np.concatenate([color + (ink - color) * share, alpha * np.float32(255)], axis=2)
