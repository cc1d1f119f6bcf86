"""A loaded model: a tree of nodes at rest, and the meshes with materials that hang on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation

from diorama.geometry.mesh import Mesh
from diorama.material.pbr import PbrMaterial
from diorama.transform import IDENTITY_QUATERNION, compose, transform_bounds

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AssetNode:
    """One node at rest, relative to ``nodes[parent]`` (-1: to the asset itself), as T·R·S.

    ``translation`` in metres, ``rotation`` a unit quaternion (x, y, z, w), ``scale`` factors.
    A parent comes before its children.
    """

    name: str
    parent: int = -1
    translation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation: tuple[float, float, float, float] = IDENTITY_QUATERNION
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @classmethod
    def from_matrix(cls, name: str, parent: int, matrix: ArrayLike) -> AssetNode:
        """Take a (4, 4) matrix apart; ``ValueError`` says why it is not T·R·S."""
        whole = np.asarray(matrix, np.float64)
        if not np.allclose(whole[3], (0.0, 0.0, 0.0, 1.0), atol=1e-6):
            raise ValueError("an affine matrix (last row 0 0 0 1)")
        scale = np.linalg.norm(whole[:3, :3], axis=0)
        axes = whole[:3, :3] / np.where(scale > 0.0, scale, 1.0)
        flat = not (scale > 0.0).all()
        if not flat and not np.allclose(axes.T @ axes, np.eye(3), atol=1e-3):
            raise ValueError("a matrix without shear")
        if np.linalg.det(axes) < 0.0:
            scale, axes = scale * (-1.0, 1.0, 1.0), axes * (-1.0, 1.0, 1.0)
        rotation = IDENTITY_QUATERNION if flat else tuple(Rotation.from_matrix(axes).as_quat())
        return cls(name, parent, _three(whole[:3, 3]), _four(rotation), _three(scale))


@dataclass(frozen=True, eq=False)
class AssetPart:
    """One drawable: a mesh in the space of ``Asset.nodes[node]`` and its material."""

    node: int
    mesh: Mesh
    material: PbrMaterial


@dataclass(frozen=True, eq=False)
class Asset:
    """A model: its nodes, its parts, and notes on what the file holds that is not shown."""

    nodes: tuple[AssetNode, ...]
    parts: tuple[AssetPart, ...]
    notes: tuple[str, ...] = ()

    def node_matrices(self) -> Floats:
        """Return the (N, 4, 4) matrices from node space to asset space."""
        world = np.zeros((len(self.nodes), 4, 4))
        for row, node in enumerate(self.nodes):
            local = compose(node.translation, node.rotation, node.scale)
            world[row] = local if node.parent < 0 else world[node.parent] @ local
        return world

    def bounds(self) -> tuple[Floats, Floats]:
        """Return the corners (3,), (3,) of a box around all parts in asset space; zeros if there is none."""
        if not self.parts:
            return np.zeros(3), np.zeros(3)
        matrices = self.node_matrices()[[part.node for part in self.parts]]
        boxes = np.array([part.mesh.bounds for part in self.parts])
        low, high = transform_bounds(matrices, boxes[:, 0], boxes[:, 1])
        return low.min(axis=0), high.max(axis=0)


def _three(values: Iterable[float]) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _four(values: Iterable[float]) -> tuple[float, float, float, float]:
    x, y, z, w = (float(value) for value in values)
    return x, y, z, w
