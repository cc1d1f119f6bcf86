"""Pictures without a background, which another picture can be laid under.

What is drawn is premultiplied: light that reaches a pixel through its coverage. What is stored is
straight: the colour of what covers the pixel, and how much of it does.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diorama.scene.shot import Shot, Snapshot

_LEAST = np.float32(1.0 / 512.0)
"""The least coverage that 8 bits show."""


def without_sky(shot: Shot) -> Shot:
    """Return the shot with nothing behind the scene; the sky still lights it."""
    shutter = tuple((weight, _clear(snapshot)) for weight, snapshot in shot.shutter)
    return replace(shot, current=_clear(shot.current), shutter=shutter)


def straight(light: NDArray[np.float32], alpha: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return premultiplied light (H, W, 3) at full strength, given its coverage (H, W)."""
    return np.asarray(light / np.maximum(alpha, _LEAST)[..., None], np.float32)


def with_alpha(image: NDArray[np.uint8], alpha: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return the (H, W, 4) picture of a straight (H, W, 3) one and its coverage (H, W)."""
    levels = np.floor(alpha * 255.0 + 0.5).astype(np.uint8)
    return np.concatenate([image, levels[..., None]], axis=2)


def with_glow(image: NDArray[np.uint8], glow: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a straight picture (H, W, 4) behind which there is glow: (H, W, 3) sRGB, as it looks on black.

    Light that fell beside things has no coverage, and over black it is to look as it did. So where
    the picture leaves a pixel clear, glow is its own alpha: as much as its brightest colour.
    """
    color, own = image[..., :3].astype(np.float32), image[..., 3:] / np.float32(255)
    clear = np.float32(1) - own
    alpha = own + clear * (glow.max(axis=2, keepdims=True) / np.float32(255))
    light = color * own + glow * clear
    shown = np.divide(light, alpha, out=color, where=alpha > 0)
    return np.floor(np.concatenate([shown, alpha * np.float32(255)], axis=2) + np.float32(0.5)).astype(np.uint8)


def _clear(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, environment=replace(snapshot.environment, visible=False))
