"""Find the files that a scene names, and never leave the folders that it may read.

A name is looked up beside the file that says it, in the scene file's folder, then in the roots
that the user names (``--assets``, ``DIORAMA_ASSETS``). Symbolic links are resolved first.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path, PureWindowsPath

from diorama.errors import OptionError, expected
from diorama.scene.schema.check import BadValueError, nearest

ENVIRONMENT_VARIABLE = "DIORAMA_ASSETS"

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


class Roots:
    """The folders that one scene may read from."""

    def __init__(self, folder: Path, roots: Iterable[str | Path] = ()) -> None:
        """Take the scene file's ``folder`` and the user's ``roots``; ``OptionError`` if one is no folder."""
        self._folders = [folder.resolve()]
        for root in roots:
            resolved = Path(root).resolve()
            if not resolved.is_dir():
                raise OptionError(expected("a folder", str(root)), place="--assets")
            self._folders.append(resolved)

    def find(self, name: object, beside: Path | None = None) -> Path:
        """Return the absolute path of the file ``name``; raise :class:`BadValueError` if there is none to be had."""
        if not isinstance(name, str) or not name or "\0" in name:
            raise BadValueError(expected("the name of a file", name))
        if _URL.match(name) or Path(name).is_absolute() or PureWindowsPath(name).anchor:
            raise BadValueError(expected("a path relative to the scene's folder or an --assets folder", name))
        folders = self._folders if beside is None else [beside.resolve(), *self._folders]
        escaped = False
        for folder in dict.fromkeys(folders):
            path = _resolved(folder / name)
            if path is None or not any(path.is_relative_to(root) for root in self._folders):
                escaped = True
            elif _is_file(path):
                return path
        if escaped:
            raise BadValueError(expected("a file that stays inside the scene's folder or an --assets folder", name))
        wanted = expected("a file in the scene's folder or an --assets folder", name)
        raise BadValueError(f"{wanted}{self._suggestion(name, folders)}")

    def _suggestion(self, name: str, folders: list[Path]) -> str:
        parent = Path(name).parent
        for folder in folders:
            place = _resolved(folder / parent)
            if place is None or not any(place.is_relative_to(root) for root in self._folders):
                continue
            if hint := nearest(name, [(parent / entry).as_posix() for entry in _files(place)]):
                return hint
        return ""


def environment_roots() -> list[str]:
    """Return the folders in ``DIORAMA_ASSETS``, separated as in ``PATH``."""
    return [root for root in os.environ.get(ENVIRONMENT_VARIABLE, "").split(os.pathsep) if root]


def _resolved(path: Path) -> Path | None:
    try:
        return path.resolve()
    except (OSError, RuntimeError):
        return None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def _files(folder: Path) -> list[str]:
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError:
        return []
