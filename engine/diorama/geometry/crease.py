"""Normals for triangles that come without: smooth over flat edges, split at sharp ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from diorama.geometry.build import build_mesh, corner_angles, face_normals
from diorama.geometry.mesh import Mesh

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


def mesh_with_creases(positions: ArrayLike, triangles: ArrayLike, angle: float, uvs: ArrayLike | None = None) -> Mesh:
    """Return a mesh whose normals run smoothly over edges that bend by less than ``angle`` (radians).

    ``positions`` (V, 3), ``triangles`` (T, 3), ``uvs`` (V, 2). Vertices at one place count as one
    for the smoothing. Normals are means weighted by corner angle (Thürmer & Wüthrich 1998).
    """
    points, index = np.asarray(positions, np.float64), np.asarray(triangles, np.int64)
    flat = face_normals(points, index)
    group = _smooth_groups(points, index, flat, np.cos(angle))
    sums = np.zeros((int(group.max(initial=-1)) + 1, 3))
    np.add.at(sums, group, (corner_angles(points, index)[:, :, None] * flat[:, None, :]).reshape(-1, 3))
    # Corners of one group lie at one place; with uvs they stay apart where the file has them apart.
    key = group if uvs is None else group * len(points) + index.reshape(-1)
    _, first, vertex = np.unique(key, return_index=True, return_inverse=True)
    source = index.reshape(-1)[first]
    return build_mesh(
        points[source],
        vertex.reshape(-1, 3),
        normals=sums[group[first]],
        uvs=None if uvs is None else np.asarray(uvs, np.float64)[source],
    )


def _smooth_groups(positions: Floats, triangles: Indices, normals: Floats, cosine: float) -> Indices:
    """Return for each corner (T * 3,) the number of the set of corners that share one normal."""
    place = _places(positions)
    corner = np.arange(triangles.size).reshape(-1, 3)
    start, end = corner.reshape(-1), np.roll(corner, -1, axis=1).reshape(-1)
    ends = np.column_stack([place[triangles.reshape(-1)[side]] for side in (start, end)])
    turned = ends[:, 0] > ends[:, 1]
    low, high = np.where(turned, end, start), np.where(turned, start, end)
    order = np.lexsort((ends.max(axis=1), ends.min(axis=1)))
    one, two = order[:-1], order[1:]
    shared = (np.sort(ends[one], axis=1) == np.sort(ends[two], axis=1)).all(axis=1)
    smooth = shared & (np.sum(normals[one // 3] * normals[two // 3], axis=1) > cosine)
    one, two = one[smooth], two[smooth]
    rows, columns = np.concatenate([low[one], high[one]]), np.concatenate([low[two], high[two]])
    links = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(triangles.size, triangles.size))
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _places(positions: Floats) -> Indices:
    """Return for each vertex (V,) the number of its place; equal positions have one."""
    order = np.lexsort(positions.T)
    new = (np.diff(positions[order], axis=0) != 0.0).any(axis=1)
    place = np.zeros(len(positions), np.int64)
    place[order[1:]] = np.cumsum(new)
    return place
