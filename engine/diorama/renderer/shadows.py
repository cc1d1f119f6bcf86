"""All shadow maps of a snapshot, as tiles of one float32 depth texture.

Tiles shrink as maps grow in number, so the texture stays within 64 MiB, within 128 with the sky's,
and no light loses its shadow. A map's place depends on nothing but the snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import moderngl
import numpy as np
from numpy.typing import NDArray

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.gl.texels import TexelBuffer
from diorama.renderer.draw_list import DrawList
from diorama.renderer.shadow_views import ShadowView

SHADOW_MAP = np.dtype(
    [("clip_from_world", "(4,4)f4"), ("tile", "4f4"), ("axis_texel", "4f4"), ("origin", "4f4"), ("softness", "4f4")]
)
"""One map, as ``shaders/lib/shadow_map.glsl`` reads it; the matrix lies column after column."""

TILE = 1024
"""Texels along a map's side while there are at most 16 and the picture is small."""

_ATLAS = 4096
_LEAST_TILE = 64


def side_for(width: int, height: int) -> int:
    """Return the texels along a map that do a picture of this size justice: 1.5 of its longer side, a power of 2."""
    return max(TILE, 1 << (3 * max(width, height) // 2 - 1).bit_length())


def sky_side(width: int, height: int) -> int:
    """Return the texels along the one map of a piece of the sky: many blur each other, so few will do."""
    return int(np.clip(1 << (2 * max(width, height) - 1).bit_length(), TILE // 4, TILE))


def tile_size(count: int, largest: int = TILE) -> int:
    """Return the side in texels of each of ``count`` maps: the largest, up to ``largest``, that lets all fit."""
    size = largest
    while count > (_ATLAS // size) ** 2 and size > _LEAST_TILE:
        size //= 2
    return size


class ShadowAtlas:
    """Owns the depth texture and the table of maps."""

    def __init__(self, device: Device, *, soft: bool = False) -> None:
        """With ``soft`` depths are read as they are, for ``lib/soft_shadow.glsl``; else compared when read."""
        self._device, self._soft = device, soft
        self._program = device.raster("shadow")
        matrix = self._program["clip_from_world"]
        assert isinstance(matrix, moderngl.Uniform)
        self._matrix = matrix
        self._depth: moderngl.Texture | None = None
        self._target: moderngl.Framebuffer | None = None
        self._table = TexelBuffer(device, "4f4", 16 * SHADOW_MAP.itemsize)
        self._resize(TILE)

    def draw(self, views: Sequence[ShadowView], eye: NDArray[np.float64], draw_list: DrawList) -> None:
        """Draw every view into a tile of its size, which is none larger than the one before.

        ``eye`` (3,) is the camera's position.
        """
        places, height = places_of(view.size for view in views)
        self._resize(int(2 ** np.ceil(np.log2(max(height, TILE)))))
        rows = np.zeros(len(views), SHADOW_MAP)
        context = self._device.context
        assert self._target is not None
        self._target.use()
        context.enable(moderngl.DEPTH_TEST)
        context.depth_func = ">"
        for number, (view, place) in enumerate(zip(views, places, strict=True)):
            matrix = _relative(view.clip_from_world, eye)
            rows[number] = self._row(matrix, place, view, eye)
            self._target.viewport = place
            self._target.clear(depth=0.0, viewport=place)
            self._matrix.write(matrix)
            draw_list.draw(self._program, view.casters, cull=False, flipped=False)
        context.disable(moderngl.DEPTH_TEST)
        self._table.fit(rows.nbytes)
        self._table.write(rows)

    def bind(self) -> None:
        """Bind the maps for ``lib/shadow.glsl``."""
        assert self._depth is not None
        self._depth.use(bindings.SHADOW_MAPS)
        self._table.use(bindings.SHADOW_DATA)

    def release(self) -> None:
        """Give all memory back."""
        if self._target is not None:
            self._target.release()
            self._device.release(self._depth)
            self._table.release()
        self._target = self._depth = None

    def _row(
        self, matrix: NDArray[np.float32], place: tuple[int, int, int, int], view: ShadowView, eye: NDArray[np.float64]
    ) -> NDArray[np.void]:
        assert self._depth is not None
        width, height = self._depth.size
        row = np.zeros((), SHADOW_MAP)
        row["clip_from_world"] = matrix
        row["tile"] = place[0] / width, place[1] / height, place[2] / width, place[3] / height
        row["axis_texel"] = *view.axis, view.texel
        row["origin"][:3] = view.origin - eye
        row["softness"] = *view.softness, view.part
        return row

    def _resize(self, height: int) -> None:
        """Have at least ``height`` rows of texels; all sizes are powers of two, so that places are exact."""
        if self._depth is not None and self._depth.height >= height:
            return
        if self._target is not None:
            self._target.release()
            self._device.release(self._depth)
        self._depth = self._device.depth_texture((_ATLAS, height))
        wanted = moderngl.NEAREST if self._soft else moderngl.LINEAR
        self._depth.filter = (wanted, wanted)
        self._depth.compare_func = "" if self._soft else ">="
        self._depth.repeat_x = self._depth.repeat_y = False
        self._target = self._device.context.framebuffer(depth_attachment=self._depth)


def places_of(sizes: Iterable[int]) -> tuple[list[tuple[int, int, int, int]], int]:
    """Return tiles (left, lower, width, height) of falling ``sizes``, row above row, and the height of all rows."""
    places, left, lower, upper = [], 0, 0, 0
    for size in sizes:
        if left + size > _ATLAS or size < upper - lower:
            left, lower = 0, upper
        places.append((left, lower, size, size))
        left, upper = left + size, lower + size
    return places, upper


def _relative(matrix: NDArray[np.float64], eye: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return ``matrix`` for points relative to ``eye``, transposed for GLSL."""
    shifted = matrix.copy()
    shifted[:, 3] += matrix[:, :3] @ eye
    return np.ascontiguousarray(shifted.T, np.float32)
