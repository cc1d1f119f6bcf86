"""Every cause why an NVIDIA device goes unused, on made-up systems, and the cure it names."""

from pathlib import Path

import pytest

from diorama.gl.diagnosis import nvidia_device, why_no_gpu

USED = "an NVIDIA device exists (/dev/nvidiactl), but OpenGL does not use it: "


@pytest.fixture
def root(tmp_path: Path) -> Path:
    touch(tmp_path, "dev/nvidiactl")
    return tmp_path


def touch(root: Path, name: str) -> Path:
    file = root / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    return file


def loaded(_: str) -> bool:
    return True


def absent(_: str) -> bool:
    return False


def test_no_device_no_advice(tmp_path: Path) -> None:
    assert nvidia_device(tmp_path) == ""
    assert why_no_gpu(tmp_path, loads=absent, environ={}) == ""


def test_a_driver_without_device_nodes_counts(tmp_path: Path) -> None:
    touch(tmp_path, "proc/driver/nvidia/version")
    assert nvidia_device(tmp_path) == "/proc/driver/nvidia/version"


@pytest.mark.parametrize("mark", [".dockerenv", "run/.containerenv", "var/run/secrets/kubernetes.io/token"])
def test_container_without_the_graphics_capability(root: Path, mark: str) -> None:
    touch(root, mark)
    text = why_no_gpu(root, loads=absent, environ={"NVIDIA_DRIVER_CAPABILITIES": "compute,utility"})
    assert text.startswith(USED + "libEGL_nvidia.so.0 is not in this container (NVIDIA_DRIVER_CAPABILITIES is 'compute")
    assert text.endswith("start it with --gpus all -e NVIDIA_DRIVER_CAPABILITIES=all")


def test_host_without_the_library(root: Path) -> None:
    text = why_no_gpu(root, loads=absent, environ={})
    assert text.startswith(USED + "libEGL_nvidia.so.0 is not installed; ")
    assert "sudo apt install libegl-nvidia0" in text


def test_no_vendor_file(root: Path) -> None:
    text = why_no_gpu(root, loads=loaded, environ={})
    assert text == USED + (
        "there is no 10_nvidia.json in /usr/share/glvnd/egl_vendor.d; write one that holds "
        '{"file_format_version": "1.0.0", "ICD": {"library_path": "libEGL_nvidia.so.0"}}'
    )


def test_vendor_file_elsewhere(root: Path) -> None:
    file = touch(root, "usr/local/nvidia/share/glvnd/egl_vendor.d/10_nvidia.json")
    text = why_no_gpu(root, loads=loaded, environ={})
    assert text.endswith(f"export __EGL_VENDOR_LIBRARY_FILENAMES={file}")


def test_a_variable_hides_the_vendor_file(root: Path) -> None:
    touch(root, "usr/share/glvnd/egl_vendor.d/10_nvidia.json")
    for name, value in (("__EGL_VENDOR_LIBRARY_FILENAMES", "/x/50_mesa.json"), ("__EGL_VENDOR_LIBRARY_DIRS", "/x")):
        text = why_no_gpu(root, loads=loaded, environ={name: value})
        assert text == USED + f"{name}={value} names no NVIDIA vendor file; unset it"


@pytest.mark.parametrize("folder", ["etc/glvnd/egl_vendor.d", "usr/share/glvnd/egl_vendor.d"])
def test_all_there_but_no_device(root: Path, folder: str) -> None:
    file = touch(root, f"{folder}/10_nvidia.json")
    text = why_no_gpu(root, loads=loaded, environ={})
    assert text.startswith(USED + f"{file} and libEGL_nvidia.so.0 are there, but the driver offers no EGL device; ")


def test_wsl(tmp_path: Path) -> None:
    touch(tmp_path, "dev/dxg")
    assert "WSL2" in why_no_gpu(tmp_path, loads=absent, environ={})
