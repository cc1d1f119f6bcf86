"""Where each pass of a frame lies in one GPU buffer, and how it becomes numpy arrays.

All passes that were asked for share one storage buffer of 32-bit words, one pass after another
without padding, so that a frame comes back in one copy. A frame leases its buffer from a pool
until it is released; drawing the next frame while one is read takes the next buffer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import moderngl
import numpy as np
from numpy.typing import NDArray

from diorama.errors import OptionError, expected
from diorama.frame import MADE_FROM_COLOR, PASSES, Frame, known_passes
from diorama.gl import bindings
from diorama.gl.device import Device

ABSENT = 0xFFFFFFFF
"""The offset of a pass that nobody asked for, as shaders know it."""

COLOR = ("color", "alpha")
"""The two that are shaded together and therefore always stored together."""

HIDDEN_SKY = "hidden_sky"
"""Shaded with them, where it is asked for."""

LUMA = "luma"
"""Brightness 0..1 beside a picture whose edges are to be smoothed; no pass of a frame."""


@dataclass(frozen=True)
class Layout:
    """The places of some passes of a picture, in words from the start of the buffer."""

    width: int
    height: int
    offsets: Mapping[str, int]
    words: int

    @classmethod
    def of(cls, width: int, height: int, passes: Iterable[str]) -> Layout:
        """Place ``passes`` one after another."""
        offsets, end = {}, 0
        for name in passes:
            offsets[name] = end
            end += width * height * max(1, PASSES[name].channels)
        return cls(width, height, offsets, end)

    def holds(self, *names: str) -> bool:
        """Tell whether any of the passes ``names`` is stored."""
        return any(name in self.offsets for name in names)

    def place(self, program: moderngl.Program | moderngl.ComputeShader, names: Iterable[str]) -> None:
        """Tell a program where the passes ``names`` go: its uniforms ``at_NAME``."""
        for name in names:
            program[f"at_{name}"] = self.offsets.get(name, ABSENT)


@dataclass(frozen=True, eq=False)
class GpuFrame:
    """A frame that was drawn and still lies on the GPU; a context manager that gives its buffer back."""

    index: int
    time: float
    layout: Layout
    buffer: moderngl.Buffer
    notes: Mapping[str, Any]
    pool: OutputPool

    def release(self) -> None:
        """Give the buffer back; the frame cannot be read afterwards."""
        self.pool.give_back(self.buffer)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()


class OutputPool:
    """Owns the buffers that frames are drawn into; those of another size are dropped when idle."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._idle: list[moderngl.Buffer] = []
        self._leased: list[moderngl.Buffer] = []

    def lease(self, layout: Layout) -> moderngl.Buffer:
        """Return a buffer with room for ``layout``, bound as the output."""
        size = max(16, 4 * layout.words)
        if not self._device.info.software:  # Mesa's states 128 MiB, but reaches all of a larger buffer
            self._device.check_limit("GL_MAX_SHADER_STORAGE_BLOCK_SIZE", size, "bytes of passes in one frame")
        stale = [buffer for buffer in self._idle if buffer.size != size]
        self._idle = [buffer for buffer in self._idle if buffer.size == size]
        self._device.release(*stale)
        buffer = self._idle.pop() if self._idle else self._device.buffer(reserve=size)
        self._leased.append(buffer)
        buffer.bind_to_storage_buffer(bindings.OUTPUT)
        return buffer

    def give_back(self, buffer: moderngl.Buffer) -> None:
        """Take a leased buffer back; a second time, or after the pool's release, does nothing."""
        if buffer in self._leased:
            self._leased.remove(buffer)
            self._idle.append(buffer)

    def release(self) -> None:
        """Give all memory back, that of leased frames too."""
        self._device.release(*self._idle, *self._leased)
        self._idle, self._leased = [], []


def drawable(passes: Iterable[str]) -> tuple[str, ...]:
    """Return what to store for ``passes``, in table order; what is made from color is not drawn."""
    wanted = known_passes(passes)
    for name in wanted:
        if name in MADE_FROM_COLOR:
            raise OptionError(expected("passes that are drawn, not made from color afterwards", name), place="passes")
    return known_passes((*wanted, *COLOR)) if any(name in wanted for name in (*COLOR, HIDDEN_SKY)) else wanted


def read(frame: GpuFrame, names: Iterable[str]) -> Frame:
    """Copy passes to the host as arrays of the shapes and dtypes of :data:`diorama.frame.PASSES`."""
    wanted = list(names)
    for name in wanted:
        if name not in frame.layout.offsets:
            raise OptionError(
                expected(f"a pass that was drawn ({', '.join(frame.layout.offsets)})", name), place="passes"
            )
    first = min((frame.layout.offsets[name] for name in wanted), default=0)
    last = max((_end(frame.layout, name) for name in wanted), default=0)
    words = np.empty(last - first, np.uint32)
    if words.size:
        frame.buffer.read_into(words, size=words.nbytes, offset=4 * first)
    passes = {name: _array(frame.layout, words, first, name) for name in wanted}
    return Frame(frame.index, frame.time, passes, frame.notes)


def _end(layout: Layout, name: str) -> int:
    return layout.offsets[name] + layout.width * layout.height * max(1, PASSES[name].channels)


def _array(layout: Layout, words: NDArray[np.uint32], first: int, name: str) -> NDArray[Any]:
    """Return one pass as a view of ``words``; ids and flags narrower than a word are copied."""
    spec = PASSES[name]
    plane = words[layout.offsets[name] - first : _end(layout, name) - first].reshape(
        spec.shape(layout.width, layout.height)
    )
    return plane.view(spec.dtype) if np.dtype(spec.dtype).itemsize == 4 else plane.astype(spec.dtype)
