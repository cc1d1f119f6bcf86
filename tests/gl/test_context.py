"""Which device a choice opens: with made-up lists of devices, and with the real software one."""

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from diorama.errors import DeviceError, OptionError
from diorama.gl import context as room
from diorama.gl.egl import CURE, EglDevice, check_choice

GPU0, GPU1, CPU = EglDevice(0, False, "NVIDIA A"), EglDevice(1, False, "NVIDIA B"), EglDevice(2, True, "Mesa software")
RENDERERS = {0: "NVIDIA A/PCIe", 1: "NVIDIA B/PCIe", 2: "llvmpipe (LLVM 15)"}


class FakeContext(SimpleNamespace):
    def release(self) -> None:
        self.log.append(f"release {self.index}")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give a function that makes ``open_context`` see some devices; returns the log of contexts."""

    def build(devices: list[EglDevice], renderers: dict[int, str], *, broken: tuple[int, ...] = ()) -> list[str]:
        log: list[str] = []

        def create(device: EglDevice) -> FakeContext:
            if device.index in broken:
                raise DeviceError(f"EGL device {device.index} is broken")
            log.append(f"open {device.index}")
            info = {"GL_RENDERER": renderers[device.index], "GL_VENDOR": "V", "GL_VERSION": "4.5"}
            return FakeContext(info=info, index=device.index, log=log)

        egl = SimpleNamespace(devices=lambda: tuple(devices), address=lambda name: 0)
        monkeypatch.setattr(room, "Egl", lambda: egl)
        monkeypatch.setattr(room, "_create", create)
        monkeypatch.setattr(room, "why_no_gpu", lambda: "cause and cure")
        return log

    return build


@pytest.mark.parametrize(("choice", "opened"), [("auto", 0), ("gpu", 0), ("gpu:0", 0), ("gpu:1", 1), ("software", 2)])
def test_choice_with_two_gpus(machine: Any, choice: str, opened: int) -> None:
    log = machine([CPU, GPU0, GPU1], RENDERERS)
    _, _, info = room.open_context(choice)
    assert log == [f"open {opened}"]
    assert (info.renderer, info.software, info.advice) == (RENDERERS[opened], opened == 2, "")


def test_auto_passes_over_a_gpu_that_does_not_open(machine: Any) -> None:
    log = machine([GPU0, GPU1, CPU], RENDERERS, broken=(0,))
    assert room.open_context("auto")[2].renderer == RENDERERS[1]
    assert log == ["open 1"]


def test_auto_falls_back_to_software_and_says_why(machine: Any) -> None:
    machine([GPU0, CPU], RENDERERS, broken=(0,))
    info = room.open_context("auto")[2]
    assert info.software
    assert info.advice == "cause and cure"


def test_software_that_was_asked_for_needs_no_advice(machine: Any) -> None:
    machine([GPU0, CPU], RENDERERS)
    assert room.open_context("software")[2].advice == ""


def test_gpu_refuses_a_node_that_comes_up_on_the_cpu(machine: Any) -> None:
    log = machine([GPU0, CPU], {**RENDERERS, 0: "llvmpipe (LLVM 15)"})
    with pytest.raises(DeviceError, match=r"^expected a GPU for --gl gpu, got software only: cause and cure$"):
        room.open_context("gpu")
    assert log == ["open 0", "release 0"]


def test_gpu_number_beyond_the_list(machine: Any) -> None:
    machine([GPU0, GPU1, CPU], RENDERERS)
    with pytest.raises(DeviceError, match=r"^gl: expected gpu:0 to gpu:1, the GPUs that EGL offers, got 'gpu:2'$"):
        room.open_context("gpu:2")


def test_no_device_at_all_names_the_packages(machine: Any) -> None:
    machine([], {})
    with pytest.raises(DeviceError) as error:
        room.open_context("auto")
    assert str(error.value) == f"expected an OpenGL 4.5 context, got none (EGL offers no device): {CURE}"


@pytest.mark.parametrize("choice", ["", "cpu", "gpu:", "gpu:x", "gpu:-1", "GPU", "auto ", "gpu:1000"])
def test_wrong_choice(choice: str) -> None:
    with pytest.raises(OptionError) as error:
        check_choice(choice)
    assert str(error.value) == f"gl: expected auto, gpu, gpu:N or software, got {choice!r}"


def test_software_is_software_here() -> None:
    context, load, info = room.open_context("software")
    context.release()
    assert info.software
    assert "llvmpipe" in info.renderer
    assert load("glClipControl") != 0


def _doctor(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "diorama.gl.egl"]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


def test_the_set_up_check_lists_the_devices_that_start() -> None:
    done = _doctor()
    assert (done.returncode, done.stderr) == (0, "")
    assert "EGL device 0: " in done.stdout


def test_the_set_up_check_fails_without_a_vendor_file() -> None:
    done = _doctor(__EGL_VENDOR_LIBRARY_DIRS="/nowhere")
    assert done.returncode == 1
    assert done.stderr == "no OpenGL: expected an EGL device with a driver, got 0 without\n"


def test_the_set_up_check_fails_without_drivers() -> None:
    done = _doctor(LIBGL_DRIVERS_PATH="/nowhere", GBM_BACKENDS_PATH="/nowhere", LIBGL_ALWAYS_SOFTWARE="1")
    if "no driver starts on it" not in done.stdout + done.stderr:
        pytest.skip("this Mesa carries its drivers in one library, which no variable hides")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "no OpenGL: expected an EGL device with a driver, got 1 without"


def test_no_libegl_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diorama.gl.egl.LIBRARY", "libEGL-of-nobody.so.1")
    with pytest.raises(DeviceError) as error:
        room.open_context("auto")
    assert str(error.value).startswith("expected libEGL-of-nobody.so.1 for OpenGL without a screen, got none (")
    assert str(error.value).endswith(f": {CURE}")


def test_macos_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(DeviceError, match=r"^expected OpenGL 4\.5, got macOS, which stops at OpenGL 4\.1: "):
        room.open_context("auto")
