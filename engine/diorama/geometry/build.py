"""Complete a mesh from what a file or a builder gives: missing normals and tangents are made.

Texture v runs down the picture, so the bitangent of glTF 2.0 (``cross(normal, tangent) * w``)
points along -v: w is +1 where the picture is not mirrored on the surface.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diorama.geometry.mesh import Mesh

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

_TINY = 1e-20


def build_mesh(
    positions: ArrayLike,
    triangles: ArrayLike,
    *,
    normals: ArrayLike | None = None,
    uvs: ArrayLike | None = None,
    tangents: ArrayLike | None = None,
) -> Mesh:
    """Return a mesh of ``positions`` (V, 3) and ``triangles`` (T, 3), counter-clockwise from outside.

    Without ``normals`` (V, 3) every triangle becomes flat, with vertices of its own and without
    the ``tangents``, as glTF 2.0 wants it. Normals are brought to length 1. Without ``uvs``
    (V, 2) these are zero; without ``tangents`` (V, 4) they follow from the uvs.
    """
    points, index = _array(positions, 3), np.ascontiguousarray(triangles, np.int64).reshape(-1, 3)
    texture = np.zeros((len(points), 2)) if uvs is None else _array(uvs, 2)
    if normals is None:
        corners = index.reshape(-1)
        points, texture, tangents = points[corners], texture[corners], None
        index = np.arange(len(corners), dtype=np.int64).reshape(-1, 3)
        normal = np.repeat(face_normals(points, index), 3, axis=0)
    else:
        normal = unit(_array(normals, 3), points, index)
    frame = vertex_tangents(points, normal, texture, index) if tangents is None else _array(tangents, 4)
    return Mesh(
        positions=_single(points),
        normals=_single(normal),
        uvs=_single(texture),
        tangents=_single(frame),
        triangles=np.ascontiguousarray(index, np.uint32),
    )


def merge(meshes: Sequence[Mesh]) -> Mesh:
    """Return one mesh with the vertices and triangles of all, in their order."""
    offsets = np.cumsum([0, *(len(mesh.positions) for mesh in meshes)])
    moved = [mesh.triangles + np.uint32(start) for mesh, start in zip(meshes, offsets, strict=False)]
    return Mesh(
        positions=np.concatenate([mesh.positions for mesh in meshes]),
        normals=np.concatenate([mesh.normals for mesh in meshes]),
        uvs=np.concatenate([mesh.uvs for mesh in meshes]),
        tangents=np.concatenate([mesh.tangents for mesh in meshes]),
        triangles=np.concatenate(moved),
    )


def face_normals(positions: Floats, triangles: Indices) -> Floats:
    """Return the unit normals (T, 3) of triangles; +Y for those without area."""
    a, b, c = (positions[triangles[:, corner]] for corner in range(3))
    return _unit_or(_cross_scaled(b - a, c - a), np.array([0.0, 1.0, 0.0]))


def unit(normals: Floats, positions: Floats, triangles: Indices) -> Floats:
    """Return ``normals`` (V, 3) at length 1; where one is zero, that of a triangle around it."""
    zero = np.linalg.norm(normals, axis=1) < _TINY
    if not zero.any():
        return _unit_or(normals, np.array([0.0, 1.0, 0.0]))
    fallback = np.tile(np.array([0.0, 1.0, 0.0]), (len(normals), 1))
    fallback[triangles] = face_normals(positions, triangles)[:, None, :]
    return _unit_or(np.where(zero[:, None], 0.0, normals), fallback)


def vertex_tangents(positions: Floats, normals: Floats, uvs: Floats, triangles: Indices) -> Floats:
    """Return tangents (V, 4) along +u, orthogonal to ``normals``, with the bitangent's sign in w.

    The mean over the triangles around a vertex, weighted by their angle there as MikkTSpace does
    (Mikkelsen 2008), but without splitting vertices. Where the uvs give no direction, any
    tangent orthogonal to the normal, with w = 1.
    """
    along_u, along_v = _uv_gradients(positions, uvs, triangles)
    angles = corner_angles(positions, triangles)
    sum_u, sum_v = np.zeros_like(normals), np.zeros_like(normals)
    for corner in range(3):
        at = triangles[:, corner]
        normal = normals[at]
        np.add.at(sum_u, at, angles[:, corner, None] * _unit_or(_reject(along_u, normal), np.zeros(3)))
        np.add.at(sum_v, at, angles[:, corner, None] * _unit_or(_reject(along_v, normal), np.zeros(3)))
    tangent = _unit_or(_reject(sum_u, normals), _any_orthogonal(normals))
    down = np.sum(np.cross(normals, tangent) * sum_v, axis=1)
    return np.column_stack([tangent, np.where(down > 0.0, -1.0, 1.0)])


def _uv_gradients(positions: Floats, uvs: Floats, triangles: Indices) -> tuple[Floats, Floats]:
    """Return the directions (T, 3) in which u and v grow; zero where the uvs have no area."""
    a, b, c = (positions[triangles[:, corner]] for corner in range(3))
    ua, ub, uc = (uvs[triangles[:, corner]] for corner in range(3))
    (s1, t1), (s2, t2) = (ub - ua).T, (uc - ua).T
    turn = np.sign(s1 * t2 - s2 * t1)[:, None]
    edge1, edge2 = b - a, c - a
    along_u = (t2[:, None] * edge1 - t1[:, None] * edge2) * turn
    along_v = (s1[:, None] * edge2 - s2[:, None] * edge1) * turn
    zero = np.zeros(3)
    return _unit_or(along_u, zero), _unit_or(along_v, zero)


def corner_angles(positions: Floats, triangles: Indices) -> Floats:
    """Return the angle in radians at each corner of each triangle (T, 3)."""
    corners = positions[triangles]
    ahead = _unit_or(np.roll(corners, -1, axis=1) - corners, np.zeros(3))
    behind = _unit_or(np.roll(corners, 1, axis=1) - corners, np.zeros(3))
    return np.asarray(np.arccos(np.clip(np.sum(ahead * behind, axis=2), -1.0, 1.0)))


def _cross_scaled(left: Floats, right: Floats) -> Floats:
    """Return the direction of a cross product without underflow for tiny or huge edges."""
    zero = np.zeros(3)
    return np.cross(_unit_or(left, zero), _unit_or(right, zero))


def _reject(vectors: Floats, normals: Floats) -> Floats:
    return np.asarray(vectors - normals * np.sum(vectors * normals, axis=1, keepdims=True))


def _any_orthogonal(normals: Floats) -> Floats:
    """Return unit vectors (V, 3) orthogonal to unit ``normals``."""
    flat = np.abs(normals[:, 0:1]) < 0.9
    axis = np.where(flat, [1.0, 0.0, 0.0], [0.0, 0.0, 1.0])
    return _unit_or(_reject(axis, normals), np.array([1.0, 0.0, 0.0]))


def _unit_or(vectors: Floats, fallback: Floats) -> Floats:
    """Return ``vectors`` (..., 3) at length 1, and ``fallback`` where they are zero."""
    largest = np.max(np.abs(vectors), axis=-1, keepdims=True, initial=0.0)
    scaled = vectors / np.where(largest > _TINY, largest, 1.0)
    length = np.linalg.norm(scaled, axis=-1, keepdims=True)
    usable = (largest > _TINY) & (length > _TINY)
    return np.where(usable, scaled / np.where(usable, length, 1.0), fallback)


def _single(values: Floats) -> NDArray[np.float32]:
    """Return contiguous float32; what that cannot hold becomes infinite, which :class:`Mesh` refuses."""
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(values, np.float32)


def _array(values: ArrayLike, width: int) -> Floats:
    return np.asarray(values, np.float64).reshape(-1, width)
