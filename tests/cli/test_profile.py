"""``diorama profile``: which passes it names, that its sums agree, and that it leaves everything as it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from diorama import resources
from diorama.cli import main
from diorama.errors import OptionError
from diorama.gl.device import Device
from diorama.pipeline.profile import HOST, profile
from diorama.renderer.renderer import PRESETS, Renderer
from diorama.renderer.voxels import VoxelQuality
from diorama.scene.graph import load_scene
from diorama.scene.sample import shot

SCENE = """\
diorama: 1
video: {size: [64, 48], fps: 24, frames: 4}
camera: {position: {keys: {0: [0, 1, 4], 1: [2, 1, 4]}}, look_at: [0, 0.3, 0]}
lights: {sun: {type: sun, direction: [-1, -2, -1], illuminance: 3}}
nodes:
  floor: {mesh: {type: plane, size: [20, 20]}}
  ball: {mesh: {type: sphere}, position: {keys: {0: [0, 0.5, 0], 1: [0, 2, 0]}}, material: {base_color: "#c04020"}}
"""
BOUNCES = 4
ALWAYS = {"visibility": 1.0, "shadow": 1.0, "tiles": 1.0, "shade": 1.0, "sky": 1.0}
VOXELS = {"voxel_mark": 2.0, "voxel_list": 1.0, "voxel_resolve": 2.0, "voxel_bounce": BOUNCES, "voxel_smooth": BOUNCES}
ON_TOP = {
    "draft": {"fxaa": 1.0},
    "standard": {"label": 1.0, "refine_warp": 1.0},
    "high": {**VOXELS, "indirect": 1.0, "indirect_filter": 2.0, "mirror": 1.0, "mirror_add": 1.0},
}


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scene file; what is drawn with the preset high has few voxels."""
    monkeypatch.setitem(PRESETS, "high", replace(PRESETS["high"], voxels=VoxelQuality(side=16, bounces=BOUNCES)))
    monkeypatch.chdir(tmp_path)
    Path("s.yaml").write_text(SCENE, "utf-8")
    return Path("s.yaml")


def profiled(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    assert main(["profile", "s.yaml", "--gl", "software", "--json", *options]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    found = json.loads(said.out)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("preset", ["draft", "standard", "high"])
def test_every_pass_of_a_preset_is_named_and_parts_add_up(
    scene: Path, preset: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = profiled(capsys, "--preset", preset, "--frames", "2")
    calls = {part["name"]: part["calls"] for part in found["passes"]}
    expected = {**ALWAYS, **ON_TOP[preset]}
    assert calls.keys() == expected.keys()
    assert {name: calls[name] for name in ON_TOP[preset]} == ON_TOP[preset]
    assert calls["shade"] == calls["sky"] == calls["tiles"] == 1.0
    host = [part["name"] for part in found["host"]]
    assert sorted(host) == sorted(HOST if preset == "standard" else HOST[:-1])
    assert found["refined"] is (preset == "standard")
    parts = [*found["passes"], *found["host"]]
    assert sum(part["share"] for part in parts) == pytest.approx(1.0)
    assert sum(part["ms"] for part in parts) == pytest.approx(found["total_ms"])
    assert all(part["share"] == pytest.approx(part["ms"] / found["total_ms"]) for part in parts)
    assert all(part["ms"] > 0.0 for part in parts)
    assert found["frames_per_second"] == pytest.approx(1e3 / found["frame_ms"])
    assert found["first_ms"] > 0.0
    assert (found["clock"], found["frames"], found["size"]) == ("CPU", [1, 2], [64, 48])
    for group in (found["passes"], found["host"]):
        assert [part["ms"] for part in group] == sorted((part["ms"] for part in group), reverse=True)


def test_the_table_says_what_the_figures_are(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["profile", "s.yaml", "--gl", "software", "--preset", "draft", "--frame", "3", "--size", "32x24"]
    assert main(command) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["s.yaml:", "frame", "3,", "32x24,", "preset", "draft"]
    assert ["pass", "calls", "CPU", "ms", "share"] in lines
    rows = {" ".join(line[:-2]): line[-2:] for line in lines if line and line[-1].endswith("%")}
    assert rows.keys() == {
        *(f"{name} {1}" for name in ("tiles", "shade", "sky", "fxaa", "visibility")),
        *(name for name in rows if name.startswith("shadow ")),
        *(f"host: {name}" for name in HOST[:-1]),
        "total",
    }
    assert rows.pop("total")[1] == "100.0%"
    assert sum(float(share.rstrip("%")) for _, share in rows.values()) == pytest.approx(100.0, abs=0.05 * len(rows))


def test_of_a_still_scene_the_first_frame_shows_all_work_and_later_ones_what_is_done_anew(
    scene: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    still = ["--preset", "high", "--set", "camera.position=[0,1,4]", "--set", "nodes.ball.position=[0,1,0]"]
    names = [{part["name"] for part in profiled(capsys, *still, "--frame", n, "--frames", "1")["passes"]} for n in "02"]
    assert names[0] == ALWAYS.keys() | ON_TOP["high"].keys()
    assert names[0] - names[1] == VOXELS.keys()


def test_a_clip_of_one_frame_is_profiled(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = profiled(capsys, "--set", "video.frames=1")
    assert found["frames"] == [0]
    assert "refine_warp" not in {part["name"] for part in found["passes"]}  # nothing is remembered


def test_without_the_refiner_only_the_colour_is_drawn(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = profiled(capsys, "--no-refine", "--frames", "1")
    assert {part["name"] for part in found["passes"]} == ALWAYS.keys()
    assert found["refined"] is False


def test_nothing_else_on_the_machine_changes(scene: Path, device: Device) -> None:
    """Another device's frame is the same before, after and between."""
    loaded = load_scene(scene)
    with Renderer(device, "standard") as renderer:

        def seen() -> bytes:
            with renderer.draw(shot(loaded, 2), ("color", "depth")) as drawn:
                frame = renderer.read(drawn)
            return frame["color"].tobytes() + frame["depth"].tobytes()

        used, before = device.used, seen()
        profile(loaded, range(1, 3), gl="software")
        assert seen() == before
        profile(loaded, range(2, 3), gl="software", preset="draft")
        assert seen() == before
        assert device.used >= used


def test_no_part_of_the_host_is_called_as_a_shader_is() -> None:
    assert not {file.stem for file in resources.shaders().iterdir()} & {*HOST}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--frame", "4"], "--frame: expected a whole number from 0 to 3, got '4'"),
        (["--frame", "-1"], "--frame: expected a whole number from 0 to 3, got '-1'"),
        (["--frame", "2", "--frames", "3"], "--frames: expected a whole number from 1 to 2, got '3'"),
        (["--frames", "0"], "--frames: expected a whole number from 1 to 3, got '0'"),
        (["--preset", "best"], "--preset: expected one of draft, standard, high, got 'best'"),
        (["--gl", "cpu"], "gl: expected auto, gpu, gpu:N or software, got 'cpu'"),
        (["--size", "big"], "--size: expected WIDTHxHEIGHT in pixels"),
        (["--seed", "x"], "--seed: expected a whole number from 0"),
        (["--set", "hue"], "--set: expected path=value, as params.hue=0.3, got 'hue'"),
    ],
)
def test_a_bad_option_is_one_line(
    scene: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["profile", "s.yaml", *options]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"diorama: {message}")
    assert said.err.count("\n") == 1


def test_frames_that_are_not_of_the_clip_or_do_not_follow_each_other_are_refused(scene: Path) -> None:
    loaded = load_scene(scene)
    with pytest.raises(OptionError, match="frames: expected frame numbers from 0 to 3, got 4"):
        profile(loaded, range(3, 5), gl="software")
    with pytest.raises(OptionError, match="frames: expected frames that follow each other"):
        profile(loaded, range(0, 4, 2), gl="software")
