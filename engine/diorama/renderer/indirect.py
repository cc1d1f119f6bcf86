"""The light that surfaces in view send each other: rays from half the pixels each way into the voxels."""

from __future__ import annotations

import moderngl

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.renderer.dispatch import PLAIN, Variant, buckets_variant, dispatch_size

_ENTRY = 96
"""Bytes of an entry, six vec4."""


class IndirectPass:
    """Owns the pictures of half size that ``lib/indirect.glsl`` reads."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._buffers: list[moderngl.Buffer] = []
        self._size = (0, 0)

    def draw(
        self,
        seen: moderngl.Texture,
        width: int,
        height: int,
        buckets: int,
        *,
        samples: int,
        rays: int,
        widen: int,
        variant: Variant = PLAIN,
        coated: bool = False,
    ) -> None:
        """Work out the light around what ``seen`` holds, the voxels and lights being bound; bind the result."""
        self._resize((width + 1) // 2, (height + 1) // 2)
        defines = {"BUCKETS": buckets_variant(buckets), "SAMPLES": samples, "COATED": int(coated)} | variant.defines
        program = self._device.compute("indirect", defines)
        variant.tell(program)
        program["rays"], program["specular_rays"], program["indirect_size"] = rays, max(rays // 2, 1), self._size
        seen.use(bindings.VISIBILITY)
        self._buffers[0].bind_to_storage_buffer(bindings.INDIRECT)
        self._run(program)
        program = self._device.compute("indirect_filter", variant.defines)
        program["indirect_size"], program["radius"] = self._size, 2
        for step in range(widen):
            program["stride"], program["parts"] = 4**step, 5 if step == 0 else 2
            self._buffers[0].bind_to_storage_buffer(bindings.INDIRECT)
            self._buffers[1].bind_to_storage_buffer(bindings.INDIRECT_OUT)
            self._run(program)
            self._buffers.reverse()
        self._buffers[0].bind_to_storage_buffer(bindings.INDIRECT)

    @property
    def size(self) -> tuple[int, int]:
        """Entries across and down."""
        return self._size

    def release(self) -> None:
        """Give the memory back."""
        self._device.release(*self._buffers)
        self._buffers, self._size = [], (0, 0)

    def _run(self, program: moderngl.ComputeShader) -> None:
        program.run(*dispatch_size(*self._size))
        self._device.context.memory_barrier()

    def _resize(self, width: int, height: int) -> None:
        if self._size != (width, height):
            self.release()
            self._buffers = [self._device.buffer(reserve=width * height * _ENTRY) for _ in range(2)]
            self._size = width, height
