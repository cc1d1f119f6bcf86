"""The few OpenGL calls that moderngl does not expose, through their C addresses."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import moderngl

GL_LOWER_LEFT = 0x8CA1
GL_ZERO_TO_ONE = 0x935F
GL_TEXTURE0 = 0x84C0
GL_TEXTURE_2D = 0x0DE1
GL_TEXTURE_2D_ARRAY = 0x8C1A
GL_TEXTURE_BUFFER = 0x8C2A
GL_SRGB8_ALPHA8 = 0x8C43
GL_RGBA = 0x1908
GL_UNSIGNED_BYTE = 0x1401
GL_FLOAT = 0x1406
GL_COLOR = 0x1800
GL_DEPTH = 0x1801
GL_DEPTH_COMPONENT = 0x1902
GL_DEPTH_COMPONENT32F = 0x8CAC
GL_RGBA32F = 0x8814
GL_RGBA32UI = 0x8D70
GL_RGB32UI = 0x8D71
GL_R32UI = 0x8236

_INT, _UINT, _POINTER = ctypes.c_int, ctypes.c_uint, ctypes.c_void_p


class RawGL:
    """GL entry points bound to the context that was current when this was made."""

    def __init__(self, load: Callable[[str], int]) -> None:
        def bind(name: str, *argtypes: Any) -> Any:
            return ctypes.CFUNCTYPE(None, *argtypes)(load(name))

        self._current_context = ctypes.CFUNCTYPE(_POINTER)(load("eglGetCurrentContext"))
        self._clip_control = bind("glClipControl", _UINT, _UINT)
        self._active_texture = bind("glActiveTexture", _UINT)
        self._bind_texture = bind("glBindTexture", _UINT, _UINT)
        self._gen_textures = bind("glGenTextures", _INT, _POINTER)
        self._delete_textures = bind("glDeleteTextures", _INT, _POINTER)
        self._tex_buffer = bind("glTexBuffer", _UINT, _UINT, _UINT)
        self._clear_buffer_uiv = bind("glClearBufferuiv", _UINT, _INT, _POINTER)
        self._clear_buffer_fv = bind("glClearBufferfv", _UINT, _INT, _POINTER)
        self._tex_image_2d = bind("glTexImage2D", _UINT, _INT, _INT, _INT, _INT, _INT, _UINT, _UINT, _POINTER)
        self._tex_image_3d = bind("glTexImage3D", _UINT, _INT, _INT, _INT, _INT, _INT, _INT, _UINT, _UINT, _POINTER)

    def current_context(self) -> int:
        """Return the handle of the context that this thread's GL calls go to, 0 for none."""
        return self._current_context() or 0

    def clip_zero_to_one(self) -> None:
        """Let clip-space depth run from 0 to 1, as reverse Z needs."""
        self._clip_control(GL_LOWER_LEFT, GL_ZERO_TO_ONE)

    def clear_to_zero(self) -> None:
        """Fill the framebuffer in use with zeros: its one target of unsigned integers, and its depth.

        moderngl clears with glClear, which OpenGL leaves undefined for integers.
        """
        zeros = (_UINT * 4)()
        self._clear_buffer_uiv(GL_COLOR, 0, ctypes.addressof(zeros))
        self._clear_buffer_fv(GL_DEPTH, 0, ctypes.addressof(zeros))

    def make_float_depth(self, texture: moderngl.Texture) -> None:
        """Give a depth texture float32 storage: moderngl makes 24-bit integers, which reverse Z must not have."""
        texture.use(0)
        self._bind_texture(GL_TEXTURE_2D, texture.glo)
        width, height = texture.size
        self._tex_image_2d(
            GL_TEXTURE_2D, 0, GL_DEPTH_COMPONENT32F, width, height, 0, GL_DEPTH_COMPONENT, GL_FLOAT, None
        )

    def make_srgb(self, array: moderngl.TextureArray) -> None:
        """Give an RGBA8 texture array sRGB storage, so that sampling decodes before it filters.

        The contents are lost; write layers afterwards, then build the mipmaps.
        """
        array.use(0)
        self._bind_texture(GL_TEXTURE_2D_ARRAY, array.glo)
        width, height, layers = array.width, array.height, array.layers
        self._tex_image_3d(
            GL_TEXTURE_2D_ARRAY, 0, GL_SRGB8_ALPHA8, width, height, layers, 0, GL_RGBA, GL_UNSIGNED_BYTE, None
        )

    def buffer_texture(self, buffer: moderngl.Buffer, layout: int) -> int:
        """Return the name of a new texture that reads ``buffer`` as texels of ``layout``."""
        name = _UINT()
        self._gen_textures(1, ctypes.addressof(name))
        self.use_buffer_texture(name.value, 0)
        self._tex_buffer(GL_TEXTURE_BUFFER, layout, buffer.glo)
        return name.value

    def use_buffer_texture(self, name: int, unit: int) -> None:
        """Bind a buffer texture to a texture unit."""
        self._active_texture(GL_TEXTURE0 + unit)
        self._bind_texture(GL_TEXTURE_BUFFER, name)

    def delete_texture(self, name: int) -> None:
        """Delete a texture by name."""
        self._delete_textures(1, ctypes.addressof(_UINT(name)))
