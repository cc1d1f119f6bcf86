"""The fixed lattice of cells, and the key that sorts boxes into its order.

The lattice is a cube of 2^15 m centred on the world's origin, halved 21 times down to cells of
1/64 m. It is loose (Ulrich 2000, "Loose octrees"): a box belongs to the cell that holds its
centre, on the deepest level whose cells are longer than its longest side, so it never reaches
further than half a cell beyond its cell, and a box across the origin is treated like any other.

A cell is a Morton code (Morton 1966; three bits a level, x lowest) and a level, kept in *one*
64-bit number as in the cell ids of Google's S2: the code, a one, and zeros to the end. All that
a cell contains is one contiguous run of these keys, with the cell itself in its middle, and two
keys alone tell the smallest cell around both. The key 0 is free: it stands for the bucket.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.octree.bounds import Floats

Keys: TypeAlias = NDArray[np.uint64]
Levels: TypeAlias = NDArray[np.int8]

DEPTH = 21
ROOT_EXPONENT = 15
HALF = 2.0 ** (ROOT_EXPONENT - 1)
CELLS_PER_METRE = 2.0 ** (DEPTH - ROOT_EXPONENT)

BUCKET = -1
"""The level of boxes that no cell holds: longer than the lattice, or centred outside it."""

SAME_CELL = 127
"""What :func:`common_level` says of two boxes of one cell: nothing divides them."""

_LAST = 2.0**DEPTH - 1.0
_LOW_BITS = 11
_FINEST_EXPONENT = ROOT_EXPONENT - DEPTH


def _spread(bits: int) -> Keys:
    """Return for each number of so many ``bits`` the bits of a key (3, 2^bits) that it stands for as x, y and z."""
    numbers = np.arange(1 << bits, dtype=np.uint64)
    apart = np.zeros_like(numbers)
    for bit in range(bits):
        apart |= (numbers >> np.uint64(bit) & np.uint64(1)) << np.uint64(3 * bit + 1)
    return np.stack([apart << np.uint64(axis) for axis in range(3)])


# Tables, because for few boxes a call into numpy costs more than its work.
_LOW = _spread(_LOW_BITS).ravel()
_HIGH = (_spread(DEPTH - _LOW_BITS) << np.uint64(3 * _LOW_BITS)).ravel()
_LOW_AXIS = np.arange(3)[:, None] << _LOW_BITS
_HIGH_AXIS = np.arange(3)[:, None] << DEPTH - _LOW_BITS

_ENDS = np.array([1 << 3 * step for step in range(DEPTH + 1)] + [0], np.uint64)
"""The one that ends a code, from the finest cells up; none for the bucket."""

_LEVELS = np.array([DEPTH - (bits + 1) // 3 for bits in range(65)], np.int8)
"""The level of the smallest cell around keys that differ in their last so many bits alone."""


def encode(boxes: Floats) -> Keys:
    """Return the keys (N,) of the cells of (6, N) boxes. O(N)."""
    sides = boxes[3:] - boxes[:3]
    centre = boxes[:3] + 0.5 * sides
    # Whatever is shorter than the finest cells is held by them.
    longest = np.maximum(np.maximum.reduce(sides), 0.5 / CELLS_PER_METRE)
    end = _ENDS.take(np.frexp(longest)[1] - _FINEST_EXPONENT, mode="clip")
    end[np.maximum.reduce(np.abs(centre)) >= HALF] = 0
    return np.asarray((interleave(centre) | end) & -end)


def interleave(points: Floats) -> Keys:
    """Return the codes (N,) of the finest cells around ``points`` (3, N): keys without the one that ends them.

    For points outside the lattice they are those of its outermost cells.
    """
    fine = (points + HALF) * CELLS_PER_METRE
    np.minimum(fine, _LAST, out=fine)
    np.maximum(fine, 0.0, out=fine)
    cell = fine.astype(np.int64)
    codes = _LOW.take((cell & (1 << _LOW_BITS) - 1) + _LOW_AXIS)
    codes |= _HIGH.take((cell >> _LOW_BITS) + _HIGH_AXIS)
    return np.asarray(np.bitwise_or.reduce(codes))


def common_level(left: Keys, right: Keys) -> Levels:
    """Return the level of the smallest cell around the cells ``left`` (N,) and ``right`` (N,), left <= right.

    It is :data:`SAME_CELL` where both are one cell, and :data:`BUCKET` where just one is in the bucket.
    """
    differing = left ^ right
    # The cell ends where the keys part or, in case the left one holds the right one, where that ends.
    telling = differing | left & -left
    # Clearing each bit below a set one keeps the rounding to float64 from reaching the next power of two.
    bits: NDArray[np.int32] = np.frexp((telling & ~(telling >> np.uint64(1))).astype(np.float64))[1]
    level = _LEVELS.take(bits)
    level[left == 0] = BUCKET
    level[differing == 0] = SAME_CELL
    return level
