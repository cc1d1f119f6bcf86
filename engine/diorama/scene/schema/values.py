"""The kinds of value that the fields of a scene hold: targets, times, texts, files, and types made of checks."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Annotated, Any, TypeAlias

from pydantic.json_schema import JsonSchemaValue

from diorama.scene.schema.check import Check, mistake
from diorama.scene.schema.keys import LONGEST, Keys, is_keys, parse_time
from diorama.scene.schema.numbers import (
    Animated,
    Color,
    Number,
    Rotation,
    Scale,
    Vec3,
    Vector,
    sequence,
)

FARTHEST = 1e7
"""The largest coordinate or length in metres."""

BRIGHTEST = 1e9
"""The largest light, in its own unit."""


@dataclass(frozen=True)
class Target(Animated):
    """A node, by its path or as any object with a ``path``; or, where ``point``, a point in world metres."""

    point: bool = True

    def one(self, value: Any) -> Any:
        """Return the path as text, or the point."""
        path = value if isinstance(value, str) else getattr(value, "path", None)
        if isinstance(path, str):
            if not path.strip("/"):
                raise mistake("the path of a node", path)
            return path
        if not self.point or sequence(value) is None:
            raise mistake("the path of a node or 3 numbers" if self.point else "the path of a node", value)
        return Vector(3, _COORDINATE).one(value)

    def _check(self, value: Any, fps: float | None) -> Any:
        if self.point and is_keys(value):
            return Keys.parse(value, fps, Vector(3, _COORDINATE).one)
        return self.one(value)

    def _schema(self) -> JsonSchemaValue:
        path: JsonSchemaValue = {"type": "string", "minLength": 1}
        return {"anyOf": [path, Vector(3, _COORDINATE)._schema()]} if self.point else path


@dataclass(frozen=True)
class Time(Check):
    """Seconds, ``"1.5s"`` or frames ``"12f"``, from ``low`` on."""

    low: float = -LONGEST
    above: bool = field(default=False, kw_only=True)

    def _check(self, value: Any, fps: float | None) -> float:
        seconds = parse_time(value, fps)
        if seconds < self.low or (self.above and seconds == self.low):
            raise mistake(f"a time of {'more than ' if self.above else 'at least '}{self.low:g} seconds", value)
        return seconds

    def _json_schema(self) -> JsonSchemaValue:
        return {"anyOf": [{"type": "number"}, {"type": "string", "pattern": "^[-+]?[0-9.]+[fs]$"}]}


@dataclass(frozen=True)
class Text(Check):
    """A text of ``least`` to ``most`` characters, called ``wanted`` in messages."""

    wanted: str
    least: int = 1
    most: int = 1000

    def _check(self, value: Any, fps: float | None) -> str:
        if not isinstance(value, str) or not self.least <= len(value) <= self.most or "\0" in value:
            raise mistake(self.wanted, value)
        return value

    def _json_schema(self) -> JsonSchemaValue:
        return {"type": "string", "minLength": self.least, "maxLength": self.most}


@dataclass(frozen=True)
class Choice(Check):
    """One of a few values."""

    choices: tuple[str | bool, ...]

    def _check(self, value: Any, fps: float | None) -> str | bool:
        for choice in self.choices:
            if value == choice and type(value) is type(choice):
                return choice
        shown = ", ".join(str(choice).lower() for choice in self.choices)
        raise mistake(f"one of {shown}", value)

    def _json_schema(self) -> JsonSchemaValue:
        return {"enum": list(self.choices)}


@dataclass(frozen=True)
class File(Check):
    """The name of a file of one of these ``suffixes``; in Python any path, kept as text."""

    wanted: str
    suffixes: tuple[str, ...]

    def _check(self, value: Any, fps: float | None) -> str:
        name = value if isinstance(value, str) else getattr(value, "__fspath__", lambda: None)()
        if not isinstance(name, str) or not name.lower().endswith(self.suffixes) or "\0" in name:
            shown = PurePath(name).name if isinstance(name, str) else value
            raise mistake(f"{self.wanted} ({', '.join(self.suffixes)})", shown)
        return name

    def _json_schema(self) -> JsonSchemaValue:
        either_case = "|".join("".join(f"[{c}{c.upper()}]" for c in end[1:]) for end in self.suffixes)
        return {"type": "string", "pattern": rf"\.({either_case})$"}


_COORDINATE = Number(-FARTHEST, FARTHEST, "metres")

Position: TypeAlias = Annotated[Vec3 | Keys, Vector(3, _COORDINATE)]
"""A position or offset in metres."""

Direction: TypeAlias = Annotated[Vec3 | Keys, Vector(3, Number(-FARTHEST, FARTHEST), nonzero=True)]
"""A direction of any length but zero."""

Length: TypeAlias = Annotated[float, Number(0, FARTHEST, "metres", above=True, animated=False)]
Fraction: TypeAlias = Annotated[float | Keys, Number(0, 1)]
Angle: TypeAlias = Annotated[float | Keys, Number(-1e6, 1e6, "degrees")]
Light: TypeAlias = Annotated[float | Keys, Number(0, BRIGHTEST)]
Albedo: TypeAlias = Annotated[Vec3 | Keys, Color()]
Radiance: TypeAlias = Annotated[Vec3 | Keys, Color(BRIGHTEST)]
Turn: TypeAlias = Annotated[tuple[float, ...] | Keys, Rotation()]
Factors: TypeAlias = Annotated[Vec3 | Keys, Scale()]
Aim: TypeAlias = Annotated[str | Vec3 | Keys, Target()]
NodePath: TypeAlias = Annotated[str, Target(point=False, animated=False)]
Seconds: TypeAlias = Annotated[float, Time(0.0)]
"""A time of 0 or more, or a span of time."""
