"""Titles over a finished picture: a pure function of the time, blended in sRGB as editors do."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from diorama.color import linear_to_srgb
from diorama.finish.animated import value_at
from diorama.finish.text import check_characters, text_coverage
from diorama.scene.schema import Keys, Title


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
    _blend(image, coverage * np.float32(opacity), int(whole[0]), int(whole[1]), ink)


def check_titles(titles: Iterable[Title]) -> None:
    """Raise ``OptionError`` where the font lacks a character of a title, whether or not a frame shows it."""
    for title in titles:
        check_characters(title.text)


def title_opacity(title: Title, time: float) -> float:
    """Return how strongly a title shows at ``time``: 0 outside its span, ramps of ``fade`` seconds at its ends."""
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


def _blend(image: NDArray[np.uint8], cover: NDArray[np.float32], left: int, top: int, ink: NDArray[np.float32]) -> None:
    """Mix ``ink`` (3,) into the part of the picture that ``cover`` lies on."""
    height, width = image.shape[:2]
    rows = slice(max(top, 0), max(min(top + cover.shape[0], height), 0))
    columns = slice(max(left, 0), max(min(left + cover.shape[1], width), 0))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return
    amount = cover[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left, None]
    under = image[rows, columns].astype(np.float32)
    mixed = _over_straight(under, amount, ink) if image.shape[2] == 4 else under + (ink - under) * amount
    image[rows, columns] = np.floor(mixed + np.float32(0.5)).astype(np.uint8)


def _over_straight(
    under: NDArray[np.float32], amount: NDArray[np.float32], ink: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return ``ink`` (3,) over a straight picture (H, W, 4), all in 0..255, where it covers ``amount`` (H, W, 1).

    The operator *over* of Porter & Duff, Compositing Digital Images, 1984, divided by the alpha that comes out.
    """
    color, below = under[..., :3], under[..., 3:] / np.float32(255)
    alpha = below + (np.float32(1) - below) * amount
    share = np.divide(amount, alpha, out=np.zeros_like(amount), where=amount > 0)
    return np.concatenate([color + (ink - color) * share, alpha * np.float32(255)], axis=2)
