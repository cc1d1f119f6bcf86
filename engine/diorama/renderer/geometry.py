"""All meshes of a stage in a few GPU buffers, each mesh once, whatever clip it comes from.

Positions lie twice: tightly packed for the raster stage, which reads nothing else of a vertex,
and in the vertex records that compute passes fetch. ``shaders/lib/geometry.glsl`` mirrors
:data:`VERTEX`, ``shaders/label.comp`` :data:`MESH`.
"""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np
from numpy.typing import NDArray

from diorama.geometry.mesh import Mesh
from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.gl.texels import TexelBuffer
from diorama.renderer.closed import is_closed

VERTEX = np.dtype([("position_u", "4f4"), ("normal_v", "4f4"), ("tangent", "4f4")])
"""One vertex, three texels: position and u, normal and v, tangent with the bitangent's sign; node space."""

MESH = np.dtype([("low", "4f4"), ("high", "4f4")])
"""One mesh: the corners of its rest box."""

PLACE = np.dtype([("first_triangle", "u4"), ("base_vertex", "u4"), ("triangles", "u4"), ("closed", "?")])
"""Where a mesh starts in the buffers, how many triangles it has, whether it is a solid's whole surface."""


class _Store:
    """The buffers of a pool, of a fixed capacity (vertices, triangles, meshes)."""

    def __init__(self, device: Device, capacity: tuple[int, int, int]) -> None:
        self._device, self.capacity = device, capacity
        vertices, triangles, meshes = capacity
        self.vertices = TexelBuffer(device, "4f4", vertices * VERTEX.itemsize)
        self.triangles = TexelBuffer(device, "3u4", triangles * 12)
        self.positions = device.buffer(reserve=vertices * 12)
        self.boxes = device.buffer(reserve=meshes * MESH.itemsize)
        self.places = np.zeros(meshes, PLACE)
        self.rows: dict[str, int] = {}
        self.filled = (0, 0)

    def has_room(self, meshes: Sequence[Mesh]) -> bool:
        """Tell whether ``meshes`` fit behind what is there."""
        taken = (*self.filled, len(self.rows))
        return all(a + b <= room for a, b, room in zip(taken, _size(meshes), self.capacity, strict=True))

    def append(self, meshes: Sequence[Mesh]) -> None:
        """Write ``meshes`` behind what is there."""
        vertex, triangle = self.filled
        records = np.concatenate([_vertex_records(mesh) for mesh in meshes])
        self.vertices.write(records, offset=vertex * VERTEX.itemsize)
        self.triangles.write(
            np.concatenate([mesh.triangles for mesh in meshes]).astype(np.uint32), offset=triangle * 12
        )
        if len(records):
            self.positions.write(np.ascontiguousarray(records["position_u"][:, :3]), offset=vertex * 12)
        boxes = np.zeros(len(meshes), MESH)
        for number, mesh in enumerate(meshes):
            boxes["low"][number, :3], boxes["high"][number, :3] = mesh.bounds
            self.places[len(self.rows)] = triangle, vertex, len(mesh.triangles), is_closed(mesh)
            self.rows[mesh.key] = len(self.rows)
            vertex, triangle = vertex + len(mesh.positions), triangle + len(mesh.triangles)
        self.boxes.write(boxes, offset=(len(self.rows) - len(meshes)) * MESH.itemsize)
        self.filled = vertex, triangle

    def release(self) -> None:
        """Give all memory back."""
        self.vertices.release()
        self.triangles.release()
        self._device.release(self.positions, self.boxes)


class GeometryPool:
    """Owns the mesh buffers; :meth:`require` brings in what a stage needs and forgets the rest.

    Meshes are appended while there is room. When room runs out, everything but the meshes of
    the present stage is dropped, so the pool never holds much more than the largest stage did.
    ``generation`` counts how often the buffers were made anew.
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._store: _Store | None = None
        self._last: tuple[Sequence[Mesh], NDArray[np.intp]] | None = None
        self.generation = 0

    @property
    def positions(self) -> moderngl.Buffer:
        """Vertex positions for the raster stage, three float32 each, node space."""
        return self._own.positions

    @property
    def indices(self) -> moderngl.Buffer:
        """Vertex numbers of all triangles, counted from each mesh's first vertex."""
        return self._own.triangles.buffer

    @property
    def places(self) -> NDArray[np.void]:
        """Where each mesh of the pool starts, a :data:`PLACE` each."""
        return self._own.places

    def require(self, meshes: Sequence[Mesh]) -> NDArray[np.intp]:
        """Put ``meshes`` on the GPU where they are not yet; return each one's row in the pool."""
        if self._last is not None and self._last[0] is meshes:
            return self._last[1]
        wanted = {mesh.key: mesh for mesh in meshes}
        missing = [mesh for key, mesh in wanted.items() if self._store is None or key not in self._store.rows]
        if self._store is None or not self._store.has_room(missing):
            missing = list(wanted.values())
            self._renew(missing)
        if missing:
            self._own.append(missing)
        rows = np.array([self._own.rows[mesh.key] for mesh in meshes], np.intp)
        self._last = meshes, rows
        return rows

    def bind(self) -> None:
        """Bind everything for ``lib/geometry.glsl``."""
        self._own.vertices.use(bindings.VERTEX_DATA)
        self._own.triangles.use(bindings.TRIANGLE_DATA)
        self._own.boxes.bind_to_storage_buffer(bindings.MESHES)

    def release(self) -> None:
        """Give all memory back."""
        if self._store is not None:
            self._store.release()
        self._store = self._last = None

    @property
    def _own(self) -> _Store:
        assert self._store is not None, "require() comes first"
        return self._store

    def _renew(self, meshes: Sequence[Mesh]) -> None:
        """Make buffers with room for ``meshes`` and a quarter more, so that a few new ones fit."""
        self.release()
        vertices, triangles, rows = (max(16, count + count // 4) for count in _size(meshes))
        self._store = _Store(self._device, (vertices, triangles, rows))
        self.generation += 1


def _size(meshes: Sequence[Mesh]) -> tuple[int, int, int]:
    return sum(len(mesh.positions) for mesh in meshes), sum(len(mesh.triangles) for mesh in meshes), len(meshes)


def _vertex_records(mesh: Mesh) -> NDArray[np.void]:
    records = np.zeros(len(mesh.positions), VERTEX)
    records["position_u"][:, :3], records["position_u"][:, 3] = mesh.positions, mesh.uvs[:, 0]
    records["normal_v"][:, :3], records["normal_v"][:, 3] = mesh.normals, mesh.uvs[:, 1]
    records["tangent"] = mesh.tangents
    return records
