"""The base of every model of a scene: frozen, without unknown fields, with errors of our own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Discriminator, Tag, ValidationError, model_validator

from diorama.errors import SceneError
from diorama.scene.schema.check import TAG, BadValueError, as_pydantic, unknown_field
from diorama.scene.schema.problem import problems


class Spec(BaseModel):
    """A part of a scene: in Python ``Sphere(radius=0.5)``, in a file ``{type: sphere, radius: 0.5}``."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, arbitrary_types_allowed=True, validate_by_name=True, validate_by_alias=True
    )

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as error:
            first = problems(error)[0]
            raise SceneError(first.message, place=first.place(type(self).__name__)) from None

    @model_validator(mode="before")
    @classmethod
    def _known_fields(cls, value: Any) -> Any:
        if isinstance(value, dict):
            names = cls._names()
            for name in value:
                if name not in names:
                    raise unknown_field(name, [known for known in names if not known.endswith("_")])
        return value

    @classmethod
    def _names(cls) -> set[str]:
        return {name for field, info in cls.model_fields.items() for name in (field, info.alias or field)}

    # Pydantic then treats this constructor as its own, so that nested models are checked in one
    # go and every problem keeps its whole path.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]


def at_place(error: BadValueError) -> ValidationError:
    """Return what a validator of a whole model raises, so that the problem is shown at its field."""
    return as_pydantic(error, None)


def tag(name: object) -> str:
    """Return what marks one of several models in the place of an error; no key of a scene is like it."""
    return f"{TAG}{name}"


def _name_or_model(value: Any) -> str:
    return tag("model" if isinstance(value, dict | BaseModel) else "name")


NAME_OR_MODEL = Discriminator(_name_or_model)
"""Tells the name of a thing from the thing itself."""

NAME, MODEL = Tag(tag("name")), Tag(tag("model"))


def by_type(default: Callable[[dict[str, Any]], Any] = lambda value: None) -> Discriminator:
    """Return what tells models apart by their ``type``; ``default`` gives that of a mapping without one."""

    def kind(value: Any) -> str | None:
        found = value.get("type", default(value)) if isinstance(value, dict) else getattr(value, "type", None)
        return None if found is None else tag(found)

    return Discriminator(kind)
