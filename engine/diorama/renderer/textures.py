"""The pictures of a stage in a few texture arrays, by size and by how colours are coded.

GL promises few texture units and no bindless access, so pictures share arrays: sides are rounded
up to powers of two, and where that makes more sizes than there are units, the two sizes whose
union costs least are merged. A material finds a picture by bucket and layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import moderngl
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Picture

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.material.pbr import Image, ImageSpace

MAX_SIDE = 4096
ANISOTROPY = 8.0
"""Samples along the longer axis of a pixel's footprint, where hardware pays for them."""


@dataclass(frozen=True, order=True)
class Bucket:
    """One array: how its pictures code colour, and their common size in texels."""

    space: ImageSpace
    width: int
    height: int


class Textures:
    """Owns the arrays; :meth:`require` brings in what a stage needs, and forgets the rest when it must."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._arrays: list[moderngl.TextureArray] = []
        self._places: dict[str, int] = {}

    @property
    def bucket_count(self) -> int:
        """How many arrays there are; programs are built for this many."""
        return len(self._arrays)

    def require(self, images: Sequence[Image]) -> NDArray[np.uint32]:
        """Put ``images`` on the GPU where they are not yet; return (N,) bucket * 65536 + layer."""
        if any(image.key not in self._places for image in images):
            self.release()
            self._build(list({image.key: image for image in images}.values()))
        return np.array([self._places[image.key] for image in images], np.uint32)

    def bind(self) -> None:
        """Bind the arrays for ``lib/material.glsl``."""
        for unit, array in enumerate(self._arrays):
            array.use(bindings.MATERIAL_IMAGES + unit)

    def release(self) -> None:
        """Give all memory back."""
        self._device.release(*self._arrays)
        self._arrays, self._places = [], {}

    def _build(self, images: Sequence[Image]) -> None:
        buckets = assign_buckets([_natural(image) for image in images], bindings.MATERIAL_BUCKETS)
        for number, bucket in enumerate(sorted(set(buckets))):
            members = [image for image, own in zip(images, buckets, strict=True) if own == bucket]
            self._arrays.append(self._array(bucket, members))
            for layer, image in enumerate(members):
                self._places[image.key] = number << 16 | layer

    def _array(self, bucket: Bucket, images: Sequence[Image]) -> moderngl.TextureArray:
        array = self._device.texture_array((bucket.width, bucket.height, len(images)), 4, "f1")
        if bucket.space == "srgb":
            self._device.raw.make_srgb(array)
        for layer, image in enumerate(images):
            pixels = resampled(image.pixels, bucket.width, bucket.height)
            array.write(pixels, viewport=(0, 0, layer, bucket.width, bucket.height, 1))
        array.build_mipmaps()
        array.filter = moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR
        array.repeat_x = array.repeat_y = True
        if not self._device.info.software:
            array.anisotropy = ANISOTROPY
        return array


def resampled(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Return (height, width, 4) pixels; the same array where the size already fits."""
    if pixels.shape[:2] == (height, width):
        return np.ascontiguousarray(pixels)
    planes = [
        Picture.fromarray(np.ascontiguousarray(pixels[..., channel])).resize(
            (width, height), Picture.Resampling.BICUBIC
        )
        for channel in range(4)
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=-1)


def assign_buckets(natural: Sequence[Bucket], limit: int) -> list[Bucket]:
    """Return each picture's bucket, at most ``limit`` different ones, none smaller than its own.

    The cheapest merge, in texels over all layers, is made until the limit holds.
    """
    merged = {bucket: bucket for bucket in natural}
    while len(present := sorted(set(merged.values()))) > limit:
        pairs = [(a, b) for a, b in combinations(present, 2) if a.space == b.space]
        counts = {bucket: sum(merged[own] == bucket for own in natural) for bucket in present}
        first, second = min(pairs, key=lambda pair: (_merge_cost(pair[0], pair[1], counts), pair))
        union = _union(first, second)
        merged = {own: union if bucket in (first, second) else bucket for own, bucket in merged.items()}
    return [merged[own] for own in natural]


def _natural(image: Image) -> Bucket:
    height, width = image.pixels.shape[:2]
    return Bucket(image.space, _power_of_two(width), _power_of_two(height))


def _power_of_two(side: int) -> int:
    return min(MAX_SIDE, 1 << (max(side, 1) - 1).bit_length())


def _union(a: Bucket, b: Bucket) -> Bucket:
    return Bucket(a.space, max(a.width, b.width), max(a.height, b.height))


def _merge_cost(a: Bucket, b: Bucket, counts: dict[Bucket, int]) -> int:
    union = _union(a, b)
    together = union.width * union.height * (counts[a] + counts[b])
    return together - a.width * a.height * counts[a] - b.width * b.height * counts[b]
