"""Pictures as the oracle reads them: all texels in one array, bilinear, repeating, without smaller versions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from diorama.color import srgb_to_linear
from diorama.material.pbr import Image
from diorama.oracle.backend import dr, mi

NONE = -1


class Images:
    """The pictures of a stage, linear; texture coordinate (0, 0) is the upper left corner of row 0."""

    def __init__(self, images: Sequence[Image]) -> None:
        decode = srgb_to_linear(np.arange(256) / 255.0), np.arange(256) / 255.0
        tables = {"srgb": decode[0], "linear": decode[1]}
        texels = [tables[image.space][image.pixels[..., :3]].reshape(-1, 3) for image in images]
        sizes = [image.pixels.shape[1::-1] for image in images] or [(1, 1)]
        self._texels = mi.Float(np.concatenate([*texels, np.ones((1, 3))]).astype(np.float32).ravel())
        self._first = mi.UInt32(np.cumsum([0, *(len(one) for one in texels)]).astype(np.uint32))
        self._width = mi.Int32(np.array([*(width for width, _ in sizes), 1], np.int32))
        self._height = mi.Int32(np.array([*(height for _, height in sizes), 1], np.int32))

    def color(self, image: Any, uv: Any, active: Any) -> Any:
        """Return the texel values at ``uv`` of picture number ``image`` per lane, white where it is :data:`NONE`."""
        there = active & (image >= 0)
        number = mi.UInt32(dr.select(image >= 0, image, 0))
        width = dr.gather(mi.Int32, self._width, number, there)
        height = dr.gather(mi.Int32, self._height, number, there)
        first = dr.gather(mi.UInt32, self._first, number, there)
        x, y = uv.x * mi.Float(width) - 0.5, uv.y * mi.Float(height) - 0.5
        left, top = mi.Int32(dr.floor(x)), mi.Int32(dr.floor(y))
        across, down = x - mi.Float(left), y - mi.Float(top)

        def texel(column: Any, row: Any) -> Any:
            column, row = _wrapped(column, width), _wrapped(row, height)
            return dr.gather(mi.Color3f, self._texels, first + mi.UInt32(row * width + column), there)

        upper = dr.lerp(texel(left, top), texel(left + 1, top), across)
        lower = dr.lerp(texel(left, top + 1), texel(left + 1, top + 1), across)
        return dr.select(there, dr.lerp(upper, lower, down), 1.0)


def _wrapped(index: Any, size: Any) -> Any:
    """Return ``index`` modulo ``size``, never negative; a size of 0 (an idle lane) counts as 1."""
    size = dr.maximum(size, 1)
    rest = index % size
    return dr.select(rest < 0, rest + size, rest)
