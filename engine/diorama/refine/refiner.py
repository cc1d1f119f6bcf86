"""The learned refiner: a drawn frame goes in, better light comes out, labels are not touched.

A :class:`Refiner` holds the network and what it needs on the GPU, for many clips; a
:class:`Recurrence` holds what is remembered of one clip. ::

    recurrence = refiner.start()
    for step in recurrence.plan(frames):
        refined = recurrence.take(step, drawn, frame, rotation=rotation, exposure=exposure)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from diorama.frame import Frame
from diorama.gl.device import Device
from diorama.refine.checkpoint import MODEL, advice, load
from diorama.refine.guides import GUIDE_PASSES, GUIDE_PLACES, decode, guides, motion, padded
from diorama.refine.reproject import DrawnFrame, Memory, Reprojection
from diorama.refine.segments import SEGMENTS, Segments, Step
from diorama.refine.session import Session, StepInput

Floats = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Refined:
    """One refined picture.

    ``light`` (H, W, 3) is linear radiance, exposure divided out; ``drawn``, without and with the sky's
    shadows, and ``output`` (3, H, W) are encoded, before and after.
    """

    light: Floats
    drawn: tuple[Floats, Floats]
    output: Floats


class Refiner:
    """Loads a checkpoint and runs it; a context manager."""

    def __init__(self, device: Device, folder: Path, *, preset: str, segments: Segments = SEGMENTS) -> None:
        """``folder`` is the checkpoint's, ``preset`` what the frames will be drawn with."""
        checkpoint = load(folder)
        self.hidden = checkpoint.config.hidden
        self.session = Session(checkpoint.model, self.hidden, place=str(folder / MODEL))
        self.digest = checkpoint.config.files.model
        self.advice = advice(checkpoint.config, preset)
        self.segments = segments
        self.reprojection = Reprojection(device, self.hidden)

    def start(self) -> Recurrence:
        """Return an empty memory for a clip."""
        return Recurrence(self)

    def release(self) -> None:
        """Give the GPU memory back."""
        self.reprojection.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


@dataclass(eq=False)
class Recurrence:
    """What is remembered of a clip: the memory of each segment that is open, two at most."""

    refiner: Refiner
    _open: dict[int, Memory] = field(default_factory=dict)

    passes: ClassVar = GUIDE_PASSES
    """What a frame must hold to be refined."""

    def plan(self, frames: Sequence[int]) -> Iterator[Step]:
        """Yield the frames to draw, in their order, so that ``frames`` come out refined."""
        return self.refiner.segments.plan(frames)

    def take(
        self, step: Step, drawn: DrawnFrame, frame: Frame, *, rotation: NDArray[Any], exposure: float
    ) -> Refined | None:
        """Take the frame of a step of the plan, each in its turn; return it refined if it was asked for.

        ``frame`` holds :attr:`passes`, ``drawn`` is the same on the GPU. ``rotation`` (3, 3) turns camera
        axes into world axes, ``exposure`` is the shot's.
        """
        planes = padded(guides(frame, rotation=rotation, exposure=exposure))
        valid = padded(motion(frame)[1])
        outputs = {segment: self._advance(segment, step, drawn, planes, valid) for segment in step.segments}
        if not step.wanted:
            return None
        height, width = frame["depth"].shape
        color, shadowed = (planes[GUIDE_PLACES[name], :height, :width] for name in ("color", "shadowed"))
        output = outputs[self.refiner.segments.of(step.frame)][:, :height, :width]
        light = np.ascontiguousarray(np.moveaxis(decode(output), 0, 2)) / np.float32(exposure)
        return Refined(light, (color, shadowed), output)

    def _advance(self, segment: int, step: Step, drawn: DrawnFrame, planes: Floats, valid: Floats) -> Floats:
        """Bring the memory of a segment to this frame; return the encoded output, padded."""
        if segment in step.cold:
            values = _cold(planes, self.refiner.hidden)
        else:
            previous, hidden, kept = self.refiner.reprojection.carry(drawn, self._open[segment])
            values = StepInput(planes, previous, valid * kept, hidden)
        color = planes[GUIDE_PLACES["color"]]
        output, hidden = _finite(*self.refiner.session.step(values), color)
        if segment in step.last:
            self._open.pop(segment, None)
        else:
            self._open[segment] = Memory.of(output - color, hidden, planes[GUIDE_PLACES["edge"]])
        return output


def _cold(planes: Floats, hidden: int) -> StepInput:
    """Return the input of a segment's first frame: there is no history."""
    high, wide = planes.shape[1:]
    nothing = np.zeros((4 + hidden // 4, high, wide), np.float32)
    return StepInput(planes, nothing[:3], nothing[3:4], nothing[4:].reshape(hidden, high // 2, wide // 2))


def _finite(output: Floats, hidden: Floats, raw: Floats) -> tuple[Floats, Floats]:
    """Leave the frame as it was wherever the network lost its way, so that one bad frame stays one."""
    if not np.isfinite(output).all():
        output = np.where(np.isfinite(output), output, raw)
    return output, np.nan_to_num(hidden, copy=False, posinf=0.0, neginf=0.0)
