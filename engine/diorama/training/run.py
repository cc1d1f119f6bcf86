"""The whole of ``diorama train``: pairs, training without and with the adversarial term, judgement, checkpoint.

Everything lies in one work folder. Pairs are kept as long as the recipes stay the same; the state
of training is stored every few steps, so that a run that was stopped goes on and ends with the
bytes of one that was not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from signal import SIG_IGN, SIGINT, signal
from typing import TypeAlias

import numpy as np

from diorama.errors import AssetError, DioramaError
from diorama.refine.checkpoint import Training, shader_hash
from diorama.refine.export import check_free, save_checkpoint
from diorama.refine.network import TIERS, RefinerNetwork
from diorama.rng import generator
from diorama.training.baselines import CHEATERS, INPUT, baselines
from diorama.training.confusion import confusion
from diorama.training.cost import measure
from diorama.training.judge import Scores, gates, refine, score
from diorama.training.loop import Trainer
from diorama.training.lpips import Lpips, Net, archive
from diorama.training.pairs import INPUT_PRESET, Plan, load_pairs, render_pairs
from diorama.training.recipes import RECIPES_VERSION
from diorama.training.report import PLAIN, REFINED, UNTRAINED, Findings, report, strip
from diorama.training.settings import Settings

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with the name of a stage, what of it is done, and how much it is in all."""

SAVE_EVERY = 50
"""Steps between two stored states: what is lost when a run is killed."""

_STRIP_CLIPS = 5

PAIRS = Plan("train", 96, (1,), side=128, frames=8, samples=64)
JUDGED = Plan("test", 9, (), side=128, frames=16, samples=128, rivals=True)
"""Its seeds are drawn when the training is over, see :func:`scoring_seeds`."""


@dataclass(frozen=True)
class Job:
    """What to train, on which pairs, judged by which clips."""

    settings: Settings = field(default_factory=Settings)
    pairs: Plan = PAIRS
    judged: Plan = JUDGED
    judged_seeds: int = 3
    processes: int = 2
    gl: str = "software"

    def folder(self, work: Path) -> Path:
        """Return where the state of this very training lies below ``work``."""
        text = repr((self.settings, self.pairs, self.pairs.folder))
        return work / f"run-{blake2b(text.encode(), digest_size=6).hexdigest()}"


@dataclass
class _Clock:
    """CPU seconds, those of ended child processes included, and seconds of wall time by stage."""

    seconds: dict[str, tuple[float, float]] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start, wall = _cpu_seconds(), time.monotonic()
        yield
        self.seconds[name] = _cpu_seconds() - start, time.monotonic() - wall


def train(job: Job, work: Path, out: Path, *, resume: bool, overwrite: bool, progress: Progress) -> Findings:
    """Train a refiner and write the checkpoint ``out`` with its report; ``resume`` goes on where a run stopped."""
    check_free(out, overwrite=overwrite)
    folder = job.folder(work)
    folder.mkdir(parents=True, exist_ok=True)
    if not resume:
        for path in folder.glob("*.safetensors"):
            path.unlink()
    spent, shaders = _Clock(), shader_hash()
    with spent.stage("pairs to learn from"):
        _render(job, job.pairs, work, "pairs to learn from", progress)
    with spent.stage("training"):
        plain, adversarial = _train_both(job, work, folder, progress)
    held_out = replace(job.judged, seeds=scoring_seeds(adversarial, job.judged_seeds))
    with spent.stage("pairs to judge by"):
        _render(job, held_out, work, "pairs to judge by", progress)
    with spent.stage("judging"):
        found, refined = _judge(job, held_out, work, {REFINED: adversarial, PLAIN: plain}, spent, progress)
    sample = load_pairs(held_out, work)[:_STRIP_CLIPS]
    facts = Training(seed=job.settings.seed, steps=job.settings.steps, recipes=RECIPES_VERSION)
    save_checkpoint(
        out,
        adversarial,
        tier=job.settings.tier,
        preset=INPUT_PRESET,
        shaders=shaders,
        training=facts,
        report=report(found),
        strip=strip(sample, refined[:_STRIP_CLIPS]),
        overwrite=overwrite,
    )
    return found


def scoring_seeds(network: RefinerNetwork, count: int) -> tuple[int, ...]:
    """Return seeds for held-out recipes that nothing can have been chosen by: they follow from the trained weights."""
    weights = b"".join(tensor.numpy().tobytes() for tensor in network.state_dict().values())
    seed = int.from_bytes(blake2b(weights, digest_size=8).digest(), "little")
    return tuple(generator(seed, "", "scoring").choice(10**6, count, replace=False).tolist())


def _render(job: Job, plan: Plan, work: Path, stage: str, progress: Progress) -> None:
    for done in render_pairs(plan, work, processes=job.processes, gl=job.gl):
        progress(stage, done, len(plan.recipes))


def _train_both(job: Job, work: Path, folder: Path, progress: Progress) -> tuple[RefinerNetwork, RefinerNetwork]:
    """Train up to the fork, then on without the adversarial term in a process of its own, and with it here."""
    shared, plain, adversarial = (folder / f"{name}.safetensors" for name in ("shared", "plain", "adversarial"))
    trainer = _trainer(job, work)
    if shared.is_file():
        trainer.load(shared)
    _run(trainer, job.settings.fork, shared, progress, adversarial=False)
    beside = get_context("spawn").Process(target=_branch, args=(job, work, shared, plain), daemon=True)
    beside.start()
    if adversarial.is_file():
        trainer.load(adversarial)
    _run(trainer, job.settings.steps, adversarial, progress, adversarial=True)
    beside.join()
    if beside.exitcode != 0:
        raise DioramaError(
            "the process that trained without the adversarial term ended early; --resume goes on", place="train"
        )
    rival = _trainer(job, work, clips=False)
    rival.load(plain)
    return rival.average, trainer.average


def _branch(job: Job, work: Path, shared: Path, own: Path) -> None:
    """Go on from ``shared`` without the adversarial term; runs in a process of its own."""
    signal(SIGINT, SIG_IGN)  # its parent ends it
    trainer = _trainer(job, work)
    trainer.load(own if own.is_file() else shared)
    _run(trainer, job.settings.steps, own, lambda *_: None, adversarial=False)


def _run(trainer: Trainer, until: int, path: Path, progress: Progress, *, adversarial: bool) -> None:
    stage = "training with the adversarial term" if adversarial else "training"
    for _ in trainer.run(until, adversarial=adversarial):
        progress(stage, trainer.step, until)
        if trainer.step % SAVE_EVERY == 0:
            trainer.save(path)
    trainer.save(path)


def _trainer(job: Job, work: Path, *, clips: bool = True) -> Trainer:
    return Trainer(job.settings, load_pairs(job.pairs, work) if clips else (), _lpips("vgg16"))


def _lpips(net: Net) -> Lpips | None:
    """Return LPIPS, or None where its weights are neither in the cache nor to be fetched."""
    try:
        return Lpips(net, archive())
    except AssetError:
        return None


def _judge(
    job: Job, held_out: Plan, work: Path, networks: dict[str, RefinerNetwork], spent: _Clock, progress: Progress
) -> tuple[Findings, list[np.ndarray]]:
    clips, lpips = load_pairs(held_out, work), _lpips("alexnet")
    untrained = RefinerNetwork(TIERS[job.settings.tier])
    lights = {name: refine(network, clips) for name, network in (networks | {UNTRAINED: untrained}).items()}
    lights |= baselines(clips)
    every: dict[str, list[Scores]] = {}
    for done, (name, own) in enumerate(lights.items(), 1):
        every[name] = score(own, clips, lpips)
        progress("judging", done, len(lights))
    scores = {name: Scores.mean(own) for name, own in every.items()}
    gains = np.array([a.psnr - b.psnr for a, b in zip(every[REFINED], every[INPUT], strict=True)])
    by_seed = dict(zip(held_out.seeds, gains.reshape(len(held_out.seeds), -1).mean(axis=1).tolist(), strict=True))
    last = (UNTRAINED, PLAIN, REFINED)
    order = [INPUT, *(name for name in scores if name not in (INPUT, *last)), *last]
    found = Findings(
        job.settings,
        job.pairs,
        held_out,
        {name: scores[name] for name in order},
        {name: gates(scores[name], scores) for name in (REFINED, PLAIN, UNTRAINED, *CHEATERS)},
        by_seed,
        confusion(lights[REFINED], clips, job.settings.seed),
        confusion(lights[INPUT], clips, job.settings.seed),
        measure(networks[REFINED], job.gl),
        spent.seconds,
    )
    return found, lights[REFINED]


def _cpu_seconds() -> float:
    own, children = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
