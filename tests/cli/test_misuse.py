"""Wrong outputs, closed pipes, odd names, Ctrl-C and SIGTERM: one line, an exit code, nothing written."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest

from diorama.atomic import atomic_file
from diorama.cli import main
from diorama.cli import render as room

SCENE = "diorama: 1\nvideo: {size: [8, 8], fps: 24, frames: 3}\ncamera: {position: [0, 0, 5]}\n"


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(SCENE, "utf-8")
    return Path("s.yaml")


def refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    code = main(arguments)
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    return code, said.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["still", "s.yaml", "--at", "0", "-o", "x.jpg"], "--out: expected a name in .png, got 'x.jpg'"),
        (["still", "s.yaml", "--at", "0", "-o", "x"], "--out: expected a name in .png, got 'x'"),
        (["still", "s.yaml", "--at", "3"], "--at: expected a frame from 0 to 2, got '3'"),
        (["still", "s.yaml", "--at", "0.2s"], "--at: expected a time from 0s to 0.125s, got '0.2s'"),
        (
            ["render", "s.yaml", "-o", "both", "--frames-dir", "./both"],
            "--frames-dir: expected another name than that of OUT, got 'both'",
        ),
    ],
)
def test_outputs_are_checked_before_anything_is_drawn(
    scene: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert refused(arguments, capsys) == (2, f"diorama: {message}\n")
    assert [path.name for path in Path().iterdir()] == ["s.yaml"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("nodes: {a: {asset: a.glb}}", "a.glb: expected JSON: "),
        ("nodes: {a: {mesh: {file: b.obj}}}", "b.obj: expected triangles, got 'none'"),
        ("environment: {image: c.hdr}", "c.hdr: expected a Radiance or OpenEXR picture"),
        ("nodes: {a: {look_at: b, mesh: {type: box}}, b: {look_at: a}}", "expected constraints without a circle"),
        (
            "nodes: {a: {repeat: 9, mesh: {type: box}, place: {box: [[0, 0, 0], [1, 1, 1]]}}}",
            "expected room in the box",
        ),
        ("finish: {titles: [{text: 日}]}", "expected characters that the built-in font has, got '日'"),
    ],
)
def test_validate_looks_at_all_that_a_frame_needs(
    scene: Path, body: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.glb", "b.obj", "c.hdr"):
        Path(name).write_text("no model")
    scene.write_text(f"{SCENE}{body}\n", "utf-8")
    code, said = refused(["validate", "s.yaml"], capsys)
    assert code in (1, 2)
    assert message in said


def test_what_would_steer_a_terminal_is_spelled_out(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "a\\x1b[31mb\\u202e.yaml: expected a scene file" in refused(["validate", "a\x1b[31mb\u202e.yaml"], capsys)[1]


def test_ctrl_c_while_the_engine_is_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted(ModuleType):
        def __getattr__(self, name: str) -> object:
            raise KeyboardInterrupt

    monkeypatch.setitem(sys.modules, "diorama.cli.application", Interrupted("application"))
    assert refused(["schema"], capsys) == (130, "diorama: interrupted\n")


def test_sigterm_while_the_engine_is_imported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopped(ModuleType):
        def __getattr__(self, name: str) -> object:
            signal.raise_signal(signal.SIGTERM)
            raise AssertionError("it went on")

    monkeypatch.setitem(sys.modules, "diorama.cli.application", Stopped("application"))
    assert refused(["schema"], capsys) == (143, "diorama: terminated\n")


def test_sigterm_ends_a_command_as_ctrl_c_does(
    scene: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second one does not cut the tidying short, and afterwards the signal means what it did before."""

    tidied: list[bool] = []

    def stopped(*_: object, **__: object) -> None:
        with atomic_file(Path("a.mp4")) as half:
            half.write_text("half")
            try:
                signal.raise_signal(signal.SIGTERM)
            finally:
                signal.raise_signal(signal.SIGTERM)
                tidied.append(True)

    monkeypatch.setattr(room, "open_scene", stopped)
    assert refused(["render", "s.yaml"], capsys) == (143, "diorama: terminated\n")
    assert tidied
    assert [path.name for path in Path().iterdir()] == ["s.yaml"]
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.slow
def test_sigterm_while_frames_are_drawn(scene: Path) -> None:
    line = ["render", "s.yaml", "--gl", "software", "--set", "video.frames=1000000", "--frames-dir", "s"]
    process = subprocess.Popen([sys.executable, "-m", "diorama", *line], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while len(list(Path().glob(".s.*.partial/**/*.png"))) < 3:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (143, "diorama: terminated\n")
    assert [path.name for path in Path().iterdir()] == ["s.yaml"]


def test_a_program_that_calls_main_keeps_its_own_way_with_sigterm(
    scene: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    came: list[int] = []
    monkeypatch.setattr(room, "open_scene", lambda *_, **__: signal.raise_signal(signal.SIGTERM))
    before = signal.signal(signal.SIGTERM, lambda number, _: came.append(number))
    try:
        with pytest.raises(AttributeError, match="frame_count"):
            main(["still", "s.yaml", "--at", "0"])
    finally:
        signal.signal(signal.SIGTERM, before)
    assert came == [signal.SIGTERM]


def test_a_command_may_run_on_any_thread(capsys: pytest.CaptureFixture[str]) -> None:
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(main(["nope"])))
    thread.start()
    thread.join()
    assert codes == [2]


@pytest.mark.parametrize(
    ("failure", "message"),
    [(MemoryError(), "expected enough memory, got none left"), (PermissionError(13, "No", "x"), "x: No")],
)
def test_what_the_system_refuses_is_one_line(
    scene: Path,
    failure: BaseException,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise failure

    monkeypatch.setattr(room, "open_scene", fail)
    assert refused(["render", "s.yaml"], capsys) == (1, f"diorama: {message}\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_behind_standard_output() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "diorama", "schema"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert (done.returncode, done.stderr) == (1, "diorama: standard output: No space left on device\n")


def test_a_reader_that_goes_away_is_no_error_to_speak_of() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-m", "diorama", "schema"], stdout=writer, stderr=subprocess.PIPE, text=True)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, "")
