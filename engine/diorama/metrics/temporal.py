"""How steady a clip is: what changes along the exact flow, beside what changes in the reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates

from diorama.metrics.quality import psnr_of_mse

Floats = NDArray[np.float64]


def warp(picture: NDArray[Any], flow: NDArray[Any]) -> Floats:
    """Return ``picture`` (H, W, C) of the frame before as seen now, along ``flow`` (H, W, 2) (dx, dy) pixels.

    Bilinear; beyond the border its nearest pixels repeat.
    """
    height, width = picture.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    places = np.stack([y + flow[..., 1], x + flow[..., 0]])
    planes = [
        map_coordinates(np.asarray(picture[..., c], np.float64), places, order=1, mode="nearest")
        for c in range(picture.shape[2])
    ]
    return np.stack(planes, axis=-1)


def temporal_residual(
    clip: Sequence[NDArray[Any]], flows: Sequence[NDArray[Any]], valid: Sequence[NDArray[Any]]
) -> list[Floats]:
    """Return what each frame but the first differs by from the one before, (K, 3), where that can be told.

    ``flows[t]`` (H, W, 2) leads from frame t to frame t - 1, ``valid[t]`` (H, W) says where a point was in
    sight one frame before; both have an entry for frame 0 too, which is not read.
    """
    return [
        (np.asarray(clip[t], np.float64) - warp(clip[t - 1], flows[t]))[np.asarray(valid[t], bool)]
        for t in range(1, len(clip))
    ]


def tpsnr(
    clip: Sequence[NDArray[Any]],
    reference: Sequence[NDArray[Any]],
    flows: Sequence[NDArray[Any]],
    valid: Sequence[NDArray[Any]],
) -> float:
    """Return the PSNR in dB of the temporal residuals against the reference's: flicker costs, true change does not."""
    own, wanted = temporal_residual(clip, flows, valid), temporal_residual(reference, flows, valid)
    difference = np.concatenate(own) - np.concatenate(wanted)
    return psnr_of_mse(float(np.mean(difference**2)))


def warp_error(clip: Sequence[NDArray[Any]], flows: Sequence[NDArray[Any]], valid: Sequence[NDArray[Any]]) -> float:
    """Return the mean squared temporal residual; beside the reference's it shows flicker (more) and smearing (less)."""
    return float(np.mean(np.concatenate(temporal_residual(clip, flows, valid)) ** 2))
