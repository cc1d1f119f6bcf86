"""Pictures to encode."""

from collections.abc import Callable

import numpy as np
import pytest


@pytest.fixture
def picture() -> Callable[..., np.ndarray]:
    """Return the i-th of a clip of moving gradients, (H, W, 3) or with ``alpha`` (H, W, 4) uint8."""

    def make(number, width=64, height=48, alpha=False):
        rows, columns = np.mgrid[0:height, 0:width] / max(width, height)
        wave = [np.sin(3 * columns + 2 * rows + number / 5 + phase) for phase in (0, 2, 4)]
        rgb = np.stack(wave, axis=-1) * 100 + 128
        plane = (columns * 255 + number)[..., None] % 256
        return np.concatenate([rgb, plane][: 2 if alpha else 1], axis=-1).astype(np.uint8)

    return make
