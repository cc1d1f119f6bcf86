"""Multi-channel OpenEXR files of float32 or uint32, bit-exact and the same bytes every time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import OpenImageIO
from numpy.typing import NDArray

from diorama.errors import AssetError, OutputError

_NO_DATE = "1970:01:01 00:00:00"
"""OpenImageIO stores the time of writing unless it is told one."""


def write_exr(path: Path, names: Sequence[str], channels: NDArray[Any], *, place: str) -> None:
    """Store (H, W, C) float32 or uint32 as the channels ``names``."""
    height, width, count = channels.shape
    spec = OpenImageIO.ImageSpec(
        width, height, count, OpenImageIO.UINT32 if channels.dtype == np.uint32 else OpenImageIO.FLOAT
    )
    spec.channelnames = tuple(names)
    spec.attribute("compression", "zip")
    spec.attribute("DateTime", _NO_DATE)
    output = OpenImageIO.ImageOutput.create(str(path))
    if output is None:
        raise OutputError(f"cannot be written: {OpenImageIO.geterror()}", place=place)
    written = output.open(str(path), spec) and output.write_image(np.ascontiguousarray(channels))
    closed = output.close()
    if not (written and closed):
        raise OutputError(f"cannot be written: {output.geterror()}", place=place)
    if not _ends(path):
        raise OutputError("cannot be written: the file lacks its end; is the disk full?", place=place)


def _ends(path: Path) -> bool:
    """Tell whether the last row is there: what the library keeps back until the end may be lost unreported."""
    source = OpenImageIO.ImageInput.open(str(path))
    if source is None:
        OpenImageIO.geterror()  # else the library prints it when the process ends
        return False
    spec = source.spec()
    try:
        row = source.read_scanlines(spec.height - 1, spec.height, 0, 0, spec.nchannels, spec.format)
    finally:
        source.close()
    return row is not None


def read_exr(path: Path, names: Sequence[str], dtype: type[np.generic]) -> NDArray[Any]:
    """Return the channels ``names`` of a file as (H, W, C) float32 or uint32."""
    source = OpenImageIO.ImageInput.open(str(path))
    if source is None:
        raise AssetError(f"cannot be read: {OpenImageIO.geterror()}", place=str(path))
    try:
        present = tuple(source.spec().channelnames)
        missing = [name for name in names if name not in present]
        if missing:
            raise AssetError(f"expected a channel {missing[0]!r}, got {', '.join(present)}", place=str(path))
        values = source.read_image(OpenImageIO.UINT32 if dtype is np.uint32 else OpenImageIO.FLOAT)
        if values is None:
            raise AssetError(f"cannot be read: {source.geterror()}", place=str(path))
    finally:
        source.close()
    picture = np.asarray(values).reshape(source.spec().height, source.spec().width, -1)
    return np.ascontiguousarray(picture[..., [present.index(name) for name in names]])
