"""Primitives of glTF 2.0 as meshes: strips and fans unrolled, normals and tangents completed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama.errors import AssetError
from diorama.geometry.build import build_mesh
from diorama.geometry.mesh import Mesh
from diorama.scene.gltf_accessors import read_floats, read_indices
from diorama.scene.gltf_file import GltfFile
from diorama.scene.gltf_json import JsonObject
from diorama.scene.gltf_material import GltfMaterial, UvSource

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_TRIANGLES, _STRIP, _FAN = 4, 5, 6


def read_primitive(file: GltfFile, primitive: JsonObject, material: GltfMaterial) -> Mesh | None:
    """Return one primitive in node space; None (and a note) if it is made of points or lines."""
    mode = primitive.integer("mode", _TRIANGLES, high=_FAN)
    if mode < _TRIANGLES:
        file.note(f"{primitive.path}: points and lines are not drawn")
        return None
    attributes = primitive.child("attributes")
    positions = read_floats(file, attributes, "POSITION", "VEC3")
    triangles = _triangles(file, primitive, mode, len(positions))
    normals = _attribute(file, attributes, "NORMAL", "VEC3", len(positions))
    tangents = _attribute(file, attributes, "TANGENT", "VEC4", len(positions))
    if normals is None:
        file.spend(triangles.size, primitive.place())
    else:
        _check_normals(attributes, normals, positions, triangles)
    uvs, moved = _uvs(file, attributes, material, len(positions))
    _note_unseen(file, primitive, attributes)
    try:
        return build_mesh(positions, triangles, normals=normals, uvs=uvs, tangents=None if moved else tangents)
    except AssetError as error:
        raise AssetError(error.message, place=primitive.place()) from error


def _triangles(file: GltfFile, primitive: JsonObject, mode: int, count: int) -> Indices:
    """Return (T, 3) vertex indices, counter-clockwise, whatever the primitive's mode."""
    key = "indices"
    corners = read_indices(file, primitive, key, count) if key in primitive else np.arange(count, dtype=np.int64)
    if mode == _TRIANGLES:
        if len(corners) % 3:
            raise primitive.error(key, "three corners for each triangle", f"{len(corners)} corners")
        return corners.reshape(-1, 3)
    if len(corners) < 3:
        raise primitive.error(key, "at least three corners", f"{len(corners)} corners")
    file.spend(3 * len(corners), primitive.place())
    if mode == _FAN:
        return np.column_stack([corners[1:-1], corners[2:], np.full(len(corners) - 2, corners[0])])
    strip = np.column_stack([corners[:-2], corners[1:-1], corners[2:]])
    strip[1::2] = strip[1::2, [0, 2, 1]]
    return strip


def _attribute(file: GltfFile, attributes: JsonObject, key: str, kind: str, count: int) -> Floats | None:
    """Return an attribute with one row for each of ``count`` vertices; None if there is none."""
    if key not in attributes:
        return None
    values = read_floats(file, attributes, key, kind)
    if len(values) != count:
        raise attributes.error(key, f"one element for each of {count} vertices", f"{len(values)} elements")
    return values


def _check_normals(attributes: JsonObject, normals: Floats, positions: Floats, triangles: Indices) -> None:
    """Refuse a normal without direction, unless nothing but triangles without area use it."""
    zero = np.linalg.norm(normals, axis=1) < 1e-6
    if not zero.any():
        return
    a, b, c = (positions[triangles[:, corner]] for corner in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    wrong = zero[triangles].any(axis=1) & (area > 0.0)
    if wrong.any():
        vertex = next(int(corner) for corner in triangles[wrong][0] if zero[corner])
        raise attributes.error("NORMAL", "normals of length 1", f"length 0 at vertex {vertex}")


def _uvs(file: GltfFile, attributes: JsonObject, material: GltfMaterial, count: int) -> tuple[Floats | None, bool]:
    """Return the texture coordinates that ``material`` reads, and whether it moved them."""
    source = material.uv if material.textured else UvSource()
    key = f"TEXCOORD_{source.channel}"
    uvs = _attribute(file, attributes, key, "VEC2", count)
    if uvs is None:
        if material.textured:
            raise attributes.error(key, "the coordinates that the material's textures read")
        return None, False
    return (source.apply(uvs), True) if source.moves else (uvs, False)


def _note_unseen(file: GltfFile, primitive: JsonObject, attributes: JsonObject) -> None:
    if "COLOR_0" in attributes:
        file.note(f"{attributes.path}: vertex colours are not shown")
    if "JOINTS_0" in attributes:
        file.note("skins are shown at rest")
    if primitive.data.get("targets"):
        file.note("morph targets are not shown")
