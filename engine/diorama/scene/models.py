"""Meshes and assets of a scene: shapes built once, files read once, equal meshes shared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diorama.geometry import primitives
from diorama.geometry.build import build_mesh, merge
from diorama.geometry.mesh import Mesh
from diorama.material.pbr import IMAGE_FIELDS, Image, ImageSpace
from diorama.scene.asset import load_asset
from diorama.scene.asset_tree import Asset
from diorama.scene.kept import Kept
from diorama.scene.schema import Box, Capsule, Cone, Cylinder, MeshFile, Plane, Shape, Sphere, Torus
from diorama.transform import transform_points

Floats = NDArray[np.float64]

_BUILDERS: dict[type, Callable[..., Mesh]] = {
    Plane: primitives.plane,
    Box: primitives.box,
    Sphere: primitives.sphere,
    Cylinder: primitives.cylinder,
    Cone: primitives.cone,
    Torus: primitives.torus,
    Capsule: primitives.capsule,
}


def mesh_of(shape: Shape) -> Mesh:
    """Return the mesh that ``shape`` describes; equal shapes give the same object."""
    key = _version(shape.file) if isinstance(shape, MeshFile) else shape
    return _MESHES.get(key, lambda: _build(shape))


def asset_of(name: str) -> Asset:
    """Return the model in file ``name``, read again only after the file has changed."""
    return _ASSETS.get(_version(name), lambda: load_asset(Path(name).absolute()))


def image_of(name: str, space: ImageSpace) -> Image:
    """Return the picture in file ``name``, read again only after the file has changed."""
    from diorama.material.texture import load_image  # Pillow only where there is a picture

    return _IMAGES.get((_version(name), space), lambda: load_image(Path(name).absolute(), space))


def _version(name: str) -> tuple[Path, int]:
    """Return the absolute path of a file and when it last changed."""
    path = Path(name).absolute()
    return path, path.stat().st_mtime_ns if path.is_file() else 0


def _build(shape: Shape) -> Mesh:
    if isinstance(shape, MeshFile):
        return flattened(asset_of(shape.file))
    arguments = {name: value for name, value in shape if name != "type"}
    return _BUILDERS[type(shape)](**arguments)


def _mesh_bytes(mesh: Mesh) -> int:
    arrays = (mesh.positions, mesh.normals, mesh.uvs, mesh.tangents, mesh.triangles)
    return sum(values.nbytes for values in arrays)


def _image_bytes(image: Image) -> int:
    return image.pixels.nbytes


def _asset_bytes(asset: Asset) -> int:
    """Return the bytes of an asset's meshes and pictures; those that parts share count once."""
    meshes = {id(part.mesh): part.mesh for part in asset.parts}
    found = (getattr(part.material, name) for part in asset.parts for name in IMAGE_FIELDS)
    images = {id(image): image for image in found if image is not None}
    return sum(map(_mesh_bytes, meshes.values())) + sum(map(_image_bytes, images.values()))


_MESHES = Kept(_mesh_bytes, 64 << 20)  # shapes are quickly built again
_IMAGES, _ASSETS = Kept(_image_bytes), Kept(_asset_bytes)


def flattened(asset: Asset) -> Mesh:
    """Return all parts of an asset as one mesh in the asset's space."""
    matrices = asset.node_matrices()
    return merge([_moved(part.mesh, matrices[part.node]) for part in asset.parts])


def _moved(mesh: Mesh, matrix: Floats) -> Mesh:
    """Return ``mesh`` under a (4, 4) matrix; one that mirrors also turns the triangles round."""
    linear = matrix[:3, :3]
    mirrored = np.linalg.det(linear) < 0.0
    tangents = np.concatenate([mesh.tangents[:, :3] @ linear.T, mesh.tangents[:, 3:] * (-1.0 if mirrored else 1.0)], 1)
    return build_mesh(
        transform_points(matrix, mesh.positions),
        mesh.triangles[:, ::-1] if mirrored else mesh.triangles,
        normals=mesh.normals @ np.linalg.inv(linear),
        uvs=mesh.uvs,
        tangents=tangents,
    )
