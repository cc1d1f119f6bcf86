"""The least of what each query of a batch found."""

from __future__ import annotations

import numpy as np

from diorama.octree.bounds import Floats, Ints

_NO_ID = np.iinfo(np.int64).max


def least_of_each(count: int, queries: Ints, ids: Ints, values: Floats) -> tuple[Ints, Floats]:
    """Return for each of ``count`` queries the id of its least value, the smallest of equals, and that value.

    The H candidates ``queries``, ``ids``, ``values`` (H,) come by query; where a query has none, the id
    is -1 and the value inf. O(count + H).
    """
    first, least = np.full(count, -1, np.int64), np.full(count, np.inf)
    opens = np.flatnonzero(np.diff(queries, prepend=-1))
    if len(opens):
        found = queries.take(opens)
        least[found] = np.minimum.reduceat(values, opens)
        equals = np.where(values == least.take(queries), ids, _NO_ID)
        first[found] = np.minimum.reduceat(equals, opens)
    return first, least
