"""FLIP (Andersson et al. 2020): the error that is seen when two pictures are flipped between."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def flip(picture: NDArray[Any], reference: NDArray[Any]) -> float:
    """Return the mean LDR-FLIP, 0..1, of two pictures (H, W, 3) in sRGB 0..1, at its authors' viewing distance."""
    return _evaluated(picture, reference)[1]


def flip_map(picture: NDArray[Any], reference: NDArray[Any]) -> NDArray[np.float32]:
    """Return the LDR-FLIP error of each pixel, (H, W) in 0..1."""
    return _evaluated(picture, reference)[0]


def _evaluated(picture: NDArray[Any], reference: NDArray[Any]) -> tuple[NDArray[np.float32], float]:
    from flip_evaluator import evaluate  # compiled, needed for scoring only

    pair = (np.ascontiguousarray(np.clip(image, 0.0, 1.0), np.float32) for image in (reference, picture))
    wanted, found = pair
    errors, mean, _ = evaluate(wanted, found, "LDR", inputsRGB=True, applyMagma=False, computeMeanError=True)
    return np.asarray(errors, np.float32).reshape(found.shape[:2]), float(mean)
