"""Masks of all instances as run lengths, as COCO stores them uncompressed.

Counts run down the columns and alternate between outside and inside, outside first; so a mask
that covers the upper left pixel starts with 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from diorama.labels.runs import runs


@dataclass(frozen=True)
class RunLengths:
    """One mask: ``counts`` down the columns of a picture of ``height`` x ``width`` pixels."""

    height: int
    width: int
    counts: tuple[int, ...]

    def to_coco(self) -> dict[str, list[int]]:
        """Return COCO's uncompressed form, ``{"size": [height, width], "counts": [...]}``."""
        return {"size": [self.height, self.width], "counts": list(self.counts)}

    def decode(self) -> NDArray[np.bool_]:
        """Return the mask as an (H, W) array."""
        inside = np.arange(len(self.counts)) % 2 == 1
        return np.repeat(inside, self.counts).reshape(self.width, self.height).T


def masks(instance: NDArray[np.uint32]) -> dict[int, RunLengths]:
    """Return the mask of every non-zero id in an (H, W) instance pass, ascending by id."""
    height, width = instance.shape
    found = runs(instance.ravel(order="F"))
    edges = np.stack([found.start, found.stop], axis=-1)
    result = {}
    for number, (begin, end) in zip(found.ids.tolist(), pairwise([*found.first.tolist(), len(edges)]), strict=True):
        borders = np.concatenate([[0], edges[begin:end].ravel(), [instance.size]])
        counts = np.diff(borders)
        result[number] = RunLengths(height, width, tuple((counts if counts[-1] else counts[:-1]).tolist()))
    return result
