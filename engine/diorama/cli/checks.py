"""What ``diorama doctor`` looks at: each check finds something, and says what would cure it."""

from __future__ import annotations

import importlib.util
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from diorama import resources
from diorama.errors import CheckpointError, DeviceError

State = Literal["ok", "note", "missing"]
_FREE_MIN = 1 << 30
_RUNTIMES = {
    "onnxruntime": "import onnxruntime as r; print(r.__version__, ', '.join(r.get_available_providers()))",
    "torch": "import torch as t; c = t.cuda; "
    "print(t.__version__, ', '.join(['cpu', *(c.get_device_name(i) for i in range(c.device_count()))]))",
}


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's report; ``missing`` means that rendering cannot work."""

    subject: str
    state: State
    text: str
    cure: str = ""


_ABSENT = {
    "onnxruntime": Finding(
        "onnxruntime", "note", "not installed: render works with --no-refine only", "pip install onnxruntime"
    ),
    "torch": Finding("torch", "ok", "not installed; only training needs it"),
}


def examine(gl: str, folder: Path) -> Iterator[Finding]:
    """Yield all findings; ``gl`` is the device to draw on, ``folder`` where output would go."""
    yield system()
    yield from opengl(gl)
    yield codecs()
    yield shipped()
    yield refiner()
    yield writable(folder)
    yield from (runtime(name) for name in _RUNTIMES)


def system() -> Finding:
    """Say what this is run on; only Linux on x86_64 is tested."""
    text = f"diorama {version('diorama')}, Python {platform.python_version()}, {platform.platform()}"
    tested = (platform.system(), platform.machine()) == ("Linux", "x86_64")
    return Finding("System", "ok", text) if tested else Finding("System", "note", f"{text}: untested")


def opengl(choice: str) -> Iterator[Finding]:
    """Open the device, and list every other that EGL offers with the option that chooses it."""
    from diorama.gl.context import open_context
    from diorama.gl.egl import Egl

    try:
        context, _, info = open_context(choice)
    except DeviceError as error:
        yield Finding("OpenGL", "missing", str(error))
    else:
        context.release()
        kind = "SOFTWARE: the CPU draws" if info.software else "GPU"
        yield Finding("OpenGL", "ok", f"{kind}. {info.renderer}, {info.version}")
        if info.advice:
            yield Finding("OpenGL", "note", info.advice)
    try:
        devices = Egl().devices()
    except DeviceError:
        return
    gpus = [device for device in devices if not device.software]
    for number, device in enumerate(gpus):
        yield Finding("EGL device", "ok", f"{device.name}: --gl gpu:{number}")
    for device in devices:
        if device.software:
            yield Finding("EGL device", "ok", f"{device.name}: --gl software")


def codecs() -> Finding:
    """Look for the encoders behind ``--codec``."""
    from diorama.video.availability import missing_encoders

    missing = missing_encoders()
    if missing:
        cure = "install PyAV from its wheel: pip install --force-reinstall --only-binary av av"
        return Finding("Codecs", "missing", f"this PyAV lacks {', '.join(missing)}", cure)
    return Finding("Codecs", "ok", "h264, ffv1, prores, png")


def shipped() -> Finding:
    """Look for the folders that must travel with the package."""
    try:
        return Finding("Shaders, scenes", "ok", f"{resources.shaders()}, {resources.scenes()}")
    except FileNotFoundError as error:
        return Finding("Shaders, scenes", "missing", str(error), "install diorama again, from a wheel or a checkout")


def refiner() -> Finding:
    """Look for the trained refiner that ships, and whether it was trained on these shaders."""
    from diorama.refine.checkpoint import advice, default_checkpoint, load

    folder = default_checkpoint()
    if folder is None:
        return Finding("Refiner", "ok", "none ships with this version; pictures are not refined")
    try:
        config = load(folder).config
    except CheckpointError as error:
        return Finding("Refiner", "note", str(error), "install diorama again, or render with --no-refine")
    text = f"{config.tier}, trained on preset {config.preset}"
    told = advice(config, config.preset)
    return Finding("Refiner", "note", told) if told else Finding("Refiner", "ok", text)


def writable(folder: Path) -> Finding:
    """Write to the output folder, and look at the room that is left there."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"diorama")
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(
            "Output", "missing", f"{folder}: {error.strerror}", "name a folder that you may write to with -o"
        )
    if free < _FREE_MIN:
        return Finding("Output", "note", f"{folder}: only {free >> 20} MiB left")
    return Finding("Output", "ok", f"{folder}: writable, {free >> 30} GiB left")


def runtime(name: str) -> Finding:
    """Ask a library that computes for its devices, in a process of its own: a broken one must not end this one."""
    if importlib.util.find_spec(name) is None:
        return _ABSENT[name]
    asked = subprocess.run([sys.executable, "-c", _RUNTIMES[name]], capture_output=True, text=True, check=False)
    if asked.returncode != 0:
        last = (asked.stderr.strip().splitlines() or [f"exit code {asked.returncode}"])[-1]
        return Finding(name, "note", f"installed, but does not start: {last}", f"pip install --force-reinstall {name}")
    return Finding(name, "ok", asked.stdout.strip().splitlines()[-1])
