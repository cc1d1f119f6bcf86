"""Reading of files that others made: a bounded part of what may be a disk full of zeros."""

from __future__ import annotations

import os
from pathlib import Path

from diorama.errors import AssetError

LARGEST_FILE = 2**28
"""The most bytes of a model, a picture or a buffer (256 MiB)."""


def read_bytes(path: Path, kind: str, place: str, limit: int | None = None) -> bytes:
    """Return the bytes of the file at ``path``, or its first ``limit``.

    ``AssetError`` at ``place`` where it is no readable ``kind`` or is larger than :data:`LARGEST_FILE`.
    """
    try:
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if limit is None and size > LARGEST_FILE:
                raise AssetError(f"expected at most {LARGEST_FILE >> 20} MiB, got {size >> 20}", place=place)
            return stream.read(LARGEST_FILE if limit is None else min(limit, LARGEST_FILE))
    except OSError as error:
        raise AssetError(f"expected a readable {kind}: {error.strerror}", place=place) from error
