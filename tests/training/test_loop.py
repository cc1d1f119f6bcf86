"""The training loop: it learns, it can be stopped, and it goes on exactly where it was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from training.clips import clip

from diorama.errors import OptionError
from diorama.refine.guides import GUIDE_CHANNELS
from diorama.training.discriminator import Discriminator, adversarial_loss, discriminator_loss
from diorama.training.loop import Trainer
from diorama.training.settings import Settings

TINY = Settings(tier="nano", steps=10, batch=2, side=16, frames=(2, 3))


def trainer(settings: Settings = TINY) -> Trainer:
    return Trainer(settings, [clip(0), clip(1)], None)


def run(one: Trainer, until: int) -> list[dict[str, float]]:
    return list(one.run(until, adversarial=True))


def test_the_loss_falls() -> None:
    one = Trainer(replace(TINY, steps=40, side=32, batch=1, adversarial=0.0), [clip(0)], None)
    losses = [step["picture"] for step in run(one, 40)]
    assert sum(losses[-5:]) < 0.6 * sum(losses[:5])


def test_a_stopped_run_ends_with_the_bytes_of_one_that_was_not(tmp_path: Path) -> None:
    through, stopped = trainer(), trainer()
    run(through, 10)
    run(stopped, 8)
    stopped.save(tmp_path / "state.safetensors")
    later = trainer()
    later.load(tmp_path / "state.safetensors")
    run(later, 10)
    for name, one in (("through", through), ("later", later)):
        one.save(tmp_path / f"{name}.safetensors")
    assert (tmp_path / "through.safetensors").read_bytes() == (tmp_path / "later.safetensors").read_bytes()


def test_two_runs_are_the_same_and_another_seed_is_not() -> None:
    first, again, other = trainer(), trainer(), trainer(replace(TINY, seed=2))
    assert run(first, 4) == run(again, 4)
    run(other, 4)
    assert not torch.equal(first.generator.heads.weight, other.generator.heads.weight)


def test_the_adversarial_term_starts_at_the_fork_and_fades_in() -> None:
    terms = [step.get("adversarial") for step in run(trainer(), 10)]
    assert terms[:6] == [None] * 6
    assert terms[6] == 0.0
    assert 0.0 < terms[7] < terms[9]  # type: ignore[operator]
    assert [TINY.adversarial_at(step) for step in (0, 6, 8, 10)] == pytest.approx([0, 0, 0.005, 0.01])


def test_without_the_term_the_discriminator_stays_as_it_was() -> None:
    one = trainer()
    before = [p.clone() for p in one.discriminator.parameters()]
    list(one.run(10, adversarial=False))
    assert all(torch.equal(a, b) for a, b in zip(before, one.discriminator.parameters(), strict=True))


def test_the_state_of_another_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state.safetensors"
    trainer().save(path)
    with pytest.raises(OptionError, match=r"state\.safetensors: expected a run with the same settings"):
        trainer(replace(TINY, rate=1e-3)).load(path)


def test_the_mean_of_weights_follows_them() -> None:
    one = trainer()
    run(one, 10)
    now = one.generator.heads.weight.detach()
    distance = float((one.average.heads.weight - now).abs().max())
    assert 0.0 < distance < float(now.abs().max())


def test_least_squares_of_a_discriminator_that_says_a_half() -> None:
    network = Discriminator()
    last = network.layers[-1]
    torch.nn.init.zeros_(last.weight)  # type: ignore[arg-type]
    torch.nn.init.constant_(last.bias, 0.5)  # type: ignore[arg-type]
    picture, guides = torch.rand(2, 3, 16, 16), torch.rand(2, GUIDE_CHANNELS, 16, 16)
    with torch.no_grad():
        assert float(discriminator_loss(network, picture, picture, guides)) == pytest.approx(0.25)
        assert float(adversarial_loss(network, picture, guides)) == pytest.approx(0.125)


def test_the_opponent_gives_no_gradient_to_what_it_judges() -> None:
    picture = torch.rand(1, 3, 16, 16, requires_grad=True)
    discriminator_loss(Discriminator(), picture, picture.detach(), torch.rand(1, GUIDE_CHANNELS, 16, 16)).backward()  # type: ignore[no-untyped-call]
    assert picture.grad is None
