"""Which libLLVM is taken, by the names that distributions give it."""

from __future__ import annotations

from pathlib import Path

import pytest

from diorama.errors import DeviceError
from diorama.oracle import llvm

DEBIAN = Path("/usr/lib/x86_64-linux-gnu")
FEDORA = Path("/usr/lib64")


def newest(*names: str, folder: Path = DEBIAN) -> str | None:
    found = llvm.newest_llvm(folder / name for name in names)
    return None if found is None else found.name


def test_the_newest_that_is_known_is_taken() -> None:
    """Debian 12 and Ubuntu 24.04 name them both ways."""
    names = ["libLLVM-14.so.1", "libLLVM-14.0.6.so.1", "libLLVM-15.so.1", "libLLVM-19.so", "libLLVM.so.19.1"]
    assert newest(*names) == "libLLVM.so.19.1"
    assert newest("libLLVM-15.so.1", "libLLVM-17.so.1", "libLLVM-16.so.1") == "libLLVM-17.so.1"
    assert newest("libLLVM.so.9", "libLLVM.so.20.1", "libLLVM.so.18.1") == "libLLVM.so.20.1"


def test_fedora_and_arch() -> None:
    assert newest("libLLVM.so.19.1", "libLLVM-17.so", folder=FEDORA) == "libLLVM.so.19.1"
    assert newest("libLLVM-18.1.8.so", "libLLVM.so", folder=Path("/usr/lib")) == "libLLVM-18.1.8.so"


@pytest.mark.parametrize("names", [(), ("libLLVM-15.so.1", "libLLVM-14.0.6.so.1"), ("libLLVM-99.so",), ("libLLVM.so",)])
def test_none_where_all_are_too_old_or_unknown(names: tuple[str, ...]) -> None:
    assert newest(*names) is None


def test_what_only_begins_like_it_is_left() -> None:
    assert newest("libLLVMSPIRVLib.so.19.1", "libLLVM-extras-19.so", "libLLVM-19.so.old~") is None


def test_a_path_in_the_environment_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(llvm.VARIABLE, "/opt/llvm/libLLVM.so")
    assert llvm.library() == "/opt/llvm/libLLVM.so"


def test_where_there_is_none_the_error_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(llvm.VARIABLE, raising=False)
    monkeypatch.setattr(llvm, "_FOLDERS", (str(tmp_path),))
    (tmp_path / "libLLVM-15.so.1").touch()
    with pytest.raises(
        DeviceError, match=r"^oracle: expected libLLVM 16 to 22, found none: sudo apt install libllvm19$"
    ):
        llvm.library()
    assert llvm.main() == 1
    assert capsys.readouterr().err == "oracle: expected libLLVM 16 to 22, found none\n"
    (tmp_path / "libLLVM.so.19.1").touch()
    assert llvm.main() == 0
    assert capsys.readouterr().out == f"{tmp_path / 'libLLVM.so.19.1'}\n"
