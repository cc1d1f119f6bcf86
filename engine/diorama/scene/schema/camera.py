"""The camera: where it stands, where it looks, its lens and its exposure."""

from __future__ import annotations

from typing import Annotated

from pydantic import model_validator

from diorama.scene.schema.check import BadValueError
from diorama.scene.schema.keys import Keys
from diorama.scene.schema.model import Spec, at_place
from diorama.scene.schema.motion import Follow, Orbit
from diorama.scene.schema.numbers import Number
from diorama.scene.schema.values import Aim, Position, Turn

_PIXELS = Number(-1e6, 1e6, "pixels", animated=False)
_FOCAL = Number(1e-3, 1e6, "pixels", animated=False)


class Intrinsics(Spec):
    """A pinhole in pixels of the video; the principal point counts from the upper left corner."""

    fx: Annotated[float, _FOCAL]
    fy: Annotated[float, _FOCAL]
    cx: Annotated[float, _PIXELS]
    cy: Annotated[float, _PIXELS]


class Camera(Spec):
    """A pinhole camera looking along its -Z.

    The lens is ``fov`` (vertical degrees), or ``focal_length`` with ``sensor_width`` (millimetres;
    the width belongs to the picture's width), or ``intrinsics``; the last one that is not None
    rules, and ``fov`` where neither other is set. ``near`` is in metres. ``exposure`` in stops makes the picture
    brighter, on top of the finish's; ``ev100`` instead is that of a camera with a light meter: at EV100 0 a
    surface of 1.2 nits is white, at each step more it takes twice as many.
    """

    position: Position = (0.0, 0.0, 0.0)
    rotation: Turn = (0.0, 0.0, 0.0)
    look_at: Aim | None = None
    orbit: Orbit | None = None
    follow: Follow | None = None
    fov: Annotated[float | Keys, Number(1, 179, "degrees")] = 45.0
    focal_length: Annotated[float | Keys, Number(0.01, 10_000, "millimetres")] | None = None
    sensor_width: Annotated[float, Number(0.01, 1000, "millimetres", animated=False)] = 36.0
    intrinsics: Intrinsics | None = None
    near: Annotated[float, Number(1e-6, 1000, "metres", animated=False)] = 0.05
    exposure: Annotated[float | Keys, Number(-50, 50, "stops")] = 0.0
    ev100: Annotated[float | Keys, Number(-50, 50)] | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Camera:
        check_motion(self)
        lenses = [name for name in ("fov", "focal_length", "intrinsics") if name in self.model_fields_set]
        if len(lenses) > 1:
            raise at_place(BadValueError(f"expected one lens, got {' and '.join(lenses)}", lenses[-1]))
        if "sensor_width" in self.model_fields_set and self.focal_length is None:
            raise at_place(BadValueError("expected a focal_length to go with it, got none", "sensor_width"))
        if "exposure" in self.model_fields_set and self.ev100 is not None:
            raise at_place(BadValueError("expected exposure or ev100, got both", "ev100"))
        return self


def check_motion(carrier: Spec) -> None:
    """Refuse two rules for one thing: where it is, and how it is turned."""
    for names in (("position", "orbit", "follow", "place"), ("rotation", "look_at")):
        given = [name for name in names if name in carrier.model_fields_set and getattr(carrier, name) is not None]
        if len(given) > 1:
            raise at_place(BadValueError(f"expected one of {', '.join(names)}, got {' and '.join(given)}", given[-1]))
