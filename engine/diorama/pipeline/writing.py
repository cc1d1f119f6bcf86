"""A clip being written: its pictures as a video and, beside it, its frames and labels as a dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from diorama.clip_info import clip_info, video_metadata
from diorama.dataset import DatasetWriter
from diorama.errors import OptionError, expected
from diorama.frame import Frame, known_passes
from diorama.gl.context import ContextInfo
from diorama.labels import Labeller
from diorama.scene.graph import Scene
from diorama.scene.sample import compiled
from diorama.scene.shot import Shot
from diorama.video import VideoWriter

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the frames done and the frames in all."""

Store: TypeAlias = Callable[[Shot, Frame], None]
"""Takes a shot and its frame, with the passes that :attr:`ClipFiles.wanted` names."""


@dataclass(frozen=True)
class Report:
    """What was written: where, how many frames, in how many seconds, drawn by which device.

    ``refined`` tells whether the learned refiner had a part in it; ``doubtful`` are the frames in
    which it changed more than the label gate allows. ``notes`` say what of the scene's models is not
    shown, each with the file or the node that it is about.
    """

    path: Path
    frames: int
    seconds: float
    device: ContextInfo
    refined: bool
    doubtful: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClipFiles:
    """Where a clip goes and how: the video ``out`` and, where ``frames_dir`` is given, a dataset with ``passes``."""

    out: str | Path
    frames_dir: str | Path | None
    passes: tuple[str, ...]
    codec: str | None
    crf: int
    alpha: bool
    overwrite: bool

    def __post_init__(self) -> None:
        if self.frames_dir is not None and Path(self.frames_dir).resolve() == Path(self.out).resolve():
            raise OptionError(expected("another name than the video's", str(self.frames_dir)), place="frames_dir")

    @property
    def wanted(self) -> tuple[str, ...]:
        """The passes that every frame must have."""
        return known_passes(("image", *self.passes, *(("instance",) if self.frames_dir is not None else ())))


@contextmanager
def writing_clip(scene: Scene, files: ClipFiles, *, renderer: str, notes: Mapping[str, str]) -> Iterator[Store]:
    """Open the files of a clip and yield what stores a frame; they appear when they are whole, or never.

    The dataset gets its name first, and loses it again where the video gets none. ``renderer`` and
    ``notes`` go into the dataset's manifest.
    """
    with ExitStack() as until, ExitStack() as stack:
        video = stack.enter_context(
            VideoWriter(
                files.out,
                scene.size,
                scene.fps,
                codec=files.codec,
                crf=files.crf,
                alpha=files.alpha,
                metadata=video_metadata(scene),
                overwrite=files.overwrite,
            )
        )
        label: Store = _ignore
        if files.frames_dir is not None:
            info = replace(clip_info(scene, renderer), notes=notes)
            stored = known_passes(("image", *files.passes))
            dataset = DatasetWriter(files.frames_dir, info, stored, overwrite=files.overwrite, until=until)
            label = _labelled(stack.enter_context(dataset), Labeller(compiled(scene).stage))

        def store(taken: Shot, frame: Frame) -> None:
            video.write(frame["image"])
            label(taken, frame)

        yield store


def _labelled(dataset: DatasetWriter, labeller: Labeller) -> Store:
    def store(taken: Shot, frame: Frame) -> None:
        # the table of passes knows no alpha in a picture
        opaque = frame.with_passes(image=frame["image"][..., :3])
        dataset.write(opaque, labeller.label(taken, frame["instance"]).to_json())

    return store


def _ignore(taken: Shot, frame: Frame) -> None:
    """Store nothing: no dataset was asked for."""
