"""``validate`` and ``schema`` on real scene files."""

import json
from pathlib import Path

import pytest

from diorama import resources
from diorama.cli import main

HELLO = resources.scenes() / "hello.yaml"


@pytest.mark.parametrize("scene", sorted(resources.scenes().glob("*.yaml")), ids=lambda file: file.stem)
def test_every_scene_that_ships_is_valid(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(scene)]) == 0, capsys.readouterr().err
    said = capsys.readouterr()
    assert said.out.startswith(f"{scene}: valid: ")
    assert said.err == ""


def test_options_reach_the_scene(capsys: pytest.CaptureFixture[str]) -> None:
    options = "--size 64x48 --set video.fps=12 --set video.duration=1.5 --seed 3"
    assert main(["validate", str(HELLO), *options.split()]) == 0
    assert capsys.readouterr().out == f"{HELLO}: valid: 18 frames of 64x48 at 12 frames/s\n"


def test_a_wrong_scene_is_one_line_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene = tmp_path / "wrong.yaml"
    scene.write_text(HELLO.read_text("utf-8").replace("radius: 0.5", "radius: -1"), "utf-8")
    assert main(["validate", str(scene)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert said.err.startswith(f"diorama: {scene}:9:")
    assert "nodes.ball.mesh.radius: expected " in said.err


def test_a_scene_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", str(tmp_path / "none.yaml")]) == 1
    assert capsys.readouterr().err.startswith(f"diorama: {tmp_path / 'none.yaml'}: expected ")


def test_schema_is_a_json_schema_of_scenes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert {"diorama", "video", "camera", "lights", "nodes"} <= set(schema["properties"])


def test_set_writes_a_parameter_by_its_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    scene = tmp_path / "sized.yaml"
    text = HELLO.read_text("utf-8").replace("radius: 0.5", "radius: {param: width}")
    scene.write_text(f"params: {{width: 0.5}}\n{text}", "utf-8")
    assert main(["validate", str(scene), "--set", "width=2"]) == 0
    assert main(["validate", str(scene), "--set", "width=-2"]) == 1
    assert "nodes.ball.mesh.radius: expected " in capsys.readouterr().err
