"""Which node must be known before which, as ranks; circles are refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from diorama.errors import SceneError

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


class Dependencies:
    """P nodes, of which ``nodes[i]`` needs ``needed[i]``; ``rank`` (P,) is above that of all it needs.

    ``SceneError`` names the nodes of a circle by their ``paths``.
    """

    def __init__(self, paths: Sequence[str], nodes: Rows, needed: Rows) -> None:
        self._nodes, self._needed = nodes, needed
        self.rank: Rows = np.full(len(paths), -1, np.int64)
        open_edges = np.ones(len(nodes), np.bool_)
        number = 0
        while (self.rank < 0).any():
            waiting = np.zeros(len(paths), np.bool_)
            waiting[nodes[open_edges]] = True
            ready = (self.rank < 0) & ~waiting
            if not ready.any():
                raise _circle(paths, nodes[open_edges], needed[open_edges])
            self.rank[ready] = number
            open_edges &= ~ready[needed]
            number += 1

    def by_rank(self, chosen: Mask) -> Iterator[tuple[int, Rows]]:
        """Yield each rank and the rows of the ``chosen`` nodes in it, both in rising order."""
        rows = np.flatnonzero(chosen)
        rows = rows[np.argsort(self.rank[rows], kind="stable")]
        ranks, starts = np.unique(self.rank[rows], return_index=True)
        for number, group in zip(ranks, np.split(rows, starts[1:]), strict=False):
            yield int(number), group

    def downstream(self, rows: Iterable[int]) -> Mask:
        """Return the mask (P,) of ``rows`` and all that needs them, however far."""
        return self._spread(rows, self._needed, self._nodes, rising=True)

    def upstream(self, rows: Iterable[int]) -> Mask:
        """Return the mask (P,) of ``rows`` and all that they need, however far."""
        return self._spread(rows, self._nodes, self._needed, rising=False)

    def _spread(self, rows: Iterable[int], sources: Rows, sinks: Rows, *, rising: bool) -> Mask:
        reached = np.zeros(len(self.rank), np.bool_)
        reached[np.array(list(rows), np.int64)] = True
        ranks = self.rank[sources]
        order = np.argsort(ranks if rising else -ranks, kind="stable")
        _, starts = np.unique(ranks[order] if rising else -ranks[order], return_index=True)
        for edges in np.split(order, starts[1:]):
            reached[sinks[edges[reached[sources[edges]]]]] = True
        return reached


def _circle(paths: Sequence[str], nodes: Rows, needed: Rows) -> SceneError:
    """Return the error that names one circle; every node here needs another that waits."""
    next_of = dict(zip(nodes.tolist(), needed.tolist(), strict=True))
    walked = [int(nodes.min())]
    while walked.count(walked[-1]) == 1:
        walked.append(next_of[walked[-1]])
    circle = walked[walked.index(walked[-1]) :]
    shown = " -> ".join(paths[row] for row in circle)
    return SceneError(f"expected constraints without a circle, got {shown}", place=paths[circle[0]])
