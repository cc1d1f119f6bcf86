"""Lights: a sun in lux, points and spots in candela, shining surfaces in nits, placed in the space of their node."""

from __future__ import annotations

from typing import Annotated, Literal, Self, TypeAlias

from pydantic import StrictBool, Tag, model_validator

from diorama.scene.schema.check import BadValueError, mistake
from diorama.scene.schema.keys import Keys
from diorama.scene.schema.model import Spec, at_place, by_type, tag
from diorama.scene.schema.numbers import Number, Vec2, Vector
from diorama.scene.schema.values import FARTHEST, Aim, Direction, Light, Position, Radiance

SMALLEST = 1e-6
"""The least length in metres of a shining surface: one without area sends out nothing."""

_EXTENT = Number(SMALLEST, FARTHEST, "metres")

SunAngle: TypeAlias = Annotated[float | Keys, Number(0, 90, "degrees")]
InnerAngle: TypeAlias = Annotated[float | Keys, Number(0, 89, "degrees")]
OuterAngle: TypeAlias = Annotated[float | Keys, Number(0.1, 89, "degrees")]
BulbRadius: TypeAlias = Annotated[float | Keys, Number(0, FARTHEST, "metres")]
Extent: TypeAlias = Annotated[float | Keys, _EXTENT]
Sides: TypeAlias = Annotated[Vec2 | Keys, Vector(2, _EXTENT)]


class _Aimed(Spec):
    """A light that shines one way: along its ``direction``, or towards what it looks at."""

    @model_validator(mode="after")
    def _one_aim(self) -> Self:
        if "direction" in self.model_fields_set and getattr(self, "look_at", None) is not None:
            raise at_place(BadValueError("expected direction or look_at, got both", "look_at"))
        return self


class Sun(_Aimed):
    """Parallel light travelling along ``direction``; ``illuminance`` in lux on a surface facing it.

    ``angle`` is the diameter under which it is seen, which makes shadows soft; 0 makes them hard.
    """

    type: Literal["sun"] = "sun"
    direction: Direction = (0.0, -1.0, 0.0)
    look_at: Aim | None = None
    illuminance: Light = 1.0
    color: Radiance = (1.0, 1.0, 1.0)
    angle: SunAngle = 0.53
    cast_shadow: StrictBool = True


class Point(Spec):
    """Light from ``position`` to all sides; ``intensity`` in candela, whatever the ``radius`` of the bulb.

    The radius makes shadows soft, 0 makes them hard; it grows with the scale of its node.
    """

    type: Literal["point"] = "point"
    position: Position = (0.0, 0.0, 0.0)
    intensity: Light = 1.0
    color: Radiance = (1.0, 1.0, 1.0)
    radius: BulbRadius = 0.0
    cast_shadow: StrictBool = True


class Spot(_Aimed):
    """A cone of light from ``position``: full up to ``inner_angle``, none from ``outer_angle`` (half angles).

    ``intensity`` in candela; ``radius`` is that of the bulb, as of a point. What it lights at more
    than 80 degrees from its axis has no shadows.
    """

    type: Literal["spot"] = "spot"
    position: Position = (0.0, 0.0, 0.0)
    direction: Direction = (0.0, -1.0, 0.0)
    look_at: Aim | None = None
    intensity: Light = 1.0
    color: Radiance = (1.0, 1.0, 1.0)
    inner_angle: InnerAngle = 20.0
    outer_angle: OuterAngle = 30.0
    radius: BulbRadius = 0.0
    cast_shadow: StrictBool = True

    @model_validator(mode="after")
    def _cone(self) -> Self:
        inner, outer = self.inner_angle, self.outer_angle
        if not isinstance(inner, Keys) and not isinstance(outer, Keys) and inner > outer:
            raise at_place(mistake(f"at most the outer angle of {outer:g} degrees", inner, "inner_angle"))
        return self


class SphereLight(Spec):
    """A shining sphere around ``position``; ``luminance`` of its surface in nits.

    The camera does not see it; reflections show it. Under a node's scale it stays a sphere, and
    has the volume that the scale gives it.
    """

    type: Literal["sphere"] = "sphere"
    position: Position = (0.0, 0.0, 0.0)
    radius: Extent = 0.1
    luminance: Light = 1.0
    color: Radiance = (1.0, 1.0, 1.0)
    cast_shadow: StrictBool = True


class RectangleLight(_Aimed):
    """A rectangle around ``position`` that shines to the side of ``direction``; ``luminance`` in nits.

    ``size`` is its width and height in metres. The width is level, as a camera's that looks the
    same way; straight up or down it runs along X. On a node both turn and scale with it, so a
    rotation of the node about ``direction`` turns the rectangle in its plane. The camera does not
    see it; reflections show it.
    """

    type: Literal["rectangle"] = "rectangle"
    position: Position = (0.0, 0.0, 0.0)
    direction: Direction = (0.0, -1.0, 0.0)
    look_at: Aim | None = None
    size: Sides = (1.0, 1.0)
    luminance: Light = 1.0
    color: Radiance = (1.0, 1.0, 1.0)
    cast_shadow: StrictBool = True


class DiscLight(_Aimed):
    """A disc around ``position`` that shines to the side of ``direction``; ``luminance`` in nits.

    The camera does not see it; reflections show it. Under a node's scale it stays a disc, and has
    the area that the scale gives it.
    """

    type: Literal["disc"] = "disc"
    position: Position = (0.0, 0.0, 0.0)
    direction: Direction = (0.0, -1.0, 0.0)
    look_at: Aim | None = None
    radius: Extent = 0.5
    luminance: Light = 1.0
    color: Radiance = (1.0, 1.0, 1.0)
    cast_shadow: StrictBool = True


LightSource: TypeAlias = Annotated[
    Annotated[Sun, Tag(tag("sun"))]
    | Annotated[Point, Tag(tag("point"))]
    | Annotated[Spot, Tag(tag("spot"))]
    | Annotated[SphereLight, Tag(tag("sphere"))]
    | Annotated[RectangleLight, Tag(tag("rectangle"))]
    | Annotated[DiscLight, Tag(tag("disc"))],
    by_type(),
]
"""Any light; ``type`` names the kind."""
