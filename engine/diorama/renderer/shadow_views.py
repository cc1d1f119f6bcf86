"""What each shadow map looks at: cascades of a sun fitted to the camera, and the cone of a spot.

Everything here is float64, in world space, and a pure function of the snapshot. Planes are
(P, 4) rows (n, d); a point is inside where n·x + d >= 0 for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.renderer.hulls import hull_of, outline_of
from diorama.scene.shot import CameraState, InstanceBatch, Stage
from diorama.transform import look_at, transform_bounds

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.integer]
Casters: TypeAlias = Callable[[Floats], Rows]
"""Rows of the snapshot's instances whose boxes may touch the inside of (P, 4) planes."""

Square: TypeAlias = tuple[Floats, Floats]
"""Lower and upper corner (2,), (2,) across the light."""

MAX_CASCADES = 4

BORDER = 3
"""Texels at each edge of a map that only the filter reads, and the lift that keeps planes off themselves."""

_REACH = 2 * BORDER
"""Texels across the light from a point that is looked up to the farthest thing that may shadow it."""

_DEPTH_RATIO = 4.0
"""Farthest over nearest depth that one cascade covers before another is added."""

_SPOT_NEAR = 0.05
"""Metres in front of a spot that cast no shadow: its own housing."""

_WIDEST_SPOT = np.radians(80.0)

_SOFT_SLOPE = 1.25
"""Half the width, at a metre, of a face of the cube around a light that has a size."""


@dataclass(frozen=True, eq=False)
class ShadowView:
    """One map: (4, 4) world to clip space with depth 1 at the near end, and what it draws.

    ``size`` are the texels along a side; ``axis`` (3,) is the unit vector against the way the map looks,
    ``texel`` the width of a texel in metres where clip w is 1. ``casters`` are instance rows. ``softness``
    is what ``lib/shadow_map.glsl`` says: the light's size, the metres of the map's depth, 1 for parallel light.
    ``origin`` (3,) is where a map that is not parallel looks from. ``part`` is the number of the light's part
    that the map belongs to.
    """

    size: int
    clip_from_world: Floats
    axis: Floats
    texel: float
    casters: Rows
    origin: Floats
    softness: tuple[float, float, float]
    part: int = 0


class Boxes:
    """World boxes of instances, made for the rows that are asked for only."""

    def __init__(self, stage: Stage, instances: InstanceBatch) -> None:
        self._instances = instances
        bounds = [mesh.bounds for mesh in stage.meshes]
        self._low = np.array([low for low, _ in bounds]).reshape(-1, 3)
        self._high = np.array([high for _, high in bounds]).reshape(-1, 3)

    def world(self, rows: Rows) -> tuple[Floats, Floats]:
        """Return the corners (K, 3), (K, 3) of instance ``rows`` in world axes."""
        mesh = self._instances.mesh[rows]
        return transform_bounds(self._instances.transform[rows], self._low[mesh], self._high[mesh])

    def seen_along(self, rows: Rows, axes: Floats) -> tuple[Floats, Floats]:
        """Return the corners (K, 3), (K, 3) in a frame whose axes are the columns of ``axes`` (3, 3)."""
        turn = np.eye(4)
        turn[:3, :3] = axes.T
        mesh = self._instances.mesh[rows]
        return transform_bounds(turn @ self._instances.transform[rows], self._low[mesh], self._high[mesh])


def camera_planes(camera: CameraState, width: int, height: int) -> Floats:
    """Return the five planes (5, 4) of what the camera sees: left, right, top, bottom, near."""
    left, right = -camera.cx / camera.fx, (width - camera.cx) / camera.fx
    top, bottom = camera.cy / camera.fy, (camera.cy - height) / camera.fy
    normals = np.array([[1, 0, left], [-1, 0, -right], [0, -1, -top], [0, 1, bottom], [0, 0, -1]], float)
    return _planes(camera.matrix, normals, [0.0, 0.0, 0.0, 0.0, -camera.near])


def _planes(matrix: Floats, normals: Floats, offsets: list[float]) -> Floats:
    """Bring planes (P, 3), (P,) from the frame of ``matrix`` (4, 4) into the world, normals unit."""
    world = normals @ matrix[:3, :3].T
    distance = np.asarray(offsets) - world @ matrix[:3, 3]
    return np.asarray(np.column_stack([world, distance]) / np.linalg.norm(normals, axis=1)[:, None])


def _frame(rotation: Floats, position: Floats) -> Floats:
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = rotation, position
    return matrix


class Receivers:
    """What of a snapshot lies in the view of a camera, where shadows may be seen: the same for all of its lights."""

    def __init__(self, camera: CameraState, width: int, height: int, rows: Rows, boxes: Boxes) -> None:
        """``rows`` (K,) are instances inside :func:`camera_planes`, of a picture of ``width`` x ``height`` pixels."""
        self.rows, self.boxes, self.eye = rows, boxes, camera.matrix[:3, 3]
        self._camera = camera
        self._x = np.array([-camera.cx, width - camera.cx]) / camera.fx
        self._y = np.array([camera.cy, camera.cy - height]) / camera.fy

    @cached_property
    def depths(self) -> tuple[Floats, Floats]:
        """The least and the greatest depth (K,), (K,) at which each row can appear in the picture."""
        low, high = self.boxes.seen_along(self.rows, self._camera.matrix[:3, :3])
        eye_depth = float(self._camera.matrix[:3, 2] @ self.eye)
        world_low, world_high = self.boxes.world(self.rows)
        outside = np.maximum(np.maximum(world_low - self.eye, self.eye - world_high), 0.0)
        distance = np.linalg.norm(outside, axis=1)
        x, y = float(np.abs(self._x).max()), float(np.abs(self._y).max())
        nearest = np.maximum(eye_depth - high[:, 2], distance / np.sqrt(1.0 + x * x + y * y))
        nearest = np.maximum(nearest, self._camera.near)
        return nearest, np.maximum(eye_depth - low[:, 2], nearest)

    def corners(self, start: float, end: float) -> Floats:
        """Return the world positions (8, 3) of the corners of the view between two depths, those at ``start`` first."""
        rays = np.array([(a, b, -1.0) for a in self._x for b in self._y])
        local = np.concatenate([rays * start, rays * end])
        return np.asarray(local @ self._camera.matrix[:3, :3].T + self.eye)


def sun_views(
    direction: Floats,
    receivers: Receivers,
    casters: Casters,
    size: int,
    *,
    most: int = MAX_CASCADES,
    half_angle: float = 0.0,
    air: bool = False,
) -> list[ShadowView]:
    """Return the cascades of a sun, ``most`` of them, finest first, over what of ``receivers`` lies in view.

    Each is a square of ``size`` texels whose width is a power of the fourth root of 2 and whose
    corner lies on a whole texel of the world, so that edges of shadows stand still while the
    camera moves. ``half_angle`` in radians is that under which half of the sun is seen. With ``air`` the
    air between the camera and the farthest receiver is looked up too.
    """
    if not len(receivers.rows):
        return []
    axes, boxes = look_at(np.zeros(3), direction), receivers.boxes
    low, high = boxes.seen_along(receivers.rows, axes)
    nearest, farthest = receivers.depths
    splits = _splits(float(nearest.min()), float(farthest.max()), most)
    starts = np.insert(splits[1:-1], 0, 0.0) if air else splits[:-1]
    outline = outline_of(receivers.corners(starts[0], splits[-1]) @ axes[:, :2])
    views: list[ShadowView] = []
    squares: list[Square] = []
    for start, end in zip(starts.tolist(), splits[1:].tolist(), strict=True):
        inside = (nearest <= end) & (farthest >= start)
        corners = receivers.corners(start, end) @ axes
        corner_low, corner_high = corners.min(axis=0), corners.max(axis=0)
        shared_low, shared_high = np.maximum(low[inside], corner_low), np.minimum(high[inside], corner_high)
        if air:
            shared_low, shared_high = corner_low[None], corner_high[None]
        shared = (shared_low <= shared_high).all(axis=1)
        if shared.any():
            square = _square(shared_low[shared].min(axis=0), shared_high[shared].max(axis=0), size)
            under = ((high[:, :2] >= square[0]) & (low[:, :2] <= square[1])).all(axis=1)
            depths = float(low[under, 2].min(initial=np.inf)), float(high[under, 2].max(initial=-np.inf))
            if air:
                depths = min(depths[0], float(corner_low[2])), max(depths[1], float(corner_high[2]))
            views.append(_cascade(axes, square, depths, outline, squares, boxes, casters, size, half_angle))
            squares.append(square)
    return views


def _splits(nearest: float, farthest: float, most: int) -> Floats:
    """Return the depths at which cascades begin and end: equal ratios, in steps that camera motion seldom changes."""
    start, end = _step(nearest, np.floor), _step(farthest, np.ceil)
    count = int(np.clip(np.ceil(np.log(end / start) / np.log(_DEPTH_RATIO) - 1e-9), 1, most))
    return start * (end / start) ** (np.arange(count + 1) / count)


def _step(value: float, rounding: Callable[[float], float]) -> float:
    """Round a positive value to a power of the fourth root of 2."""
    return float(2.0 ** (rounding(np.log2(value) * 4.0) / 4.0))


def _square(low: Floats, high: Floats, size: int) -> Square:
    """Return the square around a box (corners across the light first): few widths, corners on whole texels."""
    width = _step(max(float((high - low)[:2].max()), 1e-3) * size / (size - 2 * BORDER - 1), np.ceil)
    texel = width / size
    corner = np.floor(((low + high)[:2] - width) / (2.0 * texel)) * texel
    return corner, corner + width


def _cascade(
    axes: Floats,
    square: Square,
    depths: tuple[float, float],
    outline: Floats,
    finer: Sequence[Square],
    boxes: Boxes,
    casters: Casters,
    size: int,
    half_angle: float,
) -> ShadowView:
    """Make the map of a ``square`` in the frame of ``axes``, in which light travels along -Z.

    ``depths`` are the least and greatest Z of all receivers in it, of whatever cascade, since the
    first map that holds a point across the light is the one it is looked up in. So, too, what lies
    well inside the square of a ``finer`` map shadows nothing that is looked up here, nor does what
    lies well outside the ``outline`` (E, 3) of the view across the light, see :func:`outline_of`.
    """
    (left, bottom), (right, top) = square
    texel = (right - left) / size
    sides = np.array([[1, 0, -left], [-1, 0, right], [0, 1, -bottom], [0, -1, top]])
    lines = np.vstack([sides, outline + np.array([0.0, 0.0, _REACH * texel])])
    normals = np.vstack([np.insert(lines[:, :2], 2, 0.0, axis=1), [[0.0, 0.0, 1.0]]])
    rows = casters(_planes(_frame(axes, np.zeros(3)), normals, [*lines[:, 2], -depths[0]]))
    low, high = boxes.seen_along(rows, axes)
    drawn = (high - low)[:, :2].max(axis=1, initial=0.0) >= texel
    for lower, upper in finer:
        inset = BORDER * (upper - lower) / size + _REACH * texel
        drawn &= ~((low[:, :2] > lower + inset) & (high[:, :2] < upper - inset)).all(axis=1)
    margin = 2.0 * texel
    back, front = depths[0] - margin, float(high[drawn, 2].max(initial=depths[1])) + margin
    clip = np.eye(4)
    clip[0, 0] = clip[1, 1] = 2.0 / (right - left)
    clip[:2, 3] = -2.0 * square[0] / (right - left) - 1.0
    clip[2, 2], clip[2, 3] = 1.0 / (front - back), -back / (front - back)
    softness = float(np.tan(half_angle)), front - back, 1.0
    return ShadowView(size, clip @ _frame(axes.T, np.zeros(3)), axes[:, 2], texel, rows[drawn], np.zeros(3), softness)


def spot_view(
    position: Floats,
    direction: Floats,
    outer_angle: float,
    receivers: Receivers,
    casters: Casters,
    size: int,
    *,
    radius: float = 0.0,
) -> ShadowView | None:
    """Return the map of a spot (angle in radians from its axis), or None where it lights none of ``receivers``.

    Only what touches the hull of the spot, ``radius`` metres wide, and the view can stand between it and what
    is seen.
    """
    frame = _frame(look_at(np.zeros(3), direction), position)
    slope = np.tan(min(outer_angle, _WIDEST_SPOT)) * size / (size - 2.0 * BORDER)
    return _cone_view(frame, slope, receivers, casters, size, radius)


def around_views(
    position: Floats, frame: Floats, receivers: Receivers, casters: Casters, size: int, *, radius: float, half: bool
) -> list[ShadowView]:
    """Return the maps of a light that shines to all sides, or of one that shines to the ``half`` along its -Z.

    They are faces of a cube in ``frame`` (3, 3), each a little wider than a right angle, so that penumbrae of a
    light of ``radius`` metres find in one map what is around them.
    """
    slope = size / (size - 4.0 * BORDER) if radius == 0.0 else _SOFT_SLOPE
    faces = ((0, 0, -1), (1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1))
    views = []
    for face in faces[: 5 if half else 6]:
        turned = _frame(frame @ look_at(np.zeros(3), np.array(face, float)), position)
        view = _cone_view(turned, slope, receivers, casters, size, radius)
        views += [] if view is None else [view]
    return views


def _cone_view(
    frame: Floats, slope: float, receivers: Receivers, casters: Casters, size: int, radius: float
) -> ShadowView | None:
    """Return the map that looks along -Z of ``frame`` (4, 4) with half a width of ``slope`` at a metre."""
    position = frame[:3, 3]
    normals = np.array([[1, 0, -slope], [-1, 0, -slope], [0, 1, -slope], [0, -1, -slope]], float)
    low, _ = receivers.boxes.seen_along(receivers.rows, frame[:3, :3])
    reach = float(frame[:3, 2] @ position) - float(low[:, 2].min(initial=np.inf))
    if not reach > 0.0:
        return None
    texel = 2.0 * slope / size
    farthest = float(receivers.depths[1].max())
    view = np.vstack([position, receivers.eye, receivers.corners(farthest, farthest)[:4]])
    between = hull_of(view) + np.array([0.0, 0.0, 0.0, _REACH * texel * reach + radius])
    planes = _planes(frame, np.vstack([normals, [[0, 0, 1]]]), [0.0, 0.0, 0.0, 0.0, reach])
    rows = casters(np.vstack([planes, between]))
    if not np.isin(rows, receivers.rows).any():
        return None
    clip = np.zeros((4, 4))
    clip[0, 0] = clip[1, 1] = 1.0 / slope
    clip[2, 3], clip[3, 2] = _SPOT_NEAR, -1.0
    inverse = _frame(frame[:3, :3].T, -frame[:3, :3].T @ position)
    return ShadowView(size, clip @ inverse, frame[:3, 2], texel, rows, position, (radius, _SPOT_NEAR, 0.0))
