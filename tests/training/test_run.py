"""The whole of ``diorama train``, in small; and what a fixed number of steps must bring."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from diorama.refine.checkpoint import load
from diorama.refine.export import load_network
from diorama.refine.guides import decode, encode
from diorama.refine.network import RefinerNetwork
from diorama.training.judge import Scores, refine, score
from diorama.training.loop import Trainer
from diorama.training.pairs import Clip, Plan, load_pairs, render_pairs
from diorama.training.run import Job, scoring_seeds, train
from diorama.training.settings import Settings

SMALL = Job(
    settings=Settings(steps=10, batch=1, side=16, frames=(2, 3)),
    pairs=Plan("train", 2, (1,), side=40, frames=3, samples=4),
    judged=Plan("test", 2, (), side=40, frames=3, samples=4, rivals=True),
    judged_seeds=2,
)


@pytest.mark.slow
def test_a_small_run_writes_a_checkpoint_and_resuming_it_changes_nothing(tmp_path: Path) -> None:
    stages: list[str] = []

    def progress(stage: str, done: int, total: int) -> None:
        assert 0 <= done <= total
        if stage not in stages:
            stages.append(stage)

    first, second = tmp_path / "first", tmp_path / "second"
    found = train(SMALL, tmp_path / "work", first, resume=False, overwrite=False, progress=progress)
    assert len(stages) == 5
    assert tuple(found.by_seed) == scoring_seeds(load_network(first), 2)
    assert load(first).config.training.steps == 10
    text = (first / "report.md").read_text()
    assert "| **refined** |" in text
    assert "frozen first frame | PSNR over the input | >= +2.5 dB" in text
    for name in ("adversarial", "plain"):
        next((tmp_path / "work").glob(f"run-*/{name}.safetensors")).unlink()
    train(SMALL, tmp_path / "work", second, resume=True, overwrite=False, progress=progress)
    for name in ("weights.safetensors", "refiner.onnx", "strip.png"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert json.loads((first / "config.json").read_text()) == json.loads((second / "config.json").read_text())


@pytest.mark.slow
def test_a_fixed_number_of_steps_learns_what_the_network_does_not_begin_with(tmp_path: Path) -> None:
    """A small part of the real training, on targets that are darker by a third, and judged on scenes never seen.

    Before its first step the network already adds what hides the sky; how dark it is to be it can only learn.
    """
    pairs = Plan("train", 20, (1,), side=96, frames=4, samples=64)
    judged = Plan("test", 9, (1001,), side=96, frames=4, samples=64, rivals=True)
    for plan in (pairs, judged):
        for _ in render_pairs(plan, tmp_path, processes=2):
            pass
    learned, clips = ([darker(clip) for clip in load_pairs(plan, tmp_path)] for plan in (pairs, judged))
    trainer = Trainer(Settings(steps=300, side=64, frames=(3, 4)), learned, None)
    before = Scores.mean(score(refine(trainer.average, clips), clips, None))
    for _ in trainer.run(300, adversarial=False):
        pass
    after = Scores.mean(score(refine(trainer.average, clips), clips, None))
    assert after.psnr > before.psnr + 6.0
    assert after.ssim > before.ssim
    assert after.flip < before.flip


def darker(clip: Clip) -> Clip:
    return replace(clip, target=encode(decode(clip.target.astype(np.float32)) * 0.67).astype(np.float16))


def test_what_a_refiner_is_judged_by_follows_from_its_weights() -> None:
    network = RefinerNetwork()
    before = scoring_seeds(network, 3)
    assert len(set(before)) == 3
    assert scoring_seeds(network, 3) == before
    network.heads.bias.data[0] += 1e-3
    assert not set(scoring_seeds(network, 3)) & set(before)


def test_every_setting_that_counts_has_its_own_folder(tmp_path: Path) -> None:
    other = replace(SMALL, settings=replace(SMALL.settings, rate=1e-3))
    more = replace(SMALL, pairs=replace(SMALL.pairs, clips=3))
    assert len({job.folder(tmp_path) for job in (SMALL, other, more)}) == 3
    assert replace(SMALL, processes=1).folder(tmp_path) == SMALL.folder(tmp_path)
