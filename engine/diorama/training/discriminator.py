"""Tells patches of refined frames from patches of targets, given the frame's own guides (least squares)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from diorama.refine.guides import GUIDE_CHANNELS

_CHANNELS = (32, 64, 64)


class Discriminator(nn.Module):
    """A patch discriminator (Isola et al. 2017): every output sees 22 x 22 pixels and says 1 for a target."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third = _CHANNELS
        self.layers = nn.Sequential(
            nn.Conv2d(3 + GUIDE_CHANNELS, first, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(first, second, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(second, third, 3, 1, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(third, 1, 1),
        )

    def forward(self, picture: Tensor, guides: Tensor) -> Tensor:
        """Return (B, 1, H/4, W/4) scores of encoded pictures (B, 3, H, W) beside ``guides`` (B, 16, H, W)."""
        scores: Tensor = self.layers(torch.cat([picture, guides], 1))
        return scores


def discriminator_loss(network: Discriminator, output: Tensor, target: Tensor, guides: Tensor) -> Tensor:
    """Return the least-squares loss (Mao et al. 2017) of telling ``output`` (0) from ``target`` (1)."""
    told = network(torch.cat([output.detach(), target]), torch.cat([guides, guides]))
    fake, real = told.chunk(2)
    loss: Tensor = 0.5 * (fake.pow(2).mean() + (real - 1.0).pow(2).mean())
    return loss


def adversarial_loss(network: Discriminator, output: Tensor, guides: Tensor) -> Tensor:
    """Return what a generator pays for ``output`` not being taken for a target."""
    loss: Tensor = 0.5 * (network(output, guides) - 1.0).pow(2).mean()
    return loss
