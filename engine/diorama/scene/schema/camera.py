"""The camera: where it stands, where it looks, its lens and its exposure."""

from __future__ import annotations

from typing import Annotated

from pydantic import model_validator

from diorama.scene.schema.check import BadValueError
from diorama.scene.schema.keys import Keys
from diorama.scene.schema.model import Spec, at_place
from diorama.scene.schema.motion import Follow, Orbit
from diorama.scene.schema.numbers import Number, Vector
from diorama.scene.schema.values import FARTHEST, Aim, Choice, NodePath, Position, Turn

_PIXELS = Number(-1e6, 1e6, "pixels", animated=False)
_FOCAL = Number(1e-3, 1e6, "pixels", animated=False)


class Intrinsics(Spec):
    """A pinhole in pixels of the video; the principal point counts from the upper left corner."""

    fx: Annotated[float, _FOCAL]
    fy: Annotated[float, _FOCAL]
    cx: Annotated[float, _PIXELS]
    cy: Annotated[float, _PIXELS]


class Distortion(Spec):
    """A lens that bends straight lines, in the convention of OpenCV: a calibrated camera's numbers can be copied.

    ``brown_conrady`` takes k1, k2, p1, p2 and maybe k3; ``fisheye`` k1 to k4, with ``fov`` or the focal length those
    of its middle. All of the picture is drawn through the lens: each place in it sees along its own ray.
    """

    model: Annotated[str, Choice(("brown_conrady", "fisheye"))]
    coefficients: Annotated[tuple[float, ...], Vector(5, Number(-1000, 1000), least=4, animated=False)]

    @model_validator(mode="after")
    def _as_many_as_the_model_has(self) -> Distortion:
        if self.model == "fisheye" and len(self.coefficients) != 4:
            raise at_place(BadValueError("expected 4 numbers of a fisheye, k1 to k4, got 5", "coefficients"))
        return self


class Camera(Spec):
    """A camera looking along its -Z: a pinhole, or with an ``aperture`` a thin lens.

    The lens is ``fov`` (vertical degrees), or ``focal_length`` with ``sensor_width`` (millimetres;
    the width belongs to the picture's width), or ``intrinsics``; the last one that is not None
    rules, and ``fov`` where neither other is set. ``near`` is in metres. ``exposure`` in stops makes the picture
    brighter, on top of the finish's; ``ev100`` instead is that of a camera with a light meter: at EV100 0 a
    surface of 1.2 nits is white, at each step more it takes twice as many.

    With an ``aperture``, the f-number N, the opening of the lens is as wide as the focal length, of a sensor
    ``sensor_width`` wide, over N. Sharp is what lies ``focus_distance`` metres along -Z, or as far as the origin of
    the node ``focus_on``; what lies elsewhere is a disc. Labels are those of the lens's centre, and sharp. The preset
    ``draft`` takes the lens for a pinhole. A ``distortion`` bends straight lines, in colour and labels alike.
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
    aperture: Annotated[float | Keys, Number(0.01, 1e6)] | None = None
    focus_distance: Annotated[float | Keys, Number(1e-3, FARTHEST, "metres")] | None = None
    focus_on: NodePath | None = None
    distortion: Distortion | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> Camera:
        check_motion(self)
        lenses = [name for name in ("fov", "focal_length", "intrinsics") if name in self.model_fields_set]
        if len(lenses) > 1:
            raise at_place(BadValueError(f"expected one lens, got {' and '.join(lenses)}", lenses[-1]))
        if "sensor_width" in self.model_fields_set and self.focal_length is None and self.aperture is None:
            raise at_place(
                BadValueError("expected a focal_length or an aperture to go with it, got none", "sensor_width")
            )
        if "exposure" in self.model_fields_set and self.ev100 is not None:
            raise at_place(BadValueError("expected exposure or ev100, got both", "ev100"))
        self._check_focus()
        return self

    def _check_focus(self) -> None:
        focus = [name for name in ("focus_distance", "focus_on") if getattr(self, name) is not None]
        if len(focus) > 1:
            raise at_place(BadValueError("expected focus_distance or focus_on, got both", "focus_on"))
        if self.aperture is not None and not focus:
            raise at_place(BadValueError("expected a focus_distance or focus_on to go with it, got none", "aperture"))
        if focus and self.aperture is None:
            raise at_place(BadValueError("expected an aperture to go with it, got none", focus[0]))


def check_motion(carrier: Spec) -> None:
    """Refuse two rules for one thing: where it is, and how it is turned."""
    for names in (("position", "orbit", "follow", "place"), ("rotation", "look_at")):
        given = [name for name in names if name in carrier.model_fields_set and getattr(carrier, name) is not None]
        if len(given) > 1:
            raise at_place(BadValueError(f"expected one of {', '.join(names)}, got {' and '.join(given)}", given[-1]))
