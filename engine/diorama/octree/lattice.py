"""The fixed lattice of cells, and the key that sorts boxes into its preorder.

The lattice is a cube of 2^15 m centred on the world's origin, halved 21 times down to cells of
1/64 m. It is loose (Ulrich 2000, "Loose octrees"): a box belongs to the cell that holds its
centre, on the deepest level whose cells are longer than its longest side, so it never reaches
further than half a cell beyond its cell, and a box across the origin is treated like any other.

A cell is a Morton code (Morton 1966; three bits a level, x lowest) padded with zeros to depth
21, and a level. Their order (code, then level) is the preorder of the octree: a cell comes
before all that it contains, and those are one contiguous run. That order is kept in *one*
64-bit number, the cell's rank in the preorder walk of the full octree: a cell on level L with
padded code M and base-8 digits d is passed after L + sum(d_i * S_i) others, where
S_i = (8^(22-i) - 1) / 7 is the size of a subtree on level i, and that sum is
M + (M - sum(d_i)) / 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.octree.bounds import Floats, Mask

Codes: TypeAlias = NDArray[np.uint64]
Levels: TypeAlias = NDArray[np.int8]

DEPTH = 21
ROOT_EXPONENT = 15
HALF = 2.0 ** (ROOT_EXPONENT - 1)
CELLS_PER_METRE = 2.0 ** (DEPTH - ROOT_EXPONENT)

BUCKET = -1
"""The level of boxes that no cell holds: longer than the lattice, or centred outside it."""

SAME_CELL = 127
"""What :func:`common_level` says of two boxes of one cell: nothing divides them."""

_BUCKET_RANK = np.uint64(2**64 - 1)
_SPREADING = (
    (32, 0x001F00000000FFFF),
    (16, 0x001F0000FF0000FF),
    (8, 0x100F00F00F00F00F),
    (4, 0x10C30C30C30C30C3),
    (2, 0x1249249249249249),
)


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of N boxes: ``rank`` (N,) uint64 in preorder, ``code`` (N,) uint64, ``level`` (N,) int8."""

    rank: Codes
    code: Codes
    level: Levels

    def put(self, rows: NDArray[np.int64], cells: Cells) -> None:
        """Write ``cells`` over ``rows``."""
        self.rank[rows], self.code[rows], self.level[rows] = cells.rank, cells.code, cells.level


def encode(boxes: Floats) -> Cells:
    """Return the cells of (6, N) boxes. O(N)."""
    sides = boxes[3:] - boxes[:3]
    centre = boxes[:3] + 0.5 * sides
    # Whatever is shorter than the finest cells is held by them.
    longest = np.maximum(sides.max(axis=0), 0.5 / CELLS_PER_METRE)
    level = ROOT_EXPONENT - np.frexp(longest)[1]
    inside = (np.abs(centre) < HALF).all(axis=0) & (level >= 0)
    level = np.where(inside, level, BUCKET)
    fine = np.where(inside, np.minimum((centre + HALF) * CELLS_PER_METRE, 2.0**DEPTH - 1.0), 0.0).astype(np.uint64)
    padding = np.minimum(DEPTH - level, DEPTH).astype(np.uint64)
    coordinates = fine >> padding << padding
    code = morton(coordinates)
    rank = code + (code - _digit_sum(coordinates)) // np.uint64(7) + level.astype(np.uint64)
    return Cells(np.where(inside, rank, _BUCKET_RANK), code, level.astype(np.int8))


def morton(coordinates: Codes) -> Codes:
    """Interleave (3, N) cell coordinates below 2^21, x in the lowest bits."""
    spread = coordinates
    for shift, mask in _SPREADING:
        spread = (spread | spread << np.uint64(shift)) & np.uint64(mask)
    return np.asarray(spread[0] | spread[1] << np.uint64(1) | spread[2] << np.uint64(2))


def _digit_sum(coordinates: Codes) -> Codes:
    """Return the sum of the base-8 digits of the codes of (3, N) coordinates."""
    ones = np.bitwise_count(coordinates).astype(np.uint64)
    return np.asarray(ones[0] + np.uint64(2) * ones[1] + np.uint64(4) * ones[2])


def common_level(cells: Cells, left: NDArray[np.int64], right: NDArray[np.int64]) -> Levels:
    """Return the level of the smallest cell around the cells at rows ``left`` and ``right``.

    It is :data:`SAME_CELL` where both are one cell, and :data:`BUCKET` where just one is in the bucket.
    """
    shallower = np.minimum(cells.level[left], cells.level[right])
    differing = cells.code[left] ^ cells.code[right]
    # Clearing each bit below a set one keeps the rounding to float64 from reaching the next power of two.
    bits = np.frexp((differing & ~(differing >> np.uint64(1))).astype(np.float64))[1]
    level = np.minimum(shallower, (DEPTH - (bits + 2) // 3)).astype(np.int8)
    same: Mask = cells.rank[left] == cells.rank[right]
    return np.where(same, np.int8(SAME_CELL), level)
