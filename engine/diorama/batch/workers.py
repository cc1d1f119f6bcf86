"""The worker processes of a batch: they are given clips, and replaced when they die.

Processes are spawned, never forked, since an OpenGL context does not survive a fork. Each has a
pipe of its own, so that a killed one can hold no lock that the others need.
"""

from __future__ import annotations

import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from multiprocessing.resource_tracker import ensure_running
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from diorama.batch.clip import Clip, Job, give_up
from diorama.batch.worker import Advanced, Broken, Failed, Made, Message, Ready, work
from diorama.errors import DeviceError, DioramaError
from diorama.gl.context import ContextInfo

if TYPE_CHECKING:
    from diorama.pipeline import Report

_SPAWN = multiprocessing.get_context("spawn")

_PATIENCE = 20.0
"""Seconds that a worker has to tidy up before it is killed."""


@dataclass(frozen=True)
class Failure:
    """A clip that could not be made: its number, seed and file, and why."""

    clip: int
    seed: int
    path: Path
    error: str


class _Worker:
    """One process and the parent's end of its pipe; ``clip`` is what it is making, ``part`` of which is done."""

    def __init__(self, job: Job) -> None:
        self.connection, theirs = _SPAWN.Pipe()
        self.process: SpawnProcess = _SPAWN.Process(target=work, args=(theirs, job), daemon=True)
        with theirs, _interrupts_blocked():
            self.process.start()
        self.ready, self.part = False, 0.0
        self.clip: Clip | None = None

    def give(self, clip: Clip) -> None:
        """Send the next clip; a worker that has just died is noticed when it is next listened to."""
        self.clip, self.part = clip, 0.0
        with suppress(OSError):
            self.connection.send(clip)

    def end(self) -> str:
        """Wait for the process, whose pipe is closed, to end, and return how it did."""
        self.process.join(_PATIENCE)
        self.process.kill()
        self.process.join()
        code = self.process.exitcode or 0
        self.process.close()
        return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


class Workers:
    """Makes ``clips`` of a job by up to ``count`` processes; a context manager.

    Leaving the block by an error stops the processes at once; they remove what they had begun.
    """

    def __init__(self, job: Job, clips: Sequence[Clip], count: int) -> None:
        self._job, self._waiting = job, deque(clips)
        self._live: list[_Worker] = []
        self._start_error: DioramaError | None = None
        self._count = min(count, len(clips))
        self.device: ContextInfo | None = None
        """What the workers draw on, known once the first is ready."""

    def outcomes(self) -> Iterator[Report | Failure | None]:
        """Yield the report or the failure of each clip as it comes, and None whenever a part was done."""
        while self._waiting or any(worker.clip for worker in self._live):
            self._fill()
            for worker in self._speaking():
                yield self._listen(worker)

    @property
    def parts(self) -> float:
        """What has been done of the clips that are being made, in clips."""
        return sum(worker.part for worker in self._live if worker.clip)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._live:
            if kind is not None:
                worker.process.terminate()
            worker.connection.close()
        for worker in self._live:
            worker.end()
            if worker.clip is not None:
                give_up(self._job.files(worker.clip))

    def _fill(self) -> None:
        """Start processes for the clips that wait, unless there are enough or they cannot be started."""
        starting = sum(not worker.ready for worker in self._live)
        while not self._start_error and starting < len(self._waiting) and len(self._live) < self._count:
            self._live.append(_Worker(self._job))
            starting += 1
        if self._start_error and not self._live:
            raise self._start_error

    def _speaking(self) -> list[_Worker]:
        heard = wait([worker.connection for worker in self._live])
        return [worker for worker in self._live if worker.connection in heard]

    def _listen(self, worker: _Worker) -> Report | Failure | None:
        try:
            message: Message = worker.connection.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        match message:
            case Ready(device):
                worker.ready, self.device = True, device
                self._next(worker)
            case Broken(error):
                self._start_error = error
            case Advanced(part):
                worker.part = part
            case Made(report):
                self._next(worker)
                return report
            case Failed(error, fatal):
                failure = self._failure(worker, error)
                if not fatal:
                    self._next(worker)
                return failure
        return None

    def _next(self, worker: _Worker) -> None:
        worker.clip = None
        if self._waiting:
            worker.give(self._waiting.popleft())

    def _bury(self, worker: _Worker) -> Failure | None:
        """Take note of a process that has ended, and of what became of its clip."""
        self._live.remove(worker)
        worker.connection.close()
        fate = worker.end()
        if not worker.ready and self._start_error is None:
            self._start_error = DeviceError(
                f"a worker process {fate} before it could draw; a script that renders a batch "
                "does so below `if __name__ == '__main__':`"
            )
        if worker.clip is None:
            return None
        give_up(self._job.files(worker.clip))
        return self._failure(worker, f"its worker process {fate}")

    def _failure(self, worker: _Worker, error: str) -> Failure:
        clip, worker.clip = worker.clip, None
        assert clip is not None, "only a worker with a clip can fail"
        return Failure(clip.number, clip.seed, self._job.files(clip).video, error)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Keep Ctrl-C, which a terminal sends to every process, from those started in this block: this one stops them."""
    ensure_running()  # It would unblock the signal while it starts.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
