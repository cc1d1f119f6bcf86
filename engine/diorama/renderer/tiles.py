"""Which tiles of a picture see surfaces and which see the background, as lists that dispatches read."""

from __future__ import annotations

import moderngl
import numpy as np

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.renderer.dispatch import dispatch_size

SURFACE, BACKGROUND = 0, 16
"""Where the sizes of the two dispatches lie in the buffer, in bytes."""

_MOST_GROUPS = 65535
"""GL promises this many groups along each axis of a dispatch, and no more."""

_SORTERS = 64
"""Tiles that a work group of ``tiles.comp`` sorts."""


class Tiles:
    """Owns the lists; ``shaders/lib/tiles.glsl`` mirrors their layout."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._buffer: moderngl.Buffer | None = None

    def sort(self, seen: moderngl.Texture, width: int, height: int, samples: int) -> None:
        """List the tiles of a picture whose ids ``seen`` are ``samples`` times as fine; bind the lists."""
        across, down = dispatch_size(width, height)
        header = np.array(2 * [0, -(-across * down // _MOST_GROUPS), 1, 0], np.uint32)
        size = header.nbytes + 2 * across * down * 4
        if self._buffer is None or self._buffer.size != size:
            self.release()
            self._buffer = self._device.buffer(reserve=size)
        self._buffer.write(header)
        self._buffer.bind_to_storage_buffer(bindings.TILES)
        program = self._device.compute("tiles")
        program["size"], program["samples"] = (width, height), samples
        seen.use(bindings.VISIBILITY)
        program.run(-(-across * down // _SORTERS))
        self._device.context.memory_barrier()

    def run(self, program: moderngl.ComputeShader, kind: int) -> None:
        """Run a program with a work group for each entry of the list ``kind``."""
        assert self._buffer is not None, "sort() comes first"
        program.run_indirect(self._buffer, kind)
        self._device.context.memory_barrier()

    def release(self) -> None:
        """Give the memory back."""
        if self._buffer is not None:
            self._device.release(self._buffer)
        self._buffer = None
