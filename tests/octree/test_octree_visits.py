"""How little a query looks at: counted, never timed."""

from __future__ import annotations

import numpy as np
import pytest
from octree import brute

import diorama.octree.octree as module
from diorama.octree import Octree, frustum_planes
from diorama.octree.traversal import WIDE
from diorama.transform import look_at, perspective

COUNT = 100_000


@pytest.fixture(scope="module")
def town() -> tuple[Octree, np.ndarray, np.ndarray]:
    """A hundred thousand boxes on two square kilometres, and the ground beneath them."""
    random = np.random.default_rng(11)
    size = np.exp(random.normal(-0.3, 0.7, (COUNT, 3)))
    centre = random.uniform(-700, 700, (COUNT, 3)) * (1, 0, 1) + size * (0, 0.5, 0)
    size[0], centre[0] = (1500.0, 0.1, 1500.0), 0.0
    low, high = centre - size / 2, centre + size / 2
    return Octree(low, high), low, high


def camera_planes(eye: np.ndarray, target: np.ndarray, degrees: float) -> np.ndarray:
    rotation = look_at(eye, target)
    view = np.eye(4)
    view[:3, :3], view[:3, 3] = rotation.T, -rotation.T @ eye
    focal = 128.0 / np.tan(np.radians(degrees / 2.0))
    return frustum_planes(perspective(focal, focal, 128, 128, 256, 256, 0.1) @ view)


def shadow_planes(centre: np.ndarray, half: float) -> np.ndarray:
    """A sun's box around ``centre``, 200 m deep."""
    rotation = look_at(np.zeros(3), np.array([-1.0, -2.0, -1.0]))
    view = np.eye(4)
    view[:3, :3], view[:3, 3] = rotation.T, -rotation.T @ centre
    box = np.diag([1.0 / half, 1.0 / half, 1.0 / 200.0, 1.0])
    box[2, 3] = 0.5
    return frustum_planes(box @ view)


def test_a_view_of_500_of_100k_boxes_visits_less_than_5_percent(town):
    octree, low, high = town
    eye = np.array([500.0, 1.7, 500.0])
    planes = camera_planes(eye, np.array([700.0, 1.0, 640.0]), 17.0)
    seen = octree.frustum(planes)
    assert seen.tolist() == brute.in_front(low, high, planes).tolist()
    assert 400 <= len(seen) <= 600
    assert octree.counters.visited < 0.05 * COUNT


@pytest.mark.parametrize("half", [5.0, 15.0, 30.0])
def test_each_shadow_map_visits_less_than_5_percent(town, half):
    octree, low, high = town
    planes = shadow_planes(np.array([300.0, 0.0, -200.0]), half)
    seen = octree.frustum(planes)
    assert seen.tolist() == brute.in_front(low, high, planes).tolist() and len(seen) > 3
    assert octree.counters.visited < 0.05 * COUNT
    assert octree.counters.visited < 2 * len(seen) + 200


def test_the_count_is_of_boxes_really_tested(town, monkeypatch):
    octree = town[0]
    planes = shadow_planes(np.zeros(3), 20.0)
    tested = []
    plain = module.in_front

    def counted(*arguments):
        region = plain(*arguments)
        return type(region)(region.may_hold, lambda boxes: tested.append(boxes.shape[1]) or region.holds(boxes))

    monkeypatch.setattr(module, "in_front", counted)
    octree.frustum(planes)
    assert tested == [octree.counters.visited]


def test_so_small_a_world_is_one_flat_pass_and_counted_so():
    low = np.random.default_rng(4).uniform(-50, 50, (WIDE + 1, 3))
    for count, flat in ((WIDE, True), (WIDE + 1, False)):
        octree = Octree(low[:count], low[:count] + 1.0)
        octree.box((0, 0, 0), (1, 1, 1))
        assert (octree.counters.visited == count) == flat


def test_rays_and_points_visit_a_handful_each(town):
    octree = town[0]
    random = np.random.default_rng(3)
    points = random.uniform(-600, 600, (200, 3)) * (1, 0, 1) + (0, 1.5, 0)
    octree.ray(points, random.normal(size=(200, 3)) * (1, 0.02, 1))
    assert octree.counters.visited < 200 * 0.02 * COUNT
    octree.nearest(points, 4)
    assert octree.counters.visited < 200 * 100


def visited_around(centre: np.ndarray) -> int:
    """Boxes of 1 m on a grid of 1.5 m around ``centre``, asked for the eight in the middle."""
    steps = np.arange(-12.0, 12.1, 1.5)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 3) + centre
    octree = Octree(grid - 0.5, grid + 0.5)
    assert len(octree.box(centre - 0.6, centre + 0.6)) == 1
    return octree.counters.visited


def test_boxes_across_the_origin_cost_no_more_than_boxes_elsewhere():
    elsewhere = np.random.default_rng(0).uniform(100, 900, (40, 3))
    typical = max(visited_around(place) for place in elsewhere)
    assert visited_around(np.zeros(3)) <= typical
    assert visited_around(np.array([0.0, 300.0, 0.0])) <= typical


def test_overlap_pairs_test_few_pairs(town):
    octree = town[0]
    octree.overlap_pairs()
    assert octree.counters.visited < 60 * COUNT
