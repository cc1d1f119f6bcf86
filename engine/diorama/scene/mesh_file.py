"""OBJ, PLY and STL files as assets: one node, a part for each mesh."""

from __future__ import annotations

from pathlib import Path

from diorama.geometry.formats import read_meshes
from diorama.material.pbr import Image, PbrMaterial
from diorama.material.pixel_count import MODEL_PIXELS, PixelCount
from diorama.material.texture import decode_image
from diorama.scene.asset_tree import Asset, AssetNode, AssetPart
from diorama.scene.beside import file_beside, read_file
from diorama.scene.mtl import OBJ_MATERIAL, parse_mtl


def load_mesh_file(path: Path) -> Asset:
    """Read an OBJ file with its material library, a PLY or an STL file.

    A library or picture that is not there is noted and done without, as modellers do; one
    outside the file's own folder, or one that cannot be read, is an ``AssetError``.
    """
    companions = _Companions(path)
    found = read_meshes(path, companions.library)
    node = AssetNode(path.stem.replace("/", "_"))
    parts = [AssetPart(0, item.mesh, companions.materials.get(item.material, OBJ_MATERIAL)) for item in found]
    return Asset((node,), tuple(parts), tuple(companions.notes))


class _Companions:
    """The files that an OBJ file leads to, read at most once."""

    def __init__(self, model: Path) -> None:
        self._model = model
        self._images: dict[str, Image] = {}
        self._pixels = PixelCount(MODEL_PIXELS, "a model")
        self.materials: dict[str, PbrMaterial] = {}
        self.notes: list[str] = []

    def library(self, name: str) -> bytes:
        """Read the material library ``name`` and return its bytes; none if there is no such file."""
        path = file_beside(self._model, name, str(self._model))
        if not path.is_file():
            self.notes.append(f"no material library {name}")
            return b""
        data = read_file(path, str(path))
        self.materials = parse_mtl(data, str(path), self._image)
        return data

    def _image(self, name: str) -> Image | None:
        path = file_beside(self._model, name, str(self._model))
        if not path.is_file():
            self.notes.append(f"no picture {name}")
            return None
        if name not in self._images:
            data = read_file(path, str(path))
            self._images[name] = decode_image(data, "srgb", name=path.name, place=str(path), count=self._pixels)
        return self._images[name]
