"""What doctor finds, and the cure it names where something is missing."""

import os
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import pytest

from diorama import resources
from diorama.cli import checks, main
from diorama.errors import DeviceError
from diorama.gl import context, egl
from diorama.gl.context import ContextInfo
from diorama.gl.egl import CURE, EglDevice
from diorama.refine import checkpoint


def run_doctor(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "diorama", "doctor", *options]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


def test_all_is_well_here() -> None:
    done = run_doctor("--gl", "software")
    assert done.returncode == 0, done.stdout
    assert "SOFTWARE: the CPU draws. llvmpipe" in done.stdout
    assert "--gl software" in done.stdout
    assert "h264, ffv1, prores, png" in done.stdout
    assert done.stdout.endswith("Ready to render.\n")


def test_no_opengl_is_exit_code_1_with_the_line_to_type() -> None:
    done = run_doctor(__EGL_VENDOR_LIBRARY_DIRS="/nowhere")
    assert done.returncode == 1
    assert CURE in done.stdout
    assert done.stdout.endswith("1 missing: diorama cannot render here.\n")


def test_gpu_on_a_software_renderer_is_exit_code_1() -> None:
    done = run_doctor("--gl", "gpu", __EGL_VENDOR_LIBRARY_FILENAMES="/usr/share/glvnd/egl_vendor.d/50_mesa.json")
    assert done.returncode == 1
    assert "expected a GPU for --gl gpu, got software only" in done.stdout


def test_devices_come_with_the_option_that_chooses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    devices = (EglDevice(0, False, "NVIDIA A"), EglDevice(1, True, "Mesa software"), EglDevice(2, False, "NVIDIA B"))
    monkeypatch.setattr(egl, "Egl", lambda: SimpleNamespace(devices=lambda: devices))
    info = ContextInfo("NVIDIA A/PCIe", "NVIDIA", "4.6.0", software=False)
    monkeypatch.setattr(context, "open_context", lambda _: (SimpleNamespace(release=lambda: None), None, info))
    assert [finding.text for finding in checks.opengl("auto")] == [
        "GPU. NVIDIA A/PCIe, 4.6.0",
        "NVIDIA A: --gl gpu:0",
        "NVIDIA B: --gl gpu:1",
        "Mesa software: --gl software",
    ]


def test_a_hidden_gpu_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    info = ContextInfo("llvmpipe", "Mesa", "4.5", software=True, advice="cause and cure")
    monkeypatch.setattr(context, "open_context", lambda _: (SimpleNamespace(release=lambda: None), None, info))
    found = list(checks.opengl("auto"))
    assert (found[1].state, found[1].text) == ("note", "cause and cure")


def test_missing_encoders(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diorama.video.availability.missing_encoders", lambda: ("libx264",))
    found = checks.codecs()
    assert (found.state, found.text) == ("missing", "this PyAV lacks libx264")
    assert "pip install" in found.cure


def test_missing_folders(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost() -> Path:
        raise FileNotFoundError("no folder 'shaders' in a or b")

    monkeypatch.setattr(resources, "shaders", lost)
    found = checks.shipped()
    assert (found.state, found.text) == ("missing", "no folder 'shaders' in a or b")


def test_output_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert checks.writable(tmp_path).state == "ok"
    assert list(tmp_path.iterdir()) == []
    lost = checks.writable(tmp_path / "none")
    assert (lost.state, lost.text) == ("missing", f"{tmp_path / 'none'}: No such file or directory")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: usage(0, 0, 5 << 20))
    full = checks.writable(tmp_path)
    assert (full.state, full.text) == ("note", f"{tmp_path}: only 5 MiB left")


def test_an_untested_system_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert checks.system().state == "note"


def test_runtimes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torch.py").write_text("raise ImportError('libcudart is gone')")
    (tmp_path / "onnxruntime.py").write_text("__version__ = '9'\ndef get_available_providers(): return ['A', 'B']")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert checks.runtime("onnxruntime").text == "9 A, B"
    broken = checks.runtime("torch")
    assert (broken.state, broken.text) == ("note", "installed, but does not start: ImportError: libcudart is gone")


def test_a_runtime_that_is_not_there_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert checks.runtime("torch").state == "ok"
    assert checks.runtime("onnxruntime").text == "not installed: render works with --no-refine only"


def test_no_libegl(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_: str) -> None:
        raise DeviceError("expected libEGL.so.1, got none")

    monkeypatch.setattr(context, "open_context", fail)
    assert main(["doctor"]) == 1
    assert "missing OpenGL          expected libEGL.so.1, got none" in capsys.readouterr().out


def test_the_refiner_is_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(checkpoint, "DEFAULT", tmp_path / "none")
    assert checks.refiner().text == "none ships with this version; pictures are not refined"
    monkeypatch.setattr(checkpoint, "DEFAULT", tmp_path)
    found = checks.refiner()
    assert (found.state, found.cure) == ("note", "install diorama again, or render with --no-refine")
    assert f"{tmp_path}/config.json: expected a readable file of a refiner" in found.text
