"""Render many clips of a scene file, one for each seed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diorama.atomic import REPLACE, remove_partials, writing
from diorama.batch.clip import Clip, Job, Options, State
from diorama.batch.workers import Failure, Workers
from diorama.clip_info import engine_version, scene_hash
from diorama.errors import DioramaError, OptionError, OutputError, expected
from diorama.finish.checked import check_finish
from diorama.frame import known_passes
from diorama.gl.context import ContextInfo
from diorama.gl.device import DEFAULT_BUDGET
from diorama.options import check_refined, studio_options
from diorama.refine.checkpoint import load_config
from diorama.scene.graph import Scene, load_scene
from diorama.video import VideoWriter

Progress = Callable[[float, int], None]
"""Called with the clips done, those being made by the part that is done, and the clips in all."""

_SEEDS = 2**63
_TRIES = 8


@dataclass(frozen=True)
class BatchReport:
    """What became of a batch, or of its shard.

    ``clips`` in all, ``skipped`` of which were finished before; ``frames`` and ``seconds`` are of the
    others. ``device`` is None where nothing was to be drawn. ``notes`` say what of the models in the
    clips that were made is not shown, each once.
    """

    folder: Path
    clips: int
    skipped: int
    failures: tuple[Failure, ...]
    frames: int
    seconds: float
    device: ContextInfo | None
    refined: bool
    notes: tuple[str, ...] = ()


def render_batch(
    scene: str | Path,
    out: str | Path,
    *,
    count: int,
    seed: int | None = None,
    workers: int = 1,
    shard: tuple[int, int] = (0, 1),
    overrides: Mapping[str, Any] | None = None,
    assets: Sequence[str | Path] = (),
    gl: str = "auto",
    preset: str = "standard",
    refine: bool | str | Path = True,
    dataset: bool = False,
    passes: Sequence[str] = (),
    codec: str | None = None,
    crf: int = 18,
    alpha: bool = False,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> BatchReport:
    """Render ``count`` clips of the scene file ``scene`` into the folder ``out``, made where it is missing.

    Clip i has the seed ``seed`` + i (None: the scene's own + i) and is called after the scene,
    ``street_000003.mp4``. With ``dataset`` it also gets the folder ``street_000003_frames`` with
    ``passes``. ``workers`` processes share the work; ``shard`` (I, N) makes clips I, I + N, I + 2N
    and so on only, so that N machines can share it. The other options are those of a studio.

    Finished clips are skipped. A clip of that name made from another scene, by another version or
    with other options is an error before anything is drawn, unless ``overwrite`` asks to make all
    clips anew. A clip that fails is reported, and the others go on. Assets count as unchanged.
    """
    start = time.perf_counter()
    sample = _sample(Path(scene), seed, count, overrides, assets)
    options = Options(gl, preset, refine, dataset, known_passes(passes), codec, crf, alpha)
    refiner = _check(sample, options, workers)
    job = Job(
        scene=Path(scene),
        folder=Path(out),
        overrides=dict(overrides or {}),
        assets=tuple(Path(folder) for folder in assets),
        options=options,
        origin=_origin(sample, overrides or {}, options, refiner),
    )
    clips = _clips(sample.seed if seed is None else seed, count, shard)
    waiting = _unfinished(job, clips, overwrite)
    with Workers(job, waiting, workers) as crew:
        frames, failures, notes = _watch(crew, progress, len(clips), len(clips) - len(waiting))
    return BatchReport(
        folder=job.folder,
        clips=len(clips),
        skipped=len(clips) - len(waiting),
        failures=failures,
        frames=frames,
        seconds=time.perf_counter() - start,
        device=crew.device,
        refined=refiner is not None,
        notes=notes,
    )


def _sample(
    path: Path, seed: int | None, count: int, overrides: Mapping[str, Any] | None, assets: Sequence[str | Path]
) -> Scene:
    """Return the scene with the first seed that gives a valid one; a file that is wrong for many is one error."""
    tried = [seed] if seed is None else list(range(seed, seed + max(1, min(count, _TRIES))))
    errors: list[DioramaError] = []
    for one in tried:
        try:
            scene = load_scene(path, seed=one, overrides=overrides, assets=assets)
            check_finish(scene.finish)
            return scene
        except DioramaError as error:
            errors.append(error)
    raise errors[0]


def _origin(scene: Scene, overrides: Mapping[str, Any], options: Options, refiner: Path | None) -> dict[str, Any]:
    """Return what all clips of ``scene`` are made from, in the form in which JSON gives it back."""
    facts = {
        "scene_hash": scene_hash(scene),
        "version": engine_version(),
        "refiner": "none" if refiner is None else load_config(refiner).files.model,
        "overrides": overrides,
        **{name: getattr(options, name) for name in ("preset", "dataset", "passes", "codec", "crf", "alpha")},
    }
    made: dict[str, Any] = json.loads(json.dumps(facts, default=repr))
    return made


def _check(scene: Scene, options: Options, workers: int) -> Path | None:
    """Refuse what would fail in every clip, as a studio would; return the folder of its refiner, None without one."""
    refiner = studio_options(options.gl, options.preset, options.refine, DEFAULT_BUDGET)
    check_refined(options.passes, refines=refiner is not None)
    video = Path(f"clip{options.suffix}")
    VideoWriter(video, scene.size, scene.fps, codec=options.codec, crf=options.crf, alpha=options.alpha)
    if options.passes and not options.dataset:
        raise OptionError("expected a dataset beside the videos to store them in, got none", place="passes")
    if workers < 1:
        raise OptionError(expected("at least 1 process", workers), place="workers")
    return refiner


def _clips(seed: int, count: int, shard: tuple[int, int]) -> list[Clip]:
    """Return the clips of one shard; the shards of a batch are disjoint, and all of them are the batch."""
    index, shards = shard
    if count < 1:
        raise OptionError(expected("at least 1 clip", count), place="count")
    if seed + count > _SEEDS:
        raise OptionError(expected(f"at most 2^63 - {count} for {count} clips", seed), place="seed")
    if not 0 <= index < shards:
        raise OptionError(expected("(I, N) with 0 <= I < N", shard), place="shard")
    return [Clip(number, seed + number) for number in range(index, count, shards)]


def _unfinished(job: Job, clips: Sequence[Clip], overwrite: bool) -> list[Clip]:
    """Return the clips to make, and clear away what killed processes have left of them."""
    with writing(job.folder):
        job.folder.mkdir(parents=True, exist_ok=True)
    if overwrite:
        waiting = list(clips)
    else:
        states = {clip: job.state(clip) for clip in clips}
        waiting = [clip for clip, state in states.items() if state is not State.FINISHED]
        taken = [clip for clip in waiting if states[clip] is State.TAKEN]
        if taken:
            raise OutputError(
                f"exists already, {job.difference(taken[0])} (and {len(taken) - 1} more of {len(clips)} clips); "
                f"{REPLACE}, or choose another folder",
                place=str(job.files(taken[0]).video),
            )
    with writing(job.folder):
        remove_partials(job.folder, {stem for clip in waiting for stem in job.files(clip).stems})
    return waiting


def _watch(
    crew: Workers, progress: Progress | None, total: int, done: int
) -> tuple[int, tuple[Failure, ...], tuple[str, ...]]:
    """Let the clips be made; return how many frames were, the clips that failed, by their numbers, and all notes."""
    frames, failures, notes = 0, list[Failure](), set[str]()
    for outcome in crew.outcomes():
        if isinstance(outcome, Failure):
            failures.append(outcome)
        elif outcome is not None:
            frames += outcome.frames
            notes.update(outcome.notes)
        done += outcome is not None
        if progress is not None:
            progress(done + crew.parts, total)
    return frames, tuple(sorted(failures, key=lambda failure: failure.clip)), tuple(sorted(notes))
