"""Open an OpenGL 4.5 context without a screen, on the device that was asked for, through EGL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import moderngl

from diorama.errors import DeviceError, expected
from diorama.gl.diagnosis import why_no_gpu
from diorama.gl.egl import CURE, LIBRARY, Egl, EglDevice, check_choice

REQUIRED = 450
"""OpenGL 4.5 core: compute shaders, storage buffers, clip control, multi-draw indirect."""

_SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software")


@dataclass(frozen=True)
class ContextInfo:
    """What the driver says of itself; ``software`` is true where the CPU does the drawing.

    ``advice`` holds cause and cure where an NVIDIA device exists and ``auto`` could not use it.
    """

    renderer: str
    vendor: str
    version: str
    software: bool
    advice: str = ""


def open_context(choice: str = "auto") -> tuple[moderngl.Context, Callable[[str], int], ContextInfo]:
    """Open a context; ``choice`` is ``auto``, ``gpu``, ``gpu:N`` (the N-th GPU of EGL's list) or ``software``.

    Returns the context, a loader from GL function name to address, and what the driver is.
    ``auto`` prefers a GPU and falls back to software; ``gpu`` never does.
    """
    check_choice(choice)
    egl = Egl()
    failures = []
    for device in _candidates(choice, egl.devices()):
        try:
            context = _create(device)
        except DeviceError as error:
            failures.append(str(error))
            continue
        info = _describe(context, choice)
        if info.software and not device.software:  # a GPU's node may still come up on the CPU
            context.release()
            failures.append(f"EGL device {device.index} draws on the CPU ({info.renderer})")
            continue
        return context, egl.address, info
    raise DeviceError(_nothing_opened(choice, failures))


def _candidates(choice: str, devices: Sequence[EglDevice]) -> list[EglDevice]:
    software = [device for device in devices if device.software]
    gpus = [device for device in devices if not device.software]
    if choice == "auto":
        return gpus + software
    if choice == "software":
        return software
    if choice == "gpu":
        return gpus
    number = int(choice.removeprefix("gpu:"))
    if gpus and number >= len(gpus):
        raise DeviceError(expected(f"gpu:0 to gpu:{len(gpus) - 1}, the GPUs that EGL offers", choice), place="gl")
    return gpus[number : number + 1]


def _create(device: EglDevice) -> moderngl.Context:
    from glcontext import egl  # absent from glcontext where there is no EGL, as on macOS

    try:
        # made by hand, for moderngl would let GLCONTEXT_DEVICE_INDEX outvote the device asked for
        made = egl.create_context(
            mode="standalone", glversion=REQUIRED, libgl=LIBRARY, libegl=LIBRARY, device_index=device.index
        )
        settings: Any = {"context": made}
        context = moderngl.create_context(standalone=True, require=REQUIRED, **settings)
    except Exception as error:  # both raise bare Exception
        raise DeviceError(f"EGL device {device.index} ({device.name}): {error}") from error
    context.gc_mode = "context_gc"
    return context


def _describe(context: moderngl.Context, choice: str) -> ContextInfo:
    renderer = context.info["GL_RENDERER"]
    software = any(word in renderer.lower() for word in _SOFTWARE)
    advice = why_no_gpu() if software and choice == "auto" else ""
    return ContextInfo(renderer, context.info["GL_VENDOR"], context.info["GL_VERSION"], software, advice)


def _nothing_opened(choice: str, failures: Sequence[str]) -> str:
    tried = "; ".join(failures)
    if choice.startswith("gpu"):
        cause = why_no_gpu() or tried or "EGL offers no GPU here"
        return f"expected a GPU for --gl {choice}, got software only: {cause}"
    wanted = "an OpenGL 4.5 context" if choice == "auto" else "Mesa's software OpenGL 4.5"
    return f"expected {wanted}, got none ({tried or 'EGL offers no device'}): {CURE}"
