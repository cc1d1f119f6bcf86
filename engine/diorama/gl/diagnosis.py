"""Why a machine with an NVIDIA device still draws on its CPU, and what cures it.

EGL finds a driver through a vendor file (``10_nvidia.json``) that names a library
(``libEGL_nvidia.so.0``). In a container both come from the host, and only where the
container asks for the driver's graphics capability; without them EGL silently falls back
to Mesa's software.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

NVIDIA_LIBRARY = "libEGL_nvidia.so.0"
_DEVICES = ("dev/nvidiactl", "dev/nvidia0", "proc/driver/nvidia/version", "dev/dxg")
_VENDOR_FOLDERS = ("etc/glvnd/egl_vendor.d", "usr/share/glvnd/egl_vendor.d")
_ELSEWHERE = ("usr/local/nvidia/share/glvnd/egl_vendor.d", "usr/local/share/glvnd/egl_vendor.d")
_CONTAINER = (".dockerenv", "run/.containerenv", "var/run/secrets/kubernetes.io")
_VENDOR_TEXT = f'{{"file_format_version": "1.0.0", "ICD": {{"library_path": "{NVIDIA_LIBRARY}"}}}}'


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def nvidia_device(root: Path = Path("/")) -> str:
    """Return the path that shows an NVIDIA device on this machine, or an empty string."""
    found = _first(root, _DEVICES)
    return f"/{found.relative_to(root)}" if found else ""


def why_no_gpu(
    root: Path = Path("/"), *, loads: Callable[[str], bool] = _loads, environ: Mapping[str, str] = os.environ
) -> str:
    """Return cause and cure where an NVIDIA device exists but GL does not use it, else an empty string."""
    device = nvidia_device(root)
    if not device:
        return ""
    found = f"an NVIDIA device exists ({device}), but OpenGL does not use it: "
    if device == "/dev/dxg":
        return found + "WSL2 draws through Mesa's d3d12 driver; set GALLIUM_DRIVER=d3d12 and update Mesa (untested)"
    if not loads(NVIDIA_LIBRARY):
        return found + _no_library(root, environ)
    vendor = _vendor_file(root, environ)
    if vendor is None:
        return found + _no_vendor_file(root, environ)
    return found + (
        f"{vendor} and {NVIDIA_LIBRARY} are there, but the driver offers no EGL device; check that nvidia-smi works, "
        "that this user may open /dev/nvidia* and /dev/dri/*, and that driver and library have one version"
    )


def _no_library(root: Path, environ: Mapping[str, str]) -> str:
    if _first(root, _CONTAINER):
        asked = environ.get("NVIDIA_DRIVER_CAPABILITIES", "")
        return (
            f"{NVIDIA_LIBRARY} is not in this container (NVIDIA_DRIVER_CAPABILITIES is {asked!r}, which must hold "
            "graphics); start it with --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all"
        )
    return (
        f"{NVIDIA_LIBRARY} is not installed; install the driver's OpenGL part "
        "(Debian: sudo apt install libegl-nvidia0; Ubuntu: sudo apt install libnvidia-gl-VERSION, as nvidia-smi says)"
    )


def _no_vendor_file(root: Path, environ: Mapping[str, str]) -> str:
    for name in ("__EGL_VENDOR_LIBRARY_FILENAMES", "__EGL_VENDOR_LIBRARY_DIRS"):
        if environ.get(name):
            return f"{name}={environ[name]} names no NVIDIA vendor file; unset it"
    for folder in _ELSEWHERE:
        for file in sorted((root / folder).glob("*nvidia*.json")):
            return f"its vendor file lies where EGL does not look; export __EGL_VENDOR_LIBRARY_FILENAMES={file}"
    return f"there is no 10_nvidia.json in /{_VENDOR_FOLDERS[1]}; write one that holds {_VENDOR_TEXT}"


def _vendor_file(root: Path, environ: Mapping[str, str]) -> Path | None:
    named = environ.get("__EGL_VENDOR_LIBRARY_FILENAMES", "")
    if named:
        return next((Path(name) for name in named.split(":") if "nvidia" in Path(name).name), None)
    listed = environ.get("__EGL_VENDOR_LIBRARY_DIRS", "")
    folders = [Path(name) for name in listed.split(":")] if listed else [root / name for name in _VENDOR_FOLDERS]
    return next((file for folder in folders for file in sorted(folder.glob("*nvidia*.json"))), None)


def _first(root: Path, names: Iterable[str]) -> Path | None:
    return next((root / name for name in names if (root / name).exists()), None)
