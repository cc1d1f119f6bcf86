"""Files that a model names: only those in the model's own folder or below it are read."""

from __future__ import annotations

from pathlib import Path

from diorama.errors import AssetError, expected
from diorama.reading import read_bytes


def file_beside(model: Path, name: str, place: str) -> Path:
    """Return the path of ``name`` relative to the folder of ``model``, symbolic links resolved.

    Absolute names, URLs, ``..`` and links that lead out of the folder are refused.
    """
    try:
        folder = model.resolve().parent
        target = (folder / name).resolve()
    except (ValueError, OSError, RuntimeError) as error:
        raise AssetError(f"expected a file name: {error}", place=place) from error
    if "://" in name or name.startswith(("/", "\\")) or ".." in Path(name).parts or not target.is_relative_to(folder):
        raise AssetError(expected("a file inside the model's own folder", name), place=place)
    return target


def read_file(path: Path, place: str, limit: int | None = None) -> bytes:
    """Return the bytes of a regular file, or its first ``limit``."""
    try:
        there = path.is_file()
    except OSError as error:
        raise AssetError(f"expected a readable file: {error.strerror}", place=place) from error
    if not there:
        raise AssetError(expected("a file", f"nothing at {path.name}"), place=place)
    return read_bytes(path, "file", place, limit)
