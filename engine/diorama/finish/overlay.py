"""Pictures over a finished picture, such as a logo: a pure function of the time, blended in sRGB as editors do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from diorama.finish.animated import value_at
from diorama.finish.blend import blend
from diorama.finish.title import title_opacity
from diorama.material.pbr import Image
from diorama.scene.models import image_of
from diorama.scene.schema import Keys, Overlay

Floats = NDArray[np.float32]


def draw_overlay(image: NDArray[np.uint8], overlay: Overlay, time: float) -> None:
    """Blend an overlay over (H, W, 3) sRGB, or (H, W, 4) with straight alpha, as it stands at ``time`` in seconds.

    One at rest lies on whole pixels and is crisp; one that moves or grows is placed in between them.
    """
    opacity = title_opacity(overlay, time) * float(value_at(overlay.opacity, time)[0])
    if opacity <= 0.0:
        return
    height, width = image.shape[:2]
    source = read_overlay(overlay)
    tall = float(value_at(overlay.size, time)[0]) * height
    size = np.array([tall, tall * source.pixels.shape[1] / source.pixels.shape[0]])
    moving = isinstance(overlay.position, Keys) or isinstance(overlay.size, Keys)
    size = size if moving else np.maximum(np.rint(size), 1.0)
    corner = value_at(overlay.position, time)[::-1] * (height, width) - size / 2
    corner = corner if moving else np.floor(corner + 0.5)
    down, across = (_Span(*each) for each in zip((height, width), corner.tolist(), size.tolist(), strict=True))
    if min(down.count, across.count) > 0:
        ink, cover = _placed(source, down, across)
        blend(image, cover * np.float32(opacity), across.first, down.first, ink)


def read_overlay(overlay: Overlay) -> Image:
    """Return the picture of an overlay; ``AssetError`` names the file that is none."""
    return image_of(overlay.image, "srgb")


@dataclass(frozen=True)
class _Span:
    """Where a picture of ``length`` pixels lies along a side of ``frame`` pixels: from ``start`` on."""

    frame: int
    start: float
    length: float

    @property
    def first(self) -> int:
        """The first pixel of the frame that it touches."""
        return max(int(np.floor(self.start)), 0)

    @property
    def count(self) -> int:
        """How many pixels of the frame it touches."""
        return min(int(np.ceil(self.start + self.length)), self.frame) - self.first


@lru_cache(maxsize=4)
def _placed(source: Image, down: _Span, across: _Span) -> tuple[Floats, Floats]:
    """Return the colour (h, w, 3) in 0..255 and the coverage (h, w) of the pixels that a picture touches.

    Filtered with alpha multiplied in, so that the colour of what is clear does not show at the edges.
    """
    high, wide = source.pixels.shape[:2]
    rows, columns = _resampling(high, down), _resampling(wide, across)
    alpha = source.pixels[..., 3] / np.float32(255)
    cover = np.asarray(columns @ (rows @ alpha).T).T
    ink = np.empty((*cover.shape, 3), np.float32)
    for channel in range(3):
        light = np.asarray(columns @ (rows @ (source.pixels[..., channel] * alpha)).T).T
        ink[..., channel] = np.divide(light, cover, out=np.zeros_like(cover), where=cover > 0)
    return np.clip(ink, 0, 255), np.clip(cover, 0, 1)


def _resampling(count: int, span: _Span) -> csr_array:
    """Return the matrix (touched pixels, count) that lays ``count`` samples on a span.

    A tent as wide as a pixel or a sample, whichever is larger; times how much of the pixel is inside.
    """
    pixel = span.first + np.arange(span.count)
    inside = np.minimum(pixel + 1, span.start + span.length) - np.maximum(pixel, span.start)
    pitch = count / span.length
    reach = max(pitch, 1.0)
    middle = np.clip((pixel + 0.5 - span.start) * pitch, 0.5, count - 0.5)
    sample = np.floor(middle - reach).astype(np.int64)[:, None] + np.arange(int(np.ceil(2 * reach)) + 2)
    weight = np.maximum(1.0 - np.abs(sample + 0.5 - middle[:, None]) / reach, 0.0)
    weight[(sample < 0) | (sample >= count)] = 0.0
    weight *= (np.clip(inside, 0.0, 1.0) / weight.sum(axis=1))[:, None]
    kept = weight > 0.0
    row = np.broadcast_to(np.arange(span.count)[:, None], sample.shape)
    return csr_array((weight[kept].astype(np.float32), (row[kept], sample[kept])), shape=(span.count, count))
