"""The training loop: one :class:`Trainer` holds all that a step changes, and can store it and go on exactly there."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from diorama.atomic import atomic_file
from diorama.errors import OptionError, expected
from diorama.refine.network import TIERS, RefinerNetwork
from diorama.rng import generator
from diorama.training.batches import Batch, draw_batch
from diorama.training.discriminator import Discriminator, adversarial_loss, discriminator_loss
from diorama.training.losses import picture_loss, temporal_loss, unroll
from diorama.training.lpips import Lpips
from diorama.training.pairs import Clip
from diorama.training.settings import Settings

THREADS = 1
"""Threads of torch: on two cores one is no slower for networks this small, and sums come out the same."""

STEADY = 1.0
"""Gradients longer than this are cut to it."""


class Trainer:
    """A generator, its running mean, a discriminator, and their optimisers, at one step."""

    def __init__(self, settings: Settings, clips: Sequence[Clip], lpips: Lpips | None) -> None:
        """``lpips`` None leaves the perceptual term out."""
        torch.set_num_threads(THREADS)
        torch.manual_seed(settings.seed)
        self.settings, self.step = settings, 0
        self._clips, self._lpips = clips, lpips
        self.generator = RefinerNetwork(TIERS[settings.tier])
        self.discriminator = Discriminator()
        self.average = deepcopy(self.generator).requires_grad_(False)
        self._optimiser = torch.optim.Adam(self.generator.parameters(), settings.rate, betas=(0.9, 0.99))
        rate = settings.discriminator_rate
        self._opponent = torch.optim.Adam(self.discriminator.parameters(), rate, betas=(0.5, 0.9))

    def run(self, until: int, *, adversarial: bool) -> Iterator[dict[str, float]]:
        """Take steps up to number ``until``; yield the losses of each."""
        while self.step < until:
            yield self._advance(adversarial)

    def _advance(self, adversarial: bool) -> dict[str, float]:
        own, step = self.settings, self.step
        batch = draw_batch(self._clips, own.seed, step, size=own.batch, frames=own.frames_at(step), side=own.side)
        outputs, warped = unroll(self.generator, batch)
        terms = {
            "picture": picture_loss(outputs, batch),
            "temporal": own.temporal * temporal_loss(outputs, warped, batch),
        }
        if self._lpips is not None and own.is_late(step):
            terms["perceptual"] = own.perceptual * self._perceptual(outputs, batch)
        if adversarial and step >= own.fork:
            terms["adversarial"] = self._contest(outputs, batch, own.adversarial_at(step))
        self._descend(torch.stack(list(terms.values())).sum())
        self.step += 1
        return {name: float(term.detach()) for name, term in terms.items()}

    def _descend(self, loss: Tensor) -> None:
        share = self.step / self.settings.steps
        for group in self._optimiser.param_groups:
            group["lr"] = self.settings.rate * (0.05 + 0.95 * 0.5 * (1.0 + math.cos(math.pi * share)))
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.generator.parameters(), STEADY)
        self._optimiser.step()
        keep = min(self.settings.averaging, (1.0 + self.step) / (10.0 + self.step))
        with torch.no_grad():
            for mean, now in zip(self.average.parameters(), self.generator.parameters(), strict=True):
                mean.lerp_(now, 1.0 - keep)

    def _perceptual(self, outputs: list[Tensor], batch: Batch) -> Tensor:
        """Return the LPIPS distance of a random part of a random frame, in half of the pieces: it costs most."""
        assert self._lpips is not None
        own, random = self.settings, generator(self.settings.seed, f"step {self.step}", "perceptual")
        time, side = int(random.integers(batch.frames)), min(own.perceptual_side, own.side)
        top, left = (int(place) for place in random.integers(own.side - side + 1, size=2))
        part = (slice((own.batch + 1) // 2), slice(None), slice(top, top + side), slice(left, left + side))
        seen, wanted = outputs[time][part], batch.target[:, time][part]
        distance: Tensor = self._lpips(seen.clamp(0.0, 1.0), wanted.clamp(0.0, 1.0)).mean()
        return distance

    def _contest(self, outputs: list[Tensor], batch: Batch, weight: float) -> Tensor:
        """Train the discriminator on one frame and return what the generator pays for it."""
        time = int(generator(self.settings.seed, f"step {self.step}", "contest").integers(batch.frames))
        output, guides = outputs[time], batch.guides[:, time]
        self._opponent.zero_grad()
        discriminator_loss(self.discriminator, output, batch.target[:, time], guides).backward()  # type: ignore[no-untyped-call]
        self._opponent.step()
        self.discriminator.requires_grad_(False)
        loss = weight * adversarial_loss(self.discriminator, output, guides)
        self.discriminator.requires_grad_(True)
        return loss

    def save(self, path: Path) -> None:
        """Write everything that the next step depends on, as one safetensors file."""
        tensors = dict(self._tensors())
        # one entry: safetensors writes several in no fixed order
        metadata = {"run": json.dumps({"step": self.step, "settings": asdict(self.settings)})}
        with atomic_file(path, overwrite=True) as temporary:
            save_file(tensors, temporary, metadata)

    def load(self, path: Path) -> None:
        """Go on from a file that :meth:`save` wrote; it must come from a run with the same settings."""
        with safe_open(path, "pt") as stored:
            run = json.loads(stored.metadata()["run"])
            if run["settings"] != json.loads(json.dumps(asdict(self.settings))):
                raise OptionError(expected("a run with the same settings", run["settings"]), place=str(path))
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
        self.step = int(run["step"])
        for name, module in self._modules():
            module.load_state_dict({key: tensors[f"{name}.{key}"] for key in module.state_dict()})
        for name, optimiser in self._optimisers():
            _restore(optimiser, name, tensors)

    def _modules(self) -> Iterator[tuple[str, nn.Module]]:
        yield from (("generator", self.generator), ("average", self.average), ("discriminator", self.discriminator))

    def _optimisers(self) -> Iterator[tuple[str, torch.optim.Optimizer]]:
        yield from (("optimiser", self._optimiser), ("opponent", self._opponent))

    def _tensors(self) -> Iterator[tuple[str, Tensor]]:
        for name, module in self._modules():
            yield from ((f"{name}.{key}", value.contiguous()) for key, value in module.state_dict().items())
        for name, optimiser in self._optimisers():
            for number, state in optimiser.state_dict()["state"].items():
                yield from ((f"{name}.{number}.{key}", value) for key, value in state.items())


def _restore(optimiser: torch.optim.Optimizer, name: str, tensors: dict[str, Tensor]) -> None:
    """Give an optimiser the moments stored as ``name.parameter.moment``; none are stored before its first step."""
    stored = optimiser.state_dict()
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        owner, _, rest = key.partition(".")
        if owner == name:
            number, moment = rest.split(".")
            state.setdefault(int(number), {})[moment] = value
    optimiser.load_state_dict({**stored, "state": state})
