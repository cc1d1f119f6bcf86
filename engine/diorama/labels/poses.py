"""Where each labelled instance is: pose, velocity, and the box around its geometry."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from diorama.scene.shot import InstanceBatch, Shot, Stage
from diorama.transform import transform_bounds, transform_points

Floats = NDArray[np.float64]

_CORNERS = np.array(list(product((0.0, 1.0), repeat=3)))
_SMALLEST = 1e-12
"""A node whose axes span less than this is a point: it has no rotation and no inverse."""


@dataclass(frozen=True, eq=False)
class Poses:
    """All labelled instances at one time: row i has the id i + 1.

    ``matrix`` (N, 4, 4) takes the instance's own space to the world; ``low`` and ``high``
    (N, 3) bound its drawn geometry in its own space; ``velocity`` (N, 3) is that of the
    origin in metres a second, the central difference over the two neighbouring frames.
    """

    matrix: Floats
    low: Floats
    high: Floats
    velocity: Floats

    @property
    def position(self) -> Floats:
        """The origins (N, 3) in world metres."""
        return self.matrix[:, :3, 3]

    @cached_property
    def scale(self) -> Floats:
        """The lengths (N, 3) of the axes; x is negative where the matrix mirrors."""
        scale = np.linalg.norm(self.matrix[:, :3, :3], axis=1)
        scale[np.linalg.det(self.matrix[:, :3, :3]) < 0.0, 0] *= -1.0
        return np.asarray(scale)

    @cached_property
    def quaternion(self) -> Floats:
        """The rotations (N, 4) as x, y, z, w with w >= 0: the nearest ones where axes are sheared."""
        if not len(self.matrix):
            return np.zeros((0, 4))
        scale = self.scale
        degenerate = np.abs(scale).min(axis=1) < _SMALLEST
        axes = self.matrix[:, :3, :3] / np.where(degenerate[:, None], 1.0, scale)[:, None, :]
        axes[degenerate] = np.eye(3)
        return np.asarray(Rotation.from_matrix(axes).as_quat(canonical=True))

    @property
    def corners(self) -> Floats:
        """The corners (N, 8, 3) of the oriented boxes in world metres, x slowest, z fastest."""
        local = self.low[:, None] + _CORNERS * (self.high - self.low)[:, None]
        return transform_points(self.matrix[:, None], local)


class PoseLabeller:
    """Finds poses frame by frame; what does not change over a clip is worked out once."""

    def __init__(self, stage: Stage) -> None:
        rows = {path: row for row, path in enumerate(stage.node_paths)}
        self._node = np.array([rows.get(label.path, -1) for label in stage.labels], np.int64)
        bounds = [mesh.bounds for mesh in stage.meshes]
        self._low = np.array([low for low, _ in bounds], np.float64).reshape(-1, 3)
        self._high = np.array([high for _, high in bounds], np.float64).reshape(-1, 3)

    def poses(self, shot: Shot) -> Poses:
        """Return the poses of all labelled instances at the shot's own time."""
        nodes = self._nodes(shot.current.instances)
        matrix = shot.current.nodes[nodes]
        low, high = self._bounds(matrix, shot.current.instances)
        span = shot.next.time - shot.previous.time
        moved = shot.next.nodes[nodes, :3, 3] - shot.previous.nodes[nodes, :3, 3]
        return Poses(matrix, low, high, moved / span if span > 0.0 else np.zeros_like(moved))

    def _nodes(self, instances: InstanceBatch) -> NDArray[np.int64]:
        """Return the node of each label: that of its path, else of the first thing that carries it."""
        nodes = self._node.copy()
        labels, first = np.unique(instances.label, return_index=True)
        carried = np.zeros(len(nodes) + 1, np.int64)
        carried[labels] = instances.node[first]
        return np.where(nodes < 0, carried[1:], nodes)

    def _bounds(self, matrix: Floats, instances: InstanceBatch) -> tuple[Floats, Floats]:
        """Return the boxes (N, 3), (N, 3) of all drawn parts in the space of their instance."""
        low, high = np.full((len(matrix), 3), np.inf), np.full((len(matrix), 3), -np.inf)
        part = np.flatnonzero(instances.label > 0)
        owner = instances.label[part] - 1
        invertible = np.abs(np.linalg.det(matrix[:, :3, :3])) > _SMALLEST**3
        inverse = np.linalg.inv(np.where(invertible[:, None, None], matrix, np.eye(4)))
        relative = inverse[owner] @ instances.transform[part]
        mesh = instances.mesh[part]
        part_low, part_high = transform_bounds(relative, self._low[mesh], self._high[mesh])
        np.minimum.at(low, owner, part_low)
        np.maximum.at(high, owner, part_high)
        known = invertible & np.isfinite(low).all(axis=1)
        return np.where(known[:, None], low, 0.0), np.where(known[:, None], high, 0.0)
