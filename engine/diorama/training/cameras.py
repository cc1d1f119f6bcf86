"""How the camera moves during a clip.

Lenses reach from wide to long, so that a small picture stands for any part of a large one. What
moves, moves by so much less as the lens is longer: a few pixels a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from diorama.scene.schema import Camera, Keys
from diorama.training.layouts import Place

Move: TypeAlias = Callable[[Place, Generator, float], Camera]
"""Makes the camera of a clip of so many seconds."""

_Vec: TypeAlias = tuple[float, float, float]

_SHORTEST, _LONGEST = 50.0, 12.0
"""Vertical fields of view in degrees: the same things in a picture of 128 and of about 512 pixels."""


@dataclass(frozen=True)
class _View:
    """Where a camera stands first, what it aims at, its field of view, and the factor of how far things move."""

    stand: _Vec
    aim: _Vec
    fov: float

    @property
    def motion(self) -> float:
        return self.fov / _SHORTEST

    def camera(self, position: _Vec | Keys, aim: _Vec | Keys | None = None) -> Camera:
        return Camera(position=position, look_at=self.aim if aim is None else aim, fov=self.fov)


def dolly(place: Place, random: Generator, seconds: float) -> Camera:
    """Drive towards the middle."""
    view = _view(place, random)
    share = float(random.uniform(0.05, 0.15)) * view.motion
    return view.camera(Keys({0: view.stand, seconds: _between(view.stand, view.aim, share)}))


def orbit(place: Place, random: Generator, seconds: float) -> Camera:
    """Circle the middle by a few degrees."""
    view = _view(place, random)
    angle = np.radians(random.uniform(4, 12) * random.choice([-1, 1])) * view.motion
    keys = {seconds * part: _turned(view.stand, view.aim, angle * part) for part in (0.0, 0.25, 0.5, 0.75, 1.0)}
    return view.camera(Keys(keys))


def rise(place: Place, random: Generator, seconds: float) -> Camera:
    """Go straight up, looking at the middle."""
    view = _view(place, random)
    return view.camera(_drive(view.stand, (0.0, float(random.uniform(0.2, 0.6)) * view.motion, 0.0), seconds))


def still(place: Place, random: Generator, seconds: float) -> Camera:
    """Stand still."""
    view = _view(place, random)
    return view.camera(view.stand)


def pan(place: Place, random: Generator, seconds: float) -> Camera:
    """Turn away from the middle and back again."""
    view = _view(place, random)
    x, y, z = view.aim
    aside = float(random.uniform(0.3, 0.6) * random.choice([-1, 1])) * view.motion
    return view.camera(view.stand, Keys({0: (x, y, z), seconds / 2: (x + aside, y, z), seconds: (x, y, z)}))


def truck(place: Place, random: Generator, seconds: float) -> Camera:
    """Drive sideways, looking straight ahead."""
    view = _view(place, random)
    aside = (float(random.uniform(0.2, 0.5) * random.choice([-1, 1])) * view.motion, 0.0, 0.0)
    return view.camera(_drive(view.stand, aside, seconds), _drive(view.aim, aside, seconds))


def watch(place: Place, random: Generator, seconds: float) -> Camera:
    """Hardly move: half a pixel or so a frame."""
    view = _view(place, random)
    return view.camera(_drive(view.stand, (0.06 * view.motion, 0.03 * view.motion, 0.0), seconds))


def _view(place: Place, random: Generator) -> _View:
    """Stand in front, at or above the height of the middle; a long lens aims at things beside it as well."""
    distance, angle = float(random.uniform(*place.distance)), np.radians(random.uniform(-35, 35))
    lift = np.radians(random.uniform(5, 40))
    x, y, z = place.focus
    level = distance * np.cos(lift)
    stand = (float(x + level * np.sin(angle)), float(y + distance * np.sin(lift)), float(z + level * np.cos(angle)))
    fov = float(np.exp(random.uniform(np.log(_LONGEST), np.log(_SHORTEST))))
    beside = random.uniform(-1, 1, 3) * (0.5, 0.15, 0.5) * place.reach * (1.0 - fov / _SHORTEST)
    return _View(stand, (float(x + beside[0]), float(y + beside[1]), float(z + beside[2])), fov)


def _drive(start: _Vec, by: _Vec, seconds: float) -> Keys:
    return Keys({0: start, seconds: (start[0] + by[0], start[1] + by[1], start[2] + by[2])})


def _between(start: _Vec, end: _Vec, share: float) -> _Vec:
    x, y, z = np.asarray(start) * (1 - share) + np.asarray(end) * share
    return float(x), float(y), float(z)


def _turned(point: _Vec, centre: _Vec, angle: float) -> _Vec:
    x, z = point[0] - centre[0], point[2] - centre[2]
    cosine, sine = float(np.cos(angle)), float(np.sin(angle))
    return centre[0] + cosine * x + sine * z, point[1], centre[2] - sine * x + cosine * z
