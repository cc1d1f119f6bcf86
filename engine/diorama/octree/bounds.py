"""Boxes, points and directions as the octree takes them: checked float64 arrays, metres, world space.

Inside the octree N boxes are one (6, N) array, rows low x, y, z, high x, y, z, so that every
test runs along contiguous memory.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diorama.errors import OptionError, expected

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Mask: TypeAlias = NDArray[np.bool_]

LIMIT = 1e30
"""Coordinates stay below this, so that no square or quotient of them overflows."""


def check_boxes(low: ArrayLike, high: ArrayLike) -> Floats:
    """Return boxes (N, 3), (N, 3) as one (6, N) array; ``OptionError`` names the first bad one."""
    lowest, highest = _rows(low, "low"), _rows(high, "high")
    if lowest.shape != highest.shape:
        raise OptionError(expected(f"{len(lowest)} corners, as many as in low", len(highest)), place="high")
    boxes = np.empty((6, len(lowest)))
    # Adding 0 turns -0 into 0: equal boxes then have equal bytes.
    np.add(lowest.T, 0.0, out=boxes[:3])
    np.add(highest.T, 0.0, out=boxes[3:])
    ordered = boxes[:3] <= boxes[3:]
    if not (ordered.all() and (np.abs(boxes) < LIMIT).all()):
        check_points(lowest, "low")
        check_points(highest, "high")
        row = int(np.flatnonzero(~ordered.all(axis=0))[0])
        wanted = f"low <= high in row {row}"
        raise OptionError(expected(wanted, (boxes[:3, row].tolist(), boxes[3:, row].tolist())), place="low, high")
    return boxes


def check_points(points: ArrayLike, place: str) -> Floats:
    """Return ``points`` as (N, 3) float64; a row that is not finite and below 1e30 is an error."""
    rows = _rows(points, place)
    usable = np.abs(rows) < LIMIT
    if not usable.all():
        row = int(np.flatnonzero(~usable.all(axis=1))[0])
        raise OptionError(expected(f"finite coordinates below 1e30 in row {row}", rows[row].tolist()), place=place)
    return rows


def _rows(points: ArrayLike, place: str) -> Floats:
    """Return ``points`` as (N, 3) float64, whatever they hold."""
    rows = np.asarray(points, np.float64)
    if rows.shape == (0,):
        return rows.reshape(0, 3)
    if rows.ndim != 2 or rows.shape[1] != 3:
        raise OptionError(expected("an array of shape (N, 3)", rows.shape), place=place)
    return rows


def check_batch(points: ArrayLike, place: str) -> Floats:
    """Return points (R, 3), or a single one (3,), as (3, R) float64, checked as :func:`check_points` does."""
    rows = np.asarray(points, np.float64)
    return np.ascontiguousarray(check_points(rows[None] if rows.shape == (3,) else rows, place).T)


def check_point(point: ArrayLike, place: str) -> Floats:
    """Return one ``point`` as (3,) float64, checked as :func:`check_points` does."""
    row = np.asarray(point, np.float64)
    if row.shape != (3,):
        raise OptionError(expected("3 coordinates", row.shape), place=place)
    return check_points(row[None], place).reshape(3)


def check_ids(ids: ArrayLike, count: int) -> Ints:
    """Return distinct ``ids`` below ``count`` as (M,) int64."""
    given = np.asarray(ids)
    if given.size == 0:
        return np.zeros(0, np.int64)
    if given.ndim != 1 or given.dtype.kind not in "iu":
        raise OptionError(expected("a one-dimensional array of integers", (given.shape, given.dtype.name)), place="ids")
    ordered = given if (given[1:] > given[:-1]).all() else np.sort(given)
    if ordered[0] < 0 or ordered[-1] >= count:
        wrong = given[(given < 0) | (given >= count)][0]
        raise OptionError(expected(f"ids from 0 to {count - 1}", int(wrong)), place="ids")
    if ordered is not given:
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        if len(twice):
            raise OptionError(expected("every id once", f"{int(twice[0])} twice"), place="ids")
    return given.astype(np.int64)
