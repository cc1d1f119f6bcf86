"""Lights: a sun in lux, points and spots in candela. A light on a node is placed in that node's space."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias, TypeVar

from pydantic import StrictBool, Tag, model_validator

from diorama.scene.schema.check import BadValueError, mistake
from diorama.scene.schema.keys import Keys
from diorama.scene.schema.model import Spec, at_place, by_type, tag
from diorama.scene.schema.numbers import Number
from diorama.scene.schema.values import Aim, Direction, Light, Position, Radiance

Aimed = TypeVar("Aimed", bound=Spec)
InnerAngle: TypeAlias = Annotated[float | Keys, Number(0, 89, "degrees")]
OuterAngle: TypeAlias = Annotated[float | Keys, Number(0.1, 89, "degrees")]


class Sun(Spec):
    """Parallel light travelling along ``direction``; ``illuminance`` in lux on a surface facing it."""

    type: Literal["sun"] = "sun"
    direction: Direction = (0.0, -1.0, 0.0)
    look_at: Aim | None = None
    illuminance: Light = 1.0
    color: Radiance = (1.0, 1.0, 1.0)
    cast_shadow: StrictBool = True

    @model_validator(mode="after")
    def _one_aim(self) -> Sun:
        return _aimed(self)


class Point(Spec):
    """Light from ``position`` to all sides, without shadows; ``intensity`` in candela."""

    type: Literal["point"] = "point"
    position: Position = (0.0, 0.0, 0.0)
    intensity: Light = 1.0
    color: Radiance = (1.0, 1.0, 1.0)


class Spot(Spec):
    """A cone of light from ``position``: full up to ``inner_angle``, none from ``outer_angle`` (half angles).

    What it lights at more than 80 degrees from its axis has no shadows.
    """

    type: Literal["spot"] = "spot"
    position: Position = (0.0, 0.0, 0.0)
    direction: Direction = (0.0, -1.0, 0.0)
    look_at: Aim | None = None
    intensity: Light = 1.0
    color: Radiance = (1.0, 1.0, 1.0)
    inner_angle: InnerAngle = 20.0
    outer_angle: OuterAngle = 30.0
    cast_shadow: StrictBool = True

    @model_validator(mode="after")
    def _cone(self) -> Spot:
        inner, outer = self.inner_angle, self.outer_angle
        if not isinstance(inner, Keys) and not isinstance(outer, Keys) and inner > outer:
            raise at_place(mistake(f"at most the outer angle of {outer:g} degrees", inner, "inner_angle"))
        return _aimed(self)


def _aimed(light: Aimed) -> Aimed:
    if "direction" in light.model_fields_set and getattr(light, "look_at", None) is not None:
        raise at_place(BadValueError("expected direction or look_at, got both", "look_at"))
    return light


LightSource: TypeAlias = Annotated[
    Annotated[Sun, Tag(tag("sun"))] | Annotated[Point, Tag(tag("point"))] | Annotated[Spot, Tag(tag("spot"))],
    by_type(),
]
"""Any light; ``type`` names the kind."""
