"""The environment's diffuse light as many suns: brighter places are chosen more often."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.color import LUMINANCE
from diorama.renderer.sphere_maps import (
    equirectangular_directions,
    equirectangular_solid_angles,
    reduce_equirectangular,
)
from diorama.rng import generator
from diorama.scene.shot import EnvironmentState

Floats: TypeAlias = NDArray[np.float64]

_HEIGHT, _WIDTH = 32, 64

_LOWEST = 0.1
"""The least sine of the elevation from which a piece casts its shadows: from lower down, they cross a whole world."""

EVEN_STEPS = np.array([0.7548776662466927, 0.5698402909980532])
"""One over the plastic number, and that squared: steps that fill a square evenly (Roberts 2018, R2)."""


def environment_turn(rotation: float) -> Floats:
    """Return (3, 3): directions in the frame of the environment's picture, to the world."""
    cosine, sine = np.cos(rotation), np.sin(rotation)
    return np.array([[cosine, 0.0, sine], [0.0, 1.0, 0.0], [-sine, 0.0, cosine]])


def even_points(numbers: range, seed: int) -> Floats:
    """Return points (N, 2) in 0..1 of the sequence of ``seed``, any stretch of which fills the square evenly."""
    first = generator(seed, "", "sky pieces").random(2)
    return np.asarray((first + np.arange(numbers.start, numbers.stop)[:, None] * EVEN_STEPS) % 1.0)


class SkyPieces:
    """Draws directions of an environment with a chance proportional to the light that comes from there."""

    def __init__(self, state: EnvironmentState, cells: Floats | None, *, above: bool = False) -> None:
        """``cells`` are those of the stage's picture, see :func:`picture_cells`, or None for the gradient of ``state``.

        ``above``: leave out what shines from below the horizon.
        """
        self._turn = environment_turn(state.rotation)
        self._radiance = (_gradient(state) if cells is None else cells) * state.intensity
        height, width = self._radiance.shape[:2]
        self._light = (self._radiance @ LUMINANCE) * equirectangular_solid_angles(height, width)
        if above:
            self._light[(height + 1) // 2 :] = 0.0

    def sample(self, points: Floats) -> tuple[Floats, Floats]:
        """Return the directions (N, 3) in which light travels and its colours (N, 3) in lux, for (N, 2) in 0..1.

        The mean over all points of a sky's worth of such lights is the light of the environment.
        """
        total = float(self._light.sum())
        if total <= 0.0:
            return np.tile([0.0, -1.0, 0.0], (len(points), 1)), np.zeros((len(points), 3))
        row, down = _inverted(self._light.sum(axis=1)[None], points[:, 0])
        column, across = _inverted(self._light[row], points[:, 1])
        color = self._radiance[row, column]
        luminance = np.maximum(color @ LUMINANCE, 1e-30)
        return -self._directions(row + down, column + across), color / luminance[:, None] * total

    def _directions(self, down: Floats, across: Floats) -> Floats:
        """Return the world directions (N, 3) of places in texels, evenly spread in solid angle inside a texel."""
        height, width = self._light.shape
        row = np.minimum(down.astype(int), height - 1)
        upper, lower = np.cos(row * np.pi / height), np.cos((row + 1) * np.pi / height)
        y = upper + (lower - upper) * (down - row)
        azimuth = across * 2.0 * np.pi / width - np.pi
        level = np.sqrt(np.maximum(1.0 - y * y, 0.0))
        return np.asarray(np.stack([level * np.sin(azimuth), y, -level * np.cos(azimuth)], axis=1) @ self._turn.T)


def raised(direction: Floats) -> Floats:
    """Return the direction (3,), unit, along which light that travels in ``direction`` casts its shadows."""
    level = np.hypot(direction[0], direction[2])
    if direction[1] <= -_LOWEST or level == 0.0:
        return direction
    scale = np.sqrt(1.0 - _LOWEST**2) / level
    return np.array([direction[0] * scale, -_LOWEST, direction[2] * scale])


def mean_radiance(state: EnvironmentState, cells: Floats | None) -> Floats:
    """Return the radiance (3,) in nits that comes from all sides on average; ``cells`` as for :class:`SkyPieces`."""
    if cells is None:
        zenith, horizon, ground = (np.asarray(color) for color in (state.zenith, state.horizon, state.ground))
        return np.asarray((zenith + 2.0 * horizon + ground) * (0.25 * state.intensity))
    solid = equirectangular_solid_angles(*cells.shape[:2])
    return np.asarray((cells * solid[..., None]).sum(axis=(0, 1)) * (state.intensity / (4.0 * np.pi)))


def _gradient(state: EnvironmentState) -> Floats:
    y = equirectangular_directions(_HEIGHT, _WIDTH)[..., 1:2]
    zenith, horizon, ground = (np.asarray(color) for color in (state.zenith, state.horizon, state.ground))
    return np.asarray(horizon + (zenith - horizon) * np.maximum(y, 0.0) + (ground - horizon) * np.maximum(-y, 0.0))


def picture_cells(picture: NDArray[np.floating]) -> Floats:
    """Return the light of an environment's picture (H, W, 3), whose sun was taken out before, in few cells."""
    return reduce_equirectangular(picture, _HEIGHT, _WIDTH)


def _inverted(weights: Floats, at: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the cells (N,) that cumulative ``weights`` (1 or N, cells) reach at ``at`` (N,), and how far inside."""
    sums = np.cumsum(weights, axis=1)
    goal = at[:, None] * sums[:, -1:]
    cell = np.minimum((sums <= goal).sum(axis=1), weights.shape[1] - 1)
    rows = np.arange(len(at)) if len(weights) > 1 else np.zeros(len(at), int)
    share = weights[rows, cell]
    inside = (goal[np.arange(len(goal)), 0] - (sums[rows, cell] - share)) / np.maximum(share, 1e-30)
    return cell, np.clip(inside, 0.0, 1.0)
