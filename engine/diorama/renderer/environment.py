"""The light of the environment picture, made ready to look up: background, irradiance, reflections.

All of it lies in one half-float texture: the picture itself with one column repeated on either
side, and beneath it octahedral tiles, one of irradiance and several of radiance averaged over
ever rougher GGX lobes. Everything is computed once per picture; turning it and changing its
intensity costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import moderngl
import numpy as np
from numpy.typing import NDArray

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.renderer.sky_pieces import picture_cells
from diorama.renderer.sphere_maps import irradiance_tile, reduce_equirectangular
from diorama.renderer.sun_extraction import ExtractedSun, extract_sun

SPECULAR_TILES = 10
"""A mirror's, then lobes whose alpha doubles from tile to tile up to roughness 1."""

_BLURRED_SIZES = (256, 256, 128, 128, 64, 64, 64, 32, 32)
_SAMPLES_PER_TILE = 1 << 21
"""Small tiles are the rough ones, whose wide lobes need more samples a texel."""

_IRRADIANCE_SIZE = 32
_KEPT = 2
"""How many pictures stay ready, so that clips may alternate between two."""

_HALF_MAX = 60000.0

_LARGEST = (4096, 8192)
"""Rows and columns of the background; GL promises textures of 16,384 texels."""


@dataclass(frozen=True, eq=False)
class EnvironmentMap:
    """One picture on the GPU: the atlas, where things lie in it in texels, and the sun taken out.

    A stored value times ``scale`` is the picture's own unit. ``background`` is (left, top, width,
    height), tiles are (left, top, size). ``cells`` is its light, without the sun, in few cells.
    """

    atlas: moderngl.Texture
    scale: float
    background: tuple[int, int, int, int]
    irradiance: tuple[int, int, int]
    specular: tuple[tuple[int, int, int], ...]
    sun: ExtractedSun | None
    cells: NDArray[np.float64]


class EnvironmentMaps:
    """Owns the maps of the pictures used last, by content."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._maps: dict[tuple[str, bool], EnvironmentMap] = {}
        self._keys: tuple[NDArray[np.float32], str] | None = None

    def require(self, picture: NDArray[np.float32], *, without_sun: bool) -> EnvironmentMap:
        """Return the map of ``picture`` (H, W, 3); ``without_sun``: light comes without its sun, if it has one."""
        key = (self._content(picture), without_sun)
        found = self._maps.pop(key, None)
        if found is None:
            while len(self._maps) >= _KEPT:
                self._device.release(self._maps.pop(next(iter(self._maps))).atlas)
            found = self._make(picture, without_sun)
        self._maps[key] = found
        return found

    def release(self) -> None:
        """Give all memory back."""
        self._device.release(*(entry.atlas for entry in self._maps.values()))
        self._maps.clear()
        self._keys = None

    def _content(self, picture: NDArray[np.float32]) -> str:
        if self._keys is None or self._keys[0] is not picture:
            digest = blake2b(str(picture.shape).encode(), digest_size=16)
            digest.update(np.ascontiguousarray(picture).tobytes())
            self._keys = picture, digest.hexdigest()
        return self._keys[1]

    def _make(self, picture: NDArray[np.float32], without_sun: bool) -> EnvironmentMap:
        light, sun = extract_sun(picture) if without_sun else (picture, None)
        if picture.shape[0] > _LARGEST[0] or picture.shape[1] > _LARGEST[1]:
            picture = reduce_equirectangular(picture, *_LARGEST).astype(np.float32)
        height, width = picture.shape[:2]
        scale = max(float(picture.max()) / _HALF_MAX, 1.0)
        background = (1, 0, width, height)
        specular, irradiance = _layout(width, height)
        size = (max(width + 2, irradiance[0] + irradiance[2]), height + specular[0][2])
        atlas = self._device.texture(size, 4, "f2")
        atlas.filter = (moderngl.LINEAR, moderngl.LINEAR)
        atlas.repeat_x = atlas.repeat_y = False
        wrapped = np.concatenate([picture[:, -1:], picture, picture[:, :1]], axis=1)
        _write(atlas, (0, 0, width + 2, height), wrapped / scale)
        _write(atlas, (*irradiance[:2], irradiance[2], irradiance[2]), irradiance_tile(light, irradiance[2]) / scale)
        self._prefilter(atlas, light / np.float32(scale), specular)
        return EnvironmentMap(atlas, scale, background, irradiance, specular, sun, picture_cells(light))

    def _prefilter(
        self, atlas: moderngl.Texture, light: NDArray[np.float32], tiles: tuple[tuple[int, int, int], ...]
    ) -> None:
        """Average ``light`` over the lobe of each tile."""
        source = reduce_equirectangular(light, 1024, 2048)
        picture = self._device.texture((source.shape[1], source.shape[0]), 4, "f4")
        _write(picture, (0, 0, *picture.size), source)
        picture.build_mipmaps()
        picture.filter = (moderngl.LINEAR_MIPMAP_LINEAR, moderngl.LINEAR)
        picture.repeat_x, picture.repeat_y = True, False
        program = self._device.compute("prefilter")
        picture.use(bindings.ENVIRONMENT)
        atlas.bind_to_image(0, read=False, write=True)
        for number, tile in enumerate(tiles):
            program["tile"] = tile
            program["roughness"] = 2.0 ** ((number + 1 - SPECULAR_TILES) / 2.0) if number else 0.0
            program["samples"] = _SAMPLES_PER_TILE // tile[2] ** 2
            groups = (tile[2] + 7) // 8
            program.run(groups, groups)
        self._device.context.memory_barrier()
        self._device.release(picture)


def _layout(width: int, height: int) -> tuple[tuple[tuple[int, int, int], ...], tuple[int, int, int]]:
    """Put the tiles side by side below the picture; the mirror's tile is about as fine as the picture."""
    mirror = int(np.clip(2 ** np.ceil(np.log2(max(width, 1)) - 1), 64, 1024))
    left, tiles = 0, []
    for size in (mirror, *_BLURRED_SIZES, _IRRADIANCE_SIZE):
        tiles.append((left, height, size))
        left += size
    return tuple(tiles[:-1]), tiles[-1]


def _write(texture: moderngl.Texture, place: tuple[int, int, int, int], values: NDArray[np.floating]) -> None:
    """Write (H, W, 3) values into the texels (left, top, width, height) of a four-channel texture."""
    padded = np.ones((*values.shape[:2], 4), f"f{texture.dtype[-1]}")
    padded[..., :3] = values
    texture.write(padded, viewport=place)
