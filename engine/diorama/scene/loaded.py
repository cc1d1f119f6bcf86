"""What one scene needs of files and shapes while it is compiled, each held once and its pictures counted."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.geometry.mesh import Mesh
from diorama.material.pbr import IMAGE_FIELDS, Image, ImageSpace
from diorama.material.pixel_count import SCENE_PIXELS, PixelCount
from diorama.scene.asset_tree import Asset
from diorama.scene.models import image_of, mesh_of
from diorama.scene.node import Node
from diorama.scene.schema import Shape


class Loaded:
    """The meshes, models and pictures of one scene.

    The stores in :mod:`diorama.scene.models` let go of what is too large for them, so nodes that
    share a thing share it here. All textures together have at most :data:`SCENE_PIXELS` pixels;
    ``AssetError`` names the file with which there are more.
    """

    def __init__(self) -> None:
        self._held: dict[Hashable, Any] = {}
        self._pixels = PixelCount(SCENE_PIXELS, "a scene")
        self._counted: dict[int, NDArray[np.uint8]] = {}

    def mesh(self, shape: Shape) -> Mesh:
        """Return the mesh that ``shape`` describes."""
        mesh: Mesh = self._once(shape, lambda: mesh_of(shape))
        return mesh

    def asset(self, node: Node) -> Asset:
        """Return the asset that ``node`` carries."""
        asset: Asset = self._once((node.spec.asset, id(node.geometry)), lambda: self._read(node))
        return asset

    def image(self, name: str, space: ImageSpace) -> Image:
        """Return the picture in file ``name``."""
        image: Image = self._once((name, space), lambda: image_of(name, space))
        self._count(image, name)
        return image

    def _read(self, node: Node) -> Asset:
        asset = node.asset
        assert asset is not None, "only nodes that carry one are asked"
        for part in asset.parts:
            for field in IMAGE_FIELDS:
                self._count(getattr(part.material, field), node.spec.asset or node.path)
        return asset

    def _once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        if key not in self._held:
            self._held[key] = make()
        return self._held[key]

    def _count(self, image: Image | None, place: str) -> None:
        """Count an image whose pixels no other has; those of one file in two codings may be the same."""
        if image is not None and id(image.pixels) not in self._counted:
            self._counted[id(image.pixels)] = image.pixels
            height, width = image.pixels.shape[:2]
            self._pixels.add(width * height, place)
