"""Open an OpenGL 4.5 context without a screen, through EGL."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import moderngl

from diorama.errors import DeviceError

REQUIRED = 450
"""OpenGL 4.5 core: compute shaders, storage buffers, clip control, multi-draw indirect."""

_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software")


@dataclass(frozen=True)
class ContextInfo:
    """What the driver says of itself; ``software`` is true where the CPU does the drawing."""

    renderer: str
    vendor: str
    version: str
    software: bool


def open_context(choice: str = "auto") -> tuple[moderngl.Context, Callable[[str], int], ContextInfo]:
    """Open a context; ``choice`` is ``auto``, ``gpu``, ``gpu:N`` or ``software``.

    Returns the context, a loader from GL function name to address, and what the driver is.
    """
    try:
        settings: Any = {"backend": "egl", "libgl": "libEGL.so.1"}
        context = moderngl.create_context(standalone=True, require=REQUIRED, **settings)
    except Exception as error:  # moderngl raises bare Exception
        raise DeviceError(f"no OpenGL 4.5 context: {error}") from error
    context.gc_mode = "context_gc"
    egl = ctypes.CDLL("libEGL.so.1")
    egl.eglGetProcAddress.restype = ctypes.c_void_p
    egl.eglGetProcAddress.argtypes = [ctypes.c_char_p]
    renderer = context.info["GL_RENDERER"]
    software = any(word in renderer.lower() for word in _SOFTWARE)
    info = ContextInfo(renderer, context.info["GL_VENDOR"], context.info["GL_VERSION"], software)
    return context, lambda name: egl.eglGetProcAddress(name.encode()) or 0, info
