"""``train``: pairs are rendered, a refiner learns from them, and is judged on scenes it never saw."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from typer import Option

from diorama.cli import parse
from diorama.cli.arguments import SEED_MAX, Gl, Overwrite
from diorama.cli.closing import say
from diorama.errors import DioramaError, extra
from diorama.gl.egl import check_choice

if TYPE_CHECKING:
    from diorama.training.report import Findings
    from diorama.training.run import Job

NEEDS = ("torch", "onnx", "safetensors", "flip_evaluator")
MISSING = f"training needs {{}}: {extra('torch')} (a download of about 200 MB with torch for CPUs, 2.7 GB with CUDA)"


def train(
    out: Annotated[Path, Option("-o", "--out", metavar="DIR", help="The checkpoint to write.")] = Path("refiner"),
    work: Annotated[Path, Option("--work", metavar="DIR", help="Where pairs and the state of training lie.")] = Path(
        "diorama-train"
    ),
    steps: Annotated[
        str | None, Option("--steps", metavar="N", help="Steps of training in place of the default.")
    ] = None,
    clips: Annotated[str | None, Option("--clips", metavar="N", help="Clips to learn from, likewise.")] = None,
    seed: Annotated[str, Option("--seed", metavar="N", help="Seed of recipes, weights and batches.")] = "1",
    processes: Annotated[str, Option("--processes", metavar="N", help="Processes that render pairs.")] = "2",
    resume: Annotated[bool, Option("--resume", help="Go on where a run of the same settings stopped.")] = False,
    gl: Gl = "software",
    overwrite: Overwrite = False,
) -> int:
    """Train the refiner on pairs that it renders itself; exit with 1 where it does not pass its gates."""
    check_choice(gl)
    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise DioramaError(MISSING.format(", ".join(missing)), place="train")
    from diorama.training.run import train as run

    job = _job(steps, clips, parse.whole("--seed", seed, 0, SEED_MAX), parse.whole("--processes", processes, 1, 64), gl)
    with _progress() as advance:
        found = run(job, work, out, resume=resume, overwrite=overwrite, progress=advance)
    return _close(out, found)


def _close(out: Path, found: Findings) -> int:
    """Print the verdict, on standard error which gates fail, and return the exit code."""
    from diorama.training.report import REFINED

    total = sum(cpu for cpu, _ in found.seconds.values())
    verdict = "passes all gates" if found.passed else "does not pass all gates"
    print(f"{out}: a refiner that {verdict}, after {total / 60:.1f} CPU minutes; see {out / 'report.md'}")
    if found.passed:
        return 0
    failed = [f"{gate.name} is {gate.found:+.3f} ({gate.wanted})" for gate in found.gates[REFINED] if not gate.passed]
    say(f"train: the refiner in {out} fails {len(failed)} of {len(found.gates[REFINED])} gates: {', '.join(failed)}")
    return 1


def _job(steps: str | None, clips: str | None, seed: int, processes: int, gl: str) -> Job:
    from diorama.training.run import Job

    job = Job(processes=processes, gl=gl)
    settings = replace(job.settings, seed=seed)
    pairs = replace(job.pairs, seeds=(seed,))
    if steps is not None:
        settings = replace(settings, steps=parse.whole("--steps", steps, 1, 1_000_000))
    if clips is not None:
        pairs = replace(pairs, clips=parse.whole("--clips", clips, 1, 100_000))
    return replace(job, settings=settings, pairs=pairs)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """Show one bar for each stage on standard error; give the function to call with stage, done and all."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr)) as bar:
        tasks = {}

        def advance(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        yield advance
