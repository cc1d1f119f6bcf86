"""One OpenGL context on one thread, and everything that is made on it.

Renderers share a device: its programs are compiled once, its memory is counted against one
budget. GL objects belong to whoever made them and are released by their owner; what is left
goes with the device.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import moderngl

from diorama import resources
from diorama.errors import DeviceError, ShaderError, expected
from diorama.gl.context import ContextInfo, open_context
from diorama.gl.raw import RawGL
from diorama.gl.shader import ShaderSource, load_shader

DEFAULT_BUDGET = 2 << 30
"""Bytes of buffers and textures that one device may hold."""


class Device:
    """Owns the context; a context manager, usable on the thread that made it only."""

    def __init__(self, choice: str = "auto", *, budget: int = DEFAULT_BUDGET, shaders: Path | None = None) -> None:
        """Open a context; ``choice`` is ``auto``, ``gpu``, ``gpu:N`` or ``software``."""
        self._context, load, self.info = open_context(choice)
        self._thread = threading.get_ident()
        self._shaders = shaders or resources.shaders()
        self._programs: dict[tuple[object, ...], moderngl.Program | moderngl.ComputeShader] = {}
        self._budget, self._used = budget, 0
        self._limits = self._context.info
        self.raw = RawGL(load)
        self._handle = self.raw.current_context()
        self.raw.clip_zero_to_one()

    @property
    def context(self) -> moderngl.Context:
        """The context, made current; ``DeviceError`` from another thread than the device's own."""
        self.activate()
        return self._context

    def activate(self) -> None:
        """Make this device's context the one that GL calls go to, where another was opened since."""
        if threading.get_ident() != self._thread:
            raise DeviceError("expected a call from the thread that opened the device; OpenGL is bound to it")
        if self.raw.current_context() != self._handle:
            self._context.__enter__()  # type: ignore[no-untyped-call]

    def raster(self, name: str, defines: Mapping[str, int | str] | None = None) -> moderngl.Program:
        """Return the program of ``name.vert`` and, where it exists, ``name.frag``."""
        key = ("raster", name, *sorted((defines or {}).items()))
        if key not in self._programs:
            vertex = load_shader(self._shaders, f"{name}.vert", defines)
            has_fragment = (self._shaders / f"{name}.frag").is_file()
            fragment = load_shader(self._shaders, f"{name}.frag", defines) if has_fragment else None
            self._programs[key] = self._compile_raster(vertex, fragment)
        program = self._programs[key]
        assert isinstance(program, moderngl.Program)
        return program

    def compute(self, name: str, defines: Mapping[str, int | str] | None = None) -> moderngl.ComputeShader:
        """Return the compute program ``name.comp`` built with ``defines``."""
        key = ("compute", name, *sorted((defines or {}).items()))
        if key not in self._programs:
            source = load_shader(self._shaders, f"{name}.comp", defines)
            try:
                self._programs[key] = self.context.compute_shader(source.text)
            except moderngl.Error as error:
                raise ShaderError(source.explain(str(error)), place=source.files[0]) from None
        program = self._programs[key]
        assert isinstance(program, moderngl.ComputeShader)
        return program

    def _compile_raster(self, vertex: ShaderSource, fragment: ShaderSource | None) -> moderngl.Program:
        try:
            return self.context.program(vertex.text, fragment_shader=fragment.text if fragment else None)
        except moderngl.Error as error:
            log = str(error)
            at_fault = fragment if fragment and "fragment_shader" in log else vertex
            raise ShaderError(at_fault.explain(log), place=at_fault.files[0]) from None

    def buffer(self, data: bytes | memoryview | Any = None, *, reserve: int = 0) -> moderngl.Buffer:
        """Make a buffer from bytes or of ``reserve`` bytes (at least one vec4)."""
        size = max(16, reserve if data is None else memoryview(data).nbytes)
        self._take(size, "a buffer")
        if data is None or memoryview(data).nbytes == 0:
            return self.context.buffer(reserve=size, dynamic=True)
        return self.context.buffer(data, dynamic=True)

    def vertex_array(
        self, program: moderngl.Program, content: Sequence[tuple[Any, ...]], indices: moderngl.Buffer
    ) -> moderngl.VertexArray:
        """Make what draws with a program: ``content`` as moderngl takes it, ``indices`` of 32 bits."""
        return self.context.vertex_array(program, content, index_buffer=indices, index_element_size=4)

    def texture(self, size: tuple[int, int], components: int, dtype: str) -> moderngl.Texture:
        """Make a 2D texture; ``dtype`` is moderngl's (``f4`` float32, ``f2`` half, ``u4`` uint32 …)."""
        self._check_sides(size)
        self._take(size[0] * size[1] * components * int(dtype[-1]), "a texture")
        return self.context.texture(size, components, dtype=dtype)

    def texture_array(self, size: tuple[int, int, int], components: int, dtype: str) -> moderngl.TextureArray:
        """Make an array of (width, height, layers) textures; counted with room for mipmaps."""
        self._take(size[0] * size[1] * size[2] * components * int(dtype[-1]) * 4 // 3, "a texture array")
        return self.context.texture_array(size, components, dtype=dtype)

    def depth_texture(self, size: tuple[int, int]) -> moderngl.Texture:
        """Make a float32 depth texture."""
        self._check_sides(size)
        self._take(size[0] * size[1] * 4, "a depth texture")
        texture = self.context.depth_texture(size)
        self.raw.make_float_depth(texture)
        return texture

    def check_limit(self, name: str, count: int, what: str) -> None:
        """Raise ``DeviceError`` where ``count`` is over the driver's own limit ``name``, a GL constant's."""
        most = int(self._limits[name])
        if count > most:
            raise DeviceError(expected(f"at most {most} {what} ({name} of {self.info.renderer})", count))

    def _check_sides(self, size: tuple[int, int]) -> None:
        self.check_limit("GL_MAX_TEXTURE_SIZE", max(size), "samples along a side of a picture")

    def release(self, *objects: Any) -> None:
        """Release GL objects made here and give their bytes back to the budget."""
        self.activate()
        for item in objects:
            self._used -= _footprint(item)
            item.release()
        self.collect()

    @property
    def used(self) -> int:
        """Bytes of buffers and textures made here and not yet released."""
        return self._used

    def _take(self, size: int, what: str) -> None:
        self.activate()
        if self._used + size > self._budget:
            raise DeviceError(
                f"expected {what} within the GPU budget of {self._budget >> 20} MiB, "
                f"got {size >> 20} MiB on top of {self._used >> 20} MiB in use"
            )
        self._used += size

    def close(self) -> None:
        """Release every program and the context itself."""
        self.activate()
        for program in self._programs.values():
            program.release()
        self._programs.clear()
        self.collect()
        self._context.release()

    def collect(self) -> None:
        """Release the GL objects whose Python owners are gone; call it now and then in a long run."""
        self.activate()
        # moderngl also queues what was released by hand, then fails on it for want of a release().
        left = [item for item in self._context.objects if hasattr(item, "release")]
        self._context.objects.clear()
        self._context.objects.extend(left)
        self._context.gc()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _footprint(item: Any) -> int:
    """Return the bytes that :class:`Device` counted when it made ``item``."""
    if isinstance(item, moderngl.Buffer):
        return item.size
    if isinstance(item, moderngl.TextureArray):
        return item.width * item.height * item.layers * item.components * int(item.dtype[-1]) * 4 // 3
    if isinstance(item, moderngl.Texture):
        return item.width * item.height * item.components * int(item.dtype[-1])
    return 0


__all__ = ["DEFAULT_BUDGET", "ContextInfo", "Device"]
