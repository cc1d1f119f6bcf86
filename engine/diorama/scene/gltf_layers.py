"""The layers that glTF's extensions put on a material: their factors; pictures of them are noted as not shown."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from diorama.scene.gltf_json import JsonObject

_PICTURES = {
    "KHR_materials_specular": ("specularTexture", "specularColorTexture"),
    "KHR_materials_clearcoat": ("clearcoatTexture", "clearcoatRoughnessTexture", "clearcoatNormalTexture"),
    "KHR_materials_sheen": ("sheenColorTexture", "sheenRoughnessTexture"),
    "KHR_materials_anisotropy": ("anisotropyTexture",),
    "KHR_materials_iridescence": ("iridescenceTexture", "iridescenceThicknessTexture"),
}
"""The pictures that each extension may bring."""

LAYERS = ("KHR_materials_ior", *_PICTURES)
"""The extensions that are read here."""

_METAL = 1e9
"""The index of refraction that a material of index 0 has: it reflects all light."""


def layers(extensions: JsonObject) -> dict[str, Any]:
    """Return the fields of :class:`diorama.material.pbr.PbrMaterial` that a material's extensions set."""
    specular, coat, sheen, stretch, film = (extensions.child(name) for name in _PICTURES)
    return {
        "ior": _ior(extensions.child("KHR_materials_ior")),
        "specular": _fraction(specular, "specularFactor", 1.0),
        "specular_color": specular.numbers("specularColorFactor", (1.0, 1.0, 1.0), low=0.0),
        "clearcoat": _fraction(coat, "clearcoatFactor"),
        "clearcoat_roughness": _fraction(coat, "clearcoatRoughnessFactor"),
        "sheen_color": sheen.numbers("sheenColorFactor", (0.0, 0.0, 0.0), low=0.0),
        "sheen_roughness": _fraction(sheen, "sheenRoughnessFactor"),
        "anisotropy": _fraction(stretch, "anisotropyStrength"),
        "anisotropy_rotation": math.degrees(stretch.number("anisotropyRotation", 0.0)),
        "iridescence": _fraction(film, "iridescenceFactor"),
        "iridescence_ior": film.number("iridescenceIor", 1.3, low=1.0),
        "iridescence_thickness": film.number("iridescenceThicknessMaximum", 400.0, low=0.0),
    }


def unseen_pictures(extensions: JsonObject) -> Iterator[str]:
    """Yield what of the layers is not shown, each as the end of a note."""
    for name, keys in _PICTURES.items():
        for key in keys:
            if key in extensions.child(name):
                yield f"{key} of {name} is not shown"


def _fraction(owner: JsonObject, key: str, default: float = 0.0) -> float:
    return owner.number(key, default, low=0.0, high=1.0)


def _ior(owner: JsonObject) -> float:
    value = owner.number("ior", 1.5, low=0.0)
    if 0.0 < value < 1.0:
        raise owner.error("ior", "0, or a finite number from 1")
    return value or _METAL
