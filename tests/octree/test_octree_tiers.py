"""The tiers above the sorted boxes: nested, tight, narrow, and exactly the cells that they claim to be."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from octree.brute import worlds

from diorama.octree import Octree
from diorama.octree.hierarchy import FAN, TOP, _opens
from diorama.octree.lattice import BUCKET, SAME_CELL


@settings(deadline=None, max_examples=40)
@given(worlds(1500))
def test_every_node_is_the_tight_box_around_its_run(world):
    octree = Octree(*world)
    below, divide = octree._boxes[:, octree._sorting.ids], octree._sorting.divide
    for depth, tier in enumerate(octree._tiers):
        first = tier.first
        assert first[0] == 0 and first[-1] == below.shape[1] and (np.diff(first) > 0).all()
        for node in range(len(tier)):
            run = slice(first[node], first[node + 1])
            assert (tier.boxes[:3, node] == below[:3, run].min(axis=1)).all()
            assert (tier.boxes[3:, node] == below[3:, run].max(axis=1)).all()
            assert len(below[0, run]) <= FAN or (depth == 0 and (divide[run][1:] == SAME_CELL).all())
        below = tier.boxes
    assert len(octree._tiers[-1]) <= TOP


@settings(deadline=None, max_examples=60)
@given(worlds(300))
def test_a_row_opens_a_node_if_the_cell_around_it_and_the_row_before_holds_too_many(world):
    divide = Octree(*world)._sorting.divide
    *opened, end = np.flatnonzero(_opens(divide)).tolist()
    assert end == len(divide)
    for row, level in enumerate(divide.tolist()):
        start, end = row - 1, row + 1
        while start > 0 and divide[start] >= level:
            start -= 1
        while end < len(divide) and divide[end] >= level:
            end += 1
        crowded = end - start > FAN and level != SAME_CELL
        assert (row in opened) == (crowded or level == BUCKET)


def test_tiers_follow_the_crowd_not_the_lattice():
    """Three thousand specks on a speck of ground, one house, one moon: no chain of cells between them."""
    random = np.random.default_rng(5)
    low = np.concatenate([random.uniform(0.0, 0.25, (3000, 3)), [[9000.0, 0, 0]], [[-9000.0, 0, 0]]])
    octree = Octree(low, low + np.concatenate([np.full((3000, 1), 1e-3), [[10.0]], [[3000.0]]]))
    assert len(octree._tiers) <= 4
    octree.box((0.1, 0.1, 0.1), (0.11, 0.11, 0.11))
    assert octree.counters.visited < 60
