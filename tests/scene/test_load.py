"""The whole of loading: the documented example, hostile scenes, and that nothing heavy is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.color import hex_to_linear, hsv_to_linear
from diorama.errors import DioramaError, SceneError
from diorama.scene.load import load_spec
from diorama.scene.schema import Camera, Key, Keys, Material, Plane, SceneSpec, Sphere, Sun

EXAMPLE = """
diorama: 1
seed: 7
video: {size: [512, 512], fps: 24, duration: 2}
params: {hue: {uniform: [0, 1]}}
classes: {floor: 1, toy: 2, vehicle: 3}
camera: {position: [3, 2, 4], look_at: ball, fov: 45}
environment: {image: courtyard_1k.exr, intensity: 1}
lights:
  sun: {type: sun, direction: [-1, -2, -1], illuminance: 3, color: [1, 0.95, 0.9]}
materials:
  paint: {base_color: {hsv: [{param: hue}, 0.8, 0.8]}, metallic: 0, roughness: {each: {uniform: [0.1, 0.9]}}}
nodes:
  floor: {mesh: {type: plane, size: [20, 20]}, material: {base_color: "#808080", roughness: 0.9}, class: floor}
  ball:
    mesh: {type: sphere, radius: 0.5}
    material: paint
    class: toy
    position: {keys: {0: [0, 2, 0], 1: [0, 0.5, 0]}, ease: out_bounce}
  car: {asset: assets/taxi.glb, class: vehicle, position: [{uniform: [-2, 2]}, 0, -2], rotation: [0, 90, 0], scale: 1}
  toys: {repeat: 8, asset: {choice: [a.glb, b.glb]}, place: {box: [[-2, 0, -2], [2, 3, 2]], gap: 0.05}}
"""

FILES = ("courtyard_1k.exr", "assets/taxi.glb", "a.glb", "b.glb")


def write(folder: Path, text: str) -> Path:
    path = folder / "scene.yaml"
    path.write_text(text)
    return path


@pytest.fixture
def yard(tmp_path: Path) -> Path:
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return write(tmp_path, EXAMPLE)


def test_the_example(yard: Path) -> None:
    spec = load_spec(yard)
    folder = yard.parent
    assert (spec.seed, spec.video.size, spec.video.frame_count) == (7, (512, 512), 48)
    assert spec.camera == Camera(position=(3, 2, 4), look_at="ball", fov=45)
    assert spec.environment is not None
    assert spec.environment.image == str(folder / "courtyard_1k.exr")
    assert spec.lights == {"sun": Sun(direction=(-1, -2, -1), illuminance=3, color=(1, 0.95, 0.9))}
    floor, ball, car, toys = (spec.nodes[name] for name in ("floor", "ball", "car", "toys"))
    assert (floor.mesh, floor.class_) == (Plane(size=(20, 20)), "floor")
    assert floor.material == Material(base_color=hex_to_linear("#808080"), roughness=0.9)
    assert ball.mesh == Sphere(radius=0.5)
    assert isinstance(ball.material, Material)
    assert ball.material.base_color == hsv_to_linear(spec.drawn["params.hue"], 0.8, 0.8)
    assert ball.material.roughness == spec.drawn["nodes.ball.material.roughness"]
    falls = (Key(0.0, (0.0, 2.0, 0.0), "out_bounce"), Key(1.0, (0.0, 0.5, 0.0), "out_bounce"))
    assert isinstance(ball.position, Keys)
    assert ball.position.keys == falls
    assert car.position == (spec.drawn["nodes.car.position.0"], 0.0, -2.0)
    assert car.rotation == (0.0, 90.0, 0.0)
    assert list(toys.children) == [str(row) for row in range(8)]
    assert toys.place is not None
    assert (toys.place.box, toys.place.gap) == (((-2.0, 0.0, -2.0), (2.0, 3.0, 2.0)), 0.05)
    for row, toy in toys.children.items():
        assert toy.asset == str(folder / spec.drawn[f"nodes.toys/{row}.asset"])
    assert set(spec.assets.values()) == set(FILES)
    assert list(spec.sources) == ["scene.yaml"]


def test_the_same_from_anywhere(yard: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = load_spec(yard)
    monkeypatch.chdir(yard.parent)
    assert load_spec("scene.yaml") == spec
    assert load_spec(Path("assets/../scene.yaml")) == spec


def test_arguments_rule_over_the_file(yard: Path) -> None:
    spec = load_spec(yard, params={"hue": "0.5", "id": 3}, seed=0, overrides=["video.frames=3", "video.duration="])
    assert (spec.seed, spec.video.frame_count, spec.params) == (0, 3, {"hue": 0.5})
    assert spec.drawn["nodes.car.position.0"] != load_spec(yard).drawn["nodes.car.position.0"]
    assert load_spec(yard, seed=7) == load_spec(yard, seed=np.int64(7)) == load_spec(yard)


def test_roots_of_the_user_and_of_the_environment(yard: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    kit = tmp_path / "kit"
    kit.mkdir()
    (tmp_path / "a.glb").rename(kit / "a.glb")
    with pytest.raises(SceneError, match=r"nodes\.toys\.asset\.choice\.0: expected a file"):
        load_spec(yard)
    (yard.parent / "scenes").mkdir()
    moved = yard.rename(yard.parent / "scenes" / "scene.yaml")
    roots = [tmp_path, kit]
    spec = load_spec(moved, roots=roots)
    monkeypatch.setenv("DIORAMA_ASSETS", os.pathsep.join(map(str, roots)))
    assert load_spec(moved) == spec
    assert spec.assets[str(kit / "a.glb")] == "a.glb"


def test_a_camera_on_a_node_serves(tmp_path: Path) -> None:
    spec = load_spec(write(tmp_path, "diorama: 1\nnodes: {car: {children: {dash: {camera: {fov: 60}}}}}\n"))
    assert spec.camera is None
    named = load_spec(tmp_path / "scene.yaml", overrides={"camera": "car/dash"})
    assert named.camera == "car/dash"


def test_references_that_lead_somewhere(tmp_path: Path) -> None:
    (tmp_path / "car.glb").touch()
    text = """
diorama: 1
camera: {look_at: "car/#Body", follow: {target: toys/1}}
lights: {spot: {type: spot, look_at: camera}}
nodes:
  toys: {repeat: 2, look_at: spot}
  car: {asset: car.glb, children: {"#Wheel": {scale: 2, children: {hub: {}}}}}
  a: {look_at: "car/#Wheel/hub", orbit: {target: "car/#Wheel", radius: 1}}
  b: {look_at: a, place: {box: [[0, 0, 0], [1, 1, 1]], avoid: [toys, toys/0]}}
"""
    assert set(load_spec(write(tmp_path, text)).nodes) == {"toys", "car", "a", "b"}


def nested(depth: int) -> str:
    return "diorama: 1\ncamera: {}\nnodes: {a: " + "{children: {a: " * depth + "{}" + "}}" * depth + "}\n"


def test_nodes_nest_as_deep_as_files_may(tmp_path: Path) -> None:
    node = load_spec(write(tmp_path, nested(60))).nodes["a"]
    for _ in range(60):
        node = node.children["a"]
    with pytest.raises(SceneError, match="expected at most 128 levels of nesting"):
        load_spec(write(tmp_path, nested(64)))


@pytest.mark.parametrize(
    "body",
    [
        "nodes: {a: {asset: ../../../../etc/passwd}}",
        "nodes: {a: {asset: outside/x.glb}}",
        "nodes: {a: {asset: x.glb}}",
        "environment: {image: outside/x.glb}",
        "include: [outside/x.glb]",
        "materials: {m: {normal_texture: /etc/hostname}}",
        "nodes: {a: {mesh: {file: 'file:///etc/passwd'}}}",
        "params: {f: ../x.glb}\nnodes: {a: {asset: {param: f}}}",
        "nodes: {a: {asset: {choice: [outside/x.glb]}}}",
        "nodes: {a: {repeat: 100000000000000000000}}",
        "nodes: {a: {repeat: 1000000, children: {b: {repeat: 1000000}}}}",
        "nodes: {a: {repeat: 1000, place: {box: [[0, 0, 0], [1e99, 1, 1]]}}}",
        "video: {size: [100000, 100000]}",
        "video: {duration: 1e300}",
        "video: {frames: 10000000000}",
        "nodes: {a: {mesh: {type: sphere, segments: 1000000}}}",
        f"seed: {'9' * 200}",
        f"seed: {'9' * 100_000}",
        "seed: 0x" + "f" * 100_000,
        "camera: {near: {uniform: [0, " + "9" * 299 + "]}}",
        "camera: !!python/object/apply:os.system ['true']",
        "params: {a: " + "[" * 5000 + "}",
        "params: &a {b: *a}",
        f"finish: {{titles: [{{text: a, start: '{'1' * 200_000}'}}]}}",
        f"nodes: {{a: {{position: {{keys: {{'{'1' * 100_000}'}}: [0, 0, 0]}}}}}}",
        "params: {" + ", ".join(f"p{n}: [{{param: p{n + 1}}}, {{param: p{n + 1}}}]" for n in range(40)) + ", p40: 0}",
    ],
)
def test_hostile_scenes_give_one_error(body: str, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/x.glb").touch()
    scene = tmp_path / "scene"
    scene.mkdir()
    (scene / "outside").symlink_to(tmp_path / "secret")
    (scene / "x.glb").symlink_to(tmp_path / "secret/x.glb")
    camera = "" if body.startswith("camera") else "camera: {}\n"
    with pytest.raises(SceneError) as caught:
        load_spec(write(scene, f"diorama: 1\n{camera}{body}\n"))
    assert str(caught.value).startswith(str(scene / "scene.yaml"))
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("name", ["a\0b.yaml", "a\udcffb.yaml", "a\ud800b.yaml"])
def test_a_name_that_no_file_can_have(name: str) -> None:
    with pytest.raises(SceneError, match=r"^\S+: expected (the name of )?a scene file"):
        load_spec(name)


WORDS = st.sampled_from(
    ["nodes", "a", "mesh", "type", "sphere", "position", "keys", "repeat", "param", "each", "uniform"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.integers(0, 2), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(list(SceneSpec.model_fields)), VALUES, max_size=4))
@settings(deadline=None, max_examples=200)
def test_any_scene_loads_or_gives_one_error(
    tmp_path_factory: pytest.TempPathFactory, sections: dict[str, object]
) -> None:
    import yaml

    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(yaml.safe_dump({**sections, "diorama": 1}))
    try:
        load_spec(path)
    except DioramaError as error:
        assert "expected" in str(error)


def test_loading_imports_nothing_heavy(yard: Path) -> None:
    code = (
        "import sys; from diorama.scene.load import load_spec; from diorama.scene.json_schema import json_schema;"
        f"load_spec({str(yard)!r}); json_schema();"
        "print([name for name in ('moderngl', 'torch', 'av', 'trimesh', 'PIL', 'onnxruntime') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
