"""How the models of a scene check a value, and say in one phrase what is wrong with it.

A check is an annotation on a field: ``fov: Annotated[float | Keys, Number(1, 179, "degrees")]``.
It turns what a file or a script wrote into what the engine reads, or raises :class:`BadValueError`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

from pydantic import GetJsonSchemaHandler, ValidationError, ValidationInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from diorama.errors import expected

TAG = "\x1f"
"""Begins what pydantic adds to the place of an error to say which of several models it means."""

Location = tuple[int | str, ...]


class BadValueError(ValueError):
    """A wrong value: the phrase that says so, and where inside the checked value it lies."""

    def __init__(self, message: str, *loc: object) -> None:
        self.message = message
        self.loc: Location = tuple(part if isinstance(part, int | str) else str(part) for part in loc)
        super().__init__(message)


def mistake(wanted: str, got: object, *loc: object) -> BadValueError:
    """Return the mistake ``expected WANTED, got VALUE`` at ``loc`` inside the checked value."""
    return BadValueError(expected(wanted, got), *loc)


@contextmanager
def inside(*loc: object) -> Iterator[None]:
    """Prefix the place of any mistake made in this block with ``loc``."""
    try:
        yield
    except BadValueError as error:
        raise BadValueError(error.message, *loc, *error.loc) from None


def nearest(name: str, known: Any, *, limit: int = 20_000) -> str:
    """Return ``; did you mean 'x'?`` for the known name most like ``name``, or nothing."""
    names = [str(one) for one, _ in zip(known, range(limit), strict=False)]
    near = get_close_matches(name, names, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def unknown_field(name: object, known: Iterable[str]) -> ValidationError:
    """Return the problem that a model has no field ``name``; it lies at the key, not at the value."""
    message = f"{expected('a known field', name)}{nearest(str(name), sorted(known))}"
    return as_pydantic(BadValueError(message, name), name, at_key=True)


def as_pydantic(error: BadValueError, value: object, *, at_key: bool = False) -> ValidationError:
    """Return ``error`` as pydantic's own kind, so that it is collected with the rest at its place."""
    kind = PydanticCustomError("wrong_key" if at_key else "wrong_value", "{phrase}", {"phrase": error.message})
    return ValidationError.from_exception_data("scene", [InitErrorDetails(type=kind, loc=error.loc, input=value)])


class Check:
    """Base of the annotations: ``_check`` makes the value, ``_json_schema`` tells an editor what it may be."""

    def _check(self, value: Any, fps: float | None) -> Any:
        """Return the checked value; ``fps`` gives times in frames their meaning where it is known."""
        raise NotImplementedError

    def _json_schema(self) -> JsonSchemaValue:
        """Return the JSON Schema of what may be written."""
        raise NotImplementedError

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return self._json_schema()

    def _validate(self, value: Any, info: ValidationInfo) -> Any:
        try:
            return self._check(value, (info.context or {}).get("fps"))
        except BadValueError as error:
            raise as_pydantic(error, value) from None
