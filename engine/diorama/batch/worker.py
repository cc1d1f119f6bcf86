"""A worker process: one studio, which makes one clip after another.

It gets clips through a pipe and answers with the messages below. What is loaded and compiled for
a clip, meshes, pictures, programs, serves the next.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import FrameType
from typing import TYPE_CHECKING

from diorama.batch.clip import Clip, Job, claimed
from diorama.errors import DeviceError, DioramaError
from diorama.gl.context import ContextInfo

if TYPE_CHECKING:
    from diorama.pipeline import Report, Studio

_LOG = logging.getLogger("diorama")


@dataclass(frozen=True)
class Ready:
    """The studio is open and waits for its first clip."""

    device: ContextInfo


@dataclass(frozen=True)
class Broken:
    """No studio could be opened; the process ends."""

    error: DioramaError


@dataclass(frozen=True)
class Advanced:
    """Part of the clip is done, 0 to 1."""

    part: float


@dataclass(frozen=True)
class Made:
    """The clip is finished."""

    report: Report


@dataclass(frozen=True)
class Failed:
    """The clip cannot be made. After a ``fatal`` error the process ends: its studio may be unusable."""

    error: str
    fatal: bool


Message = Ready | Broken | Advanced | Made | Failed


def work(connection: Connection, job: Job) -> None:
    """Make the clips that come through ``connection``, until it is closed at the other end."""
    signal.signal(signal.SIGTERM, _stop)
    from diorama.pipeline import Studio

    try:
        studio = Studio(job.options.gl, preset=job.options.preset, refine=job.options.refine)
    except DioramaError as error:
        return _tell(connection, Broken(error))
    with studio:
        _tell(connection, Ready(studio.device.info))
        while (clip := _next(connection)) is not None:
            outcome = _attempt(studio, job, clip, lambda part: _tell(connection, Advanced(part)))
            _tell(connection, outcome)
            if isinstance(outcome, Failed) and outcome.fatal:
                return None
    return None


def make(studio: Studio, job: Job, clip: Clip, advance: Callable[[float], None]) -> Report:
    """Make one clip and its record; ``advance`` is told how much of it is done."""
    from diorama.scene.graph import load_scene

    scene = load_scene(job.scene, seed=clip.seed, overrides=job.overrides, assets=job.assets)
    files, options = job.files(clip), job.options
    with claimed(files, job.origin_of(clip)) as record:
        report = studio.render(
            scene,
            files.video,
            passes=options.passes,
            frames_dir=files.dataset,
            codec=options.codec,
            crf=options.crf,
            alpha=options.alpha,
            overwrite=True,
            progress=lambda done, total: advance(done / total),
        )
        record |= {"frames": report.frames, "doubtful": report.doubtful, "drawn": scene.spec.drawn}
    return report


def _attempt(studio: Studio, job: Job, clip: Clip, advance: Callable[[float], None]) -> Made | Failed:
    try:
        return Made(make(studio, job, clip, advance))
    except DioramaError as error:
        return Failed(str(error), fatal=isinstance(error, DeviceError))
    except Exception as error:  # A bug costs one clip, not the batch.
        _LOG.exception("clip %d, seed %d", clip.number, clip.seed)
        return Failed(f"{type(error).__name__}: {error}", fatal=True)


def _next(connection: Connection) -> Clip | None:
    try:
        clip: Clip = connection.recv()
    except (EOFError, OSError):
        return None
    return clip


def _tell(connection: Connection, message: Message) -> None:
    try:
        connection.send(message)
    except OSError:
        raise SystemExit(1) from None  # Whoever asked for clips is gone.


def _stop(number: int, frame: FrameType | None) -> None:
    """Leave by way of all ``finally`` blocks, which remove what is half written; once, or they would not get far."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(1)
