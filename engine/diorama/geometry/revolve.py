"""Surfaces of revolution about +Y, with analytic normals, uvs and tangents.

u runs once around, to the right when seen from outside, with its seam at the back (-Z) and
u = 0.5 at the front (+Z). v runs along the profile, from 0 at its start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diorama.geometry.mesh import Mesh

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Profile:
    """A curve in the half plane (radius, y), from top to bottom with the outside on its left.

    ``points`` (P, 2) metres, ``normals`` (P, 2) unit and outward, ``v`` (P,) in 0..1.
    """

    points: Floats
    normals: Floats
    v: Floats


def revolve(profile: Profile, segments: int) -> Mesh:
    """Turn ``profile`` about +Y in ``segments`` steps; vertices on the axis lie between two steps."""
    pole = profile.points[:, 0] == 0.0
    sine, cosine = _circle(segments)
    radius, height = profile.points[:, 0:1], profile.points[:, 1:2]
    outward, upward = profile.normals[:, 0:1], profile.normals[:, 1:2]
    step = np.arange(segments + 1) / segments
    u = np.stack([step, step + 0.5 / segments])
    zero, one, around = np.zeros_like(radius), np.ones_like(radius), np.ones_like(sine)
    return Mesh(
        positions=_grid(pole, [(-radius, sine), (height, around), (-radius, cosine)]),
        normals=_grid(pole, [(-outward, sine), (upward, around), (-outward, cosine)]),
        uvs=_grid(pole, [(one, u), (profile.v[:, None], around)]),
        tangents=_grid(pole, [(-one, cosine), (zero, around), (one, sine), (one, around)]),
        triangles=_triangles(pole, segments),
    )


def disc(radius: float, height: float, facing: float, segments: int) -> Mesh:
    """Return a disc at y = ``height`` facing +Y or -Y (``facing`` 1 or -1), its picture seen upright.

    Upright means: from where it faces, the top of the picture is at -Z for +Y, at +Z for -Y.
    """
    sine, cosine = _circle(segments)
    around = np.concatenate([[[0.0, 0.0]], np.column_stack([-sine[0, :-1], -cosine[0, :-1]])])
    count = len(around)
    first = np.arange(1, count)
    after = np.roll(first, -1)
    left, right = (first, after) if facing > 0 else (after, first)
    return Mesh(
        positions=_columns([radius * around[:, 0], np.full(count, height), radius * around[:, 1]]),
        normals=_columns([np.zeros(count), np.full(count, facing), np.zeros(count)]),
        uvs=_columns([0.5 + 0.5 * around[:, 0], 0.5 + 0.5 * facing * around[:, 1]]),
        tangents=_columns([np.ones(count), np.zeros(count), np.zeros(count), np.ones(count)]),
        triangles=np.ascontiguousarray(np.column_stack([np.zeros_like(first), left, right]), np.uint32),
    )


def _circle(segments: int) -> tuple[Floats, Floats]:
    """Return sines and cosines (2, segments + 1) at whole steps and half a step further, exactly closed."""
    index = np.arange(segments + 1) % segments
    angle = 2.0 * np.pi * (index + np.array([[0.0], [0.5]])) / segments
    return np.sin(angle), np.cos(angle)


def _triangles(pole: NDArray[np.bool_], segments: int) -> NDArray[np.uint32]:
    """Return two triangles for each cell of the grid, one where a row of the cell lies on the axis."""
    band = np.dtype((np.uint32, (segments, 3)))
    count = int(np.count_nonzero(~pole[1:]) + np.count_nonzero(~pole[:-1]))
    return np.asarray(np.fromiter(_bands(pole, segments), band, count), np.uint32).reshape(-1, 3)


def _bands(pole: NDArray[np.bool_], segments: int) -> Iterator[NDArray[np.int64]]:
    """Yield the triangles (segments, 3) of each row of cells, those on its lower edge before the others."""
    column = np.arange(segments)
    for row in range(len(pole) - 1):
        upper, lower = row * (segments + 1) + column, (row + 1) * (segments + 1) + column
        if not pole[row + 1]:
            yield np.column_stack([upper, lower, lower + 1])
        if not pole[row]:
            yield np.column_stack([upper, lower if pole[row + 1] else lower + 1, upper + 1])


def _grid(pole: NDArray[np.bool_], channels: Sequence[tuple[Floats, Floats]]) -> NDArray[np.float32]:
    """Return contiguous (P * S, C) float32, a channel each for the products of (P, 1) and (2, S).

    The second rows of those (2, S) are for ``pole``, the vertices on the axis. One channel at a
    time is in double precision, so that a large mesh needs little more memory than it takes.
    """
    made = np.empty((len(pole), channels[0][1].shape[1], len(channels)), np.float32)
    for number, (along, around) in enumerate(channels):
        for rows, ring in ((~pole, around[0]), (pole, around[1])):
            made[rows, :, number] = along[rows] * ring
    return made.reshape(-1, len(channels))


def _columns(channels: list[Floats]) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.column_stack(channels), np.float32)
