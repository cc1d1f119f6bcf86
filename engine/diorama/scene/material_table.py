"""All materials of a scene as rows: what assets bring, what nodes set, and what of it moves."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.material.pbr import Image, ImageSpace, PbrMaterial
from diorama.scene.channel import Channel, Floats
from diorama.scene.loaded import Loaded
from diorama.scene.schema import Material
from diorama.scene.shot import Ints, MaterialBatch
from diorama.scene.values import channel

Flags = NDArray[np.bool_]

_IMAGES: tuple[tuple[str, str, ImageSpace], ...] = (
    ("base_color_texture", "base_color_image", "srgb"),
    ("metallic_roughness_texture", "metallic_roughness_image", "linear"),
    ("normal_texture", "normal_image", "linear"),
    ("occlusion_texture", "occlusion_image", "linear"),
    ("emission_texture", "emission_image", "srgb"),
)
"""Field of the model, field of the resolved material, coding; in the order of ``MaterialBatch.images``."""

_WIDTHS = {
    "base_color": 3,
    "metallic": 1,
    "roughness": 1,
    "specular": 1,
    "emission": 3,
    "emission_strength": 1,
    "ior": 1,
    "specular_color": 3,
    "clearcoat": 1,
    "clearcoat_roughness": 1,
    "sheen_color": 3,
    "sheen_roughness": 1,
    "anisotropy": 1,
    "anisotropy_rotation": 1,
    "iridescence": 1,
    "iridescence_ior": 1,
    "iridescence_thickness": 1,
    "normal_scale": 1,
    "occlusion_strength": 1,
}


class MaterialTable:
    """Collects the materials of a scene, equal ones once; :meth:`freeze` makes them samplable."""

    def __init__(self, loaded: Loaded) -> None:
        self._loaded = loaded
        self._rows: dict[tuple[int, Material | None, frozenset[str]], int] = {}
        self._entries: list[tuple[PbrMaterial, Material | None, str]] = []
        self._images: dict[str, int] = {}
        self.images: list[Image] = []

    def row(self, base: PbrMaterial, over: Material | None, place: str) -> int:
        """Return the row of ``base`` with the fields that ``over`` sets; ``place`` names it in errors."""
        # an asset's own values show through the fields that are not set, so which are set counts
        key = (id(base), over, frozenset(over.model_fields_set if over else ()))
        if key not in self._rows:
            self._rows[key] = len(self._entries)
            self._entries.append((base, over, place))
        return self._rows[key]

    def freeze(self) -> Materials:
        """Return all rows as channels; reads the pictures that they name."""
        channels = {
            name: channel([_value(base, over, name) for base, over, _ in self._entries], width, self._places(name))
            for name, width in _WIDTHS.items()
        }
        images = np.array([self._image_row(base, over) for base, over, _ in self._entries], np.int32).reshape(-1, 5)
        flags = [
            np.array([bool(_value(base, over, name)) for base, over, _ in self._entries], np.bool_)
            for name in ("double_sided", "unlit")
        ]
        return Materials(channels, images, *flags)

    def _places(self, name: str) -> list[str]:
        return [f"{place}.{name}" for _, _, place in self._entries]

    def _image_row(self, base: PbrMaterial, over: Material | None) -> list[int]:
        row = []
        for field, resolved, space in _IMAGES:
            named = over is not None and getattr(over, field)
            image: Image | None = self._loaded.image(named, space) if named else getattr(base, resolved)
            row.append(-1 if image is None else self._image(image))
        return row

    def _image(self, image: Image) -> int:
        if image.key not in self._images:
            self._images[image.key] = len(self.images)
            self.images.append(image)
        return self._images[image.key]


class Materials:
    """The materials of a scene over time."""

    def __init__(self, channels: dict[str, Channel], images: Ints, double_sided: Flags, unlit: Flags) -> None:
        self._channels = channels
        self._images, self._double_sided, self._unlit = images, double_sided, unlit

    def sample(self, time: float) -> MaterialBatch:
        """Return all rows at ``time`` in seconds."""
        values: dict[str, Floats] = {name: one.sample(time) for name, one in self._channels.items()}
        values["emission"] = values["emission"] * values.pop("emission_strength")
        values["anisotropy_rotation"] = np.radians(values["anisotropy_rotation"])
        return MaterialBatch(
            **{name: one if _WIDTHS[name] > 1 else one[:, 0] for name, one in values.items()},
            double_sided=self._double_sided,
            unlit=self._unlit,
            images=self._images,
        )


def _value(base: PbrMaterial, over: Material | None, name: str) -> Any:
    """Return what ``over`` sets, else what the asset brings, whose emission has its strength in it."""
    if over is not None and name in over.model_fields_set:
        return getattr(over, name)
    return getattr(base, name, 1.0)
