"""From rows to a hierarchy: transforms at rest, their tracks, and the constraints between rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from diorama.animation.track import Track
from diorama.errors import SceneError
from diorama.scene.channel import Floats, Rows
from diorama.scene.constraints import Constraint, Follow, Goal, LookAt, Orbit
from diorama.scene.edit import unknown
from diorama.scene.flatten import Row
from diorama.scene.hierarchy import Hierarchy, Motion, Rest, Window
from diorama.scene.schema import Keys
from diorama.scene.schema import Orbit as OrbitSpec
from diorama.scene.values import track_of, value_or_track
from diorama.transform import euler_to_quaternion

_RADIANS = np.pi / 180.0


class Transforms:
    """The transforms of ``rows``; ``targets`` gives the row index of every path that may be referred to.

    ``window`` is the time over which damped constraints are solved.
    """

    def __init__(self, rows: Sequence[Row], targets: Mapping[str, int], window: Window) -> None:
        self._rows, self._targets, self._window = rows, targets, window
        index = {row.path: number for number, row in reversed(list(enumerate(rows)))}
        self.parents: Rows = np.array([-1 if row.parent is None else index[row.parent] for row in rows], np.int64)
        self._rest = Rest(
            _rest([row.position for row in rows]), _rest_rotations(rows), _rest([row.scale for row in rows])
        )
        self._motion = Motion(self._tracks("position"), self._rotations(), self._tracks("scale"))
        self._constraints = [one for number, row in enumerate(rows) for one in self._constraints_of(number, row)]

    def hierarchy(self, placed: Mapping[int, Floats] | None = None) -> Hierarchy:
        """Return the hierarchy, with the rows of ``placed`` at those positions (3,) in their parents' space."""
        position = self._rest.position.copy()
        for row, where in (placed or {}).items():
            position[row] = where
        rest = Rest(position, self._rest.rotation, self._rest.scale)
        paths = [row.path for row in self._rows]
        return Hierarchy(paths, self.parents, rest, self._motion, self._constraints, self._window)

    def row_of(self, path: str, place: str) -> int:
        """Return the row that ``path`` refers to; ``SceneError`` at ``place`` suggests the nearest."""
        if path not in self._targets:
            raise SceneError(unknown("the path of a node", path, self._targets), place=place)
        return self._targets[path]

    def _tracks(self, name: str) -> dict[int, Track]:
        values = ((number, row, getattr(row, name)) for number, row in enumerate(self._rows))
        return {
            number: track_of(value, f"{row.path}.{name}") for number, row, value in values if isinstance(value, Keys)
        }

    def _rotations(self) -> dict[int, Track]:
        tracks = {}
        for number, row in enumerate(self._rows):
            if isinstance(row.rotation, Keys):
                quaternion = len(row.rotation.keys[0].value) == 4
                factor = 1.0 if quaternion else _RADIANS
                tracks[number] = track_of(row.rotation, f"{row.path}.rotation", factor, quaternion=quaternion)
        return tracks

    def _constraints_of(self, number: int, row: Row) -> list[Constraint]:
        found: list[Constraint] = []
        if row.orbit is not None:
            found.append(self._orbit(number, row, row.orbit))
        if row.follow is not None:
            place = f"{row.path}.follow"
            target = self.row_of(row.follow.target, f"{place}.target")
            offset = value_or_track(row.follow.offset, f"{place}.offset")
            found.append(Follow(number, target, offset, row.follow.damping))
        if row.look_at is not None:
            found.append(LookAt(number, self._goal(row.look_at, f"{row.path}.look_at")))
        return found

    def _orbit(self, number: int, row: Row, spec: OrbitSpec) -> Orbit:
        place = f"{row.path}.orbit"
        return Orbit(
            number,
            self._goal(spec.target, f"{place}.target"),
            radius=value_or_track(spec.radius, f"{place}.radius"),
            height=value_or_track(spec.height, f"{place}.height"),
            speed=spec.speed * _RADIANS,
            start=spec.start * _RADIANS,
        )

    def _goal(self, aim: Any, place: str) -> Goal:
        if isinstance(aim, str):
            return Goal(node=self.row_of(aim, place))
        return Goal(point=value_or_track(aim, place))


def _rest(values: Sequence[Any]) -> Floats:
    made = np.zeros((len(values), 3))
    for row, value in enumerate(values):
        made[row] = value.keys[0].value if isinstance(value, Keys) else value
    return made


def _rest_rotations(rows: Sequence[Row]) -> Floats:
    """Return the unit quaternions (P, 4) of rotations at rest; the identity where there are keys."""
    angles, turns = np.zeros((len(rows), 3)), {}
    for number, row in enumerate(rows):
        if isinstance(row.rotation, Keys):
            continue
        if len(row.rotation) == 4:
            turns[number] = row.rotation
        else:
            angles[number] = row.rotation
    made = euler_to_quaternion(angles * _RADIANS)
    for number, turn in turns.items():
        made[number] = turn
    return made
