"""Where the shaders and the scenes lie: inside an installed wheel, or beside ``engine/``."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def _folder(name: str) -> Path:
    installed, checkout = _PACKAGE / name, _PACKAGE.parents[1] / name
    for folder in (installed, checkout):
        if folder.is_dir():
            return folder
    raise FileNotFoundError(f"no folder {name!r} in {installed.parent} or {checkout.parent}")


def shaders() -> Path:
    """Return the folder with the GLSL files."""
    return _folder("shaders")


def scenes() -> Path:
    """Return the folder with the scenes that ship with the engine."""
    return _folder("scenes")
