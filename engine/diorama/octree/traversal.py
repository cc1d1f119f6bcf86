"""Walking down the tiers: whole frontiers at once, never a node at a time.

A frontier is a set of nodes (or of pairs: a query and a node) of one tier. Each step keeps
those that a test accepts and puts their children in their place. A walk costs a handful of
numpy calls a tier, and there are O(log N) tiers. A region asks a small world in one flat pass.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from diorama.octree.bounds import Floats, Ints, Mask
from diorama.octree.hierarchy import Tier, children

RegionTest: TypeAlias = Callable[[Floats], Mask]
"""Says which of the boxes (6, m) a region meets."""

BatchTest: TypeAlias = Callable[[Floats, Ints], Mask]
"""Says for boxes (6, ...) and query rows of a shape that broadcasts which pairs may meet."""


class Region(NamedTuple):
    """A part of space: which nodes ``may_hold`` something it meets, and which boxes it ``holds``."""

    may_hold: RegionTest
    holds: RegionTest


BLOCK = 8192
"""Pairs tested at once: few enough that the temporaries stay in the cache and off the system's allocator."""

WIDE = 2048
"""One query begins on the lowest tier of at most this many nodes, or tests all boxes of so small a world in one
flat pass: a call into numpy costs more than they do."""


def walk(tiers: Sequence[Tier], order: Ints, boxes: Floats, region: Region) -> tuple[Ints, int]:
    """Return the sorted ids of the ``boxes`` (6, N) that a region holds, and how many were tested.

    ``order`` (N,) are the ids in the order that the tiers stand upon.
    """
    if boxes.shape[1] <= WIDE:
        return region.holds(boxes).nonzero()[0], boxes.shape[1]
    top = next((depth for depth, tier in enumerate(tiers) if len(tier) <= WIDE), len(tiers) - 1)
    nodes = region.may_hold(tiers[top].boxes).nonzero()[0]
    for depth in range(top, 0, -1):
        nodes = children(tiers[depth].first, nodes)[0]
        nodes = nodes.compress(region.may_hold(tiers[depth - 1].boxes.take(nodes, axis=1)))
    ids = order.take(children(tiers[0].first, nodes)[0])
    held = ids.compress(region.holds(boxes.take(ids, axis=1)))
    held.sort()
    return held, len(ids)


def walk_batch(
    tiers: Sequence[Tier], order: Ints, boxes: Floats, count: int, accepts: BatchTest
) -> tuple[Ints, Ints, int]:
    """Return the pairs (query, id) that ``count`` queries accept, by query, and how many were tested."""
    queries, rows = _accepted_at_top(tiers[-1].boxes, count, accepts)
    for depth in range(len(tiers) - 1, -1, -1):
        rows, each = children(tiers[depth].first, rows)
        queries = np.repeat(queries, each)
        tested = len(rows)
        if depth == 0:
            rows = order.take(rows)
        kept = _accepted(tiers[depth - 1].boxes if depth else boxes, rows, queries, accepts)
        queries, rows = queries[kept], rows[kept]
    return queries, rows, tested


def _accepted_at_top(boxes: Floats, count: int, accepts: BatchTest) -> tuple[Ints, Ints]:
    """Test all queries against all nodes: without an index to follow, a pair costs a fraction of what it does below."""
    kept = np.empty((count, boxes.shape[1]), np.bool_)
    step = max(1, BLOCK // max(1, boxes.shape[1]))
    for start in range(0, count, step):
        queries = np.arange(start, min(start + step, count))
        # The queries, which are many, run along memory: an inner loop over a few nodes would be mostly overhead.
        kept[queries] = accepts(boxes[:, :, None], queries[None, :]).T
    queries, nodes = np.nonzero(kept)
    return queries, nodes


def _accepted(boxes: Floats, rows: Ints, queries: Ints, accepts: BatchTest) -> Ints:
    kept = np.empty(len(rows), np.bool_)
    for start in range(0, len(rows), BLOCK):
        block = slice(start, start + BLOCK)
        kept[block] = accepts(boxes.take(rows[block], axis=1), queries[block])
    return np.flatnonzero(kept)
