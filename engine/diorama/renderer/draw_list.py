"""Draws chosen instance rows with one multi-draw call per way of culling, in instance order."""

from __future__ import annotations

import moderngl
import numpy as np
from numpy.typing import NDArray

from diorama.gl.device import Device
from diorama.renderer.geometry import GeometryPool
from diorama.renderer.instances import COMMAND, InstanceRows

_RING = 4
"""How many whole lists the command buffer holds before a draw waits for an earlier one."""


class DrawList:
    """The meshes and instances that raster passes draw.

    A raster program reads ``in vec3 in_position`` (node space) and ``in uint in_draw``, the row
    of the instance, and places the vertex with ``instance_point`` of ``lib/geometry.glsl``.
    ``gl_PrimitiveID`` counts the triangles of the mesh from 0.
    """

    def __init__(self, device: Device, pool: GeometryPool) -> None:
        self._device, self._pool = device, pool
        self._rows: InstanceRows | None = None
        self._row_numbers: moderngl.Buffer | None = None
        self._commands: moderngl.Buffer | None = None
        self._cursor = 0
        self._arrays: dict[int, moderngl.VertexArray] = {}
        self._generation = -1

    def use(self, rows: InstanceRows) -> None:
        """Choose the instances that :meth:`draw` draws, and bind them and the meshes."""
        self._rows = rows
        self._pool.bind()
        rows.bind()
        self._fit(len(rows))

    def draw(
        self, program: moderngl.Program, rows: NDArray[np.integer], *, cull: bool = True, flipped: bool = True
    ) -> None:
        """Draw instance ``rows`` (K,) into the framebuffer in use.

        With ``cull``, back faces of single-sided materials are left out, as a camera sees it;
        without, only those that are nowhere nearest, as a shadow map wants it. ``flipped`` says
        that the projection turns Y round, as ``transform.perspective`` does.
        """
        assert self._rows is not None, "use() comes first"
        own = self._rows
        rows = rows[own.commands["count"][rows] > 0]
        both = (own.double_sided if cull else ~own.closed)[rows]
        mirrored = own.mirrored[rows]
        self._draw_side(program, own.commands[rows[~both & ~mirrored]], "cw" if flipped else "ccw")
        self._draw_side(program, own.commands[rows[~both & mirrored]], "ccw" if flipped else "cw")
        self._draw_side(program, own.commands[rows[both]], None)

    def _draw_side(self, program: moderngl.Program, commands: NDArray[np.void], front: str | None) -> None:
        """Draw ``commands``, leaving out what does not wind as ``front`` says."""
        if not len(commands):
            return
        context = self._device.context
        if front is None:
            context.disable(moderngl.CULL_FACE)
        else:
            context.enable(moderngl.CULL_FACE)
            context.front_face = front
        first = self._write(commands)
        assert self._commands is not None
        self._array(program).render_indirect(self._commands, moderngl.TRIANGLES, len(commands), first)

    def _write(self, commands: NDArray[np.void]) -> int:
        """Put ``commands`` behind those of earlier draws; return where they start."""
        assert self._commands is not None
        if (self._cursor + len(commands)) * COMMAND.itemsize > self._commands.size:
            self._commands.orphan()
            self._cursor = 0
        first = self._cursor
        self._commands.write(np.ascontiguousarray(commands), offset=first * COMMAND.itemsize)
        self._cursor += len(commands)
        return first

    def _fit(self, count: int) -> None:
        if self._row_numbers is None or self._row_numbers.size < 4 * count:
            self._release_own()
            room = max(64, count + count // 4)
            self._row_numbers = self._device.buffer(np.arange(room, dtype=np.uint32))
            self._commands = self._device.buffer(reserve=_RING * room * COMMAND.itemsize)
            self._cursor = 0
        if self._generation != self._pool.generation:
            self._release_arrays()
            self._generation = self._pool.generation

    def _array(self, program: moderngl.Program) -> moderngl.VertexArray:
        if program.glo not in self._arrays:
            inputs = [(self._pool.positions, "3f", "in_position"), (self._row_numbers, "1u/i", "in_draw")]
            content = [entry for entry in inputs if entry[2] in program]
            self._arrays[program.glo] = self._device.vertex_array(program, content, self._pool.indices)
        return self._arrays[program.glo]

    def _release_arrays(self) -> None:
        for array in self._arrays.values():
            array.release()
        self._arrays.clear()

    def _release_own(self) -> None:
        self._release_arrays()
        if self._row_numbers is not None:
            self._device.release(self._row_numbers, self._commands)
        self._row_numbers = self._commands = None

    def release(self) -> None:
        """Give the memory back."""
        self._release_own()
        self._rows = None
