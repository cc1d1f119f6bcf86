"""Carries the refiner's memory along the flow on the GPU, where the drawn frame still lies.

The compute shader does the arithmetic of :mod:`diorama.refine.warp`; on software GL too it is
several times faster. Pictures are padded, by repeating their border, to a multiple of
:data:`diorama.refine.guides.MULTIPLE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.refine.guides import LEAST_WEIGHT, MULTIPLE

if TYPE_CHECKING:
    import moderngl

Floats = NDArray[np.float32]

_GROUP = (32, 4)


class Placement(Protocol):
    """Where the passes of a drawn frame lie in its buffer, in 32-bit words."""

    @property
    def width(self) -> int:
        """Of the picture, in pixels."""

    @property
    def height(self) -> int:
        """Of the picture, in pixels."""

    @property
    def offsets(self) -> Mapping[str, int]:
        """Where each pass starts, by its name."""


class DrawnFrame(Protocol):
    """A frame on the GPU that holds ``flow_backward`` and ``instance``."""

    @property
    def layout(self) -> Placement:
        """Where its passes lie."""

    @property
    def buffer(self) -> moderngl.Buffer:
        """All of its passes."""


@dataclass(frozen=True, eq=False)
class Memory:
    """What one frame leaves to the next, padded, channels in fours as textures hold them.

    ``change`` (H, W, 4) is the encoded output less the frame's encoded color, and its guide ``edge``;
    ``hidden`` (C/4, H/2, W/2, 4) is the hidden state.
    """

    change: Floats
    hidden: Floats

    @classmethod
    def of(cls, change: Floats, hidden: Floats, edge: Floats) -> Memory:
        """Take (3, H, W), the network's own (C, H/2, W/2), and the guide ``edge`` (1, H, W)."""
        high, wide = change.shape[1:]
        texels = np.ascontiguousarray(np.moveaxis(np.concatenate([change, edge]), 0, 2))
        fours = hidden.reshape(-1, 4, high // 2, wide // 2)
        return cls(texels, np.ascontiguousarray(np.moveaxis(fours, 1, 3)))


class Reprojection:
    """Owns what lies on the GPU: two textures of what is remembered, a buffer for where it has gone."""

    def __init__(self, device: Device, hidden: int) -> None:
        """``hidden`` is the number of channels of the hidden state, a multiple of 4."""
        self._device, self._hidden = device, hidden
        self._program = device.compute("refine_warp")
        self._padded = 0, 0
        self._owned: tuple[moderngl.Texture, moderngl.Texture, moderngl.Buffer] | None = None

    def carry(self, frame: DrawnFrame, memory: Memory) -> tuple[Floats, Floats, Floats]:
        """Return the previous change (3, H, W) and hidden state (C, H/2, W/2), padded, as seen at ``frame``.

        The third (1, H, W) is 0 where nothing of the change could be kept, otherwise 1. There the change means
        nothing, and where the history is not valid all three do.
        """
        layout = frame.layout
        previous, hidden, output = self._resized(layout.width, layout.height)
        previous.write(memory.change)
        hidden.write(memory.hidden)
        previous.use(bindings.REFINER_PREVIOUS)
        hidden.use(bindings.REFINER_HIDDEN)
        frame.buffer.bind_to_storage_buffer(bindings.REFINER_FRAME)
        output.bind_to_storage_buffer(bindings.REFINER_OUTPUT)
        (wide, high), program = self._padded, self._program
        program["size"], program["padded"] = (layout.width, layout.height), self._padded
        program["tiles"], program["least"] = self._hidden // 4, LEAST_WEIGHT
        for name in ("flow_backward", "instance"):
            program[f"at_{name}"] = layout.offsets[name]
        program.run(-(-wide // _GROUP[0]), -(-high // _GROUP[1]))
        self._device.context.memory_barrier()
        values = np.empty(output.size // 4, np.float32)
        output.read_into(values)
        pixels = wide * high
        return (
            values[: 3 * pixels].reshape(3, high, wide),
            values[4 * pixels :].reshape(self._hidden, high // 2, wide // 2),
            values[3 * pixels : 4 * pixels].reshape(1, high, wide),
        )

    def _resized(self, width: int, height: int) -> tuple[moderngl.Texture, moderngl.Texture, moderngl.Buffer]:
        """Return the textures and the buffer for a picture of this size."""
        padded = width + -width % MULTIPLE, height + -height % MULTIPLE
        if self._owned is None or padded != self._padded:
            self.release()
            (wide, high), tiles = padded, self._hidden // 4
            previous = self._device.texture(padded, 4, "f4")
            hidden = self._device.texture((wide // 2, tiles * high // 2), 4, "f4")
            self._owned = previous, hidden, self._device.buffer(reserve=4 * (4 + tiles) * wide * high)
            self._padded = padded
        return self._owned

    def release(self) -> None:
        """Give the memory back; the next frame takes new."""
        if self._owned is not None:
            self._device.release(*self._owned)
        self._owned = None
