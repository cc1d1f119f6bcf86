"""``diorama train``: what it asks for, and what it hands on."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from diorama.cli import main
from diorama.cli import train as command


def absent(*names: str) -> Callable[..., object]:
    real = importlib.util.find_spec
    return lambda name, *rest: None if name in names else real(name, *rest)


def test_without_torch_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "NEEDS", ("torch",))
    monkeypatch.setattr(importlib.util, "find_spec", absent("torch"))
    assert main(["train"]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    cure = "in a clone .venv/bin/pip install -e '.[torch]', from a wheel pip install 'FILE.whl[torch]'"
    assert said.startswith(f"diorama: train: training needs torch: {cure} (a download of about 200 MB")


@pytest.mark.parametrize("option", [("--steps", "0"), ("--clips", "many"), ("--seed", "-1"), ("--processes", "0")])
def test_numbers_are_checked_before_anything_is_done(
    option: tuple[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("torch", reason="no torch: make test-torch")
    assert main(["train", *option, "--work", str(tmp_path / "work")]) == 2
    assert f"{option[0]}: expected a whole number from" in capsys.readouterr().err
    assert not (tmp_path / "work").exists()


@pytest.mark.parametrize(("passed", "code", "verdict"), [(True, 0, "passes all"), (False, 1, "does not pass all")])
def test_options_reach_the_job_and_the_verdict_the_shell(
    passed: bool,
    code: int,
    verdict: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    pytest.importorskip("torch", reason="no torch: make test-torch")
    from diorama.training import run
    from diorama.training.judge import Gate

    gates = [Gate("A", ">= +1 dB", 2.0, True), Gate("B", ">= +2 dB", 1.0, passed), Gate("C", "<= 0.5", 0.75, passed)]
    given: dict[str, Any] = {}

    def instead(job: run.Job, work: Path, out: Path, **options: Any) -> object:
        options["progress"]("pairs", 1, 2)
        given.update(options, job=job, work=work, out=out)
        table = {"refined": gates, "another": [Gate("D", "", 0.0, False)]}
        return SimpleNamespace(seconds={"a": (60.0, 40.0), "b": (30.0, 20.0)}, passed=passed, gates=table)

    monkeypatch.setattr(run, "train", instead)
    arguments = ["--steps", "7", "--clips", "3", "--seed", "5", "--processes", "1", "--resume"]
    assert main(["train", "-o", str(tmp_path / "out"), "--work", str(tmp_path), *arguments]) == code
    job = given["job"]
    assert (job.settings.steps, job.pairs.clips, job.settings.seed, job.pairs.seeds, job.processes) == (
        7,
        3,
        5,
        (5,),
        1,
    )
    assert given["resume"]
    assert not given["overwrite"]
    said = capsys.readouterr()
    assert f"a refiner that {verdict} gates, after 1.5 CPU minutes" in said.out
    told = [line for line in said.err.splitlines() if line.startswith("diorama: ")]
    failed = "fails 2 of 3 gates: B is +1.000 (>= +2 dB), C is +0.750 (<= 0.5)"
    assert told == ([] if passed else [f"diorama: train: the refiner in {tmp_path / 'out'} {failed}"])


def test_what_is_missing_is_named_together() -> None:
    assert set(command.NEEDS) >= {"torch", "onnx", "safetensors"}
