"""Checks of numbers, lists of numbers and what is made of them: colours, rotations, scales.

What is animatable takes a plain value or :class:`Keys`. After the check colours are linear
Rec.709 triples, scales triples, quaternions of unit length.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from pydantic.json_schema import JsonSchemaValue

from diorama.animation.track import UNBOUNDED, Limits
from diorama.color import hex_to_linear, hsv_to_linear
from diorama.scene.schema.check import Check, inside, mistake
from diorama.scene.schema.keys import Keys, is_keys, is_number

Vec2: TypeAlias = tuple[float, float]
Vec3: TypeAlias = tuple[float, float, float]

_SHORTEST = 1e-9
"""The least length of a direction or a quaternion, which are made unit ones."""


@dataclass(frozen=True)
class Animated(Check):
    """A check of one value that, where ``animated``, also takes keys of such values."""

    animated: bool = field(default=True, kw_only=True)

    def one(self, value: Any) -> Any:
        """Return one plain value, checked."""
        raise NotImplementedError

    @property
    def limits(self) -> Limits:
        """The least and the largest that a component of an animated value may reach."""
        return UNBOUNDED

    def _schema(self) -> JsonSchemaValue:
        """Return the JSON Schema of one plain value."""
        raise NotImplementedError

    def _check(self, value: Any, fps: float | None) -> Any:
        if self.animated and is_keys(value):
            return Keys.parse(value, fps, self.one, self.limits)
        return self.one(value)

    def _json_schema(self) -> JsonSchemaValue:
        return {**self._schema(), "x-animated": True} if self.animated else self._schema()


@dataclass(frozen=True)
class Number(Animated):
    """A number from ``low`` (or ``above`` it) to ``high``."""

    low: float
    high: float
    unit: str = ""
    above: bool = field(default=False, kw_only=True)
    whole: bool = field(default=False, kw_only=True)

    @property
    def wanted(self) -> str:
        """What a message says is expected."""
        low, high = (f"{bound:g}".replace("e+0", "e").replace("e-0", "e-") for bound in (self.low, self.high))
        between = f"more than {low}, up to {high}" if self.above else f"{low} to {high}"
        return " ".join(filter(None, ["an integer," if self.whole else "", between, self.unit]))

    def one(self, value: Any) -> float:
        """Return the number as a Python float, or int where ``whole``."""
        fits = is_number(value) and self.low <= value <= self.high and not (self.above and value == self.low)
        if not fits or (self.whole and value != int(value)):
            raise mistake(self.wanted, value)
        return int(value) if self.whole else float(value)

    @property
    def limits(self) -> Limits:
        """``low`` and ``high``."""
        return self.low, self.high

    def _schema(self) -> JsonSchemaValue:
        lowest = {"exclusiveMinimum" if self.above else "minimum": self.low}
        return {"type": "integer" if self.whole else "number", **lowest, "maximum": self.high}


@dataclass(frozen=True)
class Vector(Animated):
    """A list of ``count`` numbers, or from ``least`` on; ``nonzero`` ones are a direction."""

    count: int
    item: Number
    nonzero: bool = field(default=False, kw_only=True)
    least: int = field(default=0, kw_only=True)

    @property
    def wanted(self) -> str:
        """What a message says is expected."""
        return f"{self.least} to {self.count} numbers" if self.least else f"{self.count} numbers"

    def one(self, value: Any) -> tuple[float, ...]:
        """Return the numbers as a tuple."""
        items = sequence(value)
        if items is None or not (self.least or self.count) <= len(items) <= self.count:
            raise mistake(self.wanted, value)
        made = tuple(_each(items, self.item.one))
        if self.nonzero and math.hypot(*made) < _SHORTEST:
            raise mistake("a direction other than zero", value)
        return made

    @property
    def limits(self) -> Limits:
        """Those of each number."""
        return self.item.limits

    def _schema(self) -> JsonSchemaValue:
        return list_schema(self.item._schema(), self.least or self.count, self.count)


@dataclass(frozen=True)
class Color(Animated):
    """A colour: ``"#rrggbb"`` (sRGB), ``[r, g, b]`` (linear, up to ``high``) or ``{hsv: [h, s, v]}``."""

    high: float = 1.0

    def one(self, value: Any) -> Vec3:
        """Return the colour as linear Rec.709."""
        if isinstance(value, str):
            try:
                return hex_to_linear(value)
            except ValueError:
                raise mistake("a colour '#rrggbb', [r, g, b] or {hsv: [h, s, v]}", value) from None
        if isinstance(value, Mapping) and set(value) == {"hsv"}:
            with inside("hsv"):
                hue, saturation, brightness = _HSV.one(value["hsv"])
                return hsv_to_linear(hue, _UNIT.one(saturation), _UNIT.one(brightness))
        items = sequence(value)
        if items is None or len(items) != 3:
            raise mistake("a colour '#rrggbb', [r, g, b] or {hsv: [h, s, v]}", value)
        red, green, blue = _each(items, Number(0, self.high).one)
        return red, green, blue

    @property
    def limits(self) -> Limits:
        """From no light to ``high``."""
        return 0.0, self.high

    def _schema(self) -> JsonSchemaValue:
        hsv = list_schema({"type": "number"}, 3, 3)
        return {
            "anyOf": [
                {"type": "string", "pattern": "^#([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$"},
                list_schema(Number(0, self.high)._schema(), 3, 3),
                {"type": "object", "properties": {"hsv": hsv}, "required": ["hsv"], "additionalProperties": False},
            ]
        }


@dataclass(frozen=True)
class Rotation(Animated):
    """Three Euler angles in degrees (R = Rz·Ry·Rx), or a quaternion (x, y, z, w), made a unit one."""

    def _check(self, value: Any, fps: float | None) -> Any:
        made = super()._check(value, fps)
        if isinstance(made, Keys) and len({len(key.value) for key in made.keys}) > 1:
            raise mistake("keys of 3 angles or of 4 quaternion components, not both", [key.value for key in made.keys])
        return made

    def one(self, value: Any) -> tuple[float, ...]:
        """Return 3 degrees or the 4 components of a unit quaternion."""
        items = sequence(value)
        if items is None or len(items) not in (3, 4):
            raise mistake("3 angles in degrees or 4 quaternion components", value)
        made = tuple(_each(items, _ANGLE.one))
        if len(made) == 3:
            return made
        length = math.hypot(*made)
        if length < _SHORTEST:
            raise mistake("a quaternion other than zero", value)
        return tuple(part / length for part in made)

    def _schema(self) -> JsonSchemaValue:
        return list_schema(_ANGLE._schema(), 3, 4)


@dataclass(frozen=True)
class Scale(Animated):
    """One factor for all axes, or three; none is zero, since nothing could be lit on such a surface."""

    def one(self, value: Any) -> tuple[float, ...]:
        """Return the three factors."""
        items = sequence(value)
        if items is None:
            return (self._factor(value),) * 3
        if len(items) != 3:
            raise mistake("a factor or 3 factors", value)
        return tuple(_each(items, self._factor))

    def _factor(self, value: Any) -> float:
        if not is_number(value) or not 1e-6 <= abs(value) <= 1e6:
            raise mistake("a factor of 1e-6 to 1e6 either way from 0", value)
        return float(value)

    def _schema(self) -> JsonSchemaValue:
        return {"anyOf": [{"type": "number"}, list_schema({"type": "number"}, 3, 3)]}


def sequence(value: Any) -> list[Any] | None:
    """Return a list, tuple or one-dimensional array as a list of Python values, anything else as None."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        return list(value.tolist())
    return list(value) if isinstance(value, list | tuple) else None


def list_schema(item: JsonSchemaValue, least: int, most: int) -> JsonSchemaValue:
    """Return the JSON Schema of a list of ``least`` to ``most`` items."""
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def _each(items: list[Any], check: Callable[[Any], float]) -> list[float]:
    made = []
    for row, item in enumerate(items):
        with inside(row):
            made.append(check(item))
    return made


_ANGLE = Number(-1e6, 1e6)
_UNIT = Number(0, 1)
_HSV = Vector(3, Number(-1e6, 1e6))
