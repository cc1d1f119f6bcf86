"""Light from infinity: a picture, one colour, or a gradient from ground to zenith."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StrictBool, model_validator

from diorama.scene.schema.check import BadValueError
from diorama.scene.schema.model import Spec, at_place
from diorama.scene.schema.values import Angle, Choice, File, Light, Radiance

ENVIRONMENT_SUFFIXES = (".exr", ".hdr", ".png", ".jpg", ".jpeg")
"""The pictures that an environment takes, in equirectangular layout."""


class Gradient(Spec):
    """Three colours at +Y, the horizon and -Y; linear in the sine of the elevation between them."""

    zenith: Radiance
    horizon: Radiance
    ground: Radiance


class Environment(Spec):
    """What is seen and lights where nothing is: exactly one of ``image``, ``color`` and ``gradient``.

    Values times ``intensity`` are nits; ``rotation`` turns the picture about +Y in degrees.
    ``visible`` shows it behind the scene; ``extract_sun`` moves the sun out of a picture into a
    light with shadows, ``auto`` where the picture has one.
    """

    image: Annotated[str, File("an environment picture", ENVIRONMENT_SUFFIXES)] | None = None
    color: Radiance | None = None
    gradient: Gradient | None = None
    intensity: Light = 1.0
    rotation: Angle = 0.0
    visible: StrictBool = True
    extract_sun: Annotated[bool | Literal["auto"], Choice((True, False, "auto"))] = "auto"

    @model_validator(mode="after")
    def _one_source(self) -> Environment:
        sources = ("image", "color", "gradient")
        given = [name for name in sources if getattr(self, name) is not None]
        if len(given) != 1:
            got = " and ".join(given) or "none"
            raise at_place(BadValueError(f"expected one of {', '.join(sources)}, got {got}", *given[1:2]))
        return self
