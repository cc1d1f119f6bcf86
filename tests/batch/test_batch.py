"""Whole batches by real worker processes: the same bytes by any number of them, and what happens when one dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from diorama import (
    BatchReport,
    CheckpointError,
    DioramaError,
    SceneError,
    Studio,
    load_scene,
    render,
    render_batch,
)
from diorama.batch import run
from diorama.cli import main

QUICK: dict[str, Any] = {"gl": "software", "preset": "draft"}


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def by_two(scene: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, BatchReport, list[tuple[float, int]]]:
    """Three clips with datasets, made by two workers."""
    folder = tmp_path_factory.mktemp("two") / "new" / "folder"
    told: list[tuple[float, int]] = []
    report = render_batch(
        scene,
        folder,
        count=3,
        workers=2,
        dataset=True,
        passes=("depth", "flow_forward", "surface"),
        progress=lambda *numbers: told.append(numbers),
        **QUICK,
    )
    return folder, report, told


def test_a_batch_is_what_a_studio_makes_of_each_seed(
    scene: Path, tmp_path: Path, by_two: tuple[Path, BatchReport, object]
) -> None:
    """Also: one process gives the bytes that two give."""
    folder, report, _ = by_two
    passes = ("depth", "flow_forward", "surface")
    with Studio("software", preset="draft") as studio:
        for number in range(3):
            name = f"toys_{number:06d}"
            made = load_scene(scene, seed=7 + number)
            studio.render(made, tmp_path / f"{name}.mp4", frames_dir=tmp_path / f"{name}_frames", passes=passes)
            record = json.loads((folder / f"{name}.json").read_text("utf-8"))
            assert record["made_from"]["seed"] == 7 + number
            assert (record["frames"], record["drawn"]) == (4, made.spec.drawn)
    mine = contents(folder)
    assert {name: data for name, data in mine.items() if "/" in name or name.endswith(".mp4")} == contents(tmp_path)
    assert (report.clips, report.skipped, report.failures, report.frames) == (3, 0, (), 12)
    assert report.device is not None
    assert report.device.software


def test_refined_clips_of_two_workers_are_what_a_studio_makes(scene: Path, tmp_path: Path) -> None:
    """At ``standard``, with the refiner that ships: what it remembers of a clip is in no other."""
    report = render_batch(scene, tmp_path / "two", count=2, workers=2, gl="software", codec="ffv1")
    assert (report.clips, report.failures) == (2, ())
    clips = {name: data for name, data in contents(tmp_path / "two").items() if name.endswith(".mkv")}
    (tmp_path / "one").mkdir()
    with Studio("software") as studio:
        assert studio.refined
        for seed in (7, 8):
            studio.render(load_scene(scene, seed=seed), tmp_path / "one" / f"toys_{seed - 7:06d}.mkv")
    assert clips == contents(tmp_path / "one")


def test_progress_rises_to_the_number_of_clips(by_two: tuple[Path, BatchReport, list[tuple[float, int]]]) -> None:
    told = by_two[2]
    assert told == sorted(told)
    assert told[-1] == (3, 3)
    assert {0.25, 0.5, 0.75} & {done for done, _ in told}


def test_finished_clips_are_skipped_and_missing_ones_made_again(
    scene: Path, by_two: tuple[Path, BatchReport, object]
) -> None:
    folder = by_two[0]
    before = contents(folder)
    (folder / "toys_000001.mp4").unlink()
    kept = (folder / "toys_000002.mp4").stat().st_mtime_ns
    (folder / ".toys_000001.0123abcd.partial.mp4").write_text("left by a killed process")
    (folder / ".other_000001.0123abcd.partial.mp4").write_text("not ours")
    again = {"dataset": True, "passes": ("surface", "depth", "flow_forward"), **QUICK}
    report = render_batch(scene, folder, count=3, **again)
    (folder / ".other_000001.0123abcd.partial.mp4").unlink()
    assert contents(folder) == before
    assert (report.skipped, report.frames) == (2, 4)
    assert (folder / "toys_000002.mp4").stat().st_mtime_ns == kept
    report = render_batch(scene, folder, count=3, **again)
    assert (report.skipped, report.frames, report.device) == (3, 0, None)


def test_another_scene_in_the_same_folder_needs_overwriting(scene: Path, tmp_path: Path) -> None:
    render_batch(scene, tmp_path, count=2, shard=(1, 2), **QUICK)
    assert sorted(contents(tmp_path)) == ["toys_000001.json", "toys_000001.mp4"]
    before = contents(tmp_path)
    other = ["--set", "nodes.floor.material.roughness=0.5", "--gl", "software", "--preset", "draft"]
    line = ["batch", str(scene), "--count", "2", "-o", str(tmp_path), *other]
    assert main(line) == 1
    assert contents(tmp_path) == before
    assert main([*line, "--overwrite"]) == 0
    assert contents(tmp_path)["toys_000001.mp4"] != before["toys_000001.mp4"]
    assert main(line) == 0


def test_a_clip_that_fails_is_listed_and_the_others_go_on(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = scene.with_name("wrong.yaml")
    wrong.write_text(scene.read_text("utf-8").replace("fov: 45", "fov: {uniform: [100, 260]}"), "utf-8")
    failing = [seed for seed in range(4) if not loads(wrong, seed)]
    assert failing[0] == 0, "the first, too, is a failure among others"
    assert len(failing) < 4
    line = f"batch {wrong} --count 4 --seed 0 -o {tmp_path} --workers 2 --gl software --preset draft"
    assert main(line.split()) == 1
    said = capsys.readouterr()
    assert f"{4 - len(failing)} of 4 clips rendered, 0 there already, {len(failing)} failed; " in said.out
    lines = [text for text in said.err.splitlines() if text.startswith("diorama: clip")]
    assert [text.split(": ")[1] for text in lines] == [f"clip {seed}, seed {seed}" for seed in failing]
    assert all("camera.fov: expected" in text for text in lines)
    made = {path.name for path in tmp_path.iterdir()}
    assert made == {f"wrong_{seed:06d}.{kind}" for seed in range(4) if seed not in failing for kind in ("mp4", "json")}


def loads(path: Path, seed: int) -> bool:
    try:
        load_scene(path, seed=seed)
    except SceneError:
        return False
    return True


def test_no_studio_is_one_error(scene: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="expected a readable file of a refiner"):
        render_batch(scene, tmp_path, count=4, workers=2, refine=tmp_path / "none", **QUICK)


@pytest.mark.parametrize(
    "options",
    [
        {"gl": "cpu"},
        {"preset": "best"},
        {"refine": ""},
        {"refine": False, "passes": ["refined"]},
        {"passes": "depth"},
        {"crf": 99},
        {"codec": "vp9"},
        {"codec": "h264", "alpha": True},
        {"title": "日"},
    ],
    ids=str,
)
def test_what_is_wrong_for_every_clip_is_told_before_any_process_starts(
    scene: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    monkeypatch.setattr(run, "Workers", lambda *_: pytest.fail("processes were started"))
    overrides = {"finish.titles": [{"text": options.pop("title", "day")}]}
    wanted = {**QUICK, **options}
    with pytest.raises(DioramaError) as of_render:
        render(load_scene(scene, overrides=overrides), tmp_path / "a.mp4", **wanted)
    with pytest.raises(DioramaError) as of_batch:
        render_batch(scene, tmp_path / "new", count=4, overrides=overrides, dataset=True, **wanted)
    assert str(of_batch.value) == str(of_render.value)
    assert type(of_batch.value) is type(of_render.value)
    assert not any(tmp_path.iterdir())


def test_titles_that_only_some_seeds_draw_fail_in_these_clips(scene: Path, tmp_path: Path) -> None:
    wrong = scene.with_name("titled.yaml")
    titles = "finish: {titles: [{text: {choice: [day, 日]}}]}\n"
    wrong.write_text(scene.read_text("utf-8") + titles, "utf-8")
    failing = [seed for seed in range(6) if load_scene(wrong, seed=seed).finish.titles[0].text == "日"]
    assert 0 < len(failing) < 6
    report = render_batch(wrong, tmp_path, count=6 - failing[0], seed=failing[0], **QUICK)
    assert [failure.seed for failure in report.failures] == failing
    assert all("characters that the built-in font has" in failure.error for failure in report.failures)


def once(act: Callable[[], None]) -> Callable[[float, int], None]:
    """Return a progress callback that acts when the first frames of a clip are done."""
    done: list[bool] = []

    def progress(clips: float, total: int) -> None:
        if clips > 0 and not done:
            done.append(True)
            act()

    return progress


def test_a_killed_worker_is_a_failure_of_its_clip_and_is_replaced(scene: Path, tmp_path: Path) -> None:
    def kill() -> None:
        assert len(list(tmp_path.glob(".toys_000000.*.partial.mkv"))) == 1
        (worker,) = active_children()
        worker.kill()

    lossless = {"codec": "ffv1", **QUICK}
    report = render_batch(scene, tmp_path, count=3, progress=once(kill), **lossless)
    (failure,) = report.failures
    assert (failure.clip, failure.seed, failure.path) == (0, 7, tmp_path / "toys_000000.mkv")
    assert failure.error == "its worker process was killed by SIGKILL"
    assert report.frames == 8
    assert [path.name for path in tmp_path.glob(".*.partial*")] == [], "what it left half written is cleared away"
    report = render_batch(scene, tmp_path, count=3, **lossless)
    assert (report.skipped, report.failures) == (2, ())


def test_workers_do_not_see_the_ctrl_c_that_a_terminal_sends_to_all(scene: Path, tmp_path: Path) -> None:
    def interrupt() -> None:
        (worker,) = active_children()
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGINT)

    report = render_batch(scene, tmp_path, count=1, progress=once(interrupt), **QUICK)
    assert (report.failures, report.frames) == ((), 4)


def test_an_error_in_the_parent_stops_the_workers_and_leaves_nothing_half_written(scene: Path, tmp_path: Path) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render_batch(scene, tmp_path, count=3, workers=2, progress=once(interrupt), **QUICK)
    assert active_children() == []
    assert list(tmp_path.iterdir()) == []


def children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in listed]


def started(scene: Path, folder: Path) -> subprocess.Popen[str]:
    """Start a long batch as a terminal's shell would and wait until its workers write."""
    line = f"batch {scene} --count 4 --workers 2 -o {folder} --gl software --set video.frames=2000".split()
    process = subprocess.Popen(
        [sys.executable, "-m", "diorama", *line],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A suite that a script runs in its background ignores Ctrl-C, and so would all that it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    deadline = time.monotonic() + 60
    while len(list(folder.glob(".*.partial.mp4"))) < 2:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return process


def wait_for_the_end_of(processes: list[int]) -> None:
    deadline = time.monotonic() + 60
    while alive := [pid for pid in processes if Path(f"/proc/{pid}").exists()]:
        assert time.monotonic() < deadline, f"still there: {alive}"
        time.sleep(0.1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stop", "code", "line"),
    [
        # as a terminal does: to the parent and to the workers
        (lambda pid: os.killpg(pid, signal.SIGINT), 130, "diorama: interrupted"),
        (lambda pid: os.killpg(pid, signal.SIGTERM), 143, "diorama: terminated"),
        (lambda pid: os.kill(pid, signal.SIGTERM), 143, "diorama: terminated"),
    ],
    ids=["ctrl-c", "sigterm to all", "sigterm"],
)
def test_a_signal_stops_all_and_leaves_nothing_half_written(
    scene: Path, tmp_path: Path, stop: Callable[[int], None], code: int, line: str
) -> None:
    process = started(scene, tmp_path)
    workers = children(process.pid)
    stop(process.pid)
    _, said = process.communicate(timeout=60)
    assert process.returncode == code
    assert said.strip().splitlines()[-1] == line
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []
    wait_for_the_end_of(workers)


@pytest.mark.slow
def test_workers_do_not_outlive_a_killed_parent(scene: Path, tmp_path: Path) -> None:
    process = started(scene, tmp_path)
    workers = children(process.pid)
    process.kill()
    process.communicate(timeout=60)
    wait_for_the_end_of(workers)
    assert list(tmp_path.iterdir()) == []
