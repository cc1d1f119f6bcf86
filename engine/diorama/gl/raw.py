"""The few OpenGL calls that moderngl does not expose, through their C addresses."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import moderngl

GL_LOWER_LEFT = 0x8CA1
GL_ZERO_TO_ONE = 0x935F
GL_TEXTURE_2D_ARRAY = 0x8C1A
GL_SRGB8_ALPHA8 = 0x8C43
GL_RGBA = 0x1908
GL_UNSIGNED_BYTE = 0x1401

_INT, _UINT, _POINTER = ctypes.c_int, ctypes.c_uint, ctypes.c_void_p


class RawGL:
    """GL entry points bound to the context that was current when this was made."""

    def __init__(self, load: Callable[[str], int]) -> None:
        def bind(name: str, *argtypes: Any) -> Any:
            return ctypes.CFUNCTYPE(None, *argtypes)(load(name))

        self._clip_control = bind("glClipControl", _UINT, _UINT)
        self._bind_texture = bind("glBindTexture", _UINT, _UINT)
        self._tex_image_3d = bind("glTexImage3D", _UINT, _INT, _INT, _INT, _INT, _INT, _INT, _UINT, _UINT, _POINTER)

    def clip_zero_to_one(self) -> None:
        """Let clip-space depth run from 0 to 1, as reverse Z needs."""
        self._clip_control(GL_LOWER_LEFT, GL_ZERO_TO_ONE)

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
