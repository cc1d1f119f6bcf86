"""Where the time of a frame goes: each shader's, and the host's beside them.

What is measured is what a video needs of a frame up to its refined light, on a device of its own
that does one thing at a time (:mod:`diorama.gl.timing` says by which clock). Finishing and encoding
come after it.
"""

from __future__ import annotations

import time as clock
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diorama.errors import OptionError, expected
from diorama.gl.context import ContextInfo
from diorama.gl.device import DEFAULT_BUDGET
from diorama.gl.timing import Spent, TimedDevice
from diorama.options import frame_numbers, studio_options
from diorama.refine.segments import Segments, Step
from diorama.renderer.renderer import PRESETS, Renderer
from diorama.scene.graph import Scene
from diorama.scene.sample import shot_at
from diorama.scene.shot import Shot

if TYPE_CHECKING:
    from diorama.frame import Frame
    from diorama.refine.refiner import Recurrence, Refiner
    from diorama.renderer.output import GpuFrame

SAMPLING, PREPARING, READING, REFINING = HOST = ("sampling", "preparing", "reading", "refining")
"""The host's parts: the scene at its times; culling, uploads, clears and commands; copying back; the network."""

_ONE_SEGMENT = Segments(length=1 << 31, warm_up=0)
"""So that no frame that is measured starts the refiner's memory anew, wherever it lies in the clip."""


@dataclass(frozen=True)
class Part:
    """What one shader or one part of the host's work takes of a frame: ``calls`` and ``seconds``, both means."""

    name: str
    calls: float
    seconds: float


@dataclass(frozen=True)
class Profile:
    """The mean frame of those measured.

    ``passes`` and ``host`` are in order of falling cost, in seconds of CPU time of all threads together on
    software GL; on a GPU in seconds of its own clock and of wall-clock time. ``frame_seconds`` is
    the wall-clock time of a frame, ``first_seconds`` that of the first one drawn before them, for which
    programs were compiled.
    """

    device: ContextInfo
    preset: str
    size: tuple[int, int]
    frames: range
    refined: bool
    passes: tuple[Part, ...]
    host: tuple[Part, ...]
    frame_seconds: float
    first_seconds: float

    @property
    def seconds(self) -> float:
        """What passes and host take together."""
        return sum(part.seconds for part in (*self.passes, *self.host))

    def share(self, part: Part) -> float:
        """Return what ``part`` takes of the whole, 0 to 1."""
        return part.seconds / self.seconds if self.seconds > 0.0 else 0.0


def profile(scene: Scene, frames: range, *, gl: str = "auto", preset: str = "standard", refine: bool = True) -> Profile:
    """Draw ``frames``, one after another, and return what they cost; ``refine`` as a studio takes it."""
    numbers = frame_numbers(frames, scene.frame_count)
    if frames.step != 1:
        raise OptionError(expected("frames that follow each other", frames), place="frames")
    folder = studio_options(gl, preset, refine, DEFAULT_BUDGET)
    with ExitStack() as stack:
        device = stack.enter_context(TimedDevice(gl, budget=2 * DEFAULT_BUDGET))  # for two renderers
        refiner = None
        if folder is not None:
            from diorama.refine.refiner import Refiner

            refiner = stack.enter_context(Refiner(device, folder, preset=preset, segments=_ONE_SEGMENT))
        # two renderers, so that nothing is kept of the first one's frames; what that one has bound stays, as in a clip
        warm, line = (stack.enter_context(_line(scene, preset, device, refiner)) for _ in range(2))
        first_seconds, frame_seconds = warm.warm_up(numbers[0]), line.measure(numbers)
        passes, host = _parts(device.stopwatch.spent, len(numbers))
        refined = refiner is not None
        return Profile(device.info, preset, scene.size, frames, refined, passes, host, frame_seconds, first_seconds)


@contextmanager
def _line(scene: Scene, preset: str, device: TimedDevice, refiner: Refiner | None) -> Iterator[_Line]:
    with Renderer(device, preset) as renderer:
        yield _Line(scene, PRESETS[preset].times, device, renderer, None if refiner is None else refiner.start())


@dataclass(frozen=True)
class _Line:
    """Makes frames as :class:`FrameLine` does, one at a time, and has the device count what the host does."""

    scene: Scene
    times: int
    device: TimedDevice
    renderer: Renderer
    memory: Recurrence | None

    def warm_up(self, number: int) -> float:
        """Have everything compiled that frame ``number`` needs; return the wall-clock seconds of the first frame.

        Two are drawn, for drivers may compile a program again for what is bound once a frame was drawn.
        """
        start = clock.perf_counter()
        self._make(number - 0.5, cold=True)
        seconds = clock.perf_counter() - start
        self._make(number - 1, cold=False)
        return seconds

    def measure(self, numbers: Sequence[int]) -> float:
        """Make frames as in the midst of a clip, or from its start; return the wall-clock seconds of one."""
        if numbers[0] > 0:
            self._make(numbers[0] - 1, cold=True)
        self.device.stopwatch.spent.clear()
        start = clock.perf_counter()
        for number in numbers:
            self._make(number, cold=number == 0)
        return (clock.perf_counter() - start) / len(numbers)

    def _make(self, moment: float, *, cold: bool) -> None:
        """Sample, draw, read and refine the frame at ``moment``, counted in frames, up to one before the clip.

        ``cold``: the refiner has nothing to remember.
        """
        during = self.device.stopwatch.during
        names = ("color",) if self.memory is None else self.memory.passes
        with during(SAMPLING):
            taken = shot_at(self.scene, moment / self.scene.fps, self.times)
        with during(PREPARING):
            on_gpu = self.renderer.draw(taken, names)
            self.device.context.finish()
        with on_gpu:
            with during(READING):
                raw = self.renderer.read(on_gpu, names)
            if self.memory is not None:
                with during(REFINING):
                    self._refine(self.memory, taken, on_gpu, raw, cold=cold)

    def _refine(self, memory: Recurrence, taken: Shot, on_gpu: GpuFrame, raw: Frame, *, cold: bool) -> None:
        step = Step(taken.frame, (0,), cold=(0,) if cold else (), last=(), wanted=taken.frame >= 0)
        memory.take(step, on_gpu, raw, rotation=taken.current.camera.matrix[:3, :3], exposure=taken.exposure)


def _parts(spent: Mapping[str, Spent], frames: int) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Return the means over so many ``frames`` of what passes and host have spent, the costliest first."""
    found = [Part(name, part.calls / frames, part.seconds / frames) for name, part in spent.items()]
    found.sort(key=lambda part: part.seconds, reverse=True)
    passes, host = (tuple(part for part in found if (part.name in HOST) is own) for own in (False, True))
    return passes, host
