"""Our frame, its reference and the error beside each other, as one picture with captions and scales."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diorama.finish.text import text_coverage
from diorama.oracle.comparison import Comparison

if TYPE_CHECKING:
    from diorama.oracle.path_tracer import Reference

Floats = NDArray[np.float64]

RELATIVE_MAX = 0.5
"""The relative error at the upper end of its scale."""

FLIP_MAX = 0.5
"""The FLIP error at the upper end of its scale."""

_MAGMA = ("000004", "1d1147", "51127c", "822681", "b63679", "e65164", "fb8861", "fec287", "fcfdbf")
"""Nine colours of matplotlib's magma (Smith and van der Walt, CC0): evenly brighter to the eye, from black."""

_LINE, _SCALE, _MARGIN = 18.0, 8, 4
"""Pixels: a caption's line, the height of a scale, the space around both."""

_PAPER, _INK = 0.09, 0.92

_HALF_WITHIN = 0.6745
"""Half of all normal errors are smaller than this many standard deviations."""


def side_by_side(found: Comparison, name: str = "ours", seen: NDArray[np.floating] | None = None) -> NDArray[np.uint8]:
    """Return ours | reference | relative error (| FLIP) as (H + caption, W * 3 or 4, 3) uint8 sRGB.

    ``name`` is the caption of ours; ``seen`` (H, W) is the FLIP map. What does not count in the
    figures is dimmed in the error.
    """
    error = magma(found.relative / RELATIVE_MAX) * np.where(found.counted, 1.0, 0.35)[..., None]
    panels: list[tuple[Floats, str, float | None]] = [(found.picture, name, None), (found.reference, "reference", None)]
    panels.append((error, f"error {found.median:.1%}, 95th {found.p95:.1%}", RELATIVE_MAX))
    if seen is not None:
        panels.append((magma(np.asarray(seen) / FLIP_MAX), f"FLIP {float(np.mean(seen)):.3f}", FLIP_MAX))
    picture = np.concatenate([_panel(*panel) for panel in panels], axis=1)
    return np.asarray(np.rint(np.clip(picture, 0.0, 1.0) * 255.0), np.uint8)


def magma(value: NDArray[np.floating]) -> Floats:
    """Return the colour of each value in 0..1 (clipped), sRGB 0..1 on a new last axis."""
    table = np.array([[int(text[at : at + 2], 16) / 255.0 for at in (0, 2, 4)] for text in _MAGMA])
    at = np.linspace(0.0, 1.0, len(table))
    return np.stack([np.interp(np.clip(value, 0.0, 1.0), at, table[:, channel]) for channel in range(3)], axis=-1)


def noise_floor(reference: Reference, counted: NDArray[np.bool_]) -> float:
    """Return the median relative error that a frame without fault has against ``reference``, by its noise alone.

    The noise of a pixel's channels goes the same way: they are traced by the same paths.
    """
    light = reference.color.astype(np.float64).sum(axis=2)
    noise = reference.noise.astype(np.float64).sum(axis=2) * _HALF_WITHIN
    return float(np.median((noise / (light + max(0.01 * float(light.mean()), 1e-12)))[counted]))


def noise_share(color: NDArray[np.floating], reference: Reference, counted: NDArray[np.bool_]) -> float:
    """Return which part of the squared linear error is the reference's noise, 0..1; 1 where there is no error."""
    error = (np.asarray(color, np.float64) - reference.color)[counted]
    noise = reference.noise.astype(np.float64)[counted]
    whole = float(np.sum(error**2))
    return min(float(np.sum(noise**2)) / whole, 1.0) if whole > 0.0 else 1.0


def _panel(picture: Floats, caption: str, most: float | None) -> Floats:
    """Return ``picture`` (H, W, 3) over its caption and, where ``most`` is given, a scale from 0 to it."""
    width = picture.shape[1]
    strip = np.full((int(_LINE) + 2 * _MARGIN + _SCALE, width, 3), _PAPER)
    _write(strip, caption, _MARGIN)
    if most is not None:
        ends = [text_coverage(text, _LINE * 0.7) for text in ("0", f"{most:.0%}")]
        left, right = (_MARGIN + end.shape[1] + _MARGIN for end in ends)
        top = int(_LINE) + _MARGIN
        if width > left + right:
            strip[top : top + _SCALE, left : width - right] = magma(np.linspace(0.0, 1.0, width - left - right))
        _blend(strip, ends[0], top - 2, _MARGIN)
        _blend(strip, ends[1], top - 2, width - _MARGIN - ends[1].shape[1])
    return np.concatenate([np.asarray(picture, np.float64), strip])


def _write(strip: Floats, caption: str, top: int) -> None:
    """Write ``caption`` in the middle, as large as it fits up to a line."""
    coverage = text_coverage(caption, _LINE)
    room = strip.shape[1] - 2 * _MARGIN
    if coverage.shape[1] > room:
        coverage = text_coverage(caption, max(_LINE * room / coverage.shape[1] * 0.97, 4.0))
    _blend(strip, coverage, top, (strip.shape[1] - coverage.shape[1]) // 2)


def _blend(strip: Floats, coverage: NDArray[np.float32], top: int, left: int) -> None:
    """Lay ink over ``strip`` (H, W, 3) where text covers it; what leaves it is cut off."""
    left = max(left, 0)
    part = strip[top : top + coverage.shape[0], left : left + coverage.shape[1]]
    part += (_INK - part) * coverage[: part.shape[0], : part.shape[1], None]
