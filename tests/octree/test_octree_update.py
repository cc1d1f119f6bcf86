"""An octree brought up to date is the octree built afresh, byte for byte, and only what moved is encoded."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from octree.brute import arrays, assert_same_bytes, worlds

import diorama.octree.octree as module
from diorama.octree import Octree


@settings(deadline=None, max_examples=60)
@given(worlds(500), st.integers(0, 2**32), st.sampled_from([1e-3, 1.0, 50.0, 1e5]))
def test_updates_equal_a_rebuild_in_every_byte(world, seed, step):
    low, high = world
    random = np.random.default_rng(seed)
    octree = Octree(low, high)
    for share in (0.01, 0.2, 1.0, 0.05, 0.0):
        ids = random.permutation(len(low))[: int(np.ceil(share * len(low)))]
        shift = random.normal(0.0, step, (len(ids), 3))
        low, high = low.copy(), high.copy()
        low[ids], high[ids] = low[ids] + shift, high[ids] + shift + random.integers(0, 2, (len(ids), 1)) * step
        octree.update(ids, low[ids], high[ids])
        assert_same_bytes(octree, Octree(low, high))


@settings(deadline=None, max_examples=30)
@given(worlds(300), st.integers(0, 2**32))
def test_moving_boxes_into_one_cell_and_back_leaves_no_trace(world, seed):
    low, high = world
    octree, ids = Octree(low, high), np.random.default_rng(seed).permutation(len(low))[: len(low) // 2]
    octree.update(ids, np.zeros((len(ids), 3)), np.full((len(ids), 3), 0.5))
    octree.update(ids[::-1], low[ids[::-1]], high[ids[::-1]])
    assert_same_bytes(octree, Octree(low, high))


def test_copies_of_one_box_stay_in_the_order_of_their_ids():
    """A run of equal keys of every length: taken out, put back, and passed by, from both sides."""
    for count in range(1, 20):
        low = np.repeat([[0.0, 0, 0], [40.0, 0, 0]], count, axis=0)
        for ids in ([0], [count - 1], [2 * count - 1], list(range(0, 2 * count, 3)), list(range(2 * count))):
            octree, moved = Octree(low, low + 1.0), low.copy()
            moved[ids, 0] = 40.0 - moved[ids, 0]
            octree.update(ids, moved[ids], moved[ids] + 1.0)
            assert_same_bytes(octree, Octree(moved, moved + 1.0))


def scattered(count: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(count)
    low = random.uniform(-100.0, 100.0, (count, 3))
    return low, low + random.uniform(0.1, 3.0, (count, 3))


def test_exactly_the_moved_boxes_are_encoded(monkeypatch):
    low, high = scattered(2000)
    octree = Octree(low, high)
    assert octree.counters.encoded == 2000
    seen = []
    encode = module.encode
    monkeypatch.setattr(module, "encode", lambda boxes: seen.append(boxes.copy()) or encode(boxes))
    ids = np.random.default_rng(1).permutation(2000)[:500]
    moved = ids[::7]
    low[moved] += 0.25
    high[moved] += 0.25
    octree.update(ids, low[ids], high[ids])
    assert octree.counters.encoded == len(moved)
    assert len(seen) == 1 and (np.sort(seen[0][0]) == np.sort(low[moved, 0])).all()
    octree.update(np.arange(2000), low, high)
    assert octree.counters.encoded == 0 and len(seen) == 1


def test_the_order_of_ids_in_an_update_does_not_matter():
    low, high = scattered(300)
    ids = np.random.default_rng(2).permutation(300)[:80]
    one, other = Octree(low, high), Octree(low, high)
    one.update(ids, low[ids] * 1.3, low[ids] * 1.3 + 1.0)
    other.update(np.sort(ids), low[np.sort(ids)] * 1.3, low[np.sort(ids)] * 1.3 + 1.0)
    assert_same_bytes(one, other)


def test_negative_zero_leaves_no_trace():
    octree = Octree([[0.0, 0.0, 0.0]], [[1.0, 1.0, 1.0]])
    octree.update([0], [[-0.0, 0.0, -0.0]], [[1.0, 1.0, 1.0]])
    assert octree.counters.encoded == 0
    assert_same_bytes(octree, Octree([[-0.0, -0.0, 0.0]], [[1.0, 1.0, 1.0]]))


def test_the_given_arrays_are_not_kept():
    low, high = scattered(50)
    octree = Octree(low, high)
    before = {name: values.copy() for name, values in arrays(octree).items()}
    low += 5.0
    high += 5.0
    for name, values in arrays(octree).items():
        assert (values == before[name]).all(), name


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_to_move(count):
    octree = Octree(np.zeros((count, 3)), np.ones((count, 3)))
    octree.update([], np.zeros((0, 3)), np.zeros((0, 3)))
    assert octree.counters.encoded == 0 and len(octree) == count
