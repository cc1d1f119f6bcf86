"""Pictures from files: 8-bit images for materials, and linear light for the environment."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from diorama.color import srgb_to_linear
from diorama.errors import AssetError, expected
from diorama.material.pbr import Image, ImageSpace
from diorama.material.pixel_count import PixelCount
from diorama.reading import read_bytes

MAX_PIXELS = 2**25
"""The largest picture that is decoded (8192 x 4096)."""

HALF_MAX = 65504.0
"""The largest number of a half float; what an overflowed texel of an environment becomes."""

_ROWS = 256
"""Rows converted at a time, so that a large picture is held twice and not four times."""

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TGA", "TIFF")
_SRGB_SUFFIXES = (".png", ".jpg", ".jpeg")
_LIGHT_SUFFIXES = (".hdr", ".exr")


def load_image(path: Path, space: ImageSpace) -> Image:
    """Read a picture file as a material's image; ``space`` says how its numbers are coded."""
    return decode_image(read_bytes(path, "picture", str(path)), space, name=path.name, place=str(path))


def decode_image(
    data: bytes, space: ImageSpace, *, name: str = "", place: str = "", count: PixelCount | None = None
) -> Image:
    """Decode the bytes of a PNG, JPEG, WebP, BMP, TGA or TIFF picture to 8-bit RGBA; ``count`` it before."""
    try:
        # Pillow warns of large pictures; the limit below refuses them.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with PIL.Image.open(BytesIO(data), formats=_FORMATS) as picture:
                width, height = picture.size
                if width * height <= MAX_PIXELS:
                    if count is not None:
                        count.add(width * height, place)
                    return from_pillow(picture, space, name)
    except AssetError:
        raise
    except PIL.UnidentifiedImageError:
        raise AssetError(
            expected(f"a picture ({', '.join(_FORMATS)})", f"{len(data)} other bytes"), place=place
        ) from None
    except PIL.Image.DecompressionBombError as error:
        raise AssetError(expected(f"at most {MAX_PIXELS} pixels", "many more"), place=place) from error
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged bytes.
        raise AssetError(f"expected a whole picture: {error or type(error).__name__}", place=place) from error
    raise AssetError(expected(f"at most {MAX_PIXELS} pixels", f"{width} x {height}"), place=place)


def from_pillow(picture: PIL.Image.Image, space: ImageSpace, name: str = "") -> Image:
    """Return an opened picture as a material's image."""
    return Image(_rgba(picture), space, name)


def load_environment(path: Path) -> NDArray[np.float32]:
    """Read an equirectangular picture as (H, W, 3) float32 linear radiance, finite and not negative.

    Laid out as ``Stage.environment``: top row +Y, centre -Z, right half +X, which is how such
    pictures are stored. PNG and JPEG count as sRGB. Below zero (ringing of a resampled file)
    becomes 0, an overflow of half floats :data:`HALF_MAX`.
    """
    suffix = path.suffix.lower()
    if suffix in _SRGB_SUFFIXES:
        pixels = load_image(path, "srgb").pixels[..., :3]
        table = srgb_to_linear(np.arange(256) / 255.0).astype(np.float32)
        return np.ascontiguousarray(table[pixels])
    if suffix not in _LIGHT_SUFFIXES:
        kinds = ", ".join(_LIGHT_SUFFIXES + _SRGB_SUFFIXES)
        raise AssetError(expected(f"an environment picture ({kinds})", path.name), place=str(path))
    return _read_light(path)


def _rgba(picture: PIL.Image.Image) -> NDArray[np.uint8]:
    if picture.mode == "F":
        raise ValueError("floating-point pictures cannot be a material's image")
    width, height = picture.size
    pixels = np.empty((height, width, 4), np.uint8)
    for top in range(0, height, _ROWS):
        end = min(top + _ROWS, height)
        pixels[top:end] = _rgba_rows(picture.crop((0, top, width, end)))
    return pixels


def _rgba_rows(picture: PIL.Image.Image) -> NDArray[np.uint8]:
    if picture.mode.startswith("I"):
        # Pillow clips 16-bit grey on conversion: scale it.
        grey = (np.asarray(picture).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
        return np.dstack([grey, grey, grey, np.full_like(grey, 255)])
    return np.asarray(picture.convert("RGBA"))


def _read_light(path: Path) -> NDArray[np.float32]:
    """Read the colour channels of a Radiance or OpenEXR file as (H, W, 3) float32."""
    import OpenImageIO  # 20 MB: only where an environment is read

    if not path.is_file():
        raise AssetError(expected("a picture file", "nothing there"), place=str(path))
    source = OpenImageIO.ImageInput.open(str(path))
    if source is None:
        raise AssetError(f"expected a Radiance or OpenEXR picture: {_reason(OpenImageIO)}", place=str(path))
    try:
        spec = source.spec()
        if spec.width * spec.height > MAX_PIXELS or spec.depth > 1 or spec.deep:
            raise AssetError(
                expected(f"a flat picture of at most {MAX_PIXELS} pixels", f"{spec.width} x {spec.height}"),
                place=str(path),
            )
        first, last = _color_channels(list(spec.channelnames), str(path))
        light = np.empty((spec.height, spec.width, 3), np.float32)
        # a picture in tiles can be read as a whole only
        rows = spec.height if spec.tile_width else _ROWS
        for top in range(0, spec.height, rows):
            end = min(top + rows, spec.height)
            light[top:end] = _read_rows(source, top, end, first, last, str(path))
    finally:
        source.close()
    return light


def _read_rows(source: Any, top: int, end: int, first: int, last: int, place: str) -> NDArray[np.float32]:
    """Read rows ``top`` to ``end`` - 1 of channels ``first`` to ``last`` - 1, finite and not negative."""
    import OpenImageIO

    spec = source.spec()
    if spec.tile_width:
        pixels = source.read_image(0, 0, first, last, OpenImageIO.FLOAT)
    else:
        pixels = source.read_scanlines(spec.y + top, spec.y + end, 0, first, last, OpenImageIO.FLOAT)
    if pixels is None:
        raise AssetError(f"expected a whole picture: {_reason(source)}", place=place)
    light = np.asarray(pixels, np.float32).reshape(end - top, spec.width, last - first)
    if np.isnan(light).any():
        raise AssetError(expected("numbers", "NaN"), place=place)
    return np.where(np.isposinf(light), np.float32(HALF_MAX), np.maximum(light, np.float32(0)))


def _reason(library: Any) -> str:
    """Return what OpenImageIO says is wrong; it may quote bytes of the file, which then are no text."""
    try:
        return str(library.geterror())
    except UnicodeDecodeError:
        return "damaged"


def _color_channels(names: list[str], place: str) -> tuple[int, int]:
    """Return first and last + 1 of the channels R, G, B; of a single grey channel where there is no R."""
    lower = [name.lower() for name in names]
    if "r" in lower and lower[lower.index("r") : lower.index("r") + 3] == ["r", "g", "b"]:
        return lower.index("r"), lower.index("r") + 3
    if "y" in lower:
        return lower.index("y"), lower.index("y") + 1
    raise AssetError(expected("channels R, G, B or Y", names), place=place)
