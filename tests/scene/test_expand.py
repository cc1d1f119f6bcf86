"""Parameters, draws and repeats made concrete: what is drawn once, what for each node, and keyed by what."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.errors import SceneError
from diorama.rng import generator
from diorama.scene.expand import expand
from diorama.scene.source import parse
from diorama.scene.tree import Source


def expanded(text: str, seed: int = 7) -> tuple[dict[str, Any], dict[str, Any]]:
    tree, drawn = expand(parse(text, Source("s.yaml")), seed)
    return tree.plain(), drawn


def uniform(seed: int, path: str, field: str) -> float:
    """What ``{uniform: [0, 1]}`` gives at a place, by the rule that the documentation states."""
    return float(generator(seed, path, field).random())


CHANCE = "{uniform: [0, 1]}"


def test_every_draw_is_keyed_by_seed_node_and_field() -> None:
    scene, drawn = expanded(
        f"""
        params: {{p: {CHANCE}}}
        camera: {{near: {CHANCE}}}
        environment: {{intensity: {CHANCE}}}
        lights: {{sun: {{illuminance: {CHANCE}}}}}
        materials: {{paint: {{metallic: {CHANCE}}}}}
        nodes:
          car: {{position: [0, {CHANCE}, 0], children: {{wheel: {{scale: {CHANCE}}}}}}}
          toys: {{repeat: 2, scale: {CHANCE}}}
        """
    )
    assert drawn == {
        "params.p": uniform(7, "", "params.p"),
        "camera.near": uniform(7, "camera", "near"),
        "environment.intensity": uniform(7, "", "environment.intensity"),
        "lights.sun.illuminance": uniform(7, "sun", "illuminance"),
        "materials.paint.metallic": uniform(7, "", "materials.paint.metallic"),
        "nodes.car.position.1": uniform(7, "car", "position.1"),
        "nodes.car/wheel.scale": uniform(7, "car/wheel", "scale"),
        "nodes.toys/0.scale": uniform(7, "toys/0", "scale"),
        "nodes.toys/1.scale": uniform(7, "toys/1", "scale"),
    }
    assert len(set(drawn.values())) == len(drawn)
    assert scene["params"]["p"] == drawn["params.p"]
    assert scene["nodes"]["car"]["children"]["wheel"]["scale"] == drawn["nodes.car/wheel.scale"]
    assert scene["nodes"]["toys"]["children"]["1"] == {"scale": drawn["nodes.toys/1.scale"]}


NAMES = st.sampled_from(["ball", "car", "normal", "each", "x.y", "0"])
NODES = st.dictionaries(NAMES, st.sampled_from(["scale", "material", "repeat", "child", "shared"]), min_size=1)


def scene_of(nodes: dict[str, str]) -> str:
    shapes = {
        "scale": f"{{scale: {CHANCE}}}",
        "material": "{material: paint}",
        "repeat": f"{{repeat: {{integer: [1, 3]}}, scale: {CHANCE}, material: paint}}",
        "child": f"{{children: {{normal: {{scale: {CHANCE}}}, keys: {{repeat: 2, scale: {{param: each}}}}}}}}",
        "shared": "{scale: {param: once}}",
    }
    lines = [f"  {name!r}: {shapes[kind]}" for name, kind in nodes.items()]
    params = f"params: {{once: {CHANCE}, each: {{each: {CHANCE}}}}}"
    materials = f"materials: {{paint: {{metallic: {{each: {CHANCE}}}}}}}"
    return "\n".join([params, materials, "nodes:", *lines])


@given(NODES, NODES, st.integers(0, 2**63 - 1))
@settings(deadline=None, max_examples=40)
def test_adding_nodes_changes_no_other_draw(nodes: dict[str, str], more: dict[str, str], seed: int) -> None:
    before, drawn = expanded(scene_of(nodes), seed)
    added = {name: kind for name, kind in more.items() if name not in nodes}
    for together in ({**nodes, **added}, {**added, **nodes}, dict(reversed(list({**nodes, **added}.items())))):
        after, drawn_after = expanded(scene_of(together), seed)
        assert {path: drawn_after[path] for path in drawn} == drawn
        assert {name: after["nodes"][name] for name in nodes} == before["nodes"]


def test_seeds_differ_and_repeat() -> None:
    text = f"nodes: {{a: {{scale: {CHANCE}}}}}"
    assert expanded(text, 1) == expanded(text, 1)
    assert len({expanded(text, seed)[1]["nodes.a.scale"] for seed in range(50)}) == 50


def test_a_draw_in_a_material_happens_once_and_each_for_every_node() -> None:
    scene, drawn = expanded(
        f"""
        materials: {{paint: {{metallic: {CHANCE}, roughness: {{each: {CHANCE}}}}}, plain: {{metallic: {CHANCE}}}}}
        nodes:
          {{a: {{material: paint}}, b: {{material: paint}}, c: {{material: plain}}, d: {{repeat: 2, material: paint}}}}
        """
    )
    assert scene["materials"]["plain"] == {"metallic": drawn["materials.plain.metallic"]}
    assert set(scene["materials"]["paint"]) == {"metallic", "roughness"}
    nodes = scene["nodes"]
    assert nodes["c"]["material"] == "plain"
    materials = [nodes["a"], nodes["b"], *nodes["d"]["children"].values()]
    roughness = [node["material"]["roughness"] for node in materials]
    assert roughness == [drawn[f"nodes.{path}.material.roughness"] for path in ("a", "b", "d/0", "d/1")]
    assert len(set(roughness)) == 4
    assert len({node["material"]["metallic"] for node in materials}) == 1


def test_a_parameter_is_one_value_and_one_with_each_is_one_a_node() -> None:
    scene, drawn = expanded(
        f"""
        params: {{once: {CHANCE}, each: {{each: {CHANCE}}}, through: [{{param: each}}, {{param: once}}]}}
        materials: {{m: {{metallic: {{param: once}}, roughness: {{param: each}}}}}}
        nodes:
          a: {{scale: [{{param: once}}, {{param: each}}, {{param: each}}], material: m, position: {{param: through}}}}
          b: {{scale: [{{param: once}}, {{param: each}}, {{param: each}}], material: m}}
        """
    )
    a, b = scene["nodes"]["a"], scene["nodes"]["b"]
    assert a["scale"][0] == b["scale"][0] == drawn["params.once"] == a["material"]["metallic"]
    assert a["scale"][1] == a["scale"][2] == a["material"]["roughness"] == drawn["nodes.a.params.each"]
    assert b["scale"][1] == drawn["nodes.b.params.each"] != a["scale"][1]
    assert a["position"] == [a["scale"][1], a["scale"][0]]
    assert scene["params"] == {"once": drawn["params.once"]}


def test_draws_may_hold_draws_and_choices_anything() -> None:
    scene, drawn = expanded(
        """
        params: {low: 3}
        nodes:
          a: {scale: {uniform: [{param: low}, {choice: [4, 5]}]}}
          b: {scale: {choice: [{uniform: [1, 2]}]}}
          c: {choice: [{children: {inner: {repeat: 2, scale: {integer: [5, 5]}}}}]}
          d: {class: {choice: [x, y], weights: [{param: low}, 0]}}
        """
    )
    nodes = scene["nodes"]
    assert 3 <= nodes["a"]["scale"] <= drawn["nodes.a.scale.uniform.1"]
    assert drawn["nodes.b.scale"] == 0
    assert nodes["b"]["scale"] == drawn["nodes.b.scale.choice"] == 1 + uniform(7, "b", "scale.choice")
    assert nodes["c"] == {"children": {"inner": {"repeat": 2, "children": {"0": {"scale": 5}, "1": {"scale": 5}}}}}
    assert nodes["d"]["class"] == "x"


def test_a_repeated_node_keeps_its_place_and_gives_all_else_to_its_copies() -> None:
    scene, _ = expanded("nodes: {toys: {repeat: 2, place: {gap: 1}, scale: 2, children: {lamp: {repeat: 1}}}}")
    copy = {"scale": 2, "children": {"lamp": {"repeat": 1, "children": {"0": {}}}}}
    assert scene["nodes"]["toys"] == {"repeat": 2, "place": {"gap": 1}, "children": {"0": copy, "1": copy}}
    assert expanded("nodes: {none: {repeat: 0, scale: 2}}")[0]["nodes"]["none"] == {"repeat": 0, "children": {}}


def test_nodes_may_bear_the_names_of_draws() -> None:
    text = (
        "materials: {normal: {metallic: 1}}\nnodes: {choice: {children: {param: {material: normal}}}, each: {scale: 2}}"
    )
    scene, drawn = expanded(text)
    assert scene == parse(text, Source("s.yaml")).plain()
    assert drawn == {}


@pytest.mark.parametrize(
    "nodes",
    [
        "{a: {repeat: 100000, children: {b: {}}}}",
        "{a: {repeat: 1000, children: {b: {repeat: 1000, children: {c: {repeat: 1000}}}}}}",
        "{b: {repeat: 3}, a: {repeat: 99997}}",
    ],
)
def test_a_scene_of_too_many_nodes_is_refused_before_it_is_made(nodes: str) -> None:
    with pytest.raises(SceneError, match="expected at most 100000 nodes in all, got more"):
        expanded(f"nodes: {nodes}")


def test_sharing_survives_where_nothing_is_drawn() -> None:
    tree = parse("nodes: {a: {mesh: {type: sphere}}}", Source("s.yaml"))
    made, _ = expand(tree, 0)
    assert made.value["nodes"].value["a"].value["mesh"] is tree.value["nodes"].value["a"].value["mesh"]
