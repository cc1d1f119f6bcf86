"""What the refiner is punished for, on log-encoded light, which is close to what the eye is shown."""

from __future__ import annotations

import torch
from torch import Tensor

from diorama.refine.guides import GUIDE_PLACES
from diorama.refine.network import RefinerNetwork
from diorama.refine.warp import Carried, catmull_rom, reproject
from diorama.training.batches import Batch


def unroll(network: RefinerNetwork, batch: Batch) -> tuple[list[Tensor], list[Tensor]]:
    """Run the recurrence from a cold start; return outputs and warped previous outputs, T x (B, 3, H, W)."""
    size, _, _, height, width = batch.guides.shape
    change = output = batch.guides.new_zeros(size, 3, height, width)
    hidden = batch.guides.new_zeros(size, network.tier.hidden, (height + 1) // 2, (width + 1) // 2)
    outputs, warped = [], []
    for time in range(batch.frames):
        guides, flow = batch.guides[:, time], batch.flow[:, time]
        if time == 0:
            carried = Carried(change, hidden, torch.zeros_like(change[:, :1]))
            warped.append(output)
        else:
            edges = batch.guides[:, time - 1, GUIDE_PLACES["edge"]], guides[:, GUIDE_PLACES["edge"]]
            carried = reproject(change, hidden, flow, edges)
            warped.append(catmull_rom(output, flow))
        output, hidden = network(guides, carried.change, batch.valid[:, time] * carried.kept, carried.hidden)
        change = output - guides[:, GUIDE_PLACES["color"]]
        outputs.append(output)
    return outputs, warped


def picture_loss(outputs: list[Tensor], batch: Batch) -> Tensor:
    """Return the mean absolute difference from the target over all frames."""
    total = sum((output - batch.target[:, time]).abs().mean() for time, output in enumerate(outputs))
    assert isinstance(total, Tensor)
    return total / batch.frames


def temporal_loss(outputs: list[Tensor], warped: list[Tensor], batch: Batch) -> Tensor:
    """Return |(o_t - w o_t-1) - (r_t - w r_t-1)| over what was in sight one frame before: flicker, not true change."""
    total = outputs[0].new_zeros(())
    for time in range(1, batch.frames):
        wanted = batch.target[:, time] - catmull_rom(batch.target[:, time - 1], batch.flow[:, time])
        valid = batch.valid[:, time]
        difference = ((outputs[time] - warped[time] - wanted) * valid).abs().sum()
        total = total + difference / (3.0 * valid.sum()).clamp(min=1.0)
    return total / max(batch.frames - 1, 1)
