"""Two-dimensional boxes and visible pixel counts of all instances, from the instance pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diorama.labels.runs import runs


@dataclass(frozen=True, eq=False)
class Boxes:
    """The instances that are visible, ascending by id, a row each.

    ``ids`` (N,) as in the instance pass; ``boxes`` (N, 4) x, y, width, height in pixels, the
    tight box around the visible pixels: columns x .. x + width - 1, rows y .. y + height - 1;
    ``pixels`` (N,) how many are visible; ``truncated`` (N,) whether the box touches the border
    of the picture, so that the instance may go on outside.
    """

    ids: NDArray[np.int64]
    boxes: NDArray[np.int64]
    pixels: NDArray[np.int64]
    truncated: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.ids)


def boxes(instance: NDArray[np.uint32]) -> Boxes:
    """Return the boxes of all non-zero ids in an (H, W) instance pass."""
    height, width = instance.shape
    found = runs(instance.ravel(), width)
    if not len(found.ids):
        nothing = np.zeros(0, np.int64)
        return Boxes(nothing, np.zeros((0, 4), np.int64), nothing, np.zeros(0, np.bool_))
    row, left = np.divmod(found.start, width)
    right = left + (found.stop - found.start)
    low_x, low_y = (np.minimum.reduceat(values, found.first) for values in (left, row))
    high_x, high_y = (np.maximum.reduceat(values, found.first) for values in (right, row + 1))
    return Boxes(
        ids=found.ids,
        boxes=np.stack([low_x, low_y, high_x - low_x, high_y - low_y], axis=-1),
        pixels=np.add.reduceat(found.stop - found.start, found.first),
        truncated=(low_x == 0) | (low_y == 0) | (high_x == width) | (high_y == height),
    )
