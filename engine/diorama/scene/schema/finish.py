"""What happens to a picture at last: exposure, tone curve, titles."""

from __future__ import annotations

from typing import Annotated, Literal

from diorama.scene.schema.keys import Keys
from diorama.scene.schema.model import Spec
from diorama.scene.schema.numbers import Number, Vec2, Vector
from diorama.scene.schema.values import Albedo, Seconds, Text, Time


class Title(Spec):
    """A line of text over the picture.

    ``position`` is the middle of the text in fractions of the picture from its upper left corner,
    ``size`` the height of a line in fractions of the picture's height. It is shown from ``start``
    for ``duration`` seconds (to the end without one), fading in and out over ``fade`` seconds.
    """

    text: Annotated[str, Text("a text of 1 to 1000 characters")]
    start: Seconds = 0.0
    duration: Annotated[float, Time(0.0, above=True)] | None = None
    position: Annotated[Vec2 | Keys, Vector(2, Number(-1, 2))] = (0.5, 0.85)
    size: Annotated[float | Keys, Number(0, 1, "of the picture's height", above=True)] = 0.07
    color: Albedo = (1.0, 1.0, 1.0)
    fade: Seconds = 0.5


class Finish(Spec):
    """The grade: ``exposure`` in stops, then the ``tone`` curve, then the ``titles``."""

    tone: Literal["neutral", "none"] = "neutral"
    exposure: Annotated[float | Keys, Number(-50, 50, "stops")] = 0.0
    titles: tuple[Title, ...] = ()
