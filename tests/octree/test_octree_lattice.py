"""Cells and keys, against definitions spelled out in Python's whole numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from octree.brute import worlds

from diorama.octree.bounds import check_boxes
from diorama.octree.lattice import BUCKET, DEPTH, SAME_CELL, common_level, encode, morton


def box_of(centre: tuple[float, float, float], size: float) -> tuple[list[list[float]], list[list[float]]]:
    return [[c - size / 2 for c in centre]], [[c + size / 2 for c in centre]]


def digits(code: int, level: int) -> list[int]:
    return [code >> 3 * (DEPTH - depth) & 7 for depth in range(1, level + 1)]


def test_morton_interleaves_bit_by_bit():
    coordinates = np.random.default_rng(0).integers(0, 2**DEPTH, (3, 200), dtype=np.uint64)
    for column, code in zip(coordinates.T, morton(coordinates), strict=True):
        expected = sum((int(column[axis]) >> bit & 1) << 3 * bit + axis for bit in range(DEPTH) for axis in range(3))
        assert int(code) == expected


@settings(deadline=None, max_examples=40)
@given(worlds(60))
def test_rank_is_the_place_in_the_preorder_of_the_full_octree(world):
    cells = encode(check_boxes(*world))
    for rank, code, level in zip(cells.rank.tolist(), cells.code.tolist(), cells.level.tolist(), strict=True):
        if level == BUCKET:
            assert rank == 2**64 - 1
        else:
            subtrees = [(8 ** (DEPTH + 1 - depth) - 1) // 7 for depth in range(1, DEPTH + 1)]
            walked = level + sum(d * s for d, s in zip(digits(code, level), subtrees, strict=False))
            assert rank == walked


@settings(deadline=None, max_examples=40)
@given(worlds(60))
def test_rank_orders_by_padded_morton_code_then_level(world):
    cells = encode(check_boxes(*world))
    rows = [i for i in range(len(cells.rank)) if cells.level[i] != BUCKET]
    by_rank = sorted(rows, key=lambda i: (int(cells.rank[i]), i))
    assert by_rank == sorted(rows, key=lambda i: (int(cells.code[i]), int(cells.level[i]), i))


@settings(deadline=None, max_examples=40)
@given(worlds(60))
def test_a_box_lies_in_the_deepest_cell_longer_than_it_that_holds_its_centre(world):
    low, high = world
    cells = encode(check_boxes(low, high))
    for i, level in enumerate(cells.level.tolist()):
        longest, centre = float((high[i] - low[i]).max()), low[i] + 0.5 * (high[i] - low[i])
        if level == BUCKET:
            assert longest >= 2.0**15 or (np.abs(centre) >= 2.0**14).any()
            continue
        side = 2.0 ** (15 - level)
        assert side > longest and (level == DEPTH or longest >= side / 2.0)
        code = int(cells.code[i])
        corner = [sum((code >> 3 * bit + axis & 1) << bit for bit in range(DEPTH)) for axis in range(3)]
        start = np.array(corner) / 64.0 - 2.0**14
        assert (start <= centre).all() and (centre <= start + side).all()


@settings(deadline=None, max_examples=40)
@given(worlds(60))
def test_common_level_is_the_depth_of_the_shared_prefix(world):
    cells = encode(check_boxes(*world))
    left, right = np.triu_indices(len(cells.rank), 1)
    for i, j, level in zip(left, right, common_level(cells, left, right).tolist(), strict=True):
        if cells.rank[i] == cells.rank[j]:
            assert level == SAME_CELL
        elif BUCKET in (cells.level[i], cells.level[j]):
            assert level == BUCKET
        else:
            shallower = min(int(cells.level[i]), int(cells.level[j]))
            one, other = digits(int(cells.code[i]), shallower), digits(int(cells.code[j]), shallower)
            assert level == next((k for k in range(shallower) if one[k] != other[k]), shallower)


def test_common_level_does_not_round_long_runs_of_ones_up():
    low = np.array([[-1.0 / 64, 0, 0], [0.0, 0, 0]])
    cells = encode(check_boxes(np.repeat(low, 1, axis=0), low))
    assert common_level(cells, np.array([0]), np.array([1])).tolist() == [0]
    ends = np.array([[2.0**13 - 2.0**-6] * 3, [0.0, 0.0, 0.0]])
    cells = encode(check_boxes(ends, ends))
    assert common_level(cells, np.array([0]), np.array([1])).tolist() == [2]


def test_a_box_across_the_origin_keeps_the_level_of_its_size():
    for centre in [(0.0, 0.0, 0.0), (0.0, 5.3, 0.0), (7.7, 7.7, 7.7)]:
        assert encode(check_boxes(*box_of(centre, 0.9))).level.tolist() == [15]


def test_the_bucket_takes_what_no_cell_holds():
    for centre, size, level in [
        ((0.0, 0.0, 0.0), 32767.0, 0),
        ((0.0, 0.0, 0.0), 32768.0, BUCKET),
        ((16383.9, 0.0, 0.0), 0.0, DEPTH),
        ((0.0, -16384.0, 0.0), 0.0, BUCKET),
        ((0.0, 0.0, 1e9), 1.0, BUCKET),
        ((0.0, 0.0, 0.0), 2e9, BUCKET),
    ]:
        cells = encode(check_boxes(*box_of(centre, size)))
        assert cells.level.tolist() == [level], (centre, size)
        assert (cells.rank.tolist() == [2**64 - 1]) == (level == BUCKET)


def test_the_last_number_inside_the_lattice_is_in_its_last_cell():
    last = [[np.nextafter(2.0**14, 0.0)] * 3]
    assert encode(check_boxes(last, last)).code.tolist() == [2**63 - 1]
