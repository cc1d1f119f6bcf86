"""What one scene needs of files and shapes while it is compiled, each held once, its size counted."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.errors import AssetError, expected
from diorama.geometry.mesh import Mesh
from diorama.material.pbr import IMAGE_FIELDS, Image, ImageSpace
from diorama.material.pixel_count import SCENE_PIXELS, PixelCount
from diorama.scene.asset_tree import Asset
from diorama.scene.models import image_of, mesh_of
from diorama.scene.node import Node
from diorama.scene.schema import MeshFile

MOST_ELEMENTS = 2**26
"""The most vertices and corners of triangles of all meshes of one scene: four of the largest glTF models."""


class Loaded:
    """The meshes, models and pictures of one scene.

    The stores in :mod:`diorama.scene.models` let go of what is too large for them, so nodes that
    share a thing share it here. All textures together have at most :data:`SCENE_PIXELS` pixels, all
    meshes at most :data:`MOST_ELEMENTS` vertices and corners; ``AssetError`` names the file, or the
    node of a shape, with which there are more. ``notes`` say what of the models is not shown.
    """

    def __init__(self) -> None:
        self._held: dict[Hashable, Any] = {}
        self._pixels = PixelCount(SCENE_PIXELS, "a scene")
        self._counted: dict[int, NDArray[np.uint8]] = {}
        self._elements = 0
        self._meshes: dict[int, Mesh] = {}
        self.notes: list[str] = []

    def mesh(self, node: Node) -> Mesh | None:
        """Return the mesh that ``node`` carries, a program's own or that of its shape; None where it has none."""
        shape = node.spec.mesh
        if isinstance(node.geometry, Mesh):
            mesh = node.geometry
        elif shape is not None:
            mesh = self._once(shape, lambda: mesh_of(shape))
        else:
            return None
        self._count_mesh(mesh, shape.file if isinstance(shape, MeshFile) else node.path)
        return mesh

    def asset(self, node: Node) -> Asset:
        """Return the asset that ``node`` carries."""
        asset: Asset = self._once((node.spec.asset, id(node.geometry)), lambda: self._read(node))
        return asset

    def image(self, name: str, space: ImageSpace) -> Image:
        """Return the picture in file ``name``."""
        image: Image = self._once((name, space), lambda: image_of(name, space))
        self._count_image(image, name)
        return image

    def _read(self, node: Node) -> Asset:
        asset = node.asset
        assert asset is not None, "only nodes that carry one are asked"
        place = node.spec.asset or node.path
        for part in asset.parts:
            self._count_mesh(part.mesh, place)
            for field in IMAGE_FIELDS:
                self._count_image(getattr(part.material, field), place)
        self.notes += [f"{place}: {note}" for note in asset.notes]
        return asset

    def _once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        if key not in self._held:
            self._held[key] = make()
        return self._held[key]

    def _count_mesh(self, mesh: Mesh, place: str) -> None:
        """Count a mesh, once however many nodes show it."""
        if id(mesh) not in self._meshes:
            self._meshes[id(mesh)] = mesh
            self._elements += len(mesh.positions) + mesh.triangles.size
            if self._elements > MOST_ELEMENTS:
                wanted = f"at most {MOST_ELEMENTS} vertices and corners of triangles in a scene"
                raise AssetError(expected(wanted, self._elements), place=place)

    def _count_image(self, image: Image | None, place: str) -> None:
        """Count an image whose pixels no other has; those of one file in two codings may be the same."""
        if image is not None and id(image.pixels) not in self._counted:
            self._counted[id(image.pixels)] = image.pixels
            height, width = image.pixels.shape[:2]
            self._pixels.add(width * height, place)
