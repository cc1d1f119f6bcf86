"""Pictures from files: 8-bit images for materials, and linear light for the environment."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from diorama.color import srgb_to_linear
from diorama.errors import AssetError, expected
from diorama.material.pbr import Image, ImageSpace

MAX_PIXELS = 2**26
"""The largest picture that is decoded (8192 x 8192)."""

HALF_MAX = 65504.0
"""The largest number of a half float; what an overflowed texel of an environment becomes."""

_FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TGA", "TIFF")
_SRGB_SUFFIXES = (".png", ".jpg", ".jpeg")
_LIGHT_SUFFIXES = (".hdr", ".exr")


def load_image(path: Path, space: ImageSpace) -> Image:
    """Read a picture file as a material's image; ``space`` says how its numbers are coded."""
    return decode_image(_read(path), space, name=path.name, place=str(path))


def decode_image(
    data: bytes, space: ImageSpace, *, name: str = "", place: str = "", max_pixels: int = MAX_PIXELS
) -> Image:
    """Decode the bytes of a PNG, JPEG, WebP, BMP, TGA or TIFF picture to 8-bit RGBA."""
    try:
        # Pillow warns of large pictures; the limit below refuses them.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with PIL.Image.open(BytesIO(data), formats=_FORMATS) as picture:
                width, height = picture.size
                if width * height <= max_pixels:
                    return from_pillow(picture, space, name)
    except PIL.UnidentifiedImageError:
        raise AssetError(
            expected(f"a picture ({', '.join(_FORMATS)})", f"{len(data)} other bytes"), place=place
        ) from None
    except PIL.Image.DecompressionBombError as error:
        raise AssetError(expected(f"at most {max_pixels} pixels", "many more"), place=place) from error
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged bytes.
        raise AssetError(f"expected a whole picture: {error}", place=place) from error
    raise AssetError(expected(f"at most {max_pixels} pixels", f"{width} x {height}"), place=place)


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
    light = _read_light(path)
    if np.isnan(light).any():
        raise AssetError(expected("numbers", "NaN"), place=str(path))
    mended = np.where(np.isposinf(light), HALF_MAX, np.maximum(light, 0.0))
    return np.ascontiguousarray(mended, np.float32)


def _rgba(picture: PIL.Image.Image) -> NDArray[np.uint8]:
    if picture.mode.startswith(("I;16", "I")):
        # Pillow clips 16-bit grey on conversion: scale it.
        grey = (np.asarray(picture).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8)
        return np.ascontiguousarray(np.dstack([grey, grey, grey, np.full_like(grey, 255)]))
    if picture.mode == "F":
        raise ValueError("floating-point pictures cannot be a material's image")
    return np.ascontiguousarray(np.asarray(picture.convert("RGBA")), np.uint8)


def _read_light(path: Path) -> NDArray[np.float32]:
    """Read the colour channels of a Radiance or OpenEXR file as (H, W, 3) float32."""
    import OpenImageIO  # 20 MB: only where an environment is read

    if not path.is_file():
        raise AssetError(expected("a picture file", "nothing there"), place=str(path))
    source = OpenImageIO.ImageInput.open(str(path))
    if source is None:
        raise AssetError(f"expected a Radiance or OpenEXR picture: {OpenImageIO.geterror()}", place=str(path))
    try:
        spec = source.spec()
        if spec.width * spec.height > MAX_PIXELS or spec.depth > 1 or spec.deep:
            raise AssetError(
                expected(f"a flat picture of at most {MAX_PIXELS} pixels", f"{spec.width} x {spec.height}"),
                place=str(path),
            )
        first, last = _color_channels(list(spec.channelnames), str(path))
        pixels = source.read_image(0, 0, first, last, OpenImageIO.FLOAT)
        if pixels is None:
            raise AssetError(f"expected a whole picture: {source.geterror()}", place=str(path))
    finally:
        source.close()
    light = np.asarray(pixels, np.float32).reshape(spec.height, spec.width, last - first)
    return np.ascontiguousarray(np.broadcast_to(light, (spec.height, spec.width, 3)), np.float32)


def _color_channels(names: list[str], place: str) -> tuple[int, int]:
    """Return first and last + 1 of the channels R, G, B; of a single grey channel where there is no R."""
    lower = [name.lower() for name in names]
    if "r" in lower and lower[lower.index("r") : lower.index("r") + 3] == ["r", "g", "b"]:
        return lower.index("r"), lower.index("r") + 3
    if "y" in lower:
        return lower.index("y"), lower.index("y") + 1
    raise AssetError(expected("channels R, G, B or Y", names), place=place)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AssetError(f"expected a readable picture: {error.strerror}", place=str(path)) from error
