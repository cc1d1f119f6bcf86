"""What ``diorama batch`` hands to the engine, and what it says of the outcome."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import diorama.batch
from diorama.batch import BatchReport, Failure
from diorama.cli import main, parse
from diorama.errors import OptionError
from diorama.gl.context import ContextInfo

DEVICE = ContextInfo("llvmpipe", "Mesa", "4.5", software=True)
DEFAULTS = {
    "count": 4,
    "seed": None,
    "workers": 1,
    "shard": (0, 1),
    "overrides": {},
    "assets": (),
    "gl": "auto",
    "preset": "standard",
    "refine": True,
    "dataset": False,
    "passes": (),
    "codec": None,
    "crf": 18,
    "alpha": False,
    "overwrite": False,
}


class Engine:
    """Stands in for rendering a batch; notes the call and gives ``report``."""

    def __init__(self) -> None:
        self.call: tuple[Path, Path, dict[str, Any]] | None = None
        self.report = BatchReport(Path("out"), 4, 1, (), 72, 4.0, DEVICE, refined=True)

    def render_batch(self, scene: Path, out: Path, *, progress: Any, **options: Any) -> BatchReport:
        self.call = scene, out, options
        progress(0.5, 4)
        return self.report


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(diorama.batch, "render_batch", made.render_batch)
    return made


def test_with_no_option(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["batch", "yard.yaml", "--count", "4", "--out", "out"]) == 0
    assert engine.call == (Path("yard.yaml"), Path("out"), DEFAULTS)
    first = "out: 3 of 4 clips rendered, 1 there already"
    second = "72 frames in 4.0 s, 18.0 frames/s, on llvmpipe (software), refined"
    assert capsys.readouterr().out == f"{first}; {second}\n"


def test_with_every_option(engine: Engine) -> None:
    line = (
        "batch yard.yaml --count 9 -o out --seed 5 --workers 3 --shard 1/4 --dataset --passes depth,normal "
        "--size 64x48 --preset draft --set a=1 --assets m --assets n --gl gpu:1 --codec ffv1 --crf 0 --alpha "
        "--refiner r --overwrite"
    )
    assert main(line.split()) == 0
    assert engine.call is not None
    assert engine.call[2] == {
        "count": 9,
        "seed": 5,
        "workers": 3,
        "shard": (1, 4),
        "overrides": {"a": "1", "video.size": [64, 48]},
        "assets": (Path("m"), Path("n")),
        "gl": "gpu:1",
        "preset": "draft",
        "refine": Path("r"),
        "dataset": True,
        "passes": ("depth", "normal"),
        "codec": "ffv1",
        "crf": 0,
        "alpha": True,
        "overwrite": True,
    }


def test_failures_are_listed_last_and_the_exit_code_is_1(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    failures = (
        Failure(1, 8, Path("out/a_000001.mp4"), "a.yaml:3:9: too wide"),
        Failure(3, 10, Path("out/a_000003.mp4"), "gone"),
    )
    engine.report = BatchReport(Path("out"), 4, 2, failures, 0, 4.0, None, refined=False)
    assert main(["batch", "a.yaml", "--count", "4", "--out", "out", "--no-refine"]) == 1
    said = capsys.readouterr()
    assert said.out == "out: 0 of 4 clips rendered, 2 there already, 2 failed\n"
    assert said.err.splitlines()[-2:] == [
        "diorama: clip 1, seed 8: a.yaml:3:9: too wide",
        "diorama: clip 3, seed 10: gone",
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--count 0", "--count: expected a whole number from 1 to 1000000, got '0'"),
        ("--count many", "--count: expected a whole number from 1 to 1000000, got 'many'"),
        ("--count 1 --workers 0", "--workers: expected a whole number from 1 to 1024, got '0'"),
        ("--count 1 --shard 4/4", "--shard: expected I/N with 0 <= I < N, as 0/4, got '4/4'"),
        ("--count 1 --seed -1", "--seed: expected a whole number from 0 to 9223372036854775807, got '-1'"),
        ("--count 1 --codec vp9", "--codec: expected one of h264, ffv1, prores, png, got 'vp9'"),
        ("--count 1 --crf 52", "--crf: expected a whole number from 0 to 51, got '52'"),
        ("--count 1 --refiner r --no-refine", "--no-refine: expected one of --refiner and --no-refine, got both"),
        ("", "Missing option '--count'."),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(
    engine: Engine, capsys: pytest.CaptureFixture[str], options: str, message: str
) -> None:
    assert main(f"batch a.yaml -o out {options}".split()) == 2
    assert capsys.readouterr().err == f"diorama: {message}\n"
    assert engine.call is None


@pytest.mark.parametrize("text", ["", "1", "/", "1/", "/2", "2/2", "0/0", "-1/2", "1/2/3", "a/b", "0.5/1", "١/٢"])
def test_texts_that_are_no_shard(text: str) -> None:
    with pytest.raises(OptionError, match=r"^--shard: expected I/N with 0 <= I < N, as 0/4, got "):
        parse.shard(text)


def test_shards() -> None:
    assert [parse.shard(text) for text in ("0/1", "0/4", "3/4")] == [(0, 1), (0, 4), (3, 4)]
