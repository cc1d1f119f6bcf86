"""What the commands hand to the engine, what they print, and how errors leave the process."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from diorama.cli import main
from diorama.cli import render as room
from diorama.cli.arguments import CODECS
from diorama.errors import DeviceError, SceneError, ShaderError
from diorama.gl.context import ContextInfo
from diorama.video.codecs import CODECS as CODEC_TABLE

CPU = ContextInfo("llvmpipe", "Mesa", "4.5", software=True)
HIDDEN_GPU = ContextInfo("llvmpipe", "Mesa", "4.5", software=True, advice="an NVIDIA device exists, but: cure")
SCENE = SimpleNamespace(frame_count=48, fps=24.0, size=(512, 512))


@dataclass
class Engine:
    """Stands in for loading and rendering; notes every call, and can be told to fail."""

    calls: list[tuple[str, Any]] = field(default_factory=list)
    device: ContextInfo = CPU
    refined: bool = True
    doubtful: tuple[int, ...] = ()
    failure: BaseException | None = None

    def open_scene(self, path: Path, **options: Any) -> Any:
        self.calls.append(("open", (path, {key: value for key, value in options.items() if value is not None})))
        return SCENE

    def studio(self, gl: str, *, preset: str, refine: bool | Path) -> Any:
        self.calls.append(("studio", (gl, preset, refine)))
        return FakeStudio(self)


class FakeStudio:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.device = SimpleNamespace(info=engine.device)
        self.refined = engine.refined

    def __enter__(self) -> "FakeStudio":
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.calls.append(("close", None))

    def render(self, _: Any, out: Path, *, progress: Callable[[int, int], None], **options: Any) -> Any:
        self._engine.calls.append(("render", (out, options)))
        progress(1, 48)
        if self._engine.failure:
            raise self._engine.failure
        return SimpleNamespace(
            path=out,
            frames=48,
            seconds=4.0,
            device=self._engine.device,
            refined=self._engine.refined,
            doubtful=self._engine.doubtful,
        )

    def still(self, _: Any, time: float, out: Path, *, overwrite: bool, progress: Callable[[int, int], None]) -> None:
        progress(1, 44)
        self._engine.calls.append(("still", (time, out, overwrite)))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    pipeline = ModuleType("diorama.pipeline")
    pipeline.Studio = made.studio  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "diorama.pipeline", pipeline)
    monkeypatch.setattr(room, "open_scene", made.open_scene)
    monkeypatch.setattr(room, "warn_of_assets", lambda scene: None)
    return made


DEFAULTS = {
    "frames": None,
    "passes": (),
    "frames_dir": None,
    "codec": None,
    "crf": 18,
    "alpha": False,
    "overwrite": False,
}


def test_render_with_no_option(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "scenes/yard.yaml"]) == 0
    assert engine.calls == [
        ("open", (Path("scenes/yard.yaml"), {})),
        ("studio", ("auto", "standard", True)),
        ("render", (Path("yard.mp4"), DEFAULTS)),
        ("close", None),
    ]
    said = capsys.readouterr()
    assert said.out == "yard.mp4: 48 frames in 4.0 s, 12.0 frames/s, on llvmpipe (software), refined\n"
    assert "NVIDIA" not in said.err


def test_render_with_every_option(engine: Engine) -> None:
    line = (
        "render yard.yaml -o clip.mkv --frames 10:20 --size 64x48 --preset draft --set a=1 --set b.c=x --seed 0 "
        "--passes depth,normal --frames-dir out --assets m --assets n --gl gpu:1 --codec ffv1 --crf 0 --alpha "
        "--refiner r --overwrite"
    )
    assert main(line.split()) == 0
    opened = {"settings": ["a=1", "b.c=x"], "seed": "0", "size": "64x48", "assets": [Path("m"), Path("n")]}
    assert engine.calls[0] == ("open", (Path("yard.yaml"), opened))
    assert engine.calls[1] == ("studio", ("gpu:1", "draft", Path("r")))
    wanted = {
        "frames": range(10, 20),
        "passes": ("depth", "normal"),
        "frames_dir": Path("out"),
        "codec": "ffv1",
        "crf": 0,
        "alpha": True,
        "overwrite": True,
    }
    assert engine.calls[2] == ("render", (Path("clip.mkv"), wanted))


@pytest.mark.parametrize(
    ("options", "name"),
    [("", "yard.mp4"), ("--codec ffv1", "yard.mkv"), ("--codec png", "yard"), ("--alpha", "yard.mov")],
)
def test_a_video_is_named_after_its_scene(engine: Engine, options: str, name: str) -> None:
    assert main(["render", "yard.yaml", *options.split()]) == 0
    assert engine.calls[2][1][0] == Path(name)


@pytest.mark.parametrize("command", ["render yard.yaml", "still yard.yaml --at 0", "demo"])
def test_without_refiner(engine: Engine, command: str, capsys: pytest.CaptureFixture[str]) -> None:
    engine.refined = False
    assert main([*command.split(), "--no-refine"]) == 0
    assert engine.calls[1] == ("studio", ("auto", "standard", False))
    assert capsys.readouterr().out.endswith(", not refined\n")


def test_one_refiner_or_none(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["render", "yard.yaml", "--refiner", "r", "--no-refine"]) == 2
    assert "--no-refine: expected one of --refiner and --no-refine, got both" in capsys.readouterr().err


def test_what_the_label_gate_doubts_is_told(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.doubtful = (12, 13)
    assert main(["render", "yard.yaml"]) == 0
    assert "the refiner changed more than labels allow in 2 frames, first 12\n" in capsys.readouterr().err


def test_a_hidden_gpu_is_told(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.device = HIDDEN_GPU
    for command in ("render yard.yaml", "still yard.yaml --at 0"):
        assert main(command.split()) == 0
        assert "diorama: an NVIDIA device exists, but: cure\n" in capsys.readouterr().err


def test_still(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["still", "yard.yaml", "--at", "36", "-o", "a.png", "--overwrite"]) == 0
    assert engine.calls[2] == ("still", (1.5, Path("a.png"), True))
    assert capsys.readouterr().out == "a.png: one picture, on llvmpipe (software), refined\n"


def test_demo_renders_a_scene_that_ships(engine: Engine) -> None:
    assert main(["demo", "--size", "64x48", "--preset", "draft"]) == 0
    path, options = engine.calls[0][1]
    assert path.is_file()
    assert path.name == next(name for name in room.DEMO if (path.parent / name).is_file())
    assert options == {"size": "64x48"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("render", "Missing argument 'SCENE'."),
        ("nope", "No such command 'nope'."),
        ("render a.yaml --nope", "No such option: --nope (Possible options: --codec)"),
        ("still a.yaml", "Missing option '--at'."),
        ("still a.yaml --at soon", "--at: expected seconds as 2.5s, or a frame number as 60, got 'soon'"),
        ("render a.yaml --preset best", "--preset: expected one of draft, standard, high, got 'best'"),
        ("render a.yaml --crf 52", "--crf: expected a whole number from 0 to 51, got '52'"),
        ("render a.yaml --codec vp9", "--codec: expected one of h264, ffv1, prores, png, got 'vp9'"),
        ("render a.yaml --codec ffv1 -o a.mp4", "a.mp4: expected .mkv for ffv1, got 'a.mp4'"),
        ("render a.yaml --codec h264 --alpha", "codec: expected prores, ffv1 or png, which hold alpha, got 'h264'"),
        ("render a.yaml --gl cpu", "gl: expected auto, gpu, gpu:N or software, got 'cpu'"),
        (
            "render a.yaml --passes depth",
            "--passes: expected --frames-dir DIR beside it, the folder to write passes to",
        ),
        (
            "render a.yaml --frames 40:50",
            "--frames: expected A:B with 0 <= A < B <= 48, the clip's frame count, as 0:48, got '40:50'",
        ),
        ("doctor --gl x", "gl: expected auto, gpu, gpu:N or software, got 'x'"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(
    engine: Engine, capsys: pytest.CaptureFixture[str], line: str, message: str
) -> None:
    assert main(line.split()) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"diorama: {message}\n")
    assert "render" not in [name for name, _ in engine.calls]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "validate a.yaml --size 3",
            "--size: expected WIDTHxHEIGHT in pixels, each from 1 to 16384, as 1280x720, got '3'",
        ),
        ("validate a.yaml --set hue", "--set: expected path=value, as params.hue=0.3, got 'hue'"),
        ("validate a.yaml --seed -1", "--seed: expected a whole number from 0 to 9223372036854775807, got '-1'"),
    ],
)
def test_a_wrong_scene_option(capsys: pytest.CaptureFixture[str], line: str, message: str) -> None:
    assert main(line.split()) == 2
    assert capsys.readouterr().err == f"diorama: {message}\n"


@pytest.mark.parametrize(
    ("failure", "code", "message"),
    [
        (
            SceneError("expected 1 to 179 degrees, got 240", place="a.yaml:3:9"),
            1,
            "a.yaml:3:9: expected 1 to 179 degrees, got 240",
        ),
        (DeviceError("no OpenGL"), 1, "no OpenGL"),
        (ShaderError("x.comp:1: bad\nx.comp:2: worse\n", place="x.comp"), 1, "x.comp: x.comp:1: bad; x.comp:2: worse"),
        (KeyboardInterrupt(), 130, "interrupted"),
    ],
)
def test_an_error_is_one_line_and_closes_the_studio(
    engine: Engine, capsys: pytest.CaptureFixture[str], failure: BaseException, code: int, message: str
) -> None:
    engine.failure = failure
    assert main(["render", "yard.yaml"]) == code
    said = capsys.readouterr()
    assert said.err.splitlines()[-1] == f"diorama: {message}"
    assert "Traceback" not in said.err
    assert engine.calls[-1] == ("close", None)


def test_an_error_of_ours_is_not_hidden(engine: Engine) -> None:
    engine.failure = ZeroDivisionError("a bug")
    with pytest.raises(ZeroDivisionError):
        main(["render", "yard.yaml"])


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("diorama 0.")
    assert main([]) == 2
    listed = capsys.readouterr().out
    assert all(name in listed for name in ("render", "still", "validate", "schema", "demo", "doctor"))


def test_the_module_runs_as_the_command_does() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "diorama", "render", "--help"],
        env={**os.environ, "COLUMNS": "120", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    options = "out frames size preset set seed passes frames-dir assets gl codec crf alpha overwrite"
    assert [name for name in options.split() if f"--{name}" not in done.stdout] == []
    assert done.stderr == ""


def test_codec_names_are_those_of_the_video_room() -> None:
    assert tuple(CODEC_TABLE) == CODECS
