"""Cells and keys, against definitions spelled out in Python's whole numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from octree.brute import worlds

from diorama.octree.bounds import check_boxes
from diorama.octree.lattice import BUCKET, DEPTH, SAME_CELL, common_level, encode, interleave


def box_of(centre: tuple[float, float, float], size: float) -> tuple[list[list[float]], list[list[float]]]:
    return [[c - size / 2 for c in centre]], [[c + size / 2 for c in centre]]


def cell_of(key: int) -> tuple[int, list[int]]:
    """The level of a key's cell and its octant on each level from the first down."""
    if key == 0:
        return BUCKET, []
    bits = format(key, "064b").rstrip("0")[:-1]
    assert len(bits) % 3 == 0
    return len(bits) // 3, [int(bits[start : start + 3], 2) for start in range(0, len(bits), 3)]


def corner_of(octants: list[int]) -> list[int]:
    """The lowest corner of a cell, in cells of the finest level."""
    return [sum((octant >> axis & 1) << DEPTH - 1 - i for i, octant in enumerate(octants)) for axis in range(3)]


def test_codes_interleave_bit_by_bit():
    coordinates = np.random.default_rng(0).integers(0, 2**DEPTH, (3, 200))
    codes = interleave((coordinates + 0.5) / 64.0 - 2.0**14)
    for column, code in zip(coordinates.T.tolist(), codes.tolist(), strict=True):
        assert code == sum((column[axis] >> bit & 1) << 3 * bit + axis + 1 for bit in range(DEPTH) for axis in range(3))


def test_points_outside_have_the_codes_of_the_outermost_cells():
    points = np.array([[-1e9, 1e30, 0.0], [-(2.0**14), 2.0**14 - 1e-3, 0.0]]).T
    outside, inside = interleave(points).tolist()
    assert outside == inside


@settings(deadline=None, max_examples=40)
@given(worlds(60))
def test_what_a_cell_contains_is_one_run_around_it(world):
    keys = [key for key in np.unique(encode(check_boxes(*world))).tolist() if cell_of(key)[0] != BUCKET]
    for key in keys:
        level, octants = cell_of(key)
        within = [other for other in keys if cell_of(other)[1][:level] == octants]
        assert within[0] <= key <= within[-1]
        assert within == [other for other in keys if within[0] <= other <= within[-1]]


@settings(deadline=None, max_examples=40)
@given(worlds(60))
def test_a_box_lies_in_the_deepest_cell_longer_than_it_that_holds_its_centre(world):
    low, high = world
    for i, key in enumerate(encode(check_boxes(low, high)).tolist()):
        level, octants = cell_of(key)
        longest, centre = float((high[i] - low[i]).max()), low[i] + 0.5 * (high[i] - low[i])
        if level == BUCKET:
            assert longest >= 2.0**15 or (np.abs(centre) >= 2.0**14).any()
            continue
        side = 2.0 ** (15 - level)
        assert side > longest and (level == DEPTH or longest >= side / 2.0)
        start = np.array(corner_of(octants)) / 64.0 - 2.0**14
        assert (start <= centre).all() and (centre <= start + side).all()


@settings(deadline=None, max_examples=40)
@given(worlds(60))
def test_common_level_is_the_depth_of_the_shared_prefix(world):
    keys = np.sort(encode(check_boxes(*world)))
    left, right = np.triu_indices(len(keys), 1)
    for i, j, level in zip(left, right, common_level(keys[left], keys[right]).tolist(), strict=True):
        (one_level, one), (other_level, other) = cell_of(int(keys[i])), cell_of(int(keys[j]))
        shallower = min(one_level, other_level)
        if keys[i] == keys[j]:
            assert level == SAME_CELL
        elif shallower == BUCKET:
            assert level == BUCKET
        else:
            assert level == next((k for k in range(shallower) if one[k] != other[k]), shallower)


def test_common_level_does_not_round_long_runs_of_ones_up():
    low = np.array([[-1.0 / 64, 0, 0], [0.0, 0, 0]])
    keys = np.sort(encode(check_boxes(low, low)))
    assert common_level(keys[:1], keys[1:]).tolist() == [0]
    ends = np.array([[2.0**13 - 2.0**-6] * 3, [0.0, 0.0, 0.0]])
    keys = np.sort(encode(check_boxes(ends, ends)))
    assert common_level(keys[:1], keys[1:]).tolist() == [2]


def test_a_cell_holds_itself_and_its_first_and_last_finest_cells():
    for level in range(DEPTH):
        mark = 1 << 3 * (DEPTH - level)
        first, own, last = (np.array([key], np.uint64) for key in (1, mark, 2 * mark - 1))
        assert common_level(first, own).tolist() == common_level(own, last).tolist() == [level]


def test_a_box_across_the_origin_keeps_the_level_of_its_size():
    for centre in [(0.0, 0.0, 0.0), (0.0, 5.3, 0.0), (7.7, 7.7, 7.7)]:
        assert cell_of(int(encode(check_boxes(*box_of(centre, 0.9)))[0]))[0] == 15


def test_the_bucket_takes_what_no_cell_holds():
    for centre, size, level in [
        ((0.0, 0.0, 0.0), 32767.0, 0),
        ((0.0, 0.0, 0.0), 32768.0, BUCKET),
        ((16383.9, 0.0, 0.0), 0.0, DEPTH),
        ((0.0, -16384.0, 0.0), 0.0, BUCKET),
        ((0.0, 0.0, 1e9), 1.0, BUCKET),
        ((0.0, 0.0, 0.0), 2e9, BUCKET),
    ]:
        key = int(encode(check_boxes(*box_of(centre, size)))[0])
        assert cell_of(key)[0] == level, (centre, size)


def test_the_last_number_inside_the_lattice_is_in_its_last_cell():
    last = [[np.nextafter(2.0**14, 0.0)] * 3]
    assert encode(check_boxes(last, last)).tolist() == [2**64 - 1]
