"""``batch``: many clips of a scene file, one for each seed, by several processes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from typer import Option

from diorama.cli import parse
from diorama.cli.arguments import (
    CODECS,
    CRF,
    CRF_MAX,
    PRESETS,
    Alpha,
    Assets,
    Codec,
    Crf,
    Gl,
    NoRefine,
    Overwrite,
    Preset,
    RefinerFolder,
    SceneFile,
    Set,
    Size,
)
from diorama.cli.closing import drawn_by, speed, warn_of, warn_of_notes
from diorama.cli.scene import chosen_seed, written
from diorama.gl.egl import check_choice

if TYPE_CHECKING:
    from diorama.batch import BatchReport

COUNT_MAX, WORKERS_MAX = 10**6, 1024


Count = Annotated[str, Option("--count", metavar="N", help="How many clips; clip i has the seed FIRST + i.")]
Folder = Annotated[Path, Option("-o", "--out", metavar="DIR", help="The folder to put them in, as SCENE_000003.mp4.")]
First = Annotated[
    str | None, Option("--seed", metavar="FIRST", help="The seed of clip 0.", show_default="the scene's own")
]
Workers = Annotated[str, Option("--workers", metavar="K", help="Processes that share the work.")]
Shard = Annotated[
    str, Option("--shard", metavar="I/N", help="Only clips I, I+N, I+2N …: one of N machines' share, I from 0.")
]
Dataset = Annotated[bool, Option("--dataset", help="Also write a folder of images, passes and manifest for each clip.")]
Passes = Annotated[
    str | None,
    Option("--passes", metavar="NAME,…", help="Ground-truth passes to store with --dataset, parted by commas."),
]


def batch(
    scene: SceneFile,
    count: Count,
    out: Folder,
    seed: First = None,
    workers: Workers = "1",
    shard: Shard = "0/1",
    dataset: Dataset = False,
    passes: Passes = None,
    size: Size = None,
    preset: Preset = "standard",
    settings: Set = None,
    assets: Assets = None,
    gl: Gl = "auto",
    codec: Codec = None,
    crf: Crf = str(CRF),
    alpha: Alpha = False,
    no_refine: NoRefine = False,
    refiner: RefinerFolder = None,
    overwrite: Overwrite = False,
) -> int:
    """Render many clips of a scene file, one for each seed.

    Finished clips are skipped when it is run again. Clips that fail are listed at the end, and
    the exit code is 1.
    """
    check_choice(gl)
    parse.one_of("--preset", preset, PRESETS)
    clips, processes = parse.whole("--count", count, 1, COUNT_MAX), parse.whole("--workers", workers, 1, WORKERS_MAX)
    first, part, overrides = chosen_seed(seed), parse.shard(shard), written(settings, size)
    wanted = () if passes is None else parse.passes(passes)
    kind, quality = codec and parse.one_of("--codec", codec, CODECS), parse.whole("--crf", crf, 0, CRF_MAX)
    refine = parse.refiner(no_refine, refiner)
    from diorama.batch import render_batch

    with _progress(out.name) as advance:
        report = render_batch(
            scene,
            out,
            count=clips,
            seed=first,
            workers=processes,
            shard=part,
            overrides=overrides,
            assets=tuple(assets or ()),
            gl=gl,
            preset=preset,
            refine=refine,
            dataset=dataset,
            passes=wanted,
            codec=kind,
            crf=quality,
            alpha=alpha,
            overwrite=overwrite,
            progress=advance,
        )
    return _close(report)


@contextmanager
def _progress(name: str) -> Iterator[Callable[[float, int], None]]:
    """Show a bar on standard error; give the function to call with clips done and clips in all."""
    clips = TextColumn("{task.completed:.1f}/{task.total:.0f} clips")
    columns = (TextColumn("{task.description}"), BarColumn(), clips, TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(name, total=1)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _close(report: BatchReport) -> int:
    """Print what became of the batch, failures last and on standard error, and return the exit code."""
    made = report.clips - report.skipped - len(report.failures)
    line = f"{report.folder}: {made} of {report.clips} clips rendered, {report.skipped} there already"
    if report.failures:
        line += f", {len(report.failures)} failed"
    if report.device is not None:
        warn_of(report.device)
        line += f"; {speed(report.frames, report.seconds)}, {drawn_by(report.device, report.refined)}"
    print(line)
    warn_of_notes(report.notes)
    for failure in report.failures:
        print(f"diorama: clip {failure.clip}, seed {failure.seed}: {failure.error}", file=sys.stderr)
    return 1 if report.failures else 0
