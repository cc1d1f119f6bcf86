"""The JSON Schema: it is one, takes what loads, with chance in any place, and refuses what does not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from diorama.errors import SceneError
from diorama.resources import scenes
from diorama.scene.json_schema import json_schema
from diorama.scene.source import parse
from diorama.scene.tree import Source

from .test_load import EXAMPLE

jsonschema = pytest.importorskip("jsonschema")
BAD = Path(__file__).resolve().parents[1] / "scenes_bad"


def as_json(value: Any) -> Any:
    """What an editor's YAML language server sees: keys as text."""
    if isinstance(value, dict):
        return {str(key): as_json(entry) for key, entry in value.items()}
    return [as_json(entry) for entry in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def validator() -> Any:
    made = json_schema()
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


def scene(text: str) -> Any:
    return as_json(parse(text, Source("s.yaml")).plain())


def test_the_example_passes(validator: Any) -> None:
    assert list(validator.iter_errors(scene(EXAMPLE))) == []


def test_shipped_scenes_pass(validator: Any) -> None:
    for path in sorted(scenes().glob("*.yaml")):
        assert list(validator.iter_errors(scene(path.read_text()))) == [], path.name


CHANCE = [
    "{uniform: [0, 1]}",
    "{log_uniform: [1, {param: x}]}",
    "{normal: [0, 1], clip: [-1, 1]}",
    "{integer: [0, 3]}",
    "{choice: [a, [1], {b: c}], weights: [1, 2, 3]}",
    "{bernoulli: 0.5}",
    "{param: x}",
    "{each: {uniform: [0, 1]}}",
    "null",
]
PLACES = [
    "video: {fps: %s}",
    "video: {size: [%s, 4]}",
    "camera: %s",
    "camera: {position: [0, %s, 0]}",
    "camera: {position: {keys: {0: [0, %s, 0]}}}",
    "camera: {fov: [{t: 0, v: %s}]}",
    "camera: {fov: {keys: {0: 40}, ease: %s}}",
    "camera: {orbit: {radius: %s}}",
    "materials: {a: %s}",
    "materials: {a: {base_color: {hsv: [0, %s, 1]}}}",
    "materials: {a: {base_color: [0, %s, 1], double_sided: %s}}",
    "nodes: {a: %s}",
    "nodes: {a: {mesh: {type: sphere, radius: %s}, asset: %s, repeat: %s, visible: %s, class: %s}}",
    "nodes: {a: {children: {b: {place: {box: [[%s, 0, 0], [1, 1, 1]], avoid: [%s]}}}}}",
    "lights: {a: {type: spot, inner_angle: %s}}",
    "lights: {a: {type: rectangle, size: [1, %s], luminance: %s}}",
    "lights: {a: {type: sphere, radius: {keys: {0: %s}}}}",
    "environment: {gradient: {zenith: %s, horizon: %s, ground: '#000'}}",
    "finish: {tone: %s, titles: [{text: %s}]}",
    "classes: {a: %s}",
    "params: {a: %s}",
]


@pytest.mark.parametrize("place", PLACES)
def test_chance_may_stand_anywhere(validator: Any, place: str) -> None:
    for chance in CHANCE:
        assert list(validator.iter_errors(scene("diorama: 1\n" + place.replace("%s", chance)))) == [], chance


# The messages about kinds and bounds, which a schema can know; the rest is about files, names and draws.
KNOWN = re.compile(
    r"(-?\d\S* to|more than|an integer|a type|a mapping|true or|a known|a value|[23] numbers|a colour|one of) "
)
UNSEEN = (
    "draw_out_of_range", "integer_of_a_fraction", "base_color_hsv_saturation", "environment_of_nothing",
    "spot_radius_nan",
)  # fmt: skip


def refused_by_schema() -> list[str]:
    """The bad scenes whose own text is of a wrong kind or out of bounds."""
    names = []
    for path in sorted(BAD.glob("*.yaml")):
        first, second = path.read_text("latin-1").split("\n")[:2]
        place, _, message = first.partition(": expected ")
        own = re.match(rf"# expect: {path.name}:\d+:\d+: ", place) and not second.startswith("# with:")
        excluding = " got both" in message or " and " in message
        if own and KNOWN.match(message) and not excluding and path.stem not in UNSEEN:
            names.append(path.stem)
    return names


@pytest.mark.parametrize("name", refused_by_schema())
def test_what_a_schema_can_know_it_refuses(validator: Any, name: str) -> None:
    text = (BAD / f"{name}.yaml").read_text("latin-1")
    assert not validator.is_valid(scene(text))


def test_the_schema_checks_kinds_and_bounds_where_nothing_is_drawn(validator: Any) -> None:
    refused = [
        "camera: {fov: 240}",
        "camera: {zoom: 2}",
        "nodes: {a: {mesh: {type: teapot}}}",
        "nodes: {a: {position: [0, 0]}}",
        "materials: {a: {roughness: {uniform: [0, 1], clip: [0, 1]}}}",
        "lights: {a: {type: sun, intensity: 3}}",
        "lights: {a: {type: sphere, segments: 8}}",
        "nodes: {a: {mesh: {type: rectangle}}}",
        "seed: {uniform: [0, 1]}",
        "drawn: {}",
    ]
    for body in refused:
        assert not validator.is_valid(scene(f"diorama: 1\n{body}")), body
    assert not validator.is_valid(scene("seed: 1"))
    with pytest.raises(SceneError):
        scene("a: !tag 1")
