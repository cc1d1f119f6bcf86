"""All instances of a snapshot as Mitsuba meshes: one of what only reflects, one for each emissive material."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.geometry.mesh import Mesh
from diorama.oracle.backend import mi
from diorama.oracle.materials import ROW_ATTRIBUTE, SIGN_ATTRIBUTE, TANGENT_ATTRIBUTE
from diorama.scene.shot import Snapshot, Stage

Floats: TypeAlias = NDArray[np.float64]

MOST_TRIANGLES = 50_000_000
"""A scene of this many takes about 10 GB in the path tracer."""


@dataclass(frozen=True, eq=False)
class Soup:
    """Triangles in world axes, metres from the camera: indexed vertices and a material row a triangle."""

    positions: NDArray[np.float32]
    normals: NDArray[np.float32]
    uvs: NDArray[np.float32]
    tangents: NDArray[np.float32]
    triangles: NDArray[np.uint32]
    rows: NDArray[np.int32]


def soups(stage: Stage, snapshot: Snapshot) -> Iterator[tuple[int | None, Soup]]:
    """Yield the material row of what shines by itself, None for all the rest, with its triangles."""
    materials, batch = snapshot.materials, snapshot.instances
    shining = np.asarray(materials.emission).any(axis=1) | materials.unlit
    groups: list[int | None] = [None, *np.flatnonzero(shining).tolist()]
    for group in groups:
        own = ~shining[batch.material] if group is None else batch.material == group
        rows = np.flatnonzero(own)
        if len(rows):
            parts = [_placed(stage.meshes[batch.mesh[row]], snapshot, int(row)) for row in rows]
            yield group, _joined(parts)


def mesh_of(soup: Soup, name: str, bsdf: Any, emitter: Any | None = None) -> Any:
    """Return ``soup`` as a Mitsuba mesh."""
    properties = mi.Properties()
    properties["bsdf"] = bsdf
    if emitter is not None:
        properties["emitter"] = emitter
    made = mi.Mesh(
        name,
        vertex_count=len(soup.positions),
        face_count=len(soup.triangles),
        has_vertex_normals=True,
        has_vertex_texcoords=True,
        props=properties,
    )
    made.add_attribute(ROW_ATTRIBUTE, 1, soup.rows.astype(np.float32))
    made.add_attribute(TANGENT_ATTRIBUTE, 3, soup.tangents[:, :3].ravel())
    made.add_attribute(SIGN_ATTRIBUTE, 1, soup.tangents[:, 3].copy())
    parameters = mi.traverse(made)
    parameters["vertex_positions"] = mi.Float(soup.positions.ravel())
    parameters["vertex_normals"] = mi.Float(soup.normals.ravel())
    parameters["vertex_texcoords"] = mi.Float(soup.uvs.ravel())
    parameters["faces"] = mi.UInt32(soup.triangles.ravel())
    parameters.update()
    return made


def _placed(mesh: Mesh, snapshot: Snapshot, row: int) -> Soup:
    matrix = snapshot.instances.transform[row]
    linear = matrix[:3, :3]
    offset = matrix[:3, 3] - snapshot.camera.matrix[:3, 3]
    cofactors = np.stack([np.cross(linear[:, 1], linear[:, 2]), np.cross(linear[:, 2], linear[:, 0])])
    cofactors = np.stack([*cofactors, np.cross(linear[:, 0], linear[:, 1])], axis=1)
    mirrored = np.linalg.det(linear) < 0.0
    handed = -1.0 if mirrored else 1.0
    tangents = np.concatenate([mesh.tangents[:, :3] @ linear.T, mesh.tangents[:, 3:] * handed], axis=1)
    material = snapshot.instances.material[row]
    return Soup(
        (mesh.positions @ linear.T + offset).astype(np.float32),
        _unit(mesh.normals @ cofactors.T * handed),
        mesh.uvs,
        tangents.astype(np.float32),
        mesh.triangles[:, ::-1] if mirrored else mesh.triangles,
        np.full(len(mesh.triangles), material, np.int32),
    )


def _unit(vectors: Floats) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-30), np.float32)


def _joined(parts: list[Soup]) -> Soup:
    starts = np.cumsum([0, *(len(part.positions) for part in parts[:-1])])
    triangles = [part.triangles + np.uint32(start) for part, start in zip(parts, starts, strict=True)]
    whole = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("positions", "normals", "uvs", "tangents", "rows")
    }
    return Soup(**whole, triangles=np.concatenate(triangles))
