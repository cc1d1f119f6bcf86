"""Names of nodes, lights, materials, classes and parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from diorama.scene.schema.check import BadValueError, as_pydantic, mistake

LONGEST_NAME = 200


def check_name(name: object) -> str:
    """Return ``name`` if a path can be made of it; raise :class:`BadValueError`."""
    fits = isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and name == name.strip() and name.isprintable()
    if not fits or "/" in str(name) or str(name).startswith("#"):
        raise mistake("a text as name, without '/', spaces around it or '#' in front", name)
    return str(name)


@dataclass(frozen=True)
class Named:
    """Checks the keys of a map of named things, in front of its values.

    ``inner`` also lets names begin with ``#``: those of nodes inside an asset.
    """

    inner: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._check_names, handler(source))

    def _check_names(self, value: Any) -> Any:
        if isinstance(value, dict):
            for name in value:
                within = self.inner and isinstance(name, str) and name.startswith("#")
                try:
                    check_name(name[1:] if within else name)
                except BadValueError as error:
                    raise as_pydantic(BadValueError(error.message, str(name)), name, at_key=True) from None
        return value
