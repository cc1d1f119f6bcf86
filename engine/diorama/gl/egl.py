"""The devices that EGL offers, asked through ctypes before any context exists.

Needs nothing but the standard library, so that set-up can ask before anything is installed:
``python -m diorama.gl.egl`` prints the devices and exits with 1 where none of them starts; set-up
itself names the packages then, which are more.
"""

from __future__ import annotations

import ctypes
import re
import sys
from dataclasses import dataclass

from diorama.errors import DeviceError, OptionError, expected

LIBRARY = "libEGL.so.1"
CURE = "sudo apt install libegl1 libgl1-mesa-dri"
"""The packages that give software OpenGL 4.5 on Debian 12+ and Ubuntu 24.04+."""

_DEVICES_MAX = 64
_EXTENSIONS, _VENDOR, _RENDERER, _DRM_FILE = 0x3055, 0x3053, 0x335F, 0x3233
_PLATFORM_DEVICE = 0x313F
_CHOICE = re.compile(r"auto|software|gpu(:\d{1,3})?", re.ASCII)


@dataclass(frozen=True)
class EglDevice:
    """One entry of ``eglQueryDevicesEXT``: ``index`` is its place there, ``name`` what EGL tells of it."""

    index: int
    software: bool
    name: str


def check_choice(choice: str) -> str:
    """Return ``choice`` if it is ``auto``, ``gpu``, ``gpu:N`` or ``software``; else ``OptionError``."""
    if not isinstance(choice, str) or not _CHOICE.fullmatch(choice):
        raise OptionError(expected("auto, gpu, gpu:N or software", choice), place="gl")
    return choice


class Egl:
    """libEGL with the few functions that are called here; ``DeviceError`` where it cannot be loaded."""

    def __init__(self) -> None:
        if sys.platform == "darwin":
            raise DeviceError(
                "expected OpenGL 4.5, got macOS, which stops at OpenGL 4.1: render on Linux x86_64; "
                "loading, validating and reading datasets work here"
            )
        try:
            self._library = ctypes.CDLL(LIBRARY)
        except OSError as error:
            raise DeviceError(f"expected {LIBRARY} for OpenGL without a screen, got none ({error}): {CURE}") from None
        self._library.eglGetProcAddress.restype = ctypes.c_void_p
        self._library.eglGetProcAddress.argtypes = [ctypes.c_char_p]

    def address(self, name: str) -> int:
        """Return the address of a GL or EGL function, 0 where there is none."""
        return self._library.eglGetProcAddress(name.encode()) or 0

    def devices(self) -> tuple[EglDevice, ...]:
        """Return the devices in EGL's order."""
        found = enumerate(self._handles())
        return tuple(self._describe(index, ctypes.c_void_p(handle)) for index, handle in found)

    def starts(self, device: EglDevice) -> bool:
        """Tell whether a driver comes up on the device; its display stays up for the process."""
        display = self._call("eglGetPlatformDisplayEXT", ctypes.c_void_p, ctypes.c_uint, *2 * [ctypes.c_void_p])
        initialize = self._call("eglInitialize", ctypes.c_uint, *3 * [ctypes.c_void_p])
        opened = display(_PLATFORM_DEVICE, self._handles()[device.index], None)
        return bool(opened) and bool(initialize(opened, None, None))

    def _handles(self) -> list[int]:
        query = self._call(
            "eglQueryDevicesEXT", ctypes.c_uint, ctypes.c_int, ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)
        )
        handles, count = (ctypes.c_void_p * _DEVICES_MAX)(), ctypes.c_int(0)
        query(_DEVICES_MAX, handles, ctypes.byref(count))
        return [handle for handle in handles[: count.value] if handle]

    def _describe(self, index: int, handle: ctypes.c_void_p) -> EglDevice:
        ask = self._call("eglQueryDeviceStringEXT", ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)
        extensions = (ask(handle, _EXTENSIONS) or b"").decode().split()
        asked = []  # a string that the device does not know is an EGL error, so ask only for those it has
        if "EGL_EXT_device_query_name" in extensions:
            asked += [ask(handle, _VENDOR), ask(handle, _RENDERER)]
        if "EGL_EXT_device_drm" in extensions:
            asked.append(ask(handle, _DRM_FILE))
        software = "EGL_MESA_device_software" in extensions
        kind = "Mesa software" if software else "GPU"
        name = " ".join(text.decode(errors="replace") for text in asked if text)
        return EglDevice(index, software, name or kind)

    def _call(self, name: str, result: type, *arguments: type) -> ctypes._CFunctionType:
        address = self.address(name)
        if not address:
            raise DeviceError(f"expected {LIBRARY} with {name}, got one whose drivers lack it: {CURE}")
        return ctypes.CFUNCTYPE(result, *arguments)(address)


def main() -> int:
    """Print the devices and whether each starts; return 0 if any does."""
    try:
        egl = Egl()
        started = [(device, egl.starts(device)) for device in egl.devices()]
    except DeviceError as error:
        print(f"no OpenGL: {str(error).removesuffix(f': {CURE}')}", file=sys.stderr)
        return 1
    for device, works in started:
        print(f"EGL device {device.index}: {device.name}{'' if works else ' (no driver starts on it)'}")
    if not any(works for _, works in started):
        print(f"no OpenGL: expected an EGL device with a driver, got {len(started)} without", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
