"""The studio: one GL context, one renderer and one refiner, which many clips share.

It yields frames one at a time and never holds a video.
"""

from __future__ import annotations

import logging
import time as clock
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from diorama.atomic import atomic_file, writing
from diorama.dataset.png import check_png_name, write_png
from diorama.finish.checked import check_finish
from diorama.frame import Frame, known_passes
from diorama.gl.device import DEFAULT_BUDGET, Device
from diorama.options import check_time, frame_numbers, studio_options
from diorama.pipeline.finished import FrameLine
from diorama.pipeline.writing import ClipFiles, Progress, Report, writing_clip
from diorama.renderer.renderer import PRESETS, Renderer
from diorama.scene.graph import Scene
from diorama.scene.sample import compiled, nearest_frame

if TYPE_CHECKING:
    from diorama.refine.refiner import Refiner


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
        folder = studio_options(gl, preset, refine, budget)
        self.device = Device(gl, budget=budget)
        with ExitStack() as stack:
            stack.enter_context(self.device)
            renderer = stack.enter_context(Renderer(self.device, preset))
            self.refiner = _open_refiner(self.device, folder, preset)
            if self.refiner is not None:
                stack.enter_context(self.refiner)
            self._line = FrameLine(renderer, self.refiner, PRESETS[preset].times)
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
        names = known_passes(passes)
        if "image" in names:
            check_finish(scene.finish)
        finished = self._line.frames(scene, names, frame_numbers(frames, scene.frame_count))
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
        the background transparent, but for the titles on it; a dataset's pictures are without alpha.
        Both appear under their names when they are whole, or never.
        """
        files = ClipFiles(out, frames_dir, known_passes(passes), codec, crf, alpha, overwrite)
        check_finish(scene.finish)
        start, numbers = clock.perf_counter(), frame_numbers(frames, scene.frame_count)
        with ExitStack() as stack:
            writer = writing_clip(scene, files, renderer=self.device.info.renderer, notes=self._provenance())
            store = stack.enter_context(writer)
            drawn = stack.enter_context(closing(self._line.frames(scene, files.wanted, numbers, sky=not alpha)))
            doubtful = []
            for done, (taken, frame) in enumerate(drawn, 1):
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
            compiled(scene).notes,
        )

    def still(
        self, scene: Scene, time: float, out: str | Path, *, overwrite: bool = False, progress: Progress | None = None
    ) -> None:
        """Write the picture at ``time`` in seconds, on a frame or between two, as the PNG ``out``.

        ``progress`` counts the frames before it too, which the refiner must see.
        """
        path = Path(out)
        check_png_name(path, "out")
        check_time(time, scene.frame_count / scene.fps)
        check_finish(scene.finish)
        number = nearest_frame(time * scene.fps)
        with atomic_file(path, overwrite=overwrite) as temporary:
            late = time - number / scene.fps
            ((_, frame),) = self._line.frames(scene, ("image",), [number], late=late, progress=progress)
            with writing(path):
                write_png(temporary, frame["image"])

    def _provenance(self) -> dict[str, str]:
        """Return what a manifest says of the refiner: the hash of its network, or that there was none."""
        return {"refiner": "none" if self.refiner is None else self.refiner.digest}


def _open_refiner(device: Device, folder: Path | None, preset: str) -> Refiner | None:
    """Load the refiner in ``folder``; say once where it was trained on other pictures than these."""
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
