"""Carries the refiner's memory from one frame to the next along the exact flow (torch).

The change is sampled with Catmull-Rom's cubic (a = -0.5: it keeps detail where bilinear
sampling blurs a little more each frame), the hidden state, at half resolution, bilinearly.
Taps beyond the border repeat it. ``shaders/refine_warp.comp`` does the same arithmetic.
"""

from __future__ import annotations

import torch
from torch import Tensor


def reproject(change: Tensor, hidden: Tensor, flow: Tensor) -> tuple[Tensor, Tensor]:
    """Return the change and the hidden state of the frame before as seen at this frame.

    ``change`` (B, 3, H, W), ``hidden`` (B, C, ceil(H/2), ceil(W/2)), ``flow`` (B, 2, H, W) (dx, dy)
    pixels from this frame to the one before.
    """
    return catmull_rom(change, flow), bilinear(hidden, half_flow(flow))


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
    batch, channels, height, width = image.shape
    columns = [(column + first + i).clamp(0, width - 1) for i in range(len(across))]
    rows = [(row + first + i).clamp(0, height - 1) * width for i in range(len(down))]
    places = torch.stack([y + x for y in rows for x in columns], 1)  # (B, taps, H, W)
    flat = places.view(batch, 1, -1).expand(-1, channels, -1)
    taps = (
        image.reshape(batch, channels, -1).gather(2, flat).view(batch, channels, len(down), len(across), height, width)
    )
    lines = sum(taps[:, :, :, i] * weight[:, None, None] for i, weight in enumerate(across))
    assert isinstance(lines, Tensor)
    result = sum(lines[:, :, i] * weight[:, None] for i, weight in enumerate(down))
    assert isinstance(result, Tensor)
    return result
