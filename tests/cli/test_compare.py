"""``diorama compare``: what it asks for, what it traces, what it writes and prints."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import diorama.oracle
from diorama.cli import compare as command
from diorama.cli import main
from diorama.dataset.png import read_png
from diorama.errors import DioramaError
from diorama.oracle.comparison import compare

SCENE = """\
diorama: 1
video: {size: [64, 48], fps: 24, frames: 3}
camera: {position: [0, 1, 4], look_at: [0, 0.3, 0]}
lights: {sun: {type: sun, direction: [-1, -2, -1], illuminance: 3}}
nodes:
  floor: {mesh: {type: plane, size: [20, 20]}}
  ball: {mesh: {type: sphere}, position: [0, 0.5, 0], material: {base_color: "#c04020"}}
"""
PLAIN = ["--gl", "software", "--preset", "draft", "--samples", "4"]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(SCENE, "utf-8")
    return Path("s.yaml")


@pytest.fixture
def tracer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A path tracer that gives grey, and remembers what it was asked for."""
    stub: Any = ModuleType("diorama.oracle.path_tracer")
    stub.DIRECT, stub.FULL, stub.asked = 2, 17, []

    def trace(shot: Any, samples: int, *, depth: int, progress: Callable[[int, int], None]) -> SimpleNamespace:
        stub.asked.append((shot.frame, samples, depth))
        progress(1, 1)
        grey = np.full((shot.height, shot.width, 3), 0.5, np.float32)
        return SimpleNamespace(color=grey, noise=0.01 * grey)

    stub.trace = trace
    monkeypatch.setitem(sys.modules, stub.__name__, stub)
    monkeypatch.setattr(diorama.oracle, "path_tracer", stub, raising=False)
    return stub


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--frame", "-1"], "--frame: expected a whole number from 0"),
        (["--samples", "3"], "--samples: expected a whole number from 4"),
        (["-o", "x.jpg"], "--out: expected a name in .png, got 'x.jpg'"),
        (["--preset", "best"], "--preset: expected "),
        (["--frame", "3"], "frame: expected a frame from 0 to 2, got 3"),
    ],
)
def test_options_are_checked_before_anything_is_traced(
    scene: Path, tracer: ModuleType, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", "s.yaml", *options]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(f"diorama: {message}")
    assert said.err.count("\n") == 1
    assert not tracer.asked
    assert [path.name for path in Path().iterdir()] == ["s.yaml"]


def test_without_the_extra_one_line_says_what_to_install(
    scene: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.startswith("diorama.oracle.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.delattr(diorama.oracle, "path_tracer", raising=False)
    monkeypatch.setitem(sys.modules, "mitsuba", None)
    monkeypatch.setenv("DRJIT_LIBLLVM_PATH", "anything")
    assert main(["compare", "s.yaml", *PLAIN]) == 2
    said = capsys.readouterr()
    assert said.err.startswith("diorama: oracle: expected the extra oracle, got none: ")
    assert said.err.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["s.yaml"]


def test_one_picture_and_its_figures(
    scene: Path, tracer: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_flip", lambda found: None)
    assert main(["compare", "s.yaml", *PLAIN, "--frame", "2", "--direct"]) == 0
    assert main(["compare", "s.yaml", *PLAIN, "--size", "32x24", "-o", "other.png"]) == 0
    assert tracer.asked == [(2, 4, 2), (0, 4, 17)]
    assert read_png(Path("compare.png")).shape[1] == 3 * 64
    picture = read_png(Path("other.png"))
    assert picture.shape[1] == 3 * 32
    # even grey is exposed to 0.18, of which the neutral curve takes 0.04, in sRGB 0.405
    np.testing.assert_array_equal(picture[12, 32:64], 105)
    printed = capsys.readouterr().out
    assert printed.count("relative error: median") == 2
    assert "FLIP not measured, which needs flip_evaluator" in printed
    assert "other.png: ours | reference | error\n" in printed


def test_with_flip_there_is_a_fourth_panel(
    scene: Path, tracer: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_flip", lambda found: np.full((48, 64), 0.25, np.float32))
    assert main(["compare", "s.yaml", *PLAIN]) == 0
    assert read_png(Path("compare.png")).shape[1] == 4 * 64
    printed = capsys.readouterr().out
    assert "FLIP 0.2500" in printed
    assert "compare.png: ours | reference | error | FLIP\n" in printed


def test_a_picture_that_is_there_is_kept_unless_told(
    scene: Path, tracer: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("compare.png").write_bytes(b"mine")
    assert main(["compare", "s.yaml", *PLAIN]) == 1
    assert "exists already" in capsys.readouterr().err
    assert not tracer.asked
    assert Path("compare.png").read_bytes() == b"mine"
    assert main(["compare", "s.yaml", *PLAIN, "--overwrite"]) == 0
    assert Path("compare.png").read_bytes() != b"mine"


def test_nothing_is_left_of_a_trace_that_fails(scene: Path, tracer: Any, capsys: pytest.CaptureFixture[str]) -> None:
    def fails(*_: object, **__: object) -> None:
        raise DioramaError("expected at most 1 triangles to trace, got 2", place="oracle")

    tracer.trace = fails
    assert main(["compare", "s.yaml", *PLAIN]) == 1
    assert capsys.readouterr().err == "diorama: oracle: expected at most 1 triangles to trace, got 2\n"
    assert [path.name for path in Path().iterdir()] == ["s.yaml"]


def test_figures_are_those_of_the_comparison() -> None:
    wanted = np.full((16, 16, 3), 0.5, np.float32)
    reference: Any = SimpleNamespace(color=wanted, noise=np.full_like(wanted, 0.01))
    ours = wanted + np.float32(0.1)
    found = compare(ours, wanted, np.ones((16, 16), np.uint32))
    lines = command.figures(ours, reference, found, np.full((16, 16), 0.125, np.float32))
    # 0.3 of 1.5 and 1 % more; (0.01 / 0.1) squared; 0.6745 * 0.03 of the same
    assert lines[0] == "relative error: median 19.80%, 95th percentile 19.80%"
    assert "FLIP 0.1250, RMSE of linear light 0.2000 of its mean" in lines[1]
    assert lines[2].startswith(
        "the reference's own noise: 1.0% of the squared error; alone it would be a median of 1.34%"
    )
    assert lines[3].startswith("counted: 100% of the pixels")


def test_the_path_tracer_and_the_renderer_agree_on_sunlight(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        import diorama.oracle.backend  # noqa: F401
    except DioramaError as error:
        pytest.skip(f"no path tracer: make test-oracle ({error})")
    assert main(["compare", "s.yaml", "--gl", "software", "--samples", "64", "--direct"]) == 0
    printed = capsys.readouterr().out
    assert float(printed.split("median ")[1].split("%")[0]) < 1.0
