"""PNG files of 8-bit pictures, 16-bit ids and masks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diorama.errors import AssetError, OptionError, expected

_COMPRESSION = 4
"""zlib's level: half the time of the usual 6 for a few per cent of size."""


def check_png_name(path: Path, place: str) -> None:
    """Refuse a name that does not say PNG; ``place`` is the option that gave it."""
    if path.suffix.lower() != ".png":
        raise OptionError(expected("a name in .png", path.name), place=place)


def write_png(path: Path, values: NDArray[Any]) -> None:
    """Store (H, W, 3) or (H, W) uint8, (H, W) uint16, or (H, W) bool as 0 and 255."""
    stored = values.astype(np.uint8) * np.uint8(255) if values.dtype == np.bool_ else values
    Image.fromarray(np.ascontiguousarray(stored)).save(path, "PNG", compress_level=_COMPRESSION)


def read_png(path: Path) -> NDArray[Any]:
    """Return the stored values: uint8 (H, W, 3) or (H, W), or uint16 (H, W)."""
    try:
        with Image.open(path) as picture:
            values = np.asarray(picture)
    except OSError as error:
        raise AssetError(f"cannot be read: {error.strerror or error}", place=str(path)) from error
    return values.astype(np.uint16) if values.dtype == np.int32 else values
