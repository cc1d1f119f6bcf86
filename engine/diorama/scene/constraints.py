"""Constraints: where a node goes, or how it turns, because of another node or a point.

Each acts on world matrices (P, 4, 4) once those of the nodes it reads are known. ``Orbit``,
``Follow`` and ``Ride`` set a node's world position, ``LookAt`` its world rotation; what they do
not set stays as the node's own transform makes it. :func:`pack` turns many constraints into few
array operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from diorama.animation.track import Track
from diorama.scene.channel import Channel, Floats, Rows
from diorama.transform import look_at

Vec3: TypeAlias = tuple[float, float, float]


@dataclass(frozen=True, eq=False)
class Goal:
    """What a constraint refers to: the origin of node row ``node``, or, where that is -1, a world point."""

    node: int = -1
    point: Vec3 | Track = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class LookAt:
    """Turn ``row`` so that its -Z points at ``goal`` and its +Y as far up as that allows."""

    row: int
    goal: Goal


@dataclass(frozen=True, eq=False)
class Orbit:
    """Circle ``goal`` about +Y at ``radius`` metres and ``height`` metres above it.

    The angle, ``start`` + ``speed`` · t in radians, is 0 at +Z of the goal and grows towards +X,
    counter-clockwise seen from above.
    """

    row: int
    goal: Goal
    radius: float | Track
    height: float | Track = 0.0
    speed: float = 0.0
    start: float = 0.0


@dataclass(frozen=True, eq=False)
class Follow:
    """Put ``row`` at ``offset`` metres from node row ``target``, along that node's own unscaled axes.

    With a ``damping`` of tau seconds the position lags: p' = (wanted - p) / tau.
    """

    row: int
    target: int
    offset: Vec3 | Track = (0.0, 0.0, 0.0)
    damping: float = 0.0


@dataclass(frozen=True, eq=False)
class Ride:
    """Be where ``track`` is, in world metres: what a damped ``Follow`` becomes once it is solved."""

    row: int
    track: Track


Constraint: TypeAlias = LookAt | Orbit | Follow | Ride


class Packed(Protocol):
    """Constraints of one kind, applied together."""

    def apply(self, world: Floats, time: float) -> None:
        """Write the constrained rows of ``world`` (P, 4, 4) at ``time`` in seconds."""


def reads(constraint: Constraint) -> int:
    """Return the row of the node that must be known first, or -1."""
    if isinstance(constraint, Ride):
        return -1
    return constraint.target if isinstance(constraint, Follow) else constraint.goal.node


def moves(constraint: Constraint) -> bool:
    """Whether the constraint moves its node even where the node that it reads stands still."""
    if isinstance(constraint, Ride):
        return True
    if isinstance(constraint, Follow):
        return isinstance(constraint.offset, Track)
    if isinstance(constraint, Orbit) and (constraint.speed or isinstance(constraint.radius, Track)):
        return True
    return isinstance(constraint.goal.point, Track) or isinstance(getattr(constraint, "height", None), Track)


def pack(constraints: Iterable[Constraint]) -> tuple[Packed, ...]:
    """Group constraints of one rank, those that set positions before those that set rotations."""
    listed = list(constraints)
    orbits = [one for one in listed if isinstance(one, Orbit)]
    follows = [one for one in listed if isinstance(one, Follow)]
    rides = [one for one in listed if isinstance(one, Ride)]
    looks = [one for one in listed if isinstance(one, LookAt)]
    packed: list[Packed] = []
    if orbits:
        packed.append(_Orbits(orbits))
    if follows:
        packed.append(_Follows(follows))
    if rides:
        packed.append(_Rides(rides))
    if looks:
        packed.append(_Looks(looks))
    return tuple(packed)


def axes_of(world: Floats) -> Floats:
    """Return the linear parts (..., 3, 3) of matrices (..., 4, 4), each column made a unit one.

    Where an axis has no length, as when a scale passes zero, they are the axes of the world.
    """
    linear = world[..., :3, :3]
    length = np.linalg.norm(linear, axis=-2, keepdims=True)
    turned = (length > 0.0).all(axis=-1, keepdims=True)
    return np.where(turned, linear / np.where(turned, length, 1.0), np.eye(3))


class _Goals:
    def __init__(self, goals: Sequence[Goal]) -> None:
        nodes: Rows = np.array([goal.node for goal in goals], np.int64)
        self._rows = np.flatnonzero(nodes >= 0)
        self._nodes = nodes[self._rows]
        self._points = _channel([goal.point for goal in goals], 3)

    def positions(self, world: Floats, time: float) -> Floats:
        points = self._points.sample(time).copy()
        points[self._rows] = world[self._nodes, :3, 3]
        return points


class _Looks:
    def __init__(self, looks: Sequence[LookAt]) -> None:
        self._rows = _rows(looks)
        self._goals = _Goals([one.goal for one in looks])

    def apply(self, world: Floats, time: float) -> None:
        scale = np.linalg.norm(world[self._rows, :3, :3], axis=1)
        turned = look_at(world[self._rows, :3, 3], self._goals.positions(world, time))
        world[self._rows, :3, :3] = turned * scale[:, None, :]


class _Orbits:
    def __init__(self, orbits: Sequence[Orbit]) -> None:
        self._rows = _rows(orbits)
        self._goals = _Goals([one.goal for one in orbits])
        self._radius = _channel([one.radius for one in orbits], 1)
        self._height = _channel([one.height for one in orbits], 1)
        self._speed = np.array([[one.speed] for one in orbits])
        self._start = np.array([[one.start] for one in orbits])

    def apply(self, world: Floats, time: float) -> None:
        angle, radius = self._start + self._speed * time, self._radius.sample(time)
        around = np.concatenate([radius * np.sin(angle), self._height.sample(time), radius * np.cos(angle)], axis=1)
        world[self._rows, :3, 3] = self._goals.positions(world, time) + around


class _Follows:
    def __init__(self, follows: Sequence[Follow]) -> None:
        self._rows = _rows(follows)
        self._targets: Rows = np.array([one.target for one in follows], np.int64)
        self._offset = _channel([one.offset for one in follows], 3)

    def apply(self, world: Floats, time: float) -> None:
        targets = world[self._targets]
        offset = (axes_of(targets) @ self._offset.sample(time)[:, :, None])[:, :, 0]
        world[self._rows, :3, 3] = targets[:, :3, 3] + offset


class _Rides:
    def __init__(self, rides: Sequence[Ride]) -> None:
        self._rows = _rows(rides)
        self._places = _channel([one.track for one in rides], 3)

    def apply(self, world: Floats, time: float) -> None:
        world[self._rows, :3, 3] = self._places.sample(time)


def _rows(constraints: Sequence[Constraint]) -> Rows:
    return np.array([one.row for one in constraints], np.int64)


def _channel(values: Sequence[float | Vec3 | Track], width: int) -> Channel:
    """Split plain values and tracks into a channel."""
    rest, tracks = np.zeros((len(values), width)), {}
    for row, value in enumerate(values):
        if isinstance(value, Track):
            tracks[row] = value
        else:
            rest[row] = value
    return Channel(rest, tracks)
