"""What a call asks of memory, by the books of Python and numpy."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable

from diorama.geometry.mesh import Mesh


def peak_of(call: Callable[[], object]) -> int:
    """Return the most bytes that ``call`` held at once beyond what was there before, its result included."""
    tracemalloc.start()
    try:
        result = call()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    del result
    return peak


def size_of(mesh: Mesh) -> int:
    """Return the bytes of a mesh's arrays."""
    return sum(a.nbytes for a in (mesh.positions, mesh.normals, mesh.uvs, mesh.tangents, mesh.triangles))
