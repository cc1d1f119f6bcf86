"""Carries the refiner's memory from one frame to the next along the exact flow (torch).

The change is sampled with Catmull-Rom's cubic (a = -0.5: it keeps detail where bilinear
sampling blurs a little more each frame), the hidden state, at half resolution, bilinearly.
Taps beyond the border repeat it. The change of a pixel on the edge of an instance is that of a mixture of
what meets there, so a pixel that is on none takes none of it: else each edge that moves on would leave a
streak, as long as memory lasts. In the crook of an edge the one tap that is left may be another surface's.
``shaders/refine_warp.comp`` does the same arithmetic.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from diorama.refine.guides import LEAST_WEIGHT


class Carried(NamedTuple):
    """The ``change`` (B, 3, H, W) and ``hidden`` state (B, C, ceil(H/2), ceil(W/2)) of the frame before, as seen now.

    ``kept`` (B, 1, H, W) is 0 where all that is left of the change is a mixture with something else, otherwise 1.
    """

    change: Tensor
    hidden: Tensor
    kept: Tensor


def reproject(change: Tensor, hidden: Tensor, flow: Tensor, edges: tuple[Tensor, Tensor]) -> Carried:
    """Carry ``change`` (B, 3, H, W) and ``hidden`` (B, C, ceil(H/2), ceil(W/2)) along ``flow`` (B, 2, H, W).

    The flow (dx, dy) is pixels from this frame to the one before; ``edges`` are where that frame and this one,
    in this order, have the guide ``edge`` (B, 1, H, W), 0 or 1.
    """
    (column, u), (row, v) = _split(flow[:, 0], flow.shape[3], 2), _split(flow[:, 1], flow.shape[2], 1)
    before, now = edges
    off_edge = 1.0 - _taps(before, column, row, first=-1, count=4)
    use_cubic = torch.maximum(now, off_edge.amin((2, 3))) > 0.5
    across, down = (torch.stack([1 - t, t], 1)[:, None] for t in (u, v))
    weights = down[:, :, :, None] * across[:, :, None] * off_edge[:, :, 1:3, 1:3]
    total = weights.sum((2, 3))
    filtered = (_taps(change, column, row, first=0, count=2) * weights).sum((2, 3)) / total.clamp(min=LEAST_WEIGHT)
    moved = torch.where(use_cubic, catmull_rom(change, flow), filtered)
    kept = use_cubic | (total > LEAST_WEIGHT)
    return Carried(moved, bilinear(hidden, half_flow(flow)), kept.to(change.dtype))


def half_flow(flow: Tensor) -> Tensor:
    """Return the flow at half resolution, in its pixels: that of the upper left pixel of each four.

    A mean would mix two motions along the edges of what moves and be right for neither.
    """
    return flow[:, :, ::2, ::2] * 0.5


def catmull_rom(image: Tensor, flow: Tensor) -> Tensor:
    """Return (B, C, H, W): ``image`` at each pixel centre plus ``flow`` (B, 2, H, W), 16 taps."""
    (column, u), (row, v) = _split(flow[:, 0], image.shape[3], 2), _split(flow[:, 1], image.shape[2], 1)
    return _weighted(image, column, row, _cubic(u), _cubic(v), first=-1)


def bilinear(image: Tensor, flow: Tensor) -> Tensor:
    """Return (B, C, H, W): ``image`` at each pixel centre plus ``flow`` (B, 2, H, W), 4 taps."""
    (column, u), (row, v) = _split(flow[:, 0], image.shape[3], 2), _split(flow[:, 1], image.shape[2], 1)
    return _weighted(image, column, row, [1 - u, u], [1 - v, v], first=0)


def _split(shift: Tensor, size: int, axis: int) -> tuple[Tensor, Tensor]:
    """Return the pixel at or before each shifted centre along ``axis``, and how far beyond it that lies, 0..1."""
    near = shift.clamp(-size - 1.0, size + 1.0)
    whole = near.floor()
    centres = torch.arange(size, device=shift.device)
    return whole.long() + (centres[:, None] if axis == 1 else centres), near - whole


def _cubic(t: Tensor) -> list[Tensor]:
    """Return the weights of the four pixels around a position ``t`` beyond the second."""
    return [
        ((-0.5 * t + 1.0) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1.0,
        ((-1.5 * t + 2.0) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    ]


def _weighted(
    image: Tensor, column: Tensor, row: Tensor, across: list[Tensor], down: list[Tensor], *, first: int
) -> Tensor:
    """Sum up taps ``first``, ``first`` + 1, … from (column, row) on, weighted ``across`` and ``down``."""
    taps = _taps(image, column, row, first=first, count=len(across))
    lines = sum(taps[:, :, :, i] * weight[:, None, None] for i, weight in enumerate(across))
    assert isinstance(lines, Tensor)
    result = sum(lines[:, :, i] * weight[:, None] for i, weight in enumerate(down))
    assert isinstance(result, Tensor)
    return result


def _taps(image: Tensor, column: Tensor, row: Tensor, *, first: int, count: int) -> Tensor:
    """Return (B, C, count, count, H, W): ``first``, ``first`` + 1, … from (column, row) on, rows first."""
    batch, channels, height, width = image.shape
    columns = [(column + first + i).clamp(0, width - 1) for i in range(count)]
    rows = [(row + first + i).clamp(0, height - 1) * width for i in range(count)]
    places = torch.stack([y + x for y in rows for x in columns], 1)
    flat = places.view(batch, 1, -1).expand(-1, channels, -1)
    return image.reshape(batch, channels, -1).gather(2, flat).view(batch, channels, count, count, height, width)
