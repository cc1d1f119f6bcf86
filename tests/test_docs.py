"""What the documents say is so: tables follow from the code, examples run, commands and options exist."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import typer
from oracle_pyrender import require_pyrender

from diorama import Studio, load_scene, resources
from diorama.cli import render as room
from diorama.cli.application import app
from diorama.frame import PASSES
from diorama.refine.segments import SEGMENTS
from diorama.scene import schema
from diorama.scene.schema.model import Spec

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COMMANDS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def text_of(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def blocks(name: str, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", text_of(name), re.DOTALL)


def test_tables_are_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "docs" / "reference.py"), "check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}: run python docs/reference.py"


def test_every_field_of_every_model_is_in_the_reference() -> None:
    reference = text_of("scene-file.md").split("## Every field")[1]
    sections = dict(re.findall(r"^### (\w+)[^\n]*\n(.*?)(?=^### |\Z)", reference, re.DOTALL | re.MULTILINE))
    models = {
        name: value for name, value in vars(schema).items() if isinstance(value, type) and issubclass(value, Spec)
    }
    missing = [
        f"{name}.{field}"
        for name, model in models.items()
        if name != "SceneSpec"
        for field, info in model.model_fields.items()
        if field != "type" and f"| `{info.alias or field}` |" not in sections.get(name, "")
    ]
    assert missing == []
    assert len(models) > 20


def test_every_pass_and_command_is_described() -> None:
    assert [name for name in PASSES if f"| `{name}` |" not in text_of("dataset.md")] == []
    assert [name for name in COMMANDS if f"### diorama {name}" not in text_of("cli.md")] == []


def test_every_limit_of_the_loader_is_in_the_table_that_the_documents_show() -> None:
    engine = ROOT / "engine" / "diorama"
    files = [*(engine / "scene").rglob("*.py"), *(engine / "material").rglob("*.py"), engine / "reading.py"]
    limit = re.compile(r"^((?:MOST|LARGEST|MAX|DEEPEST|LONGEST|CLOSEST)\w*|\w+_PIXELS)\b.*? = ", re.MULTILINE)
    found = {(file.stem, name) for file in files for name in limit.findall(file.read_text("utf-8"))}
    table = (ROOT / "docs" / "limits.py").read_text("utf-8")
    missing = {name for home, name in found if not re.search(rf"\b{home}(\.| import .*\b){name}\b", table)}
    # these bound what one message lists
    assert missing <= {"MOST_SHOWN", "MOST_NAMES"}
    assert len(found) > 20
    shown = text_of("scene-file.md").split("<!-- begin limits -->")[1].split("<!-- end limits -->")[0]
    for figure in ("| lights | 4,096 |", "| nodes, copies counted | 100,000 |", "| 2^25 (33,554,432) |"):
        assert figure in shown


def test_the_scene_of_the_reference_loads(tmp_path: Path) -> None:
    (whole,) = [block for block in blocks("scene-file.md", "yaml") if block.startswith("diorama: 1")]
    (tmp_path / "scene.yaml").write_text(whole, "utf-8")
    scene = load_scene(tmp_path / "scene.yaml")
    assert [node.name for node in scene["toys"].children.values()] == [str(number) for number in range(8)]


def test_the_error_of_the_reference_is_the_real_one(tmp_path: Path) -> None:
    (quoted,) = re.findall(r"^yard\.yaml:(\d+):\d+: (.*)$", text_of("scene-file.md"), re.MULTILINE)
    lines = ["diorama: 1", *[""] * (int(quoted[0]) - 2), "camera: {fov: 240}"]
    (tmp_path / "yard.yaml").write_text("\n".join(lines), "utf-8")
    with pytest.raises(Exception, match=re.escape(quoted[1])):
        load_scene(tmp_path / "yard.yaml")


def test_the_python_of_the_documents_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    scene = load_scene(resources.scenes() / "hello.yaml", overrides={"video": {"size": [64, 48], "frames": 2}})
    with Studio("software", preset="draft") as studio:
        studio.render(scene, "hello.mp4", frames_dir="hello", passes=["depth", "flow_forward"])
    for name in ("python.md", "dataset.md"):
        exec("\n".join(blocks(name, "python")), {"__name__": name})
    assert {file.name for file in tmp_path.iterdir()} >= {"ball.mp4", "ball", "ball.png", "toys"}
    assert len(list((tmp_path / "toys").glob("*.mp4"))) == 2


def test_the_pyrender_of_the_documents_runs() -> None:
    """In a process of its own: what pyrender imports warns."""
    require_pyrender()
    (block,) = blocks("python.md", "py")
    checks = """
from diorama.scene.sample import shot
seen = shot(ours, 0).current
assert len(seen.instances.mesh) == len(seen.lights) == 1
assert seen.lights.color.tolist() == [[3.0, 3.0, 3.0]] and seen.lights.direction.tolist() == [[0.0, 0.0, -1.0]]
assert seen.camera.matrix[:3, 3].tolist() == [0.0, 0.0, 4.0]
"""
    command = [sys.executable, "-W", "ignore", "-c", block + checks]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_studio_of_the_readme_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    (block,) = re.findall(r"```py\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    text = block.replace("[320, 180]", "[64, 36]").replace("range(24)", "range(2)")
    assert "[64, 36]" in text
    assert "range(2)" in text
    found: dict[str, object] = {}
    exec(text, found)
    depth = found["depth"]
    assert isinstance(depth, np.ndarray)
    assert depth.shape == (36, 64)
    assert depth.dtype == np.float32


def outputs(words: list[str]) -> list[Path]:
    """What a command line writes, by the names that it says or that follow from its scene."""
    given = COMMANDS[words[0]].make_context(words[0], words[1:]).params
    if given.get("overwrite"):
        return []
    names = [given.get("out"), given.get("frames_dir")]
    if words[0] in ("render", "demo"):
        scene = given.get("scene", Path(room.DEMO[0]))
        names[0] = room._target(scene, given["out"], given.get("codec"), given.get("alpha", False))
    elif words[0] == "still":
        names[0] = given["out"] or Path(f"{given['scene'].stem}.png")
    return [Path(name) for name in names if name is not None]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_no_command_of_a_block_finds_its_name_taken(document: Path) -> None:
    for block in re.findall(r"```sh\n(.*?)```", document.read_text("utf-8"), re.DOTALL):
        lines = re.findall(r"^(?:\.venv/bin/)?diorama (.*)$", block, re.MULTILINE)
        written = [path for line in lines for path in outputs(shlex.split(line, comments=True))]
        assert len(set(written)) == len(written), written


def test_names_follow_from_the_scene_where_none_is_said() -> None:
    told = {
        "render scenes/a.yaml --codec ffv1 --frames-dir b": ["a.mkv", "b"],
        "still a.yaml --at 1s": ["a.png"],
        "still a.yaml --at 1s --overwrite": [],
        "demo": ["street.mp4"],
        "train": ["refiner"],
        "doctor": [],
    }
    assert {line: [str(path) for path in outputs(line.split())] for line in told} == told


def test_how_many_frames_a_still_draws_is_so() -> None:
    most = SEGMENTS.length + SEGMENTS.warm_up - 1
    plans = [list(SEGMENTS.plan([frame])) for frame in range(3 * SEGMENTS.length)]
    assert max(len(plan) - 1 for plan in plans) == most
    assert f"up to {most} frames before the first one asked for" in text_of("cli.md")
    assert f"up to {most} before the moment" in " ".join(COMMANDS["still"].help.split())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_commands_and_options_in_the_documents_exist(document: Path) -> None:
    for line in re.findall(r"^(?:\.venv/bin/)?diorama (.*)$", document.read_text("utf-8"), re.MULTILINE):
        words = shlex.split(line, comments=True)
        assert words[0] in COMMANDS, line
        known = {name for option in COMMANDS[words[0]].params for name in option.opts} | {"--help"}
        assert {word for word in words if word.startswith("-")} <= known, line
