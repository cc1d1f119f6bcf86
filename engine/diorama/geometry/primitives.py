"""The basic shapes, centred at the origin, standing along +Y, in metres.

Every picture reads upright and not mirrored from outside: u to the right, v down.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diorama.errors import OptionError, expected
from diorama.geometry.build import build_mesh, merge
from diorama.geometry.mesh import Mesh
from diorama.geometry.revolve import Profile, disc, revolve

Floats = NDArray[np.float64]

SEGMENTS = 64
"""How many steps a full turn takes unless the caller says otherwise."""

# Right and up of each face of a box as its picture is seen; right x up points outward.
_BOX_FACES = (
    ((0, 0, -1), (0, 1, 0)),
    ((0, 0, 1), (0, 1, 0)),
    ((1, 0, 0), (0, 0, -1)),
    ((1, 0, 0), (0, 0, 1)),
    ((1, 0, 0), (0, 1, 0)),
    ((-1, 0, 0), (0, 1, 0)),
)


def plane(size: Sequence[float] = (1.0, 1.0)) -> Mesh:
    """Return a rectangle of ``size`` (along X, along Z) in the XZ plane, facing +Y."""
    width, depth = _lengths("plane.size", size, 2)
    return _rectangles([(np.zeros(3), np.array([width, 0.0, 0.0]), np.array([0.0, 0.0, -depth]))])


def box(size: Sequence[float] = (1.0, 1.0, 1.0)) -> Mesh:
    """Return a box of ``size`` (along X, Y, Z) with flat faces, the whole picture on each."""
    extent = np.array(_lengths("box.size", size, 3))
    faces = []
    for right, up in _BOX_FACES:
        faces.append((np.cross(right, up) * extent / 2.0, np.array(right) * extent, np.array(up) * extent))
    return _rectangles(faces)


def sphere(radius: float = 0.5, segments: int = SEGMENTS) -> Mesh:
    """Return a smooth sphere of ``segments`` meridians and half as many parallels."""
    _lengths("sphere.radius", [radius], 1)
    rows = max(_segments("sphere", segments) // 2, 2)
    normals = _arc(0.0, np.pi, rows)
    return revolve(Profile(normals * radius, normals, np.linspace(0.0, 1.0, rows + 1)), segments)


def cylinder(radius: float = 0.5, height: float = 1.0, segments: int = SEGMENTS) -> Mesh:
    """Return a cylinder with a smooth side and flat caps."""
    _lengths("cylinder", [radius, height], 2)
    _segments("cylinder", segments)
    top = height / 2.0
    side = Profile(np.array([[radius, top], [radius, -top]]), np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([0.0, 1.0]))
    return merge([revolve(side, segments), disc(radius, top, 1.0, segments), disc(radius, -top, -1.0, segments)])


def cone(radius: float = 0.5, height: float = 1.0, segments: int = SEGMENTS) -> Mesh:
    """Return a cone with its tip at the top, a smooth side and a flat base."""
    _lengths("cone", [radius, height], 2)
    _segments("cone", segments)
    normal = np.array([height, radius]) / np.hypot(height, radius)
    points = np.array([[0.0, height / 2.0], [radius, -height / 2.0]])
    side = revolve(Profile(points, np.stack([normal, normal]), np.array([0.0, 1.0])), segments)
    return merge([side, disc(radius, -height / 2.0, -1.0, segments)])


def torus(radius: float = 0.5, tube: float = 0.2, segments: int = SEGMENTS) -> Mesh:
    """Return a ring around +Y: ``radius`` to the middle of the tube, ``tube`` is the tube's radius."""
    _lengths("torus", [radius, tube], 2)
    if tube >= radius:
        raise OptionError(expected(f"less than the radius {radius}", tube), place="torus.tube")
    rows = max(_segments("torus", segments) // 2, 3)
    normals = _arc(-np.pi / 2.0, 1.5 * np.pi, rows)
    normals[-1] = normals[0]
    points = normals * tube + np.array([radius, 0.0])
    return revolve(Profile(points, normals, np.linspace(0.0, 1.0, rows + 1)), segments)


def capsule(radius: float = 0.5, height: float = 1.0, segments: int = SEGMENTS) -> Mesh:
    """Return a cylinder of ``height`` between two half spheres; in all it is height + 2 radius tall."""
    _lengths("capsule", [radius, height], 2)
    rows = max(_segments("capsule", segments) // 4, 1)
    upper, lower = _arc(0.0, np.pi / 2.0, rows), _arc(np.pi / 2.0, np.pi, rows)
    upper[-1], lower[0] = (1.0, 0.0), (1.0, 0.0)
    lift = np.array([0.0, height / 2.0])
    points = np.concatenate([upper * radius + lift, lower * radius - lift])
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return revolve(Profile(points, np.concatenate([upper, lower]), along / along[-1]), segments)


def _arc(start: float, end: float, steps: int) -> Floats:
    """Return points (steps + 1, 2) on the unit circle, angles from +Y; the poles exactly on the axis."""
    angle = np.linspace(start, end, steps + 1)
    points = np.column_stack([np.sin(angle), np.cos(angle)])
    return np.where(np.abs(points) < 1e-15, 0.0, points)


def _rectangles(faces: Sequence[tuple[Floats, Floats, Floats]]) -> Mesh:
    """Return one quad for each (centre, full extent to the right, full extent upward)."""
    positions, normals, tangents = [], [], []
    for centre, right, up in faces:
        corners = [(-0.5, 0.5), (-0.5, -0.5), (0.5, -0.5), (0.5, 0.5)]
        positions += [centre + x * right + y * up for x, y in corners]
        normal = np.cross(right, up)
        normals += [normal / np.linalg.norm(normal)] * 4
        tangents += [[*(right / np.linalg.norm(right)), 1.0]] * 4
    quad = np.array([[0, 1, 2], [0, 2, 3]])
    triangles = (quad[None] + 4 * np.arange(len(faces))[:, None, None]).reshape(-1, 3)
    uvs = np.tile(np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]]), (len(faces), 1))
    return build_mesh(np.array(positions), triangles, normals=normals, uvs=uvs, tangents=tangents)


def _lengths(place: str, values: Sequence[float], count: int) -> tuple[float, ...]:
    if len(values) != count or not all(0.0 < value < np.inf for value in values):
        raise OptionError(expected(f"{count} positive length(s) in metres", list(values)), place=place)
    return tuple(float(value) for value in values)


def _segments(shape: str, segments: int) -> int:
    if not 3 <= segments <= 4096:
        raise OptionError(expected("3 to 4096", segments), place=f"{shape}.segments")
    return segments
