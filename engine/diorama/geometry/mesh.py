"""A triangle mesh ready to draw: one material, indexed, in node space."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from diorama.errors import AssetError


@dataclass(frozen=True, eq=False)
class Mesh:
    """Triangles in node space (metres, right-handed, +Y up), counter-clockwise seen from outside.

    ``positions`` (V, 3) float32, ``normals`` (V, 3) float32 unit, ``uvs`` (V, 2) float32 with
    (0, 0) at the image's upper left, ``tangents`` (V, 4) float32 whose w is the bitangent's
    sign, ``triangles`` (T, 3) uint32. Every index is below V and every number finite.
    """

    positions: NDArray[np.float32]
    normals: NDArray[np.float32]
    uvs: NDArray[np.float32]
    tangents: NDArray[np.float32]
    triangles: NDArray[np.uint32]

    def __post_init__(self) -> None:
        count = len(self.positions)
        if self.triangles.size and int(self.triangles.max()) >= count:
            raise AssetError(f"expected vertex indices below {count}, got {int(self.triangles.max())}")
        for name in ("positions", "normals", "uvs", "tangents"):
            values = getattr(self, name)
            if len(values) != count:
                raise AssetError(f"expected {count} {name}, got {len(values)}")
            if not np.isfinite(values).all():
                raise AssetError(f"expected finite {name}, got NaN or infinity")

    @cached_property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The corners (3,), (3,) of the box around all vertices; zeros for an empty mesh."""
        if not len(self.positions):
            return np.zeros(3), np.zeros(3)
        return self.positions.min(axis=0).astype(np.float64), self.positions.max(axis=0).astype(np.float64)

    @cached_property
    def key(self) -> str:
        """A content hash: equal meshes share one copy on the GPU, whatever clip they come from."""
        digest = blake2b(digest_size=16)
        for values in (self.positions, self.normals, self.uvs, self.tangents, self.triangles):
            digest.update(str(values.shape).encode())
            digest.update(np.ascontiguousarray(values).reshape(-1).data)
        return digest.hexdigest()
