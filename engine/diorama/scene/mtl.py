"""Material libraries of OBJ files (.mtl): base colour and its picture, emission, Pm and Pr."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from diorama.errors import AssetError, expected
from diorama.material.pbr import Image, PbrMaterial

OBJ_MATERIAL = PbrMaterial()
"""What a mesh without a material gets."""

_COLORS = {"kd": "base_color", "ke": "emission"}
_FACTORS = {"pm": "metallic", "pr": "roughness"}


def parse_mtl(data: bytes, place: str, read_image: Callable[[str], Image | None]) -> dict[str, PbrMaterial]:
    """Return the materials of a library by name; ``Kd`` counts as linear and multiplies its picture.

    ``read_image`` returns the picture that a ``map_Kd`` line names. Other lines are for other
    shading models and pass unread.
    """
    materials: dict[str, PbrMaterial] = {}
    name: str | None = None
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
        key, rest = [*line.split(maxsplit=1), "", ""][:2]
        key, rest = key.lower(), rest.strip()
        if key == "newmtl":
            name = " ".join(rest.split())
            materials[name] = PbrMaterial(name=name)
        elif name is not None:
            materials[name] = replace(materials[name], **_values(key, rest, f"{place}:{number}", read_image))
    return materials


def _values(key: str, rest: str, place: str, read_image: Callable[[str], Image | None]) -> dict[str, Any]:
    """Return the fields that one line sets."""
    if key in _COLORS:
        red, green, blue = _numbers(rest, 3, place)
        return {_COLORS[key]: (red, green, blue)}
    if key in _FACTORS:
        return {_FACTORS[key]: min(_numbers(rest, 1, place)[0], 1.0)}
    if key == "map_kd":
        return {"base_color_image": read_image(rest)}
    return {}


def _numbers(text: str, count: int, place: str) -> list[float]:
    """Return ``count`` numbers of 0 or more; a single one stands for all."""
    try:
        values = [float(word) for word in text.split()]
    except ValueError:
        values = []
    values = values * count if len(values) == 1 else values
    if len(values) != count or not all(0.0 <= value < 1e30 for value in values):
        raise AssetError(expected(f"{count} number(s) from 0", text), place=place)
    return values
