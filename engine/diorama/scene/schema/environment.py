"""Light from infinity: a picture, one colour, a gradient from ground to zenith, or a physical sky."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import StrictBool, model_validator

from diorama.material.clear_sky import LOWEST_SUN
from diorama.scene.schema.check import BadValueError
from diorama.scene.schema.keys import Keys
from diorama.scene.schema.model import Spec, at_place
from diorama.scene.schema.numbers import Number
from diorama.scene.schema.values import Albedo, Angle, Choice, File, Light, Radiance

Elevation: TypeAlias = Annotated[float | Keys, Number(LOWEST_SUN, 90, "degrees")]
Turbidity: TypeAlias = Annotated[float | Keys, Number(1, 10)]

ENVIRONMENT_SUFFIXES = (".exr", ".hdr", ".png", ".jpg", ".jpeg")
"""The pictures that an environment takes, in equirectangular layout."""


class Gradient(Spec):
    """Three colours at +Y, the horizon and -Y; linear in the sine of the elevation between them."""

    zenith: Radiance
    horizon: Radiance
    ground: Radiance


class Sky(Spec):
    """The clear sky of a day and its sun, which casts shadows, as bright as they are: set the exposure to it.

    The sun stands ``elevation`` degrees above the horizon (-6 is the end of twilight) and ``azimuth``
    degrees from -Z towards +X. ``turbidity`` is the haze: 1 none at all, 2 very clear, 3 clear, 6
    hazy, 10 thick. ``ground`` is the colour of what lies below the horizon, lit by this sky. The
    sun's disc is not in the picture.
    """

    elevation: Elevation
    azimuth: Angle = 0.0
    turbidity: Turbidity = 2.0
    ground: Albedo = (0.2, 0.2, 0.2)


class Environment(Spec):
    """What is seen and lights where nothing is: exactly one of ``image``, ``color``, ``gradient`` and ``sky``.

    Values times ``intensity`` are nits; ``rotation`` turns picture and sky about +Y in degrees.
    ``visible`` shows it behind the scene; ``extract_sun`` moves the sun out of a picture into a
    light with shadows, ``auto`` where the picture has one.
    """

    image: Annotated[str, File("an environment picture", ENVIRONMENT_SUFFIXES)] | None = None
    color: Radiance | None = None
    gradient: Gradient | None = None
    sky: Sky | None = None
    intensity: Light = 1.0
    rotation: Angle = 0.0
    visible: StrictBool = True
    extract_sun: Annotated[bool | Literal["auto"], Choice((True, False, "auto"))] = "auto"

    @model_validator(mode="after")
    def _one_source(self) -> Environment:
        sources = ("image", "color", "gradient", "sky")
        given = [name for name in sources if getattr(self, name) is not None]
        if len(given) != 1:
            got = " and ".join(given) or "none"
            raise at_place(BadValueError(f"expected one of {', '.join(sources)}, got {got}", *given[1:2]))
        return self
