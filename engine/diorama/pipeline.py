"""The one file that knows every stage: scene, shot, picture, labels, files.

A :class:`Studio` owns one GL context and one renderer, which many clips share. It yields
frames one at a time and never holds a video.
"""

from __future__ import annotations

import logging
import time as clock
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from diorama.atomic import atomic_file, writing
from diorama.clip_info import clip_info, video_metadata
from diorama.dataset import DatasetWriter
from diorama.dataset.png import write_png
from diorama.errors import OptionError, expected
from diorama.finish import finish
from diorama.finish.transparency import straight, with_alpha, without_sky
from diorama.frame import MADE_FROM_COLOR, Frame, known_passes
from diorama.gl.context import ContextInfo
from diorama.gl.device import DEFAULT_BUDGET, Device
from diorama.labels import Labeller
from diorama.refine.checkpoint import chosen_checkpoint
from diorama.refine.gate import examine
from diorama.refine.segments import Step, plain
from diorama.renderer.output import GpuFrame
from diorama.renderer.renderer import PRESETS, Renderer
from diorama.scene.graph import Scene
from diorama.scene.sample import compiled, shot_at
from diorama.scene.shot import Shot
from diorama.video import VideoWriter

if TYPE_CHECKING:
    from diorama.refine.refiner import Recurrence, Refiner

Progress = Callable[[int, int], None]
"""Called with the frames done and the frames in all."""


@dataclass(frozen=True)
class Report:
    """What was written: where, how many frames, in how many seconds, drawn by which device.

    ``refined`` tells whether the learned refiner had a part in it; ``doubtful`` are the frames in
    which it changed more than the label gate allows.
    """

    path: Path
    frames: int
    seconds: float
    device: ContextInfo
    refined: bool
    doubtful: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A frame that lies on the GPU, not yet read."""

    step: Step
    taken: Shot
    on_gpu: GpuFrame


class Studio:
    """Renders clips on one device; a context manager, used on the thread that made it."""

    def __init__(
        self,
        gl: str = "auto",
        *,
        preset: str = "standard",
        refine: bool | str | Path = True,
        budget: int = DEFAULT_BUDGET,
    ) -> None:
        """``gl`` is ``auto``, ``gpu``, ``gpu:N`` or ``software``; ``budget`` bounds GPU memory in bytes.

        ``refine`` chooses the learned refiner: that which ships with the engine, where it was trained
        on this preset; none; or the folder of a trained one.
        """
        self.device = Device(gl, budget=budget)
        with ExitStack() as stack:
            stack.enter_context(self.device)
            self._renderer = stack.enter_context(Renderer(self.device, preset))
            self._preset = PRESETS[preset]
            self.refiner = _open_refiner(self.device, refine, preset)
            if self.refiner is not None:
                stack.enter_context(self.refiner)
            self._owned = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._owned.__exit__(kind, error, trace)

    @property
    def refined(self) -> bool:
        """Whether pictures go through a learned refiner."""
        return self.refiner is not None

    def frames(
        self, scene: Scene, *, passes: Iterable[str] = ("image",), frames: Iterable[int] | None = None
    ) -> Iterator[Frame]:
        """Yield frames of ``scene`` with just these passes, all of them or those numbered ``frames``."""
        finished = self._finished(scene, known_passes(passes), _numbers(scene, frames))
        return (frame for _, frame in finished)

    def render(
        self,
        scene: Scene,
        out: str | Path,
        *,
        frames: Iterable[int] | None = None,
        passes: Sequence[str] = (),
        frames_dir: str | Path | None = None,
        codec: str | None = None,
        crf: int = 18,
        alpha: bool = False,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """Write ``scene`` as the video ``out`` and, where ``frames_dir`` is given, as a dataset.

        The dataset holds the pictures, ``passes``, and the labels of every frame. ``alpha`` keeps
        the background transparent. Both appear under their names when they are whole, or never.
        """
        if frames_dir is not None and Path(frames_dir).resolve() == Path(out).resolve():
            raise OptionError(expected("another name than the video's", str(frames_dir)), place="frames_dir")
        start = clock.perf_counter()
        numbers, stored = _numbers(scene, frames), known_passes(("image", *passes))
        wanted = {"image", *passes} | ({"alpha"} if alpha else set()) | ({"instance"} if frames_dir else set())
        with ExitStack() as stack:
            video = stack.enter_context(
                VideoWriter(
                    out,
                    scene.size,
                    scene.fps,
                    codec=codec,
                    crf=crf,
                    alpha=alpha,
                    metadata=video_metadata(scene),
                    overwrite=overwrite,
                )
            )
            store: Callable[[Shot, Frame], None] = _ignore
            if frames_dir is not None:
                info = replace(clip_info(scene, self.device.info.renderer), notes=self._provenance())
                dataset = stack.enter_context(DatasetWriter(frames_dir, info, stored, overwrite=overwrite))
                store = _labelled(dataset, Labeller(compiled(scene).stage))
            drawn = stack.enter_context(closing(self._finished(scene, known_passes(wanted), numbers, sky=not alpha)))
            doubtful = []
            for done, (taken, frame) in enumerate(drawn, 1):
                video.write(with_alpha(frame["image"], frame["alpha"]) if alpha else frame["image"])
                store(taken, frame)
                doubtful += [frame.index] if frame.notes.get("doubtful") else []
                if progress is not None:
                    progress(done, len(numbers))
        return Report(
            Path(out),
            len(numbers),
            clock.perf_counter() - start,
            self.device.info,
            self.refined,
            tuple(doubtful),
        )

    def still(self, scene: Scene, time: float, out: str | Path, *, overwrite: bool = False) -> None:
        """Write the picture at ``time`` in seconds, on a frame or between two, as the PNG ``out``."""
        end = scene.frame_count / scene.fps
        if not 0.0 <= time <= end:
            raise OptionError(expected(f"a time from 0 to {end:g} seconds", time), place="time")
        path, number = Path(out), round(time * scene.fps)
        with atomic_file(path, overwrite=overwrite) as temporary:
            ((_, frame),) = self._finished(scene, ("image",), [number], late=time - number / scene.fps)
            with writing(path):
                write_png(temporary, frame["image"])

    def _finished(
        self, scene: Scene, passes: Sequence[str], numbers: Sequence[int], *, sky: bool = True, late: float = 0.0
    ) -> Generator[tuple[Shot, Frame]]:
        """Yield shots with their finished frames; each is read while the next is being drawn.

        All are taken ``late`` seconds after the frames' own times.
        """
        memory = self._memory(passes)
        steps = plain(numbers) if memory is None else memory.plan(numbers)
        names = _to_draw(passes) if memory is None else {*_to_draw(passes), *memory.passes}
        ahead: _Drawn | None = None
        try:
            for step in steps:
                taken = shot_at(scene, step.frame / scene.fps + late, self._preset.times)
                seen = taken if sky else without_sky(taken)
                ready, ahead = ahead, _Drawn(step, seen, self._renderer.draw(seen, names))
                if ready is not None:
                    yield from self._fetch(scene, ready, passes, memory, sky=sky)
            if ahead is not None:
                ready, ahead = ahead, None
                yield from self._fetch(scene, ready, passes, memory, sky=sky)
        finally:
            if ahead is not None:
                ahead.on_gpu.release()

    def _fetch(
        self, scene: Scene, drawn: _Drawn, passes: Sequence[str], memory: Recurrence | None, *, sky: bool
    ) -> Iterator[tuple[Shot, Frame]]:
        """Refine and read a drawn frame, give its buffer back and finish it; nothing if nobody asked for it."""
        taken, names = drawn.taken, _to_draw(passes) | (set() if sky else {"alpha"})
        with drawn.on_gpu as on_gpu:
            raw = self._renderer.read(on_gpu, names if memory is None else names | {*memory.passes})
            if memory is not None:
                rotation = taken.current.camera.matrix[:3, :3]
                refined = memory.take(drawn.step, on_gpu, raw, rotation=rotation, exposure=taken.exposure)
                if refined is None:
                    return
                verdict = examine(refined.drawn, refined.output, raw["instance"])
                made = {**raw.passes, "refined": refined.light}
                raw = Frame(raw.index, raw.time, made, {**raw.notes, "doubtful": not verdict.passed})
        yield taken, _finish(scene, raw, passes, sky=sky)

    def _memory(self, passes: Sequence[str]) -> Recurrence | None:
        """Return what refines a clip of which ``passes`` are wanted; None where nothing is to be refined."""
        if self.refiner is None and "refined" in passes:
            raise OptionError(
                "expected a studio with a refiner for the pass 'refined', got one without", place="passes"
            )
        return None if self.refiner is None or MADE_FROM_COLOR.isdisjoint(passes) else self.refiner.start()

    def _provenance(self) -> dict[str, str]:
        """Return what a manifest says of the refiner: the hash of its network, or that there was none."""
        return {"refiner": "none" if self.refiner is None else self.refiner.digest}


def synthesize(
    scene: Scene,
    *,
    gl: str = "auto",
    preset: str = "standard",
    refine: bool | str | Path = True,
    passes: Iterable[str] = ("image",),
) -> Iterator[Frame]:
    """Yield the frames of one scene, drawn in a studio of their own."""
    with Studio(gl, preset=preset, refine=refine) as studio:
        yield from studio.frames(scene, passes=passes)


def render(
    scene: Scene,
    out: str | Path,
    *,
    gl: str = "auto",
    preset: str = "standard",
    refine: bool | str | Path = True,
    **options: Any,
) -> Report:
    """Write one scene as a video in a studio of its own; ``options`` are those of :meth:`Studio.render`."""
    with Studio(gl, preset=preset, refine=refine) as studio:
        return studio.render(scene, out, **options)


def _open_refiner(device: Device, refine: bool | str | Path, preset: str) -> Refiner | None:
    """Load the refiner asked for; say once where it was trained on other pictures than these."""
    folder = chosen_checkpoint(refine, preset)
    if folder is None:
        return None
    from diorama.refine.refiner import Refiner

    refiner = Refiner(device, folder, preset=preset)
    if refiner.advice:
        _advise(refiner.advice)
    return refiner


@cache
def _advise(text: str) -> None:
    logging.getLogger("diorama").warning("diorama: %s", text)


def _to_draw(passes: Iterable[str]) -> set[str]:
    """Return the passes to draw and read for ``passes``, unless the refiner makes the light."""
    return {*passes} - MADE_FROM_COLOR | ({"color"} if "image" in passes else set())


def _numbers(scene: Scene, frames: Iterable[int] | None) -> Sequence[int]:
    numbers = range(scene.frame_count) if frames is None else list(frames)
    for number in numbers:
        if not 0 <= number < scene.frame_count:
            raise OptionError(expected(f"frame numbers from 0 to {scene.frame_count - 1}", number), place="frames")
    if not numbers:
        raise OptionError("expected at least one frame, got none", place="frames")
    return numbers


def _finish(scene: Scene, raw: Frame, passes: Sequence[str], *, sky: bool) -> Frame:
    """Return the frame with just ``passes``, the finished picture among them if it was asked for."""
    made = dict(raw.passes)
    if "image" in passes:
        light = made["refined"] if "refined" in made else made["color"]
        made["image"] = finish(light if sky else straight(light, raw["alpha"]), scene.finish, time=raw.time)
    return Frame(raw.index, raw.time, {name: made[name] for name in passes}, raw.notes)


def _labelled(dataset: DatasetWriter, labeller: Labeller) -> Callable[[Shot, Frame], None]:
    def store(taken: Shot, frame: Frame) -> None:
        dataset.write(frame, labeller.label(taken, frame["instance"]).to_json())

    return store


def _ignore(taken: Shot, frame: Frame) -> None:
    """Store nothing: no dataset was asked for."""
