"""``--set`` and data rows: what they write, and that they are read as YAML."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.errors import OptionError, SceneError
from diorama.scene.overrides import override, override_row
from diorama.scene.schema import Node
from diorama.scene.source import parse
from diorama.scene.tree import Source, Tree

SCENE = """
params: {hue: 0.5, a.b: 1}
video: {size: [64, 48], fps: 24}
nodes: {car: {children: {wheel: {scale: 1}}}, Cube: {}, Cube.001: {scale: 2}, look: {scale: {uniform: [0, 1]}}}
"""


def scene() -> Tree:
    return parse(SCENE, Source("s.yaml"))


def at(tree: Any, *path: Any) -> Any:
    for step in path:
        tree = tree[step]
    return tree


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("video.fps=30", ("video", "fps"), 30),
        ("video.size.1=36", ("video", "size", 1), 36),
        ("video.size=[32, 16]", ("video", "size"), [32, 16]),
        ("video.shutter=5e-1", ("video", "shutter"), 0.5),
        ("energy=gltf", ("energy",), "gltf"),
        ("camera.look_at=car/wheel", ("camera", "look_at"), "car/wheel"),
        ("environment.color=#808080", ("environment", "color"), "#808080"),
        ("params.hue=0.25", ("params", "hue"), 0.25),
        ("nodes.car.children.wheel.scale=3", ("nodes", "car", "children", "wheel", "scale"), 3),
        ("nodes.car/wheel.scale=3", ("nodes", "car", "children", "wheel", "scale"), 3),
        ("nodes.Cube.001.scale=3", ("nodes", "Cube.001", "scale"), 3),
        ("nodes.look.scale=3", ("nodes", "look", "scale"), 3),
        ("nodes.look.scale.uniform.0=0.5", ("nodes", "look", "scale", "uniform", 0), 0.5),
        ("finish.titles=[{text: a=b}]", ("finish", "titles"), [{"text": "a=b"}]),
        ("seed=0", ("seed",), 0),
        ('params.hue="0.25"', ("params", "hue"), "0.25"),
    ],
)
def test_settings(setting: str, path: tuple[Any, ...], value: Any) -> None:
    before = scene().plain()
    after = override(scene(), [setting]).plain()
    assert at(after, *path) == value
    assert type(at(after, *path)) is type(value)
    # nothing else has changed
    top = path[0]
    assert {name: part for name, part in after.items() if name != top} == {
        name: part for name, part in before.items() if name != top
    }
    name, _, text = setting.partition("=")
    assert override(scene(), {name: text}).plain() == after


def test_later_settings_win_and_null_deletes() -> None:
    tree = override(scene(), ["video.fps=30", "video.fps=60", "video.size=", "nodes.look=null"]).plain()
    assert tree["video"] == {"fps": 60}
    assert set(tree["nodes"]) == {"car", "Cube", "Cube.001"}


def test_values_that_are_not_text_stay_what_they_are() -> None:
    values = {"camera.position": np.array([1.0, 2.0, 3.0]), "video.fps": np.float64(30), "camera.near": 0.5}
    tree = override(scene(), values).plain()
    assert tree["camera"] == {"position": [1.0, 2.0, 3.0], "near": 0.5}
    assert type(tree["video"]["fps"]) is float


def test_a_row_writes_parameters_and_paths_and_its_id_nothing() -> None:
    row = {"id": 12, "hue": "0.75", "a.b": 2, "video.fps": "30", "seed": 3}
    tree = override_row(scene(), row).plain()
    assert tree["params"] == {"hue": 0.75, "a.b": 2}
    assert (tree["video"]["fps"], tree["seed"]) == (30, 3)
    assert "id" not in tree
    assert override_row(parse("params: {id: 1}", Source("s")), {"id": 5}).plain() == {"params": {"id": 5}}


DEEP, DEEP_NODE = f"params{'.a' * 5000}=1", f"nodes.a{'/a' * 5000}.visible=false"


@pytest.mark.parametrize(
    "setting", ["", "=1", "video", "vdeo.fps=1", "drawn.x=1", "sources=1", "include=[a.yaml]", DEEP, DEEP_NODE]
)
def test_what_is_no_setting(setting: str) -> None:
    with pytest.raises(OptionError, match=r"^--set: expected "):
        override(scene(), [setting])


LONG = f"video.size.{'9' * 5000}=1"


@pytest.mark.parametrize(
    "setting",
    ["video.fps.x=1", "video.size.2=1", "video.size.-1=1", "video.size.x=1", "energy=[1", LONG, "energy=\udcff"],
)
def test_what_leads_nowhere(setting: str) -> None:
    with pytest.raises(SceneError, match=r"^--set \w"):
        override(scene(), [setting])


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(deadline=None, max_examples=50)
def test_a_number_survives_as_text(number: float) -> None:
    assert override(scene(), [f"params.hue={number!r}"]).plain()["params"]["hue"] == number


THINGS = """
params: {hue: 0.5, unset: null, tree: {children: {leaf: {}}}}
classes: {toy: 1}
lights: {sun: {type: sun}}
materials: {paint: {metallic: 1}}
nodes: {ball: {}, gone: null, car: {asset: car.glb, children: {wheel: {}}}, children: {}}
"""


def things() -> Tree:
    return parse(THINGS, Source("s.yaml"))


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("nodes.bal.position", [0, 1, 0], "a node (ball, car, children), got 'bal'; did you mean 'ball'?"),
        ("nodes.bal.mesh", {"type": "box"}, "a node (ball, car, children), got 'bal'; did you mean 'ball'?"),
        ("nodes.bal", None, "a node (ball, car, children), got 'bal'; did you mean 'ball'?"),
        ("nodes.gone.scale", 2, "a node (ball, car, children), got 'gone'"),
        ("nodes.car/weel.scale", 2, "a node (wheel), got 'weel'; did you mean 'wheel'?"),
        ("nodes.car.children.wheel.children.hub.scale", 2, "a node (there is none), got 'hub'"),
        ("nodes.car/#Hood/bolt.scale", 2, "a node (there is none), got 'bolt'"),
        ("nodes.children.children.x.scale", 2, "a node (there is none), got 'x'"),
        ("lights.son.illuminance", 2, "a light (sun), got 'son'; did you mean 'sun'?"),
        ("materials.pain.roughness", 1, "a material (paint), got 'pain'; did you mean 'paint'?"),
        ("classes.tyo", 7, "a class (toy), got 'tyo'; did you mean 'toy'?"),
        ("params.x", 1, "a parameter (hue, unset, tree), got 'x'"),
        ("params.x", {"uniform": [0, 1]}, "a parameter (hue, unset, tree), got 'x'"),
        ("params.tree.children.lef.scale", 1, "a node (leaf), got 'lef'; did you mean 'leaf'?"),
    ],
)
def test_a_path_through_a_name_that_is_not_there(path: str, value: Any, message: str) -> None:
    for change, place in ((override, f"--set {path}"), (override_row, f"params {path}")):
        with pytest.raises(OptionError) as caught:
            change(things(), {path: value})
        assert str(caught.value) == f"{place}: expected the name of {message}"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("video.fps", 30),
        ("environment.intensity", 2),
        ("nodes.ball.material.roughness", 0.1),
        ("nodes.children.scale", 2),
        ("nodes.car.children.#Hood.scale", 2),
        ("nodes.car.materials.Body.roughness", 0.1),
        ("materials.paint.roughness", 0.1),
        ("params.unset", 3),
        ("params.tree.children.leaf.scale", 3),
        ("nodes.new", {"mesh": {"type": "box"}}),
        ("nodes.car.children.new", {"repeat": 3}),
        ("lights.moon", {"type": "sun"}),
        ("materials.new", {"metallic": 1}),
        ("nodes.new", Node(scale=2)),
        ("params", {"new": 1}),
        ("classes", {"new": 1}),
    ],
)
def test_a_field_need_not_be_written_and_whole_things_may_be_new(path: str, value: Any) -> None:
    for change in (override, override_row):
        tree = change(things(), {path: value}).plain()
        assert at(tree, *path.split(".")) == value


def test_a_node_that_is_new_has_fields_to_set() -> None:
    tree = override(things(), ["nodes.new={scale: 1}", "nodes.new/lid={}", "nodes.new/lid.scale=3"]).plain()
    assert tree["nodes"]["new"] == {"scale": 1, "children": {"lid": {"scale": 3}}}


def test_a_message_lists_a_handful_of_names() -> None:
    nodes = {f"n{row}": {} for row in range(1000)}
    scene = override(parse("nodes: {a: {}}", Source("s")), {"nodes": nodes})
    with pytest.raises(OptionError, match=r"\(n0, n1, n2, n3, n4 and 995 more\), got 'x'$"):
        override(scene, {"nodes.x.scale": 1})


def test_a_parameter_is_suggested_by_its_name_alone() -> None:
    with pytest.raises(OptionError, match=r"^--set: expected a path in the scene, got 'hues'; did you mean 'hue'\?$"):
        override(things(), ["hues=1"])
