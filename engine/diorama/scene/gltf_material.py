"""Materials, textures and images of glTF 2.0.

Shown: metallic-roughness with all five textures, ``KHR_materials_unlit``,
``KHR_materials_emissive_strength``, the factors of the layers (:mod:`diorama.scene.gltf_layers`), and
one ``KHR_texture_transform`` per material, which is applied to the mesh's uvs. The rest is noted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.material.pbr import Image, ImageSpace, PbrMaterial
from diorama.material.pixel_count import MODEL_PIXELS, PixelCount
from diorama.material.texture import decode_image
from diorama.scene.gltf_file import GltfFile
from diorama.scene.gltf_json import JsonObject
from diorama.scene.gltf_layers import LAYERS, layers, unseen_pictures

_REPEAT = 10497
SHOWN = ("KHR_materials_unlit", "KHR_materials_emissive_strength", *LAYERS)
"""The extensions of materials that are read."""


@dataclass(frozen=True)
class UvSource:
    """Which texture coordinates a material reads, and what is done to them first."""

    channel: int = 0
    offset: tuple[float, ...] = (0.0, 0.0)
    rotation: float = 0.0
    scale: tuple[float, ...] = (1.0, 1.0)

    @property
    def moves(self) -> bool:
        """Whether the coordinates are changed at all."""
        return (*self.offset, self.rotation, *self.scale) != (0.0, 0.0, 0.0, 1.0, 1.0)

    def apply(self, uvs: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``uvs`` (V, 2) scaled, turned counter-clockwise as seen (v runs down), then moved."""
        sine, cosine = math.sin(self.rotation), math.cos(self.rotation)
        turn = np.array([[cosine, sine], [-sine, cosine]])
        return np.asarray((uvs * self.scale) @ turn.T + self.offset)


@dataclass(frozen=True, eq=False)
class GltfMaterial:
    """A material, where its uvs come from, and whether it reads any image."""

    pbr: PbrMaterial
    uv: UvSource
    textured: bool


class MaterialReader:
    """Reads the materials of one file, each and every image once."""

    def __init__(self, file: GltfFile) -> None:
        self._file = file
        self._pixels = PixelCount(MODEL_PIXELS, "a model")
        self._materials: dict[int, GltfMaterial] = {}
        self._images: dict[int, Image] = {}

    def read(self, index: int) -> GltfMaterial:
        """Return material ``index``; glTF's own default for -1."""
        if index not in self._materials:
            entry = JsonObject({}, self._file.root.file) if index < 0 else self._file.materials[index]
            self._materials[index] = self._material(entry)
        return self._materials[index]

    def _material(self, entry: JsonObject) -> GltfMaterial:
        core, extensions = entry.child("pbrMetallicRoughness"), entry.child("extensions")
        strength = extensions.child("KHR_materials_emissive_strength").number("emissiveStrength", 1.0, low=0.0)
        color = core.numbers("baseColorFactor", (1.0, 1.0, 1.0, 1.0))
        emission = entry.numbers("emissiveFactor", (0.0, 0.0, 0.0))
        slots = {
            "base_color_image": (core, "baseColorTexture", "srgb"),
            "metallic_roughness_image": (core, "metallicRoughnessTexture", "linear"),
            "normal_image": (entry, "normalTexture", "linear"),
            "occlusion_image": (entry, "occlusionTexture", "linear"),
            "emission_image": (entry, "emissiveTexture", "srgb"),
        }
        infos = {slot: owner.child(key) for slot, (owner, key, _) in slots.items() if key in owner}
        images: dict[str, Any] = {slot: self._texture(info, _space(slots[slot][2])) for slot, info in infos.items()}
        pbr = PbrMaterial(
            name=entry.text("name"),
            base_color=(color[0], color[1], color[2]),
            metallic=core.number("metallicFactor", 1.0, low=0.0, high=1.0),
            roughness=core.number("roughnessFactor", 1.0, low=0.0, high=1.0),
            emission=(emission[0] * strength, emission[1] * strength, emission[2] * strength),
            normal_scale=entry.child("normalTexture").number("scale", 1.0),
            occlusion_strength=entry.child("occlusionTexture").number("strength", 1.0, low=0.0, high=1.0),
            double_sided=entry.flag("doubleSided"),
            unlit="KHR_materials_unlit" in extensions,
            **layers(extensions),
            **images,
        )
        self._note_unseen(entry, extensions)
        return GltfMaterial(pbr, self._uv_source(list(infos.values())), bool(infos))

    def _texture(self, info: JsonObject, space: ImageSpace) -> Image | None:
        """Return the image of a texture info; None where only an extension holds it."""
        index = info.reference("index", self._file.textures)
        if index < 0:
            raise info.error("index", "a texture")
        texture = self._file.textures[index]
        self._note_sampler(texture)
        source = texture.reference("source", self._file.images)
        if source < 0:
            self._file.note(f"{texture.path}: its picture is of a kind that is not read")
            return None
        if source not in self._images:
            self._images[source] = self._decode(self._file.images[source])
        image = self._images[source]
        return image if image.space == space else Image(image.pixels, space, image.name)

    def _decode(self, entry: JsonObject) -> Image:
        if "uri" in entry:
            data, place = self._file.linked(entry), entry.place("uri")
        else:
            data, place = self._file.view(entry)[0].tobytes(), entry.place("bufferView")
        return decode_image(data, "srgb", name=entry.text("name"), place=place, count=self._pixels)

    def _note_sampler(self, texture: JsonObject) -> None:
        index = texture.reference("sampler", self._file.samplers)
        sampler = self._file.samplers[index] if index >= 0 else JsonObject({}, "")
        if (sampler.integer("wrapS", _REPEAT), sampler.integer("wrapT", _REPEAT)) != (_REPEAT, _REPEAT):
            self._file.note(f"{sampler.path}: its texture repeats; clamping and mirroring are not shown")

    def _uv_source(self, infos: list[JsonObject]) -> UvSource:
        """Return what the first texture reads; a material whose textures differ gets a note."""
        sources = [_uv_source(info) for info in infos]
        if len(set(sources)) > 1:
            self._file.note(f"{infos[0].path}: its texture coordinates serve all textures of the material")
        return sources[0] if sources else UvSource()

    def _note_unseen(self, entry: JsonObject, extensions: JsonObject) -> None:
        mode = entry.text("alphaMode", "OPAQUE")
        if mode not in ("OPAQUE", "MASK", "BLEND"):
            raise entry.error("alphaMode", "OPAQUE, MASK or BLEND")
        if mode != "OPAQUE":
            self._file.note(f"{entry.path}: alphaMode {mode} is drawn opaque")
        for name in extensions.data:
            if name not in SHOWN:
                self._file.note(f"{entry.path}: {name} is not shown")
        for unseen in unseen_pictures(extensions):
            self._file.note(f"{entry.path}: {unseen}")


def _uv_source(info: JsonObject) -> UvSource:
    transform = info.child("extensions").child("KHR_texture_transform")
    channel = info.integer("texCoord", 0)
    return UvSource(
        channel=transform.integer("texCoord", channel),
        offset=transform.numbers("offset", (0.0, 0.0)),
        rotation=transform.number("rotation", 0.0),
        scale=transform.numbers("scale", (1.0, 1.0)),
    )


def _space(name: str) -> ImageSpace:
    return "srgb" if name == "srgb" else "linear"
