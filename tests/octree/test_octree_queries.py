"""Every query against brute force, over worlds of every awkward kind."""

from __future__ import annotations

from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from octree import brute
from octree.brute import worlds

from diorama.octree import Octree, traversal
from diorama.octree.least import least_of_each

EXAMPLES = settings(deadline=None, max_examples=60)
seeds = st.integers(0, 2**32)
walks = st.sampled_from([0, 20, traversal.WIDE]).map(lambda wide: patch.object(traversal, "WIDE", wide))
"""From the top tier, from one between, and over all boxes in one flat pass."""


@EXAMPLES
@given(worlds(), seeds, walks)
def test_frustum(world, seed, walk):
    random = np.random.default_rng(seed)
    octree = Octree(*world)
    for scale in (1.0, 100.0):
        drawn = np.concatenate([random.normal(size=(5, 3)), random.uniform(-scale, scale, (5, 1))], axis=1)
        for planes in (drawn, np.round(drawn)):
            with walk:
                found = octree.frustum(planes)
            assert found.tolist() == brute.in_front(*world, planes).tolist()


@EXAMPLES
@given(worlds(), seeds, walks)
def test_box(world, seed, walk):
    random = np.random.default_rng(seed)
    low = np.round(random.uniform(-50, 50, 3))
    high = low + np.round(random.uniform(0, 60, 3))
    with walk:
        found = Octree(*world).box(low, high)
    assert found.tolist() == brute.meeting(*world, low, high).tolist()


@EXAMPLES
@given(worlds(), seeds, st.sampled_from([0.0, 0.5, 7.0, 3e4]), walks)
def test_sphere(world, seed, radius, walk):
    centre = np.round(np.random.default_rng(seed).uniform(-9, 9, 3))
    with walk:
        found = Octree(*world).sphere(centre, radius)
    gaps = brute.distances(*world, centre)
    assert (np.diff(found) > 0).all()
    assert set(np.flatnonzero(gaps < radius * (1 - 1e-12))) <= set(found)
    assert set(found) <= set(np.flatnonzero(gaps <= radius * (1 + 1e-12)))


@EXAMPLES
@given(worlds(), seeds, st.booleans())
def test_ray(world, seed, along_axes):
    random = np.random.default_rng(seed)
    low, high = world
    origins = random.uniform(-20, 20, (20, 3))
    directions = random.normal(size=(20, 3)) * 10.0 ** random.uniform(-9, 9, (20, 1))
    if along_axes:
        directions, origins = np.round(random.uniform(-1.4, 1.4, (20, 3))), np.round(origins)
        directions[~directions.any(axis=1)] = (0.0, -1.0, 0.0)
    elif len(low):
        directions = (low + high)[random.integers(0, len(low), 20)] / 2.0 - origins
    hits = Octree(low, high).ray(origins, directions)
    assert (np.lexsort((hits.ids, hits.rays)) == np.arange(len(hits.ids))).all()
    for ray in range(20):
        enter, leave = brute.ray_spans(low, high, origins[ray], directions[ray])
        mine, rounding = hits.rays == ray, 1e-12 * (1.0 + enter) * (np.count_nonzero(directions[ray]) > 1)
        assert set(np.flatnonzero(enter <= leave - rounding)) <= set(hits.ids[mine])
        assert set(hits.ids[mine]) <= set(np.flatnonzero(enter <= leave + rounding))
        np.testing.assert_allclose(hits.distances[mine], enter[hits.ids[mine]], rtol=1e-9, atol=1e-9)
        if mine.any():
            assert hits.distance[ray] == hits.distances[mine].min()
            assert hits.first[ray] == hits.ids[mine][hits.distances[mine].argmin()]
        else:
            assert hits.first[ray] == -1 and hits.distance[ray] == np.inf


@EXAMPLES
@given(worlds(), seeds, st.sampled_from([1, 2, 7, 40]))
def test_nearest(world, seed, k):
    low, high = world
    points = np.random.default_rng(seed).uniform(-1, 1, (20, 3)) * np.array([[1.0], [30.0], [1e3], [1e5]] * 5)
    found = Octree(low, high).nearest(points, k)
    assert found.ids.shape == found.distances.shape == (20, k)
    for point, ids, distances in zip(points, found.ids, found.distances, strict=True):
        gaps = brute.distances(low, high, point)
        real = min(k, len(low))
        np.testing.assert_allclose(distances[:real], np.sort(gaps)[:real], rtol=1e-12)
        np.testing.assert_allclose(gaps[ids[:real]], distances[:real], rtol=1e-12)
        assert len(set(ids[:real])) == real and (ids[real:] == -1).all() and (distances[real:] == np.inf).all()
        ties = np.diff(distances[:real]) == 0.0
        assert (np.diff(ids[:real])[ties] > 0).all()


@settings(deadline=None, max_examples=40)
@given(worlds(1200), st.sampled_from([0.0, 0.5, 4.0]))
def test_overlap_pairs(world, gap):
    pairs = Octree(*world).overlap_pairs(gap)
    truth = brute.overlapping(*world, gap)
    assert pairs.shape == truth.shape and (pairs == truth).all()


@EXAMPLES
@given(seeds, st.integers(0, 30), st.integers(0, 90))
def test_least_of_each_is_the_smallest_pair_of_value_and_id(seed, count, total):
    random = np.random.default_rng(seed)
    queries = np.sort(random.integers(0, max(count, 1), total if count else 0))
    ids, values = random.permutation(len(queries)), random.integers(0, 3, len(queries)) / 2.0
    first, least = least_of_each(count, queries, ids, values)
    for query in range(count):
        pairs = zip(values[queries == query].tolist(), ids[queries == query].tolist(), strict=True)
        assert (least[query], first[query]) == min(pairs, default=(np.inf, -1))


def test_a_ball_holds_what_it_touches():
    octree = Octree([[3, 0, 0], [0, -4, -1]], [[4, 1, 1], [1, -3, 1]])
    assert octree.sphere((0, 0, 0), 3.0).tolist() == [0, 1]
    assert octree.sphere((0, 0, 0), np.nextafter(3.0, 0.0)).tolist() == []


def test_touching_is_no_overlap_whichever_comes_first():
    corners = np.array([[0.0, 0, 0], [1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])
    for order in ([0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0]):
        assert Octree(corners[order], corners[order] + 1.0).overlap_pairs().tolist() == []
    one_cell = np.array([[0.0, 0, 0], [0.25, 0, 0]])
    for order in ([0, 1], [1, 0]):
        assert Octree(one_cell[order], one_cell[order] + 0.25).overlap_pairs().tolist() == []


def test_things_that_touch_do_not_overlap_and_a_gap_keeps_them_apart():
    low, high = [[0, 0, 0], [1, 0, 0], [0.2, 1, 0.2]], [[1, 1, 1], [2, 1, 1], [0.8, 1.5, 0.8]]
    octree = Octree(low, high)
    assert octree.overlap_pairs().tolist() == []
    assert octree.overlap_pairs(gap=0.1).tolist() == [[0, 1], [0, 2]]
    assert octree.overlap_pairs(gap=0.3).tolist() == [[0, 1], [0, 2], [1, 2]]


@settings(deadline=None, max_examples=15)
@given(worlds(200), seeds)
def test_answers_do_not_depend_on_the_order_in_which_boxes_came(world, seed):
    low, high = world
    shuffle = np.random.default_rng(seed).permutation(len(low))
    here, there = Octree(low, high), Octree(low[shuffle], high[shuffle])
    assert np.sort(shuffle[there.box((-5, -5, -5), (5, 5, 5))]).tolist() == here.box((-5, -5, -5), (5, 5, 5)).tolist()
    one, other = here.ray((-60, 0.3, 0.2), (1, 0, 0)), there.ray((-60, 0.3, 0.2), (1, 0, 0))
    assert one.ids.tolist() == np.sort(shuffle[other.ids]).tolist()
    assert here.counters.visited == there.counters.visited
    assert here.nearest((1, 2, 3), 5).distances.tolist() == there.nearest((1, 2, 3), 5).distances.tolist()
