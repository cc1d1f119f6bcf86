"""Small clips made by hand, for tests that need no renderer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from diorama.refine.guides import GUIDE_CHANNELS, GUIDE_PLACES
from diorama.training.pairs import Clip


def clip(seed: int = 0, *, frames: int = 4, side: int = 32, shift: float = 1.0, rivals: bool = False) -> Clip:
    """A wide picture that drifts ``shift`` pixels a frame to the left; the input is its bright, noisy copy."""
    random = np.random.default_rng(seed)
    wide = gaussian_filter(random.uniform(0.1, 0.9, (3, side, side + 4 * frames)), (0, 1.5, 1.5)) * 1.5 - 0.2
    target = np.stack([_window(wide, shift * frame, side) for frame in range(frames)]).clip(0.02, 1.0)
    noisy = (target * 1.3 + random.normal(0, 0.03, target.shape)).clip(0, 1.5)
    guides = np.zeros((frames, GUIDE_CHANNELS, side, side))
    own = {name: guides[:, place] for name, place in GUIDE_PLACES.items()}
    own["color"][:], own["shadowed"][:], own["albedo"][:] = noisy, 0.9 * noisy, target
    own["normal"][:, 2], own["inverse_depth"][:] = 1.0, 0.3
    flow = np.zeros((frames, 2, side, side), np.float32)
    flow[:, 0] = shift
    valid = np.broadcast_to(np.arange(side) + 0.5 + shift < side, (frames, 1, side, side)).astype(np.uint8)
    half = np.float16
    others = {name: noisy.astype(half) for name in ("draft", "four", "eight")} if rivals else {}
    return Clip(guides.astype(half), target.astype(half), flow, valid, **others)


def _window(wide: NDArray[np.float64], start: float, side: int) -> NDArray[np.float64]:
    first = int(start)
    return wide[:, :, first : first + side]
