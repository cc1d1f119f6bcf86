"""Titles over a finished picture: a pure function of the time, blended in sRGB as editors do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama.color import linear_to_srgb
from diorama.finish.animated import value_at
from diorama.finish.blend import blend
from diorama.finish.text import text_coverage
from diorama.scene.schema import Keys, Overlay, Title


def draw_title(image: NDArray[np.uint8], title: Title, time: float) -> None:
    """Blend a title over (H, W, 3) sRGB in place, as it stands at ``time`` in seconds.

    Over (H, W, 4) with straight alpha it covers what was clear, and adds to alpha as much as it does.
    A title at rest lies on whole pixels and is crisp; one that moves is placed in between them.
    """
    opacity = title_opacity(title, time)
    if opacity <= 0.0:
        return
    height, width = image.shape[:2]
    coverage = text_coverage(title.text, round(value_at(title.size, time)[0] * height * 8) / 8)
    middle = value_at(title.position, time) * (width, height)
    corner = middle - np.array([coverage.shape[1], coverage.shape[0]]) / 2
    if isinstance(title.position, Keys):
        whole = np.floor(corner)
        coverage = _shift(coverage, *(corner - whole))
    else:
        whole = np.floor(corner + 0.5)
    ink = np.asarray(linear_to_srgb(value_at(title.color, time)) * 255, np.float32)
    blend(image, coverage * np.float32(opacity), int(whole[0]), int(whole[1]), ink)


def title_opacity(title: Title | Overlay, time: float) -> float:
    """Return how strongly a title or an overlay shows at ``time``.

    0 outside its span, ramps of ``fade`` seconds at its ends.
    """
    since = time - title.start
    left = np.inf if title.duration is None else title.duration - since
    if since < 0.0 or left <= 0.0:
        return 0.0
    return float(min(1.0, since / title.fade, left / title.fade)) if title.fade > 0.0 else 1.0


def _shift(coverage: NDArray[np.float32], across: float, down: float) -> NDArray[np.float32]:
    """Move coverage right and down by fractions of a pixel, bilinearly, growing it by one."""
    padded = np.pad(coverage, 1)
    rows = padded[1:] * np.float32(1.0 - down) + padded[:-1] * np.float32(down)
    return np.asarray(rows[:, 1:] * np.float32(1.0 - across) + rows[:, :-1] * np.float32(across))
