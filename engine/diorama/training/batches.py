"""Short random pieces of clips, as tensors: which ones follows from seed and step alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray
from torch import Tensor

from diorama.refine.guides import GUIDE_PLACES
from diorama.rng import generator
from diorama.training.pairs import Clip

Floats: TypeAlias = NDArray[np.float32]

_NORMAL_X = GUIDE_PLACES["normal"].start
_COLORS = tuple(GUIDE_PLACES[name].start for name in ("color", "shadowed", "albedo"))


@dataclass(frozen=True)
class Batch:
    """``guides`` (B, T, 16, S, S), ``target`` (B, T, 3, S, S), ``flow`` (B, T, 2, S, S), ``valid`` (B, T, 1, S, S)."""

    guides: Tensor
    target: Tensor
    flow: Tensor
    valid: Tensor

    @property
    def frames(self) -> int:
        """The number of frames in each piece."""
        return self.guides.shape[1]


def draw_batch(clips: Sequence[Clip], seed: int, step: int, *, size: int, frames: int, side: int) -> Batch:
    """Cut ``size`` random pieces of ``frames`` frames, ``side`` pixels square, out of ``clips``.

    Half of them are mirrored, and the three colour channels are shuffled: light has no favourite.
    """
    random = generator(seed, f"step {step}", "batch")
    pieces = [_piece(clips[int(random.integers(len(clips)))], random, frames, side) for _ in range(size)]
    return Batch(*(torch.from_numpy(np.stack(arrays)) for arrays in zip(*pieces, strict=True)))


def whole(clip: Clip) -> Batch:
    """Return all of one clip as a batch of one."""
    arrays = (clip.guides, clip.target, clip.flow, clip.valid)
    return Batch(*(torch.from_numpy(array.astype(np.float32))[None] for array in arrays))


def _piece(clip: Clip, random: Generator, frames: int, side: int) -> tuple[Floats, ...]:
    count, _, height, width = clip.guides.shape
    first = int(random.integers(count - frames + 1))
    top, left = int(random.integers(height - side + 1)), int(random.integers(width - side + 1))
    cut = (slice(first, first + frames), slice(None), slice(top, top + side), slice(left, left + side))
    guides, target, flow, valid = (a[cut].astype(np.float32) for a in (clip.guides, clip.target, clip.flow, clip.valid))
    valid *= _inside(flow)
    order = random.permutation(3)
    target = target[:, order]
    for first in _COLORS:
        guides[:, first : first + 3] = guides[:, first + order]
    if random.random() < 0.5:
        guides, target, flow, valid = (np.ascontiguousarray(a[..., ::-1]) for a in (guides, target, flow, valid))
        guides[:, _NORMAL_X] *= -1.0
        flow[:, 0] *= -1.0
    return guides, target, flow, valid


def _inside(flow: Floats) -> Floats:
    """Return (T, 1, S, S): 1 where ``flow`` (T, 2, S, S) leads to a place inside the piece."""
    side = flow.shape[2]
    centre = np.arange(side, dtype=np.float32) + 0.5
    x, y = flow[:, 0] + centre, flow[:, 1] + centre[:, None]
    return np.asarray((x >= 0) & (x < side) & (y >= 0) & (y < side), np.float32)[:, None]
