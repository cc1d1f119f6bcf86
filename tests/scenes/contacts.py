"""What touches what in a scene: labelled instances as triangles, and how they meet."""

from itertools import product

import numpy as np
import trimesh
from numpy.typing import NDArray

from diorama.octree import Octree
from diorama.scene.graph import Scene
from diorama.scene.sample import compiled, snapshot
from diorama.scene.shot import Snapshot
from diorama.transform import transform_bounds

Floats = NDArray[np.float64]
Pair = tuple[int, int]
SKY = 100.0
"""Metres, above all ground."""


class World:
    """A scene whose labelled instances, by their ids, can be asked where they are and what they meet."""

    def __init__(self, scene: Scene) -> None:
        self.compiled = compiled(scene)
        self.labels = self.compiled.stage.labels
        self.meshes = self.compiled.stage.meshes
        self.times = [frame / scene.fps for frame in range(scene.frame_count)]
        self._rest = np.array([mesh.bounds for mesh in self.meshes])

    def at(self, time: float) -> Snapshot:
        return snapshot(self.compiled, time)

    def boxes(self, world: Snapshot) -> tuple[Floats, Floats]:
        """Return the world boxes (N, 3), (N, 3) of all that is drawn."""
        rest = self._rest[world.instances.mesh]
        return transform_bounds(world.instances.transform, rest[:, 0], rest[:, 1])

    def instance_boxes(self, world: Snapshot) -> tuple[Floats, Floats]:
        """Return the world boxes of the labelled instances; row i has the id i + 1."""
        low, high = self.boxes(world)
        assert (world.instances.label > 0).all(), "all that is drawn is labelled"
        lows = np.full((len(self.labels), 3), np.inf)
        highs = -lows
        np.minimum.at(lows, world.instances.label - 1, low)
        np.maximum.at(highs, world.instances.label - 1, high)
        return lows, highs

    def triangles(self, world: Snapshot, rows: NDArray[np.integer]) -> Floats:
        """Return the world triangles (T, 3, 3) of these drawn rows."""
        found = []
        for row in rows:
            mesh, matrix = self.meshes[world.instances.mesh[row]], world.instances.transform[row]
            found.append((mesh.positions.astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3])[mesh.triangles])
        return np.concatenate(found)

    def instance(self, world: Snapshot, number: int) -> Floats:
        """Return the world triangles (T, 3, 3) of one labelled instance."""
        return self.triangles(world, np.flatnonzero(world.instances.label == number))

    def heights(self, world: Snapshot, over: list[int]) -> dict[int, float]:
        """Return how high, in metres, each instance's lowest point lies over the instances ``over``.

        What counts is the highest of them that is straight below the feet, all within 2 cm of that point.
        """
        corners = np.concatenate([self.instance(world, number) for number in over])
        ground = trimesh.Trimesh(**trimesh.triangles.to_kwargs(corners))
        found = {}
        for number in {*range(1, len(self.labels) + 1)} - {*over}:
            points = self.instance(world, number).reshape(-1, 3)
            lowest = float(points[:, 1].min())
            above = np.unique(points[points[:, 1] < lowest + 0.02], axis=0)
            above[:, 1] = SKY
            hits, _, _ = ground.ray.intersects_location(above, np.tile((0.0, -1, 0), (len(above), 1)), False)
            found[number] = lowest - float(hits[:, 1].max())
        return found

    def box_pairs(self, world: Snapshot) -> list[Pair]:
        """Return the pairs of ids whose boxes overlap."""
        return [(int(one) + 1, int(other) + 1) for one, other in Octree(*self.instance_boxes(world)).overlap_pairs()]

    def overlap(self, world: Snapshot, one: int, other: int) -> bool:
        """Whether two instances cut through each other, or one lies within the box of the other."""
        low, high = self.instance_boxes(world)
        for inner, outer in ((one - 1, other - 1), (other - 1, one - 1)):
            if (low[inner] >= low[outer]).all() and (high[inner] <= high[outer]).all():
                return True
        return triangles_meet(self.instance(world, one), self.instance(world, other))

    def clearance(self, world: Snapshot, within: float) -> float:
        """Return the distance in metres from the camera to the nearest surface, or ``within`` if none is closer."""
        eye = world.camera.matrix[:3, 3]
        near = Octree(*self.boxes(world)).sphere(eye, within)
        if not len(near):
            return within
        corners = self.triangles(world, near)
        closest = trimesh.triangles.closest_point(corners, np.broadcast_to(eye, (len(corners), 3)))
        return min(within, float(np.linalg.norm(closest - eye, axis=1).min()))


def triangles_meet(first: Floats, second: Floats) -> bool:
    """Whether an edge of a triangle of one set (T, 3, 3) goes through a triangle of the other."""
    ends = [(corners.min(axis=1), corners.max(axis=1)) for corners in (first, second)]
    low, high = (np.concatenate(corners) for corners in zip(*ends, strict=True))
    region = np.maximum(*(end[0].min(axis=0) for end in ends)), np.minimum(*(end[1].max(axis=0) for end in ends))
    near = np.flatnonzero(((low <= region[1]) & (high >= region[0])).all(axis=1))
    if not len(near):
        return False
    pairs = near[Octree(low[near], high[near]).overlap_pairs()]
    pairs = pairs[(pairs[:, 0] < len(first)) & (pairs[:, 1] >= len(first))]
    left, right = first[pairs[:, 0]], second[pairs[:, 1] - len(first)]
    return any(
        _through(edges[:, start], edges[:, (start + 1) % 3], faces).any()
        for (edges, faces), start in product(((left, right), (right, left)), range(3))
    )


def _through(start: Floats, end: Floats, faces: Floats) -> NDArray[np.bool_]:
    """Return which segments go through which triangle, row by row (Moeller & Trumbore 1997)."""
    along, one, two, offset = end - start, faces[:, 1] - faces[:, 0], faces[:, 2] - faces[:, 0], start - faces[:, 0]
    sideways, turned = np.cross(along, two), np.cross(offset, one)
    volume = np.einsum("ij,ij->i", one, sideways)
    parallel = np.abs(volume) < 1e-12
    scale = 1.0 / np.where(parallel, 1.0, volume)
    u = np.einsum("ij,ij->i", offset, sideways) * scale
    v = np.einsum("ij,ij->i", along, turned) * scale
    t = np.einsum("ij,ij->i", two, turned) * scale
    return np.asarray(~parallel & (u >= 0) & (v >= 0) & (u + v <= 1) & (t >= 0) & (t <= 1))
