"""Can refined frames be told from targets? Asked of a discriminator that the refiner never met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray

from diorama.rng import generator
from diorama.training.baselines import Light
from diorama.training.discriminator import Discriminator, discriminator_loss
from diorama.training.pairs import Clip

Floats: TypeAlias = NDArray[np.float32]

STEPS, BATCH, SIDE = 800, 8, 64


@dataclass(frozen=True)
class Confusion:
    """Patches of held-out frames by what they are (first word) and what they were taken for (second)."""

    target_target: int
    target_refined: int
    refined_target: int
    refined_refined: int

    @property
    def accuracy(self) -> float:
        """The share told rightly; 0.5 is guessing."""
        right = self.target_target + self.refined_refined
        return right / (right + self.target_refined + self.refined_target)


def confusion(lights: Sequence[Light], clips: Sequence[Clip], seed: int) -> Confusion:
    """Train a fresh discriminator on every other clip, and count what it makes of the rest."""
    torch.manual_seed(seed)
    network = Discriminator()
    optimiser = torch.optim.Adam(network.parameters(), 1e-3, betas=(0.5, 0.9))
    for step in range(STEPS):
        optimiser.zero_grad()
        discriminator_loss(network, *_patches(lights[::2], clips[::2], seed, step)).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    counts = np.zeros((2, 2), int)
    with torch.no_grad():
        for light, clip in zip(lights[1::2], clips[1::2], strict=True):
            guides = torch.from_numpy(clip.guides.astype(np.float32))
            for row, picture in enumerate((clip.target.astype(np.float32), light)):
                real = int((network(torch.from_numpy(picture), guides) >= 0.5).sum())
                counts[row] += real, len(picture) * (picture.shape[2] // 4) * (picture.shape[3] // 4) - real
    return Confusion(*counts.ravel().tolist())


def _patches(
    lights: Sequence[Light], clips: Sequence[Clip], seed: int, step: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    random = generator(seed, f"step {step}", "confusion")
    made: tuple[list[Floats], ...] = ([], [], [])
    for _ in range(BATCH):
        number = int(random.integers(len(clips)))
        clip, light = clips[number], lights[number]
        time = int(random.integers(len(light)))
        side = min(SIDE, *light.shape[2:])
        top, left = (int(random.integers(size - side + 1)) for size in light.shape[2:])
        part = (time, slice(None), slice(top, top + side), slice(left, left + side))
        sources: tuple[NDArray[Any], ...] = light, clip.target, clip.guides
        for pieces, source in zip(made, sources, strict=True):
            pieces.append(source[part].astype(np.float32))
    output, target, guides = (torch.from_numpy(np.stack(pieces)) for pieces in made)
    return output, target, guides
