"""Rays, distances and boxes against trimesh and rtree, which share no line with the octree."""

from __future__ import annotations

import numpy as np
import pytest
import trimesh
from rtree import index

from diorama.octree import Octree

COUNT = 150


@pytest.fixture(scope="module")
def boxes() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(21)
    low = random.uniform(-10, 10, (COUNT, 3))
    return low, low + random.uniform(0.2, 2.5, (COUNT, 3))


@pytest.fixture(scope="module")
def meshes(boxes) -> trimesh.Trimesh:
    """One mesh of all boxes, 12 triangles each, in order."""
    low, high = boxes
    return trimesh.util.concatenate([trimesh.creation.box(bounds=pair) for pair in zip(low, high, strict=True)])


def test_rays_meet_the_boxes_whose_triangles_trimesh_meets(boxes, meshes):
    random = np.random.default_rng(22)
    origins, directions = random.uniform(-30, 30, (200, 3)), random.normal(size=(200, 3))
    directions[:150] = random.uniform(-8, 8, (150, 3)) - origins[:150]
    hits = Octree(*boxes).ray(origins, directions)
    places, rays, triangles = meshes.ray.intersects_location(origins, directions)
    assert len(places) > 200
    theirs = {(int(ray), int(triangle) // 12) for ray, triangle in zip(rays, triangles, strict=True)}
    assert theirs == set(zip(hits.rays.tolist(), hits.ids.tolist(), strict=True))
    reach = np.linalg.norm(places - origins[rays], axis=1)
    for ray in range(200):
        if (rays == ray).any() and hits.distance[ray] > 0.0:
            assert hits.distance[ray] == pytest.approx(reach[rays == ray].min(), abs=1e-6)


def test_the_nearest_box_is_as_far_as_the_nearest_surface(boxes, meshes):
    points = np.random.default_rng(23).uniform(-25, 25, (300, 3))
    found = Octree(*boxes).nearest(points)
    _, surface, triangles = trimesh.proximity.closest_point(meshes, points)
    outside = found.distances[:, 0] > 0.0
    assert outside.sum() > 200
    np.testing.assert_allclose(found.distances[outside, 0], surface[outside], atol=1e-9)
    assert (found.ids[outside, 0] == triangles[outside] // 12).all()


def test_boxes_and_neighbours_agree_with_rtree(boxes):
    low, high = boxes
    tree = index.Index(properties=index.Property(dimension=3))
    for row in range(COUNT):
        tree.insert(row, (*low[row], *high[row]))
    octree, random = Octree(low, high), np.random.default_rng(24)
    for corner in random.uniform(-12, 10, (50, 3)):
        assert octree.box(corner, corner + 3.0).tolist() == sorted(tree.intersection((*corner, *(corner + 3.0))))
        theirs = list(tree.nearest((*corner, *corner), 5))
        gaps = np.linalg.norm(np.clip(corner, low[theirs], high[theirs]) - corner, axis=1)
        np.testing.assert_allclose(octree.nearest(corner, 5).distances[0], np.sort(gaps)[:5])


def test_overlaps_agree_with_rtree(boxes):
    low, high = boxes
    tree = index.Index(properties=index.Property(dimension=3))
    for row in range(COUNT):
        tree.insert(row, (*low[row], *high[row]))
    theirs = {(i, j) for i in range(COUNT) for j in tree.intersection((*low[i], *high[i])) if i < j}
    assert {(i, j) for i, j in Octree(low, high).overlap_pairs().tolist()} == theirs
