"""Models held by trimesh as assets."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from diorama.color import srgb_to_linear
from diorama.errors import AssetError, expected
from diorama.geometry.formats import mesh_of
from diorama.geometry.mesh import Mesh
from diorama.material.pbr import Image, ImageSpace, PbrMaterial
from diorama.material.texture import from_pillow
from diorama.scene.asset_tree import Asset, AssetNode, AssetPart

if TYPE_CHECKING:
    import trimesh

_IMAGES: dict[str, tuple[str, ImageSpace]] = {
    "base_color_image": ("baseColorTexture", "srgb"),
    "metallic_roughness_image": ("metallicRoughnessTexture", "linear"),
    "normal_image": ("normalTexture", "linear"),
    "occlusion_image": ("occlusionTexture", "linear"),
    "emission_image": ("emissiveTexture", "srgb"),
}


def from_trimesh(model: trimesh.Trimesh | trimesh.Scene, *, crease: float | None = 30.0) -> Asset:
    """Return a mesh or a scene as an asset, one node for each thing in it, in scene space.

    Normals are made smooth over edges that bend by less than ``crease`` degrees; with None they
    are the model's own vertex normals. Colours in 8 bits of faces or vertices count as sRGB, and
    the commonest is that of the whole mesh; factors of materials are linear.
    """
    import trimesh

    angle = None if crease is None else math.radians(crease)
    if isinstance(model, trimesh.Trimesh):
        return Asset((AssetNode("mesh"),), (AssetPart(0, mesh_of(model, angle), _material(model)),))
    if not isinstance(model, trimesh.Scene):
        raise AssetError(expected("a trimesh.Trimesh or trimesh.Scene", type(model).__name__))
    nodes: list[AssetNode] = []
    parts: list[AssetPart] = []
    ready: dict[tuple[str, str], tuple[Mesh, PbrMaterial]] = {}
    for name in sorted(model.graph.nodes_geometry):
        matrix, geometry = model.graph[name]
        key = (str(geometry), "")
        source = model.geometry[str(geometry)]
        if not isinstance(source, trimesh.Trimesh) or not len(source.faces):
            continue
        node = _node(str(name), matrix)
        if node is None:
            node, source, key = AssetNode(str(name)), source.copy().apply_transform(matrix), (key[0], str(name))
        if key not in ready:
            ready[key] = (mesh_of(source, angle), _material(source))
        parts.append(AssetPart(len(nodes), *ready[key]))
        nodes.append(node)
    if not parts:
        raise AssetError(expected("a scene with triangles", "none"))
    return Asset(tuple(nodes), tuple(parts))


def _node(name: str, matrix: ArrayLike) -> AssetNode | None:
    """Return a node placed by ``matrix``; None if that is not a translation, rotation and scale."""
    try:
        return AssetNode.from_matrix(name, -1, matrix)
    except ValueError:
        return None


def _material(source: trimesh.Trimesh) -> PbrMaterial:
    """Return the material that comes nearest to a mesh's visual."""
    visual: Any = source.visual
    material: Any = getattr(visual, "material", None)
    if material is None:
        if not visual.defined:
            return PbrMaterial()
        red, green, blue = srgb_to_linear(np.asarray(visual.main_color)[:3] / 255.0)
        return PbrMaterial(base_color=(float(red), float(green), float(blue)))
    name = str(getattr(material, "name", None) or "")
    if not hasattr(material, "baseColorFactor"):
        return PbrMaterial(
            name=name,
            base_color=_factor(getattr(material, "diffuse", None), (1.0, 1.0, 1.0)),
            base_color_image=_image(getattr(material, "image", None), "srgb"),
        )
    images: dict[str, Any] = {field: _image(getattr(material, key), space) for field, (key, space) in _IMAGES.items()}
    return PbrMaterial(
        name=name,
        base_color=_factor(material.baseColorFactor, (1.0, 1.0, 1.0)),
        metallic=_number(material.metallicFactor),
        roughness=_number(material.roughnessFactor),
        emission=_factor(material.emissiveFactor, (0.0, 0.0, 0.0)),
        double_sided=bool(material.doubleSided),
        **images,
    )


def _factor(value: Any, default: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return a colour; trimesh keeps some in 8 bits, some as numbers from 0 to 1."""
    if value is None:
        return default
    values = np.asarray(value)
    red, green, blue = (values[:3] / 255.0 if values.dtype == np.uint8 else values[:3]).tolist()
    return float(red), float(green), float(blue)


def _number(value: Any) -> float:
    """Return a metallic or roughness factor; glTF's default is 1."""
    return 1.0 if value is None else float(value)


def _image(picture: Any, space: ImageSpace) -> Image | None:
    return None if picture is None else from_pillow(picture, space)
