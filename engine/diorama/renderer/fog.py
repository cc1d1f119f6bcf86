"""The light that fog takes and gives, and how much of it shadows leave: the block that shaders read, and its passes."""

from __future__ import annotations

import moderngl
import numpy as np
from numpy.typing import ArrayLike, NDArray

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.renderer.dispatch import PLAIN, Variant, dispatch_size
from diorama.renderer.output import COLOR, HIDDEN_SKY, LUMA, Layout
from diorama.scene.shot import FogState

FOG_BLOCK = np.dtype(
    [
        ("albedo", "4f4"),
        ("ambient", "4f4"),
        ("log_density", "f4"),
        ("falloff", "f4"),
        ("anisotropy", "f4"),
        ("padding", "f4"),
    ]
)
"""The uniform block ``FogBlock``."""

_NONE = -1e4
"""A logarithm of no density."""

_ENTRY = 32
"""Bytes of an entry, two vec4."""


class FogPass:
    """Owns the block, and the pictures of half size that ``lib/fog_shafts.glsl`` reads."""

    def __init__(self, device: Device) -> None:
        self._device = device
        self._block = device.buffer(reserve=FOG_BLOCK.itemsize)
        self._buffers: list[moderngl.Buffer] = []
        self._size = (0, 0)

    def bind(self, fog: FogState, eye: NDArray[np.float64], ambient: ArrayLike) -> None:
        """Describe ``fog`` around a camera at ``eye`` (3,) to shaders built with FOG 1.

        ``ambient`` (3,) is the mean radiance in nits that comes from all sides.
        """
        block = np.zeros((), FOG_BLOCK)
        block["albedo"][:3], block["ambient"][:3] = fog.albedo, ambient
        density = np.log(fog.density) if fog.density > 0.0 else _NONE
        block["log_density"] = max(density - (eye[1] - fog.base_height) * fog.falloff, _NONE)
        block["falloff"], block["anisotropy"] = fog.falloff, fog.anisotropy
        self._block.write(block.tobytes())
        self._block.bind_to_uniform_block(bindings.FOG_BLOCK)

    def draw(
        self,
        seen: moderngl.Texture,
        layout: Layout,
        *,
        samples: int,
        steps: int,
        soft: bool,
        weight: float,
        exposure: float,
        variant: Variant = PLAIN,
    ) -> None:
        """Add what the fog that is bound scatters to the buffer bound as output, the lights being bound.

        ``seen`` are the ids of ``samples`` x ``samples`` points of a pixel. Along each ray ``steps`` places are
        asked for the shadows of suns and the light of lamps; at 0 suns have no shadows in the air, and lamps
        do not light it. ``soft`` as for the lights.
        """
        seen.use(bindings.VISIBILITY)
        if steps:
            self._look(layout, samples, steps, soft, variant)
        defines = {"BUCKETS": 0, "SAMPLES": samples, "SHAFTS": int(steps > 0)} | variant.defines
        program = self._device.compute("fog", defines)
        variant.tell(program)
        if steps:
            program["shafts_size"] = self._size
        layout.place(program, (*COLOR, HIDDEN_SKY, LUMA))
        program["weight"], program["exposure"] = weight, exposure
        program.run(*dispatch_size(layout.width, layout.height))
        self._device.context.memory_barrier()

    def release(self) -> None:
        """Give the memory back."""
        self._release_pictures()
        self._device.release(self._block)

    def _look(self, layout: Layout, samples: int, steps: int, soft: bool, variant: Variant) -> None:
        """Fill a picture of half size and bind it."""
        self._resize((layout.width + 1) // 2, (layout.height + 1) // 2)
        defines = {"BUCKETS": 0, "SAMPLES": samples, "SOFT": int(soft)} | variant.defines
        look = self._device.compute("fog_look", defines)
        variant.tell(look)
        look["steps"], look["shafts_size"] = steps, self._size
        self._buffers[0].bind_to_storage_buffer(bindings.INDIRECT)
        self._run(look)
        join = self._device.compute("fog_filter", variant.defines)
        join["shafts_size"] = self._size
        self._buffers[1].bind_to_storage_buffer(bindings.INDIRECT_OUT)
        self._run(join)
        self._buffers[1].bind_to_storage_buffer(bindings.INDIRECT)

    def _run(self, program: moderngl.ComputeShader) -> None:
        program.run(*dispatch_size(*self._size))
        self._device.context.memory_barrier()

    def _resize(self, width: int, height: int) -> None:
        if self._size != (width, height):
            self._release_pictures()
            self._buffers = [self._device.buffer(reserve=width * height * _ENTRY) for _ in range(2)]
            self._size = width, height

    def _release_pictures(self) -> None:
        self._device.release(*self._buffers)
        self._buffers, self._size = [], (0, 0)
