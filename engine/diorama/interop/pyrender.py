"""Scenes held by pyrender as an asset with a camera and lights.

pyrender is not imported unless a function here is called; it comes with the extra ``pyrender``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
import PIL.Image

from diorama.errors import AssetError, OptionError, expected, extra
from diorama.geometry.build import build_mesh
from diorama.geometry.mesh import Mesh
from diorama.material.pbr import Image, ImageSpace, PbrMaterial
from diorama.material.texture import from_pillow
from diorama.scene.asset_tree import Asset, AssetNode, AssetPart
from diorama.scene.schema.camera import Camera, Intrinsics
from diorama.scene.schema.environment import Environment
from diorama.scene.schema.lights import LightSource, Point, Spot, Sun

_TRIANGLES = 4


@dataclass(frozen=True, eq=False)
class PyrenderScene:
    """What a pyrender scene holds: meshes and materials, its main camera, its lights by name.

    ``environment`` is pyrender's ambient light, which it does not show behind the scene.
    """

    asset: Asset
    camera: Camera | None = None
    lights: Mapping[str, LightSource] = field(default_factory=dict)
    environment: Environment | None = None


def import_pyrender() -> Any:
    """Import pyrender for use without a screen, with the name that numpy 2 took away put back."""
    os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
    vars(np).setdefault("infty", np.inf)
    try:
        return import_module("pyrender")
    except ImportError as error:
        raise OptionError(f"expected the extra pyrender, got none: {extra('pyrender')}", place="pyrender") from error


def from_pyrender(scene: Any) -> PyrenderScene:
    """Return a ``pyrender.Scene``: visible triangle meshes, the main camera, all lights."""
    pyrender = import_pyrender()
    if not isinstance(scene, pyrender.Scene):
        raise AssetError(expected("a pyrender.Scene", type(scene).__name__))
    camera = None
    if scene.main_camera_node is not None:
        camera = _camera(pyrender, scene.main_camera_node.camera, scene.get_pose(scene.main_camera_node))
    lights = sorted(scene.light_nodes, key=lambda node: node.name or node.light.name or "")
    named = {f"light_{row}": _light(pyrender, node.light, scene.get_pose(node)) for row, node in enumerate(lights)}
    red, green, blue = (float(value) for value in scene.ambient_light[:3])
    return PyrenderScene(_asset(scene), camera, named, Environment(color=(red, green, blue), visible=False))


def _asset(scene: Any) -> Asset:
    nodes: list[AssetNode] = []
    parts: list[AssetPart] = []
    drawn = [node for node in scene.get_nodes() if node.mesh is not None and node.mesh.is_visible]
    for row, node in enumerate(sorted(drawn, key=lambda node: node.name or node.mesh.name or "")):
        name = f"{node.name or node.mesh.name or 'mesh'}_{row}".replace("/", "_")
        here = len(nodes)
        nodes.append(_node(name, -1, scene.get_pose(node)))
        for primitive in node.mesh.primitives:
            if primitive.mode != _TRIANGLES:
                raise AssetError(expected("triangles (mode 4)", primitive.mode), place=name)
            mesh, material = _mesh(primitive), _material(primitive.material)
            if primitive.poses is None:
                parts.append(AssetPart(here, mesh, material))
                continue
            for number, pose in enumerate(primitive.poses):
                parts.append(AssetPart(len(nodes), mesh, material))
                nodes.append(_node(f"{name}_{number}", here, pose))
    if not parts:
        raise AssetError(expected("a scene with visible meshes", "none"))
    return Asset(tuple(nodes), tuple(parts))


def _node(name: str, parent: int, matrix: Any) -> AssetNode:
    try:
        return AssetNode.from_matrix(name, parent, matrix)
    except ValueError as error:
        raise AssetError(expected(str(error), np.asarray(matrix).tolist()), place=name) from error


def _mesh(primitive: Any) -> Mesh:
    positions = np.asarray(primitive.positions, np.float64)
    triangles = np.arange(len(positions)) if primitive.indices is None else np.asarray(primitive.indices, np.int64)
    uvs = primitive.texcoord_0
    if uvs is not None:
        # pyrender counts v upward from the picture's lower edge.
        uvs = np.column_stack([uvs[:, 0], 1.0 - uvs[:, 1]])
    return build_mesh(positions, triangles.reshape(-1, 3), normals=primitive.normals, uvs=uvs)


def _material(source: Any) -> PbrMaterial:
    base, emission = source.baseColorFactor, source.emissiveFactor
    return PbrMaterial(
        name=source.name or "",
        base_color=(float(base[0]), float(base[1]), float(base[2])),
        metallic=float(source.metallicFactor),
        roughness=float(source.roughnessFactor),
        emission=(float(emission[0]), float(emission[1]), float(emission[2])),
        double_sided=bool(source.doubleSided),
        base_color_image=_image(source.baseColorTexture, "srgb"),
        metallic_roughness_image=_image(source.metallicRoughnessTexture, "linear"),
        normal_image=_image(source.normalTexture, "linear"),
        occlusion_image=_image(source.occlusionTexture, "linear"),
        emission_image=_image(source.emissiveTexture, "srgb"),
    )


def _image(texture: Any, space: ImageSpace) -> Image | None:
    if texture is None or texture.source is None:
        return None
    pixels = np.asarray(texture.source, np.uint8)
    if pixels.ndim == 3 and pixels.shape[2] == 2:
        # pyrender keeps green and blue only of a metallic-roughness picture.
        pixels = np.dstack([np.zeros_like(pixels[..., 0]), pixels])
    grey = pixels.ndim == 3 and pixels.shape[2] == 1
    return from_pillow(PIL.Image.fromarray(pixels[..., 0] if grey else pixels), space, texture.name or "")


def _camera(pyrender: Any, camera: Any, pose: Any) -> Camera:
    node = _node("camera", -1, pose)
    placed: dict[str, Any] = {"position": node.translation, "rotation": node.rotation, "near": float(camera.znear)}
    if isinstance(camera, pyrender.PerspectiveCamera):
        return Camera(**placed, fov=math.degrees(camera.yfov))
    if isinstance(camera, pyrender.IntrinsicsCamera):
        pinhole = Intrinsics(fx=float(camera.fx), fy=float(camera.fy), cx=float(camera.cx), cy=float(camera.cy))
        return Camera(**placed, intrinsics=pinhole)
    raise AssetError(expected("a perspective or intrinsics camera", type(camera).__name__), place="camera")


def _light(pyrender: Any, light: Any, pose: Any) -> LightSource:
    matrix = np.asarray(pose, np.float64)
    red, green, blue = (float(value) for value in light.color[:3])
    color, strength = (red, green, blue), float(light.intensity)
    position = (float(matrix[0, 3]), float(matrix[1, 3]), float(matrix[2, 3]))
    direction = (-float(matrix[0, 2]), -float(matrix[1, 2]), -float(matrix[2, 2]))
    if isinstance(light, pyrender.DirectionalLight):
        return Sun(direction=direction, illuminance=strength, color=color)
    if isinstance(light, pyrender.PointLight):
        return Point(position=position, intensity=strength, color=color)
    return Spot(
        position=position,
        direction=direction,
        intensity=strength,
        color=color,
        inner_angle=math.degrees(light.innerConeAngle),
        outer_angle=math.degrees(light.outerConeAngle),
    )
