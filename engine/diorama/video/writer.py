"""Encoding of 8-bit sRGB pictures, one at a time, into a video file or a folder of PNG.

The file appears under its name when all is written, or never. The same pictures give the same
bytes: threads are fixed and no time of day is stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from diorama.atomic import atomic_file, atomic_folder
from diorama.errors import OptionError, OutputError, expected
from diorama.video.codecs import choose_codec
from diorama.video.encoder import Encoder, Layout
from diorama.video.sequence import PngSequence, is_sequence

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
"""x264's presets, from quick and large to slow and small."""


class VideoWriter(AbstractContextManager["VideoWriter"]):
    """A video being written; leaving the ``with`` block completes it, an error in it discards it.

    ``size`` is (width, height) in pixels and ``fps`` frames per second, a fraction if need be.
    ``codec`` is a name of :data:`~diorama.video.codecs.CODECS`, or None: what the suffix implies.
    ``crf`` (0 best .. 51) and ``preset`` are x264's. With ``alpha`` pictures are (H, W, 4) with
    straight alpha. ``metadata`` such as ``title`` and ``comment`` is stored in the file.

    H.264 in 4:2:0 has even sizes only: an odd width or height is stored one larger
    (``encoded_size``), the last column or row repeated, since players disagree about cropping.
    """

    def __init__(
        self,
        path: str | Path,
        size: tuple[int, int],
        fps: float | Fraction,
        *,
        codec: str | None = None,
        crf: int = 18,
        preset: str = "veryfast",
        alpha: bool = False,
        metadata: Mapping[str, str] | None = None,
        overwrite: bool = False,
    ) -> None:
        self.path, self.fps, self.frames = Path(path), exact_rate(fps), 0
        self.codec = choose_codec(self.path, codec, alpha=alpha)
        _check_options(size, crf, preset)
        self._layout = Layout(self.codec, size, self.fps, alpha, crf, preset, dict(metadata or {}))
        self._shape = (size[1], size[0], 4 if alpha else 3)
        self._overwrite = overwrite
        self._stack = ExitStack()
        self._sink: Encoder | PngSequence | None = None

    @property
    def encoded_size(self) -> tuple[int, int]:
        """Width and height of the stored picture in pixels."""
        return self._layout.stored_size

    def __enter__(self) -> VideoWriter:
        with ExitStack() as stack:
            if self.codec.name == "png":
                folder = atomic_folder(self.path, overwrite=self._overwrite, ours=is_sequence)
                sink: Encoder | PngSequence = PngSequence(stack.enter_context(folder), self._layout, self.path)
            else:
                temporary = stack.enter_context(atomic_file(self.path, overwrite=self._overwrite))
                sink = Encoder(temporary, self._layout, self.path)
            stack.enter_context(sink)
            self._sink = sink
            self._stack = stack.pop_all()
        return self

    def write(self, image: NDArray[np.uint8]) -> None:
        """Append one (H, W, 3) picture, or (H, W, 4) with alpha."""
        if self._sink is None:
            raise OutputError("expected pictures inside the writer's with block", place=str(self.path))
        if image.shape != self._shape or image.dtype != np.uint8:
            raise OutputError(
                expected(f"uint8 pictures of shape {self._shape}", f"{image.dtype} {image.shape}"),
                place=str(self.path),
            )
        self._sink.write(image, self.frames)
        self.frames += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sink = None
        if kind is None and not self.frames:
            error = OutputError(expected("at least one picture", 0), place=str(self.path))
            self._stack.__exit__(OutputError, error, None)
            raise error
        self._stack.__exit__(kind, error, trace)


def exact_rate(fps: float | Fraction) -> Fraction:
    """Return frames per second as a fraction: 29.97002997 becomes 30000/1001."""
    rate = Fraction(fps).limit_denominator(100_000) if np.isfinite(float(fps)) else Fraction(0)
    if rate <= 0:
        raise OptionError(expected("a positive number of frames per second", fps), place="fps")
    return rate


def _check_options(size: tuple[int, int], crf: int, preset: str) -> None:
    if min(size) < 1:
        raise OptionError(expected("a positive width and height", size), place="size")
    if not 0 <= crf <= 51:
        raise OptionError(expected("0 to 51", crf), place="crf")
    if preset not in PRESETS:
        raise OptionError(expected(f"one of {', '.join(PRESETS)}", preset), place="preset")
