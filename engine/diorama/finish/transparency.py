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


def _clear(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, environment=replace(snapshot.environment, visible=False))
