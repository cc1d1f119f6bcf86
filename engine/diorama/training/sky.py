"""The environment's diffuse light as many suns: brighter places are chosen more often."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.color import LUMINANCE
from diorama.renderer.lighting import environment_turn
from diorama.renderer.sphere_maps import (
    equirectangular_directions,
    equirectangular_solid_angles,
    reduce_equirectangular,
)
from diorama.renderer.sun_extraction import extract_sun
from diorama.scene.shot import EnvironmentState

Floats: TypeAlias = NDArray[np.float64]

_HEIGHT, _WIDTH = 32, 64


class SkyPieces:
    """Draws directions of an environment with a chance proportional to the light that comes from there."""

    def __init__(self, state: EnvironmentState, picture: NDArray[np.float32] | None) -> None:
        """``picture`` is the stage's, (H, W, 3), or None for the gradient of ``state``."""
        self._turn = environment_turn(state.rotation)
        radiance = _gradient(state) if picture is None else _picture(picture, without_sun=state.extract_sun)
        self._radiance = radiance * state.intensity
        self._light = (self._radiance @ LUMINANCE) * equirectangular_solid_angles(*self._radiance.shape[:2])

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


def _gradient(state: EnvironmentState) -> Floats:
    y = equirectangular_directions(_HEIGHT, _WIDTH)[..., 1:2]
    zenith, horizon, ground = (np.asarray(color) for color in (state.zenith, state.horizon, state.ground))
    return np.asarray(horizon + (zenith - horizon) * np.maximum(y, 0.0) + (ground - horizon) * np.maximum(-y, 0.0))


def _picture(picture: NDArray[np.float32], *, without_sun: bool) -> Floats:
    return reduce_equirectangular(extract_sun(picture)[0] if without_sun else picture, _HEIGHT, _WIDTH)


def _inverted(weights: Floats, at: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the cells (N,) that cumulative ``weights`` (1 or N, cells) reach at ``at`` (N,), and how far inside."""
    sums = np.cumsum(weights, axis=1)
    goal = at[:, None] * sums[:, -1:]
    cell = np.minimum((sums <= goal).sum(axis=1), weights.shape[1] - 1)
    rows = np.arange(len(at)) if len(weights) > 1 else np.zeros(len(at), int)
    share = weights[rows, cell]
    inside = (goal[np.arange(len(goal)), 0] - (sums[rows, cell] - share)) / np.maximum(share, 1e-30)
    return cell, np.clip(inside, 0.0, 1.0)
