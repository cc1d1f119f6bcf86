"""What a scene's models hold that is not shown is told once for each model, whatever draws the scene."""

from __future__ import annotations

from pathlib import Path

import pytest
from gltf_models import quad

from diorama.cli import main
from diorama.cli.closing import MOST_NOTES, warn_of_notes

OPAQUE = "materials[0]: alphaMode BLEND is drawn opaque"
DRAWN = "--gl software --preset draft --no-refine --size 16x12"


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    """A scene of three frames with four panes of glass, from two files."""
    for name in ("clear", "tinted"):
        model = quad()
        model.json["materials"] = [{"alphaMode": "BLEND"}]
        model.primitive["material"] = 0
        model.save_glb(tmp_path).rename(tmp_path / f"{name}.glb")
    path = tmp_path / "panes.yaml"
    path.write_text(
        "diorama: 1\nvideo: {frames: 3}\ncamera: {position: [0, 0, 3]}\n"
        "nodes:\n  a: {asset: clear.glb, repeat: 3}\n  b: {asset: tinted.glb}\n"
    )
    return path


@pytest.mark.parametrize(
    "line",
    [
        "validate {scene}",
        f"render {{scene}} -o {{out}}/clip.mp4 {DRAWN}",
        f"still {{scene}} --at 1 -o {{out}}/still.png {DRAWN}",
        f"batch {{scene}} --count 2 -o {{out}} {DRAWN}",
    ],
    ids=lambda line: line.split()[0],
)
def test_what_is_drawn_opaque_is_told(
    scene: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: str
) -> None:
    assert main(line.format(scene=scene, out=tmp_path).split()) == 0
    told = [row for row in capsys.readouterr().err.splitlines() if "alphaMode" in row]
    assert told == [f"diorama: {tmp_path / name}.glb: {OPAQUE}" for name in ("clear", "tinted")]


def test_names_in_a_file_steer_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_notes(["a.glb: \x1b[2Jmaterials\n is not shown"])
    assert capsys.readouterr().err == "diorama: a.glb: \\x1b[2Jmaterials; is not shown\n"


def test_many_notes_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    warn_of_notes([str(number) for number in range(MOST_NOTES + 3)])
    told = capsys.readouterr().err.splitlines()
    assert told == [f"diorama: {number}" for number in range(MOST_NOTES)] + ["diorama: and 3 more that is not shown"]
