"""Wrong scenes, each with its exact message: one rule a file, every field and every stage of loading."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from diorama.errors import DioramaError
from diorama.scene import schema
from diorama.scene.load import load_spec
from diorama.scene.schema.model import Spec

FOLDER = Path(__file__).resolve().parents[1] / "scenes_bad"
SCENES = sorted(path.name for path in FOLDER.glob("*.yaml"))

# Fields that no file can get wrong by themselves, or that loading itself fills in.
UNREACHABLE = {"sources", "assets", "type"}


def head(name: str) -> tuple[str, dict[str, Any]]:
    """The expected message in the first line, and the arguments of the call in the second, if any."""
    first, second = (FOLDER / name).read_text("latin-1").split("\n")[:2]
    options = json.loads(second.removeprefix("# with: ")) if second.startswith("# with: ") else {}
    return first.removeprefix("# expect: "), options


@pytest.mark.parametrize("name", SCENES)
def test_message(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    monkeypatch.delenv("DIORAMA_ASSETS", raising=False)
    message, options = head(name)
    with pytest.raises(DioramaError) as caught:
        load_spec(name, params=options.get("params"), seed=options.get("seed"), overrides=options.get("set"))
    assert str(caught.value) == message


def test_no_two_test_one_rule() -> None:
    messages = [re.sub(r"^\S+?\.yaml(:\d+:\d+)?: ", "", head(name)[0]) for name in SCENES]
    assert len(SCENES) >= 60
    assert len(set(messages)) == len(messages)


def test_every_field_is_represented() -> None:
    paths = [head(name)[0].split(": expected")[0].split(": ")[-1] for name in SCENES]
    said = {step for path in paths for step in path.split(".")}
    models = [model for model in vars(schema).values() if isinstance(model, type) and issubclass(model, Spec)]
    fields = {info.alias or name for model in models for name, info in model.model_fields.items()}
    assert len(models) >= 20
    assert fields - UNREACHABLE - said == set()


def test_one_error_lists_every_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s.yaml").write_text(
        "diorama: 1\nnodes:\n  a: {visible: 1}\ncamera: {near: 0}\nlights: {b: {type: sun, color: red}}\n"
    )
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DioramaError) as caught:
        load_spec("s.yaml")
    assert str(caught.value).split("\n") == [
        "s.yaml:3:16: nodes.a.visible: expected true or false, got 1",
        "s.yaml:4:16: camera.near: expected 1e-6 to 1000 metres, got 0",
        "s.yaml:5:32: lights.b.color: expected a colour '#rrggbb', [r, g, b] or {hsv: [h, s, v]}, got 'red'",
    ]
    assert caught.value.place == "s.yaml:3:16: nodes.a.visible"
