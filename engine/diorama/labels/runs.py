"""Runs of equal ids in a picture: from them boxes and counts follow without a loop over pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Runs:
    """Maximal runs of one non-zero id, sorted by id, then by place.

    ``start`` and ``stop`` (R,) are half-open positions in the flattened picture; ``ids`` (N,)
    are the ids that occur, ascending, and ``first`` (N,) the row where the runs of each begin.
    """

    start: Ints
    stop: Ints
    ids: Ints
    first: Ints


def runs(flat: NDArray[np.unsignedinteger], line: int) -> Runs:
    """Return the runs of flat (P,) ids, cut at every multiple of ``line``."""
    if not flat.size:
        return Runs(*(np.zeros(0, np.int64) for _ in range(4)))
    breaks = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    breaks = np.union1d(breaks, np.arange(line, flat.size, line))
    start = np.concatenate([[0], breaks]).astype(np.int64)
    stop = np.append(start[1:], flat.size)
    value = flat[start].astype(np.int64)
    order = np.argsort(value, kind="stable")
    order = order[value[order] > 0]
    ids, first = np.unique(value[order], return_index=True)
    return Runs(start[order], stop[order], ids, first.astype(np.int64))
