"""One video file being encoded by FFmpeg through PyAV.

Pictures are full-range sRGB. H.264 and ProRes store limited-range Y'CbCr by the matrix of
Rec. ITU-R BT.709 (which swscale has to be told: it takes BT.601 otherwise), tagged BT.709
throughout; players treat that transfer and sRGB's alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.error import FFmpegError
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter
from numpy.typing import NDArray

from diorama.errors import OutputError
from diorama.video.codecs import CodecSpec, muxer

EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.BITEXACT | Interpolation.FULL_CHR_H_INT
"""How swscale converts: rounded correctly and alike on every CPU; chroma is the mean of 2 x 2 pixels."""

_THREADS = 4
"""Fixed, because x264's bytes depend on it."""

_RGB_MATRIX, _BT709_MATRIX = 0, 1


@dataclass(frozen=True)
class Layout:
    """What a video is made of; see :class:`diorama.video.writer.VideoWriter`."""

    codec: CodecSpec
    size: tuple[int, int]
    fps: Fraction
    alpha: bool
    crf: int
    preset: str
    metadata: Mapping[str, str]

    @property
    def stored_size(self) -> tuple[int, int]:
        """Width and height of the stored picture in pixels: even ones for H.264."""
        width, height = self.size
        return (width + width % 2, height + height % 2) if self.codec.name == "h264" else self.size

    @property
    def options(self) -> Mapping[str, str]:
        """The encoder's own options."""
        tuned = {"crf": str(self.crf), "preset": self.preset} if self.codec.name == "h264" else {}
        return {**self.codec.options, **tuned}


class Encoder(AbstractContextManager["Encoder"]):
    """The file at ``path`` while it is written; messages name ``place``."""

    def __init__(self, path: Path, layout: Layout, place: Path) -> None:
        self._layout, self._place, self._path = layout, place, path
        self._format = layout.codec.format_for(layout.alpha)
        self._is_rgb = self._format.startswith("bgr")
        self._reformatter = VideoReformatter()
        with _reported(place):
            self._container = av.open(
                str(path),
                "w",
                format=muxer(place),
                container_options={"movflags": "+faststart", "fflags": "+bitexact"},
            )
            self._container.metadata.update(layout.metadata)
            self._stream = self._open_stream()

    def _open_stream(self) -> av.VideoStream:
        stream = self._container.add_stream(self._layout.codec.encoder, rate=self._layout.fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height = self._layout.stored_size
        stream.pix_fmt = self._format
        stream.options = dict(self._layout.options)
        stream.codec_context.time_base = 1 / self._layout.fps
        stream.codec_context.thread_count = _THREADS
        self._tag(stream.codec_context)
        return stream

    def _tag(self, target: VideoCodecContext | VideoFrame) -> None:
        """State how the stored colours are to be read; ProRes takes it from the pictures."""
        target.color_range = ColorRange.JPEG if self._is_rgb else ColorRange.MPEG
        target.colorspace = _RGB_MATRIX if self._is_rgb else _BT709_MATRIX
        target.color_primaries = ColorPrimaries.BT709
        target.color_trc = ColorTrc.IEC61966_2_1 if self._is_rgb else ColorTrc.BT709

    def write(self, image: NDArray[np.uint8], number: int) -> None:
        """Encode (H, W, 3) or (H, W, 4) uint8 as picture ``number``."""
        frame = self._convert(image)
        frame.pts, frame.time_base = number, 1 / self._layout.fps
        self._tag(frame)
        with _reported(self._place):
            self._container.mux(self._stream.encode(frame))

    def _convert(self, image: NDArray[np.uint8]) -> VideoFrame:
        (width, height), (rows, columns) = self._layout.stored_size, image.shape[:2]
        if (rows, columns) != (height, width):
            image = np.pad(image, ((0, height - rows), (0, width - columns), (0, 0)), mode="edge")
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgba" if self._layout.alpha else "rgb24")
        return self._reformatter.reformat(
            frame,
            format=self._format,
            src_colorspace=Colorspace.ITU709,
            dst_colorspace=Colorspace.ITU709,
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.JPEG if self._is_rgb else ColorRange.MPEG,
            interpolation=EXACT,
            threads=1,
        )

    def __enter__(self) -> Encoder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            with suppress(FFmpegError, OSError):
                self._container.close()
            return
        with _reported(self._place):
            self._container.mux(self._stream.encode(None))
            self._container.close()


@contextmanager
def _reported(place: Path) -> Iterator[None]:
    """Turn what FFmpeg says into the engine's own error about ``place``."""
    try:
        yield
    except (FFmpegError, OSError) as error:
        raise OutputError(f"cannot be written: {error.strerror or error}", place=str(place)) from error
