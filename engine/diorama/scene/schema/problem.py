"""What is wrong with a scene, in the one phrase that all messages use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from diorama.errors import expected
from diorama.scene.schema.check import TAG, Location


@dataclass(frozen=True)
class Problem:
    """One mistake: the path to it through the scene, and the phrase. ``at_key`` if the key itself is wrong."""

    loc: Location
    message: str
    at_key: bool = False

    def place(self, *before: str) -> str:
        """Return the dotted path, after what comes ``before``."""
        return ".".join([*before, *map(str, self.loc)])


def problems(error: ValidationError) -> list[Problem]:
    """Return every problem of a failed validation."""
    return [
        Problem(_untagged(details["loc"]), _message(details), details["type"] == "wrong_key")
        for details in error.errors(include_url=False)
    ]


def _untagged(loc: Location) -> Location:
    return tuple(step for step in loc if not (isinstance(step, str) and step.startswith(TAG)))


def _message(details: ErrorDetails) -> str:
    context, got = details.get("ctx", {}), details["input"]
    if details["type"] in ("wrong_key", "wrong_value"):
        return str(details["msg"])
    phrase = _PHRASES.get(details["type"])
    if phrase is None:
        return f"{details['msg']}, got {got!r}"
    return phrase(context, got, details["loc"])


def _kinds(context: dict[str, Any]) -> str:
    """Return the kinds of thing that pydantic offers; it shows the tags as Python would spell them."""
    return f"a type out of {context['expected_tags'].replace(repr(TAG)[1:-1], '')}"


def _model(context: dict[str, Any], got: Any) -> str:
    """Return what stands for a model: itself beside another model, which may go by the same type; else a mapping."""
    return f"a {context['class_name']}" if isinstance(got, BaseModel) else "a mapping"


def _phrase(wanted: str) -> Callable[[dict[str, Any], Any, Location], str]:
    return lambda context, got, loc: expected(wanted.format_map(context), got)


_PHRASES: dict[str, Callable[[dict[str, Any], Any, Location], str]] = {
    "missing": lambda context, got, loc: f"expected a value for {loc[-1]!r}, got none",
    "literal_error": _phrase("{expected}"),
    "bool_type": _phrase("true or false"),
    "bool_parsing": _phrase("true or false"),
    "model_type": lambda context, got, loc: expected(_model(context, got), got),
    "model_attributes_type": _phrase("a mapping"),
    "dict_type": _phrase("a mapping"),
    "tuple_type": _phrase("a list"),
    "list_type": _phrase("a list"),
    "union_tag_invalid": lambda context, got, loc: expected(
        _kinds(context), got.get("type") if isinstance(got, dict) else got
    ),
    "union_tag_not_found": lambda context, got, loc: expected("a mapping with a 'type'", got),
}
