"""Buffers that shaders fetch as texels of four (or three) numbers.

A software rasteriser gathers a whole texel about three times as fast as it gathers the four
numbers of a storage buffer one by one; hardware does not mind which.
"""

from __future__ import annotations

from typing import Any, Literal

import moderngl

from diorama.gl.device import Device
from diorama.gl.raw import GL_R32UI, GL_RGB32UI, GL_RGBA32F, GL_RGBA32UI

Layout = Literal["4f4", "4u4", "3u4", "1u4"]

_LAYOUTS = {"4f4": GL_RGBA32F, "4u4": GL_RGBA32UI, "3u4": GL_RGB32UI, "1u4": GL_R32UI}
_BYTES = {"4f4": 16, "4u4": 16, "3u4": 12, "1u4": 4}


class TexelBuffer:
    """Owns a buffer and the texture that reads it; grows when more is written than fits."""

    def __init__(self, device: Device, layout: Layout, size: int) -> None:
        """Reserve ``size`` bytes, to be read as texels of ``layout``."""
        self._device, self._layout = device, layout
        self._make(size)

    def _make(self, size: int) -> None:
        texels = size // _BYTES[self._layout]
        self._device.check_limit("GL_MAX_TEXTURE_BUFFER_SIZE", texels, f"texels of {_BYTES[self._layout]} bytes")
        self.buffer: moderngl.Buffer = self._device.buffer(reserve=size)
        self._texture = self._device.raw.buffer_texture(self.buffer, _LAYOUTS[self._layout])

    def write(self, data: Any, offset: int = 0) -> None:
        """Write an array or bytes at a byte offset; the rest stays as it is."""
        if memoryview(data).nbytes:
            self.buffer.write(data, offset=offset)

    def fit(self, size: int) -> None:
        """Have room for ``size`` bytes; where there was less, the contents are lost."""
        if size > self.buffer.size:
            self.release()
            self._make(size + size // 4)

    def use(self, unit: int) -> None:
        """Bind the texels to a texture unit."""
        self._device.raw.use_buffer_texture(self._texture, unit)

    def release(self) -> None:
        """Give the memory back."""
        self._device.raw.delete_texture(self._texture)
        self._device.release(self.buffer)
