"""The JSON Schema of a scene file, for editors that complete and check while one writes.

It is made from the models; wherever they hold a value the file may also hold a draw, a parameter
or null, which deletes what an include says.
"""

from __future__ import annotations

from typing import Any

from diorama.animation.easing import EASE_NAMES
from diorama.animation.track import EXTRAPOLATIONS, INTERPOLATIONS
from diorama.scene.load import FILLED_IN
from diorama.scene.schema import SceneSpec

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_FIXED = ("diorama", "seed", "type", "include")
_MAPS = ("params", "classes", "lights", "materials", "nodes", "children")
_ANY: Schema = {"$ref": "#/$defs/Chance"}
_TIME: Schema = {"$ref": "#/$defs/Time"}


def json_schema() -> Schema:
    """Return the JSON Schema (draft 2020-12) of a scene file."""
    made: Schema = SceneSpec.model_json_schema(by_alias=True, mode="validation")
    definitions: Schema = made.pop("$defs")
    for name in FILLED_IN:
        del made["properties"][name]
    made["properties"]["include"] = {
        "type": "array",
        "items": {"type": "string"},
        "description": "Files merged beneath this one; later wins, null deletes.",
    }
    made["required"] = ["diorama"]
    definitions = {name: _model(definition) for name, definition in definitions.items()} | _chance() | _spelled()
    return {"$schema": DIALECT, "title": "Diorama scene", **_model(made), "$defs": definitions}


def _model(model: Schema) -> Schema:
    """Open every field of a model to chance, save those that must be known before anything is drawn."""
    fields = {name: _field(name, field) for name, field in model.get("properties", {}).items()}
    kept = {name: value for name, value in model.items() if name != "title"}
    if "const" in fields.get("type", {}) and "file" not in fields:
        kept["required"] = ["type", *kept.get("required", [])]
    return {**kept, "properties": fields} if fields else kept


def _field(name: str, field: Schema) -> Schema:
    described = {key: field[key] for key in ("description",) if key in field}
    plain = {key: value for key, value in field.items() if key not in ("title", "default", "description")}
    if name in _FIXED:
        return {**described, **plain}
    if name in _MAPS:
        return {**described, "anyOf": [_map(plain), {"type": "null"}]}
    return {**described, **_open(plain)}


def _map(field: Schema) -> Schema:
    """Return the schema of a map of named things, each of which may be left to chance."""
    return {"type": "object", "additionalProperties": _open(field.get("additionalProperties", True))}


def _open(schema: Any) -> Schema:
    """Return the schema of what ``schema`` allows, of keys of it where it is animated, or of chance."""
    if not isinstance(schema, dict):
        return {}
    inner = _inside({name: value for name, value in schema.items() if name != "x-animated"})
    choices = [inner, *(_keys(inner) if schema.get("x-animated") else []), _ANY]
    return {"anyOf": choices}


def _inside(schema: Schema) -> Schema:
    """Open what a list, a colour or one of several alternatives holds."""
    if "items" in schema:
        return {**schema, "items": _open(schema["items"])}
    for several in ("anyOf", "oneOf"):
        if several in schema:
            opened = [_open(one) if one.get("x-animated") else _inside(one) for one in schema[several]]
            return {"anyOf": opened}
    if "properties" in schema:
        return _model(schema)
    return schema


def _keys(value: Schema) -> list[Schema]:
    """Return the schemas of the two spellings of keys of ``value``."""
    value = {"anyOf": [value, _ANY]}
    ease: Schema = {"$ref": "#/$defs/Ease"}
    entry: Schema = {
        "type": "object",
        "properties": {"t": _TIME, "v": value, "ease": ease},
        "required": ["t", "v"],
        "additionalProperties": False,
    }
    listed: Schema = {"type": "array", "items": entry, "minItems": 1}
    mapped: Schema = {"type": "object", "additionalProperties": value, "minProperties": 1}
    spelled: Schema = {
        "type": "object",
        "properties": {
            "keys": {"anyOf": [mapped, listed]},
            "ease": ease,
            "interpolation": {"anyOf": [{"enum": list(INTERPOLATIONS)}, _ANY]},
            "extrapolate": {"anyOf": [{"enum": list(EXTRAPOLATIONS)}, _ANY]},
        },
        "required": ["keys"],
        "additionalProperties": False,
    }
    return [spelled, listed]


def _chance() -> Schema:
    """Return the definitions of draws, parameters and null."""
    pair: Schema = {"type": "array", "items": {"anyOf": [{"type": "number"}, _ANY]}, "minItems": 2, "maxItems": 2}
    probability: Schema = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, _ANY]}
    draws = [
        _only(uniform=pair),
        _only(log_uniform=pair),
        _only(normal=pair, clip=pair),
        _only(integer=pair),
        _only(choice={"type": "array", "minItems": 1}, weights={"anyOf": [{"type": "array"}, _ANY]}),
        _only(bernoulli=probability),
        _only(param={"type": "string"}),
        _only(each=_ANY),
    ]
    return {"Chance": {"description": "A draw, a parameter, or null.", "anyOf": [*draws, {"type": "null"}]}}


def _spelled() -> Schema:
    """Return the definitions of times and easings."""
    return {
        "Time": {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[-+]?[0-9.]+[fs]$"}]},
        "Ease": {"anyOf": [{"enum": list(EASE_NAMES)}, _ANY]},
    }


def _only(**fields: Schema) -> Schema:
    """Return the schema of a mapping that needs its first field and has no others."""
    return {"type": "object", "properties": fields, "required": [next(iter(fields))], "additionalProperties": False}
