"""Scatter: put nodes at random into a box, apart from each other and from what they shall avoid.

Every node draws from a generator of its own, keyed by seed and path (rejection sampling), and
sees only its own group and its ``avoid`` list: adding anything else to a scene moves nothing.
Distances are those of world boxes at time 0, found through the octree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diorama.errors import SceneError
from diorama.octree import Octree
from diorama.rng import generator
from diorama.scene.channel import Floats, Rows
from diorama.scene.dependencies import Dependencies
from diorama.scene.flatten import Row
from diorama.scene.hierarchy import Hierarchy
from diorama.scene.schema import Place
from diorama.scene.shot import Ints
from diorama.scene.transforms import Transforms
from diorama.transform import transform_bounds

TRIES = 1000
"""How many positions a node tries before its scene is refused."""

_BATCH = 50
_RECENT = 128


@dataclass(frozen=True)
class _Group:
    """Rows that are placed by one rule, one after the other."""

    owner: int
    rows: tuple[int, ...]
    place: Place
    avoid: tuple[int, ...]


def scatter(
    seed: int, rows: Sequence[Row], transforms: Transforms, node: Ints, bounds: NDArray[np.float64]
) -> Hierarchy:
    """Return the hierarchy of ``transforms`` with every ``place`` of ``rows`` carried out.

    What is drawn hangs on rows ``node`` (N,) with mesh boxes ``bounds`` (N, 2, 3) in node space.
    """
    hierarchy = transforms.hierarchy()
    groups = list(_groups(rows, transforms))
    if not groups:
        return hierarchy
    parents = transforms.parents
    world = hierarchy.world(0.0)
    boxes = _Boxes(parents[: len(rows)], node, *transform_bounds(world[node], bounds[:, 0], bounds[:, 1]))
    placed: dict[int, Floats] = {}
    for group in _in_order(groups, rows, parents):
        taken = _Taken(group.place.gap, *boxes.of(group.avoid))
        for row in group.rows:
            parent = np.eye(4) if parents[row] < 0 else boxes.moved(world[parents[row]], int(parents[row]))
            low, high = boxes.around(row, world[row, :3, 3])
            draws = generator(seed, rows[row].path, "place")
            where, at = _find(draws, group.place, parent, low, high, taken, rows[row].path)
            boxes.move(row, at - boxes.moved(world[row], row)[:3, 3])
            taken.add(low + at, high + at)
            placed[row] = where
    return transforms.hierarchy(placed)


def _groups(rows: Sequence[Row], transforms: Transforms) -> Iterator[_Group]:
    """Yield every ``place``: one of a repeated node puts down its children, any other the node itself."""
    index = {row.path: number for number, row in enumerate(rows)}
    for number, row in enumerate(rows):
        place = None if row.node is None else row.node.spec.place
        if row.node is None or place is None:
            continue
        avoid = tuple(transforms.row_of(path, f"{row.path}.place.avoid") for path in place.avoid)
        # copies in the order in which they were made, so that one more moves none before it
        copies = tuple(index[child.path] for child in row.node.children.values())
        yield _Group(number, (number,) if row.node.spec.repeat is None else copies, place, avoid)


def _in_order(groups: Sequence[_Group], rows: Sequence[Row], parents: Rows) -> list[_Group]:
    """Sort groups so that what one avoids, and what it hangs on, is placed before it."""
    below = _Subtrees(parents[: len(rows)])
    group_of = {row: number for number, group in enumerate(groups) for row in (group.owner, *group.rows)}
    edges: set[tuple[int, int]] = set()
    for number, group in enumerate(groups):
        needed = [*below.above(group.owner)]
        for avoided in group.avoid:
            needed += [*below.above(avoided), *below.of(avoided)]
        edges |= {(number, group_of[row]) for row in needed if group_of.get(row, number) != number}
    nodes, needs = np.array(sorted(edges), np.int64).reshape(-1, 2).T
    order = Dependencies([rows[group.owner].path for group in groups], nodes, needs)
    return [groups[number] for number in np.argsort(order.rank, kind="stable")]


class _Subtrees:
    """Which rows lie below which."""

    def __init__(self, parents: Rows) -> None:
        self._parents = parents
        self._children: dict[int, list[int]] = {}
        for row, parent in enumerate(parents.tolist()):
            self._children.setdefault(parent, []).append(row)

    def of(self, row: int) -> list[int]:
        """Return ``row`` and all below it, in rising order."""
        found, waiting = [], [row]
        while waiting:
            found.append(waiting.pop())
            waiting += self._children.get(found[-1], [])
        return sorted(found)

    def above(self, row: int) -> Iterator[int]:
        """Yield ``row`` and all that it hangs on."""
        while row >= 0:
            yield row
            row = int(self._parents[row])


class _Boxes:
    """World boxes of what is drawn, and how far each row has been carried by placing so far."""

    def __init__(self, parents: Rows, node: Ints, low: Floats, high: Floats) -> None:
        self._below = _Subtrees(parents)
        self._node, self._low, self._high = node, low, high
        self._shift = np.zeros((len(parents), 3))

    def _drawn(self, row: int) -> Rows:
        """Return what is drawn at or below ``row``; drawn things are sorted by their rows."""
        rows = self._below.of(row)
        starts, ends = np.searchsorted(self._node, rows), np.searchsorted(self._node, rows, side="right")
        return np.concatenate([np.arange(start, end) for start, end in zip(starts, ends, strict=True)])

    def moved(self, world: Floats, row: int) -> Floats:
        """Return the matrix (4, 4) of ``row`` where it is by now."""
        matrix = world.copy()
        matrix[:3, 3] += self._shift[row]
        return matrix

    def around(self, row: int, origin: Floats) -> tuple[Floats, Floats]:
        """Return the corners (3,), (3,) around ``row`` and all below, relative to its own origin."""
        drawn = self._drawn(row)
        if not len(drawn):
            return np.zeros(3), np.zeros(3)
        centre = origin + self._shift[row]
        return self._low[drawn].min(axis=0) - centre, self._high[drawn].max(axis=0) - centre

    def of(self, rows: Sequence[int]) -> tuple[Floats, Floats]:
        """Return the boxes (n, 3), (n, 3) of all that is drawn at or below ``rows``, one each."""
        drawn = np.concatenate([np.zeros(0, np.int64), *(self._drawn(row) for row in rows)])
        return self._low[drawn], self._high[drawn]

    def move(self, row: int, by: Floats) -> None:
        """Carry ``row`` and all below it by (3,) metres."""
        drawn = self._drawn(row)
        self._shift[self._below.of(row)] += by
        self._low[drawn] += by
        self._high[drawn] += by


class _Taken:
    """Boxes that may not come closer than ``gap``: the settled ones in an octree, the newest in a list."""

    def __init__(self, gap: float, low: Floats, high: Floats) -> None:
        self._gap = gap
        self._low, self._high = list(low), list(high)
        self._settle()

    def _settle(self) -> None:
        self._settled = len(self._low)
        self._arrays = np.array(self._low).reshape(-1, 3), np.array(self._high).reshape(-1, 3)
        self._octree = Octree(*self._arrays) if self._low else None

    def add(self, low: Floats, high: Floats) -> None:
        self._low.append(low)
        self._high.append(high)
        if len(self._low) - self._settled >= max(_RECENT, self._settled // 4):
            self._settle()

    def meets(self, low: Floats, high: Floats) -> bool:
        """Whether the box comes closer than the gap, on every axis, to one that is taken."""
        low, high = low - self._gap, high + self._gap
        if self._octree is not None:
            near = self._octree.box(low, high)
            if _overlap(low, high, self._arrays[0][near], self._arrays[1][near]):
                return True
        recent = self._low[self._settled :], self._high[self._settled :]
        return bool(recent[0]) and _overlap(low, high, np.array(recent[0]), np.array(recent[1]))


def _overlap(low: Floats, high: Floats, lows: Floats, highs: Floats) -> bool:
    return bool(((low < highs) & (high > lows)).all(axis=1).any())


def _find(
    draws: np.random.Generator, place: Place, parent: Floats, low: Floats, high: Floats, taken: _Taken, path: str
) -> tuple[Floats, Floats]:
    """Return the first free position, in the parent's space and in the world."""
    corner, opposite = np.array(place.box)
    for _ in range(TRIES // _BATCH):
        for where in draws.uniform(corner, opposite, (_BATCH, 3)):
            at = parent[:3, :3] @ where + parent[:3, 3]
            if not taken.meets(low + at, high + at):
                return where, at
    raise SceneError(f"expected room in the box for all of its group, got none in {TRIES} tries", place=f"{path}.place")
