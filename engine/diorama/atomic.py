"""Files and folders that appear under their name whole, or not at all.

What is written goes to a temporary name beside the final one, is flushed to the disk and then
renamed; where the block fails, the temporary is removed and what lay under the final name
before is untouched. Temporary names start with a dot and end in ``.partial`` before the
suffix, so that a leftover of a killed process is easily told.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from secrets import token_hex
from types import TracebackType

from diorama.errors import OutputError

REPLACE = "replace it with --overwrite, in Python overwrite=True"
"""How a user asks for what is there to be written over."""

_PARTIAL = re.compile(r"\.(.+)\.[0-9a-f]{8}\.partial(?:\..*)?", re.DOTALL)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn an ``OSError`` of the block into an ``OutputError`` that names ``place``."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", place=str(place)) from error


@contextmanager
def atomic_file(final: Path, *, overwrite: bool = False) -> Iterator[Path]:
    """Give a temporary path of the same suffix; it becomes the file ``final`` on success."""
    _check_free(final, overwrite, Path.is_file)
    temporary = _temporary(final)
    try:
        yield temporary
        with writing(final):
            sync(temporary)
            _check_free(final, overwrite, Path.is_file)
            temporary.replace(final)
            sync(final.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(
    final: Path, *, overwrite: bool, ours: Callable[[Path], bool], until: ExitStack | None = None
) -> Iterator[Path]:
    """Give a new temporary folder; it becomes the folder ``final`` on success.

    An empty folder counts as free. With ``overwrite`` a folder for which ``ours`` is true is
    replaced; any other is refused, since it holds what this engine did not write. Where the block
    of ``until``, which this one lies in, fails afterwards, the folder is taken back.
    """
    _check_free(final, overwrite, ours, empty=True)
    temporary = _temporary(final)
    try:
        with writing(final):
            temporary.mkdir()
        yield temporary
        with writing(final), ExitStack() as own:
            _sync_tree(temporary)
            _check_free(final, overwrite, ours, empty=True)
            (own if until is None else until).push(partial(_settle, final, _swap(temporary, final)))
            sync(final.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def check_free_folder(final: Path, *, overwrite: bool, ours: Callable[[Path], bool]) -> None:
    """Raise ``OutputError`` where :func:`atomic_folder` would refuse ``final``, before any work is done for it."""
    _check_free(final, overwrite, ours, empty=True)


def remove_partials(folder: Path, stems: Collection[str]) -> None:
    """Remove what killed processes have left in ``folder`` of files and folders whose names have these stems."""
    for path in list(folder.iterdir()):
        match = _PARTIAL.fullmatch(path.name)
        if match and match[1] in stems:
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file's bytes, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_tree(folder: Path) -> None:
    for path in folder.rglob("*"):
        sync(path)
    sync(folder)


def _temporary(final: Path) -> Path:
    parent = final.parent
    if not parent.is_dir():
        raise OutputError("expected a file name in an existing folder, which this is not", place=str(final))
    return parent / f".{final.stem}.{token_hex(4)}.partial{final.suffix}"


def _check_free(final: Path, overwrite: bool, ours: Callable[[Path], bool], *, empty: bool = False) -> None:
    """Refuse what may not be written over; ``empty``: a folder without entries may."""
    with writing(final):
        if not os.path.lexists(final) or (empty and final.is_dir() and not any(final.iterdir())):
            return
    if not overwrite:
        raise OutputError(f"exists already; {REPLACE}, or choose another name", place=str(final))
    if not ours(final):
        raise OutputError("cannot be overwritten: it is not what this writer makes", place=str(final))


def _swap(temporary: Path, final: Path) -> Path | None:
    """Rename ``temporary`` to ``final``, first moving aside what is there; return where that lies now."""
    if not (final.exists() and any(final.iterdir())):
        temporary.replace(final)
        return None
    aside = _temporary(final)
    final.replace(aside)
    try:
        temporary.replace(final)
    except OSError:
        aside.replace(final)
        raise
    return aside


def _settle(
    final: Path,
    aside: Path | None,
    kind: type[BaseException] | None,
    error: BaseException | None,
    trace: TracebackType | None,
) -> None:
    """Remove what the folder ``final`` has replaced; after an error put it back in its place."""
    with writing(final):
        if kind is not None:
            final.replace(failed := _temporary(final))
            if aside is not None:
                aside.replace(final)
            shutil.rmtree(failed)
        elif aside is not None:
            shutil.rmtree(aside)
