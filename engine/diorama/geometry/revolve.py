"""Surfaces of revolution about +Y, with analytic normals, uvs and tangents.

u runs once around, to the right when seen from outside, with its seam at the back (-Z) and
u = 0.5 at the front (+Z). v runs along the profile, from 0 at its start.
"""

from __future__ import annotations

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
    sine, cosine = _circle(segments, pole)
    radius, height = profile.points[:, 0:1], profile.points[:, 1:2]
    outward, upward = profile.normals[:, 0:1], profile.normals[:, 1:2]
    around = np.ones_like(sine)
    step = np.arange(segments + 1) / segments
    u = np.where(pole[:, None], step + 0.5 / segments, step)
    return Mesh(
        positions=_flat([-radius * sine, height * around, -radius * cosine]),
        normals=_flat([-outward * sine, upward * around, -outward * cosine]),
        uvs=_flat([u, profile.v[:, None] * around]),
        tangents=_flat([-cosine, 0.0 * around, sine, around]),
        triangles=_triangles(pole, segments),
    )


def disc(radius: float, height: float, facing: float, segments: int) -> Mesh:
    """Return a disc at y = ``height`` facing +Y or -Y (``facing`` 1 or -1), its picture seen upright.

    Upright means: from where it faces, the top of the picture is at -Z for +Y, at +Z for -Y.
    """
    sine, cosine = _circle(segments, np.array([False]))
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


def _circle(segments: int, half_step: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return sines and cosines (P, segments + 1), rows turned by half a step where asked, exactly closed."""
    index = np.arange(segments + 1) % segments
    angle = 2.0 * np.pi * (index[None, :] + 0.5 * half_step[:, None]) / segments
    return np.sin(angle), np.cos(angle)


def _triangles(pole: NDArray[np.bool_], segments: int) -> NDArray[np.uint32]:
    """Return two triangles for each cell of the grid, one where a row of the cell lies on the axis."""
    rows = []
    column = np.arange(segments)
    for row in range(len(pole) - 1):
        upper, lower = row * (segments + 1) + column, (row + 1) * (segments + 1) + column
        if not pole[row + 1]:
            rows.append(np.column_stack([upper, lower, lower + 1]))
        if not pole[row]:
            rows.append(np.column_stack([upper, lower if pole[row + 1] else lower + 1, upper + 1]))
    return np.ascontiguousarray(np.concatenate(rows), np.uint32)


def _flat(channels: list[Floats]) -> NDArray[np.float32]:
    """Stack (P, S) channels into contiguous (P * S, C) float32."""
    return np.ascontiguousarray(np.stack(channels, axis=-1).reshape(-1, len(channels)), np.float32)


def _columns(channels: list[Floats]) -> NDArray[np.float32]:
    return np.ascontiguousarray(np.column_stack(channels), np.float32)
