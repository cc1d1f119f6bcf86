"""Glow around what is bright: light that lens and sensor scatter, moved, neither made nor lost.

The pyramid of Jimenez, Next Generation Post Processing in Call of Duty: Advanced Warfare
(SIGGRAPH 2014): halved again and again, then doubled again and added up. Both steps have the
kernel (1 3 3 1), whose repetition is a smooth spline, and keep the sum of light. Every doubling of the distance
gets the same share, so that light falls off as 1 / r² up to the radius, which is how lenses and eyes
scatter it (Vos, On the cause of disability glare, 1984).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diorama.color import LUMINANCE

Floats = NDArray[np.float32]

_LUMINANCE = LUMINANCE.astype(np.float32)


@dataclass(frozen=True)
class Bloom:
    """``strength`` is the share of light that is scattered, up to ``radius`` pixels; of what exceeds ``threshold``."""

    strength: float
    radius: float
    threshold: float = 0.0

    def split(self, light: Floats) -> tuple[Floats, Floats]:
        """Return light (H, W, 3) that stays in its pixel, and light that was scattered to it; their sum is all of it.

        Beyond its border the picture goes on as it is there: a plain surface stays plain.
        """
        bright = light if self.threshold <= 0 else light * _share_above(light, np.float32(self.threshold))
        strength = np.float32(self.strength)
        glow = _blur(bright, np.log2(max(self.radius, 2.0)))
        glow *= strength
        return light - bright * strength, glow


def _share_above(light: Floats, threshold: np.float32) -> Floats:
    """Return which share (H, W, 1) of a pixel's light is above a luminance."""
    luminance = light @ _LUMINANCE
    share = np.maximum(luminance - threshold, 0) / np.maximum(luminance, threshold)
    return np.asarray(share[..., None])


def _blur(light: Floats, octaves: float) -> Floats:
    """Return light (H, W, 3) spread over pyramid levels 1 to ``octaves``, the last with what share is left of it."""
    levels = [np.ascontiguousarray(np.moveaxis(light, 2, 0))]  # a plane a colour: long rows are what is fast
    while len(levels) - 1 < octaves and max(levels[-1].shape[1:]) > 1:
        levels.append(_halved(levels[-1]))
    shares = np.clip(octaves - np.arange(max(len(levels) - 1, 1)), 0.0, 1.0)
    shares = (shares / shares.sum()).astype(np.float32)
    spread = levels[-1] * shares[-1]
    for number in range(len(levels) - 2, -1, -1):
        spread = _doubled(spread, *levels[number].shape[1:])
        if number > 0:
            spread += levels[number] * shares[number - 1]
    return np.moveaxis(spread, 0, 2)


def _halved(light: Floats) -> Floats:
    """Return planes (3, H, W) at half the size, rounded up."""
    high, wide = (side % 2 for side in light.shape[1:])
    rows = np.concatenate([light[:, :1], light, *([light[:, -1:]] * (1 + high))], axis=1)
    rows = _mean(rows[:, :-2:2], rows[:, 1:-1:2], rows[:, 2:-1:2], rows[:, 3::2])
    both = np.concatenate([rows[..., :1], rows, *([rows[..., -1:]] * (1 + wide))], axis=2)
    return _mean(both[..., :-2:2], both[..., 1:-1:2], both[..., 2:-1:2], both[..., 3::2])


def _mean(first: Floats, second: Floats, third: Floats, fourth: Floats) -> Floats:
    """Return the mean of four neighbours with the weights 1, 3, 3 and 1."""
    mean = second + third
    mean *= np.float32(3)
    mean += first
    mean += fourth
    mean *= np.float32(1 / 8)
    return mean


def _doubled(light: Floats, height: int, width: int) -> Floats:
    """Return planes at twice the size, without the last row or column where that is one too many."""
    count, rows, columns = light.shape
    tall = np.empty((count, 2 * rows, columns), np.float32)
    light = light * np.float32(0.25)
    tall[:, 0::2] = tall[:, 1::2] = light * np.float32(3)
    tall[:, 2::2] += light[:, :-1]
    tall[:, 1:-1:2] += light[:, 1:]
    tall[:, 0] += light[:, 0]
    tall[:, -1] += light[:, -1]
    tall = tall[:, :height]
    wide = np.empty((count, height, 2 * columns), np.float32)
    tall = tall * np.float32(0.25)
    wide[..., 0::2] = wide[..., 1::2] = tall * np.float32(3)
    wide[..., 2::2] += tall[..., :-1]
    wide[..., 1:-1:2] += tall[..., 1:]
    wide[..., 0] += tall[..., 0]
    wide[..., -1] += tall[..., -1]
    return wide[..., :width]
