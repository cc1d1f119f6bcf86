"""Changing the frozen models of a scene: what a node may carry, and models with some fields set anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from diorama.errors import SceneError, expected
from diorama.geometry.mesh import Mesh
from diorama.scene.asset_tree import Asset
from diorama.scene.schema import Camera, LightSource, Shape
from diorama.scene.schema.model import Spec

Model = TypeVar("Model", bound=Spec)


def _members(union: Any) -> tuple[type[Spec], ...]:
    """Return the models of an annotated union such as ``Shape``."""
    return tuple(member.__origin__ for member in union.__origin__.__args__)


_SHAPES, _LIGHTS = _members(Shape), _members(LightSource)


def carried_by(thing: object, place: str) -> tuple[dict[str, object], Mesh | Asset | None, str]:
    """Return the node fields that carry ``thing``, its geometry where a program made it, and a name for it."""
    named = type(thing).__name__.lower()
    if thing is None:
        return {}, None, "group"
    if isinstance(thing, str | PathLike):
        name = Path(fspath(thing)).stem
        return {"asset": fspath(thing)}, None, name.replace("/", "_").lstrip("#").strip() or "asset"
    if isinstance(thing, Mesh | Asset):
        return {}, thing, named
    for kinds, field in ((_SHAPES, "mesh"), (_LIGHTS, "light"), ((Camera,), "camera")):
        if isinstance(thing, kinds):
            return {field: thing}, None, named
    wanted = "a mesh, a model file, a light, a camera or None"
    raise SceneError(expected(wanted, thing), place=place)


def with_fields(spec: Model, fields: Mapping[str, object], place: str) -> Model:
    """Return ``spec`` with ``fields`` set and all rules checked again; ``SceneError`` names ``place``."""
    given = {name: getattr(spec, name) for name in spec.model_fields_set}
    renamed = {_field_name(spec, name, place): value for name, value in fields.items()}
    try:
        return type(spec)(**given | renamed)
    except SceneError as error:
        inner = error.place.removeprefix(type(spec).__name__)
        raise SceneError(error.message, place=f"{place}{inner}") from None


def with_value(spec: Model, path: Sequence[str], value: object, place: str) -> Model:
    """Return ``spec`` with the field at ``path`` set, such as ``["light", "intensity"]``."""
    if len(path) == 1:
        return with_fields(spec, {path[0]: value}, place)
    name = _field_name(spec, path[0], place)
    inner = getattr(spec, name)
    if not isinstance(inner, BaseModel):
        raise SceneError(
            f"expected something with fields to set {path[1]!r} on, got {inner!r}", place=f"{place}.{name}"
        )
    assert isinstance(inner, Spec)
    return with_fields(spec, {name: with_value(inner, path[1:], value, f"{place}.{name}")}, place)


def _field_name(spec: Spec, name: str, place: str) -> str:
    """Return the attribute that ``name`` (or its alias) stands for; ``SceneError`` suggests the nearest."""
    known = {field.alias or key: key for key, field in type(spec).model_fields.items()}
    if name in known or name in known.values():
        return known.get(name, name)
    raise SceneError(unknown("a field", name, known), place=place)


def unknown(kind: str, name: str, known: Mapping[str, object]) -> str:
    """Return the phrase for a name that is not among the ``known``, with the nearest one."""
    near = get_close_matches(name, known, n=1)
    return expected(kind, name) + (f"; did you mean {near[0]!r}?" if near else "")
