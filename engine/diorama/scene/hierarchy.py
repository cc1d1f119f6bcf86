"""Where every node is at a time: a tree of transforms and the constraints on them, in flat arrays.

Rows are nodes. They are sorted into ranks, each of which needs only lower ones (parents, and
what constraints read), and a rank is computed at once. What neither moves nor hangs on anything
that moves is computed once, when the hierarchy is built.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diorama.animation.track import Track, track
from diorama.errors import SceneError
from diorama.scene.channel import Channel, Floats, RotationChannel, Rows
from diorama.scene.constraints import Constraint, Follow, Packed, Ride, moves, pack, reads
from diorama.scene.dependencies import Dependencies
from diorama.transform import compose

LARGEST = 1e15
"""The largest number in a world matrix: float32 still holds its square."""


@dataclass(frozen=True, eq=False)
class Rest:
    """Transforms at rest relative to the parent: (P, 3) metres, (P, 4) unit quaternions, (P, 3) factors."""

    position: Floats
    rotation: Floats
    scale: Floats


@dataclass(frozen=True, eq=False)
class Motion:
    """The tracks of transforms by row; those of rotations 3 wide (Euler, radians) or 4 (quaternions)."""

    position: Mapping[int, Track]
    rotation: Mapping[int, Track]
    scale: Mapping[int, Track]


@dataclass(frozen=True)
class Window:
    """The times in seconds over which motion with memory is solved, in steps of ``step``; beyond them it holds."""

    start: float
    end: float
    step: float


@dataclass(frozen=True, eq=False)
class _Rank:
    """Nodes computed together: their rows, their parents' rows (None: no node has one), their constraints."""

    rows: Rows
    parents: Rows | None
    constraints: tuple[Packed, ...]


class Hierarchy:
    """P nodes under ``parents`` (P,) rows or -1; ``paths`` name them in errors.

    ``window`` is needed where a constraint is damped.
    """

    def __init__(
        self,
        paths: Sequence[str],
        parents: Rows,
        rest: Rest,
        motion: Motion,
        constraints: Sequence[Constraint] = (),
        window: Window | None = None,
    ) -> None:
        self._paths = paths
        self._position = Channel(rest.position, motion.position)
        self._rotation = RotationChannel(rest.rotation, motion.rotation)
        self._scale = Channel(rest.scale, motion.scale)
        self._local = compose(rest.position, rest.rotation, rest.scale)
        self._tracked: Rows = np.array(sorted({*motion.position, *motion.rotation, *motion.scale}), np.int64)
        order = Dependencies(paths, *_needs(parents, constraints))
        self.moving = order.downstream([*self._tracked, *(one.row for one in constraints if moves(one))])
        # row -1 is the identity: the parent of those that have none
        self._world = np.concatenate([np.zeros((len(parents), 4, 4)), np.eye(4)[None]])
        solved = self._solve(order, parents, constraints, window)
        self._ranks = _group(order, parents, solved, np.ones(len(parents), np.bool_))
        self._world[:-1] = self.world(0.0)
        self._ranks = _group(order, parents, solved, self.moving)

    def __len__(self) -> int:
        return len(self._local)

    def world(self, time: float) -> Floats:
        """Return all node-to-world matrices (P, 4, 4) at ``time``; ``SceneError`` where one grows beyond measure."""
        # scales multiply down the tree, and may overflow on the way to the check
        with np.errstate(over="ignore", invalid="ignore"):
            world = self._evaluate(self._ranks, time)[:-1]
        if not (np.abs(world) <= LARGEST).all():
            row = int(np.flatnonzero(~(np.abs(world) <= LARGEST).all(axis=(1, 2)))[0])
            raise SceneError(f"expected a place and a size up to {LARGEST:g} metres, got more", place=self._paths[row])
        return world

    def _evaluate(self, ranks: Iterable[_Rank], time: float) -> Floats:
        world, local = self._world.copy(), self._locals(time)
        for rank in ranks:
            rows = rank.rows
            world[rows] = local[rows] if rank.parents is None else world[rank.parents] @ local[rows]
            for constraint in rank.constraints:
                constraint.apply(world, time)
        return world

    def _solve(
        self, order: Dependencies, parents: Rows, constraints: Sequence[Constraint], window: Window | None
    ) -> list[Constraint]:
        """Return ``constraints`` with damped followers solved, those of lower ranks first."""
        solved = list(constraints)
        damped = [
            number
            for number, one in enumerate(solved)
            if isinstance(one, Follow) and one.damping and window is not None
        ]
        for number in sorted(damped, key=lambda number: int(order.rank[solved[number].row])):
            follow = solved[number]
            assert isinstance(follow, Follow) and window is not None
            solved[number] = replace(follow, damping=0.0)
            if self.moving[follow.row]:
                ranks = _group(order, parents, solved, order.upstream([follow.row]))
                times = np.arange(window.start, window.end + window.step, window.step)
                wanted = np.array([self._evaluate(ranks, float(time))[follow.row, :3, 3] for time in times])
                solved[number] = Ride(follow.row, track(times, lag(times, wanted, follow.damping)))
        return solved

    def _locals(self, time: float) -> Floats:
        rows = self._tracked
        if not len(rows):
            return self._local
        local = self._local.copy()
        local[rows] = compose(
            self._position.sample(time)[rows], self._rotation.sample(time)[rows], self._scale.sample(time)[rows]
        )
        return local


def _needs(parents: Rows, constraints: Sequence[Constraint]) -> tuple[Rows, Rows]:
    """Return the rows (E,) of nodes and (E,) of what each needs: its parent and what its constraints read."""
    children = np.flatnonzero(parents >= 0)
    read = np.array([(one.row, reads(one)) for one in constraints if reads(one) >= 0], np.int64).reshape(-1, 2)
    return np.concatenate([children, read[:, 0]]), np.concatenate([parents[children], read[:, 1]])


def _group(
    order: Dependencies, parents: Rows, constraints: Sequence[Constraint], chosen: NDArray[np.bool_]
) -> tuple[_Rank, ...]:
    """Return the ranks of the ``chosen`` nodes (P,) with their constraints."""
    of_rank: dict[int, list[Constraint]] = {}
    for one in constraints:
        if chosen[one.row]:
            of_rank.setdefault(int(order.rank[one.row]), []).append(one)
    ranks = []
    for number, rows in order.by_rank(chosen):
        above = parents[rows]
        ranks.append(_Rank(rows, above if (above >= 0).any() else None, pack(of_rank.get(number, []))))
    return tuple(ranks)


def lag(times: Floats, wanted: Floats, damping: float) -> Floats:
    """Return p (T, C) with p' = (wanted - p) / damping and p = wanted at first.

    Exact where ``wanted`` (T, C) runs straight between the ``times`` (T,), which are seconds.
    """
    lagging = wanted.copy()
    for row in range(1, len(times)):
        step = times[row] - times[row - 1]
        behind = (wanted[row] - wanted[row - 1]) * (damping / step)
        decay = np.exp(-step / damping)
        lagging[row] = wanted[row] - behind + (lagging[row - 1] - wanted[row - 1] + behind) * decay
    return lagging
