"""Pieces of clips, and what is lost on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from training.clips import clip

from diorama.refine.guides import GUIDE_CHANNELS, GUIDE_PLACES
from diorama.refine.network import TIERS, RefinerNetwork
from diorama.refine.warp import catmull_rom
from diorama.training.batches import Batch, draw_batch, whole
from diorama.training.losses import picture_loss, temporal_loss, unroll


def test_a_batch_follows_from_seed_and_step() -> None:
    clips = [clip(0), clip(1)]
    first, again, other = (draw_batch(clips, 5, step, size=3, frames=2, side=16) for step in (7, 7, 8))
    for name in vars(first):
        assert torch.equal(getattr(first, name), getattr(again, name))
    assert not torch.equal(first.guides, other.guides)


def test_mirrored_pieces_still_fit_their_flow() -> None:
    """Warped along the flow, the target of one frame is that of the next, in every piece of a rigid drift."""
    batch = draw_batch([clip(2, shift=2.0)], 1, 0, size=12, frames=3, side=16)
    assert len({tuple(flow) for flow in batch.flow[:, 1, :, 0, 0].tolist()}) == 2, "some are mirrored, some are not"
    for time in (1, 2):
        warped = catmull_rom(batch.target[:, time - 1], batch.flow[:, time])
        error = (warped - batch.target[:, time]).abs() * batch.valid[:, time]
        assert float(error.max()) < 1e-3


def test_colours_are_shuffled_alike_in_input_albedo_and_target() -> None:
    batch = draw_batch([clip(3)], 1, 0, size=8, frames=2, side=16)
    color, shadowed, albedo = (batch.guides[:, :, GUIDE_PLACES[name]] for name in ("color", "shadowed", "albedo"))
    assert torch.equal(albedo, batch.target)
    torch.testing.assert_close(shadowed, 0.9 * color, rtol=2e-3, atol=1e-3)
    original = torch.from_numpy(clip(3).target.astype(np.float32))
    means = {tuple(round(float(m), 3) for m in piece.mean(dim=(0, 2, 3))) for piece in batch.target}
    assert len(means) > 2
    assert original.shape[1] == 3


def test_history_from_outside_the_piece_does_not_count() -> None:
    full = replace(clip(4, shift=3.0), valid=np.ones((4, 1, 32, 32), np.uint8))
    batch = draw_batch([full], 1, 0, size=6, frames=2, side=16)
    for flow, valid in zip(batch.flow[:, 1], batch.valid[:, 1], strict=True):
        column = torch.arange(16) + 0.5 + flow[0, 0, 0]
        assert torch.equal(valid[0, 0], ((column >= 0) & (column < 16)).float())


def constant(values: list[float], targets: list[float]) -> tuple[list[torch.Tensor], Batch]:
    def stack(numbers: list[float], channels: int) -> torch.Tensor:
        return torch.stack([torch.full((channels, 4, 4), number) for number in numbers])[None]

    count = len(values)
    batch = Batch(
        stack([0.0] * count, GUIDE_CHANNELS), stack(targets, 3), stack([0.0] * count, 2), stack([1.0] * count, 1)
    )
    return [torch.full((1, 3, 4, 4), value) for value in values], batch


def test_losses_of_constants_are_known() -> None:
    outputs, batch = constant([0.5, 0.7, 0.4], [0.5, 0.5, 0.6])
    warped = [torch.zeros(1, 3, 4, 4), outputs[0], outputs[1]]
    assert float(picture_loss(outputs, batch)) == pytest.approx((0.0 + 0.2 + 0.2) / 3)
    assert float(temporal_loss(outputs, warped, batch)) == pytest.approx((0.2 + abs(-0.3 - 0.1)) / 2)


def test_flicker_out_of_sight_is_not_punished() -> None:
    outputs, batch = constant([0.5, 0.9], [0.5, 0.5])
    hidden = replace(batch, valid=torch.zeros_like(batch.valid))
    assert float(temporal_loss(outputs, [outputs[0], outputs[0]], hidden)) == 0.0


def test_an_untrained_network_gives_the_input_with_the_sky_s_shadows() -> None:
    torch.manual_seed(0)
    batch = whole(clip(5))
    with torch.no_grad():
        outputs, warped = unroll(RefinerNetwork(TIERS["nano"]), batch)
    assert len(outputs) == len(warped) == 4
    assert float((outputs[0] - batch.guides[:, 0, GUIDE_PLACES["shadowed"]]).abs().mean()) < 0.01
    assert float(warped[0].abs().max()) == 0.0


class Witness(RefinerNetwork):
    """Remembers how much history it was told to trust."""

    def forward(self, guides, warped_change, validity, warped_hidden):  # type: ignore[no-untyped-def]
        self.seen = [*getattr(self, "seen", []), float(validity.mean())]
        return super().forward(guides, warped_change, validity, warped_hidden)


def test_the_first_frame_has_no_history() -> None:
    network, batch = Witness(TIERS["nano"]), whole(clip(5))
    assert float(batch.valid[:, 0].mean()) > 0.9
    with torch.no_grad():
        unroll(network, batch)
    assert network.seen[0] == 0.0
    assert min(network.seen[1:]) > 0.9
