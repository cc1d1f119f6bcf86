"""Decoding of a video to 8-bit RGB, a picture at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from numpy.typing import NDArray

from diorama.errors import AssetError
from diorama.video.encoder import EXACT

_MATRICES = {1: Colorspace.ITU709, 5: Colorspace.ITU601, 6: Colorspace.ITU601, 9: Colorspace.BT2020}


def read_video(path: str | Path) -> Iterator[NDArray[np.uint8]]:
    """Yield every picture as (H, W, 3) uint8 sRGB, or (H, W, 4) where the video has alpha.

    Y'CbCr is decoded by the matrix and range that the file states, BT.709 limited where it does not.
    """
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield _to_rgb(frame)
    except (FFmpegError, OSError) as error:
        raise AssetError(f"cannot be read as a video: {error.strerror or error}", place=str(path)) from error


def _to_rgb(frame: VideoFrame) -> NDArray[np.uint8]:
    alpha = any(component.is_alpha for component in frame.format.components)
    matrix = _MATRICES.get(frame.colorspace, Colorspace.ITU709)
    full = frame.format.is_rgb or frame.color_range == ColorRange.JPEG
    rgb = frame.reformat(
        format="rgba" if alpha else "rgb24",
        src_colorspace=matrix,
        dst_colorspace=matrix,
        src_color_range=ColorRange.JPEG if full else ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=EXACT,
    )
    return np.asarray(rgb.to_ndarray(), np.uint8)
