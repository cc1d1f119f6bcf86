"""The refiner's network (torch): a small recurrent U-Net that predicts how to mend each pixel.

It never paints. For each pixel it gives a 3x3 kernel K (softmax) on the frame's own light with the
sky's shadows, a log-gain g in [-2, 2] per channel, a residual r of at most 0.2, a history weight a, and
how much of what is known around it stands in where few frames are behind it (:mod:`diorama.refine.fill`):

    change = a * warped_change + (1 - a) * (exp(g) * (K conv shadowed) + r - color)
    output = color + change

on log-encoded light (:func:`diorama.refine.guides.encode`). What goes from frame to frame is the
change alone: textures, highlights and the shadows of lamps are always those of the frame itself.
Kernel prediction follows Bako et al. 2017, recurrence along motion vectors Chaitanya et al. 2017.
The heads start at 0, biased to the middle of K: without training the change is the mean of
shadowed - color over the frames that a point was in sight, and where they are few, of its surroundings.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from diorama.refine.fill import lend, surfaces
from diorama.refine.guides import ENCODED_MAX, GUIDE_CHANNELS, GUIDE_PLACES, MULTIPLE

GAIN_MAX = 2.0
RESIDUAL_MAX = 0.2

OLD = 8.0
"""The first channel that is remembered counts the frames behind a point's change: at 1 there are so many or more."""

RELIEF_SIZES = (5, 13, 33)
"""The sides in pixels of the surroundings that :func:`relief` compares a pixel with."""

_FARTHEST, _NEAREST, _RELIEF_GAIN = 0.01, 1e-3, 16.0

_HEADS = 9 + 3 + 3 + 1 + 1
_CENTRE_BIAS, _SLOPE = 2.0, 4.0
_LOGIT_MAX = 30.0
_LEAK = 0.1


@dataclass(frozen=True)
class Tier:
    """The size of a network: channels at 1/2, 1/4 and 1/8 resolution, and of the hidden state."""

    channels: tuple[int, int, int]
    hidden: int


TIERS = {
    "nano": Tier((16, 24, 32), 4),
    "tiny": Tier((24, 32, 48), 8),
    "base": Tier((48, 64, 96), 16),
    "large": Tier((96, 128, 192), 16),
}


class RefinerNetwork(nn.Module):
    """One step of the recurrence; what it remembers comes in and goes out explicitly."""

    def __init__(self, tier: Tier = TIERS["tiny"]) -> None:
        super().__init__()
        self.tier = tier
        fine, middle, coarse = tier.channels
        self.encode_fine = _block(4 * (GUIDE_CHANNELS + len(RELIEF_SIZES) + 3 + 1) + tier.hidden, fine)
        self.encode_middle = _block(fine, middle, stride=2)
        self.encode_coarse = _block(middle, coarse, stride=2)
        self.decode_middle = _layer(coarse + middle, middle)
        self.decode_fine = _layer(middle + fine, fine)
        self.heads = nn.Conv2d(fine, 4 * _HEADS, 1)
        self.remember = nn.Conv2d(fine, tier.hidden - 1, 1)
        self._start_at_the_mean()

    def _start_at_the_mean(self) -> None:
        nn.init.zeros_(self.heads.weight)
        bias = torch.zeros(_HEADS, 4)
        bias[4] = _CENTRE_BIAS
        with torch.no_grad():
            self.heads.bias.copy_(bias.flatten())  # type: ignore[union-attr]

    def forward(
        self, guides: Tensor, warped_change: Tensor, validity: Tensor, warped_hidden: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the encoded output (B, 3, H, W) and the hidden state (B, C, ceil(H/2), ceil(W/2)).

        ``guides`` (B, 16, H, W), ``warped_change`` (B, 3, H, W), what the output before differs by
        from its frame's color, and ``warped_hidden`` (B, C, ceil(H/2), ceil(W/2)) from
        :func:`diorama.refine.warp.reproject`, ``validity`` (B, 1, H, W) 0 or 1, where the point was in
        sight and :func:`~diorama.refine.warp.reproject` kept it: where it is 0 nothing is remembered. At the
        start of a segment all three are 0.
        """
        height, width = guides.shape[2:]
        high, wide = -height % MULTIPLE, -width % MULTIPLE
        if high or wide:
            full = (0, wide, 0, high)
            half = (0, (width + wide) // 2 - warped_hidden.shape[3], 0, (height + high) // 2 - warped_hidden.shape[2])
            given = (guides, full), (warped_change, full), (validity, full), (warped_hidden, half)
            padded = [functional.pad(planes, room, mode="replicate") for planes, room in given]
            output, hidden = self.step(padded[0], padded[1], padded[2], padded[3])
            return output[:, :, :height, :width], hidden[:, :, : (height + 1) // 2, : (width + 1) // 2]
        return self.step(guides, warped_change, validity, warped_hidden)

    def step(
        self, guides: Tensor, warped_change: Tensor, validity: Tensor, warped_hidden: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Do what :meth:`forward` does for a picture whose sides are multiples of 8."""
        change = warped_change * validity
        # Four pixels share an age: that of the one which was in sight least long.
        age = warped_hidden[:, :1] * -functional.max_pool2d(-validity, 2)
        hidden = torch.cat([age, warped_hidden[:, 1:] * validity[:, :, ::2, ::2]], 1)
        seen = torch.cat([guides, relief(guides[:, GUIDE_PLACES["inverse_depth"]]), change, validity], 1)
        quarters = [seen[:, :, y::2, x::2] for y in (0, 1) for x in (0, 1)]
        fine = self.encode_fine(torch.cat([*quarters, hidden], 1))
        middle = self.encode_middle(fine)
        coarse = self.encode_coarse(middle)
        middle = self.decode_middle(torch.cat([_double(coarse), middle], 1))
        fine = self.decode_fine(torch.cat([_double(middle), fine], 1))
        heads = functional.pixel_shuffle(self.heads(fine), 2)
        color, shadowed = (guides[:, GUIDE_PLACES[name]] for name in ("color", "shadowed"))
        output = compose(color, shadowed, change, validity, OLD * _double(age), heads)
        age = (age + 1.0 / OLD).clamp(max=1.0)
        change = filled(output - color, age, heads[:, 16:], guides)
        return (color + change).clamp(0.0, ENCODED_MAX), torch.cat([age, torch.tanh(self.remember(fine))], 1)


def relief(inverse_depth: Tensor) -> Tensor:
    """Return how far each pixel lies behind the mean of its surroundings, for each of their sizes, -1 to 1.

    Depth less its own blur (Luft et al. 2006) shows where the sky is hidden; in 1 / (1 + z) alone it
    is too faint to learn from.
    """
    depth = torch.log((1.0 / inverse_depth.clamp(_FARTHEST, 1.0) - 1.0).clamp(min=_NEAREST))
    means = [_mean(_mean(depth, (1, size)), (size, 1)) for size in RELIEF_SIZES]
    return torch.tanh(_RELIEF_GAIN * torch.cat([depth - mean for mean in means], 1))


def compose(color: Tensor, shadowed: Tensor, change: Tensor, validity: Tensor, age: Tensor, heads: Tensor) -> Tensor:
    """Return the output that the first 16 ``heads`` (K 9, g 3, r 3, a 1; raw) make of encoded light (B, 3, H, W).

    ``age`` (B, 1, H, W) is how many frames the ``change`` before is made of: where the head for a says
    0, the change is the mean over all of them and this one.
    """
    kernel = torch.exp((_SLOPE * heads[:, :9]).clamp(-_LOGIT_MAX, _LOGIT_MAX))
    gain = torch.exp(GAIN_MAX * torch.tanh(heads[:, 9:12]))
    residual = RESIDUAL_MAX * torch.tanh(heads[:, 12:15])
    history = torch.sigmoid(_SLOPE * heads[:, 15:16] + age.clamp(1.0, OLD).log()) * validity
    mended = gain * _filtered(shadowed, kernel) / kernel.sum(1, keepdim=True) + residual
    return (mended + history * (color + change - mended)).clamp(0.0, ENCODED_MAX)


def filled(change: Tensor, age: Tensor, head: Tensor, guides: Tensor) -> Tensor:
    """Return ``change`` (B, 3, H, W) of ``age`` (B, 1, H/2, W/2), drawn to what is known around where it is young.

    Where ``head`` (B, 1, H, W) says 0, the surroundings count as far as they are older than the pixel.
    """
    known, odds = lend(change, age, surfaces(guides))
    share = (1.0 - _double(age)) * torch.sigmoid(_SLOPE * head + odds)
    return change + share * (known - change)


def _filtered(color: Tensor, kernel: Tensor) -> Tensor:
    """Return ``color`` with each pixel's own 3x3 ``kernel`` (B, 9, H, W), rows first, applied."""
    height, width = color.shape[2:]
    framed = functional.pad(color, (1, 1, 1, 1), mode="replicate")
    total = torch.zeros_like(color)
    for tap in range(9):
        y, x = divmod(tap, 3)
        total = total + kernel[:, tap : tap + 1] * framed[:, :, y : y + height, x : x + width]
    return total


def _mean(image: Tensor, window: tuple[int, int]) -> Tensor:
    """Return the means over windows (rows, columns) of odd sides, of what of them lies inside the picture."""
    around = (window[0] // 2, window[1] // 2)
    return functional.avg_pool2d(image, window, 1, around, count_include_pad=False)


def _layer(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    convolution = nn.Conv2d(inside, outside, 3, stride, 1)
    nn.init.kaiming_normal_(convolution.weight, a=_LEAK)
    nn.init.zeros_(convolution.bias)  # type: ignore[arg-type]
    return nn.Sequential(convolution, nn.LeakyReLU(_LEAK))


def _block(inside: int, outside: int, stride: int = 1) -> nn.Sequential:
    return nn.Sequential(_layer(inside, outside, stride), _layer(outside, outside))


def _double(image: Tensor) -> Tensor:
    return functional.interpolate(image, scale_factor=2, mode="nearest")
