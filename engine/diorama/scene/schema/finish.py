"""What happens to a picture at last: lens, sensor, development, tone curve, and what lies on top."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from diorama.scene.schema.keys import Keys
from diorama.scene.schema.model import Spec
from diorama.scene.schema.numbers import Number, Vec2, Vector
from diorama.scene.schema.values import Albedo, File, Fraction, Light, Seconds, Text, Time

OVERLAY_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
"""The pictures that can be laid over a video."""

DAYLIGHT = 6504.0
"""The colour temperature in kelvin of D65, the white of sRGB and Rec.709."""

OnPicture: TypeAlias = Annotated[Vec2 | Keys, Vector(2, Number(-1, 2))]
Height: TypeAlias = Annotated[float | Keys, Number(0, 1, "of the picture's height", above=True)]
Duration: TypeAlias = Annotated[float, Time(0.0, above=True)]


class Title(Spec):
    """A line of text over the picture.

    ``position`` is the middle of the text in fractions of the picture from its upper left corner,
    ``size`` the height of a line in fractions of the picture's height. It is shown from ``start``
    for ``duration`` seconds (to the end without one), fading in and out over ``fade`` seconds.
    """

    text: Annotated[str, Text("a text of 1 to 1000 characters")]
    start: Seconds = 0.0
    duration: Duration | None = None
    position: OnPicture = (0.5, 0.85)
    size: Height = 0.07
    color: Albedo = (1.0, 1.0, 1.0)
    fade: Seconds = 0.5


class Overlay(Spec):
    """A picture over the video, such as a logo; where it is transparent the video shows.

    ``position`` is its middle in fractions of the video's picture from the upper left corner, ``size``
    its height in fractions of that picture's height. ``opacity`` scales how far it covers. It is shown
    from ``start`` for ``duration`` seconds (to the end without one), fading over ``fade`` seconds.
    """

    image: Annotated[str, File("a picture", OVERLAY_SUFFIXES)]
    start: Seconds = 0.0
    duration: Duration | None = None
    position: OnPicture = (0.5, 0.5)
    size: Annotated[float | Keys, Number(0, 4, "of the picture's height", above=True)] = 0.2
    opacity: Fraction = 1.0
    fade: Seconds = 0.0


class Bloom(Spec):
    """Glow around what is bright: ``strength`` is the share of its light that spreads around it.

    It spreads up to ``radius``, in fractions of the picture's height. With a ``threshold`` only light
    above this luminance does, in units of display white after exposure; without one all light does.
    """

    strength: Fraction = 0.05
    radius: Height = 0.1
    threshold: Light = 0.0


class Noise(Spec):
    """A sensor's noise: that of the number of photons, and that of reading it out.

    ``full_well`` is how many electrons display white gives at ISO 100, ``read_noise`` the standard
    deviation of reading in electrons. At a higher ``iso`` there are fewer electrons for the same picture.
    """

    iso: Annotated[float | Keys, Number(1, 10_000_000)] = 800.0
    full_well: Annotated[float | Keys, Number(1, 1e9, "electrons")] = 40_000.0
    read_noise: Annotated[float | Keys, Number(0, 1e6, "electrons")] = 3.0


class Grain(Spec):
    """A film's grain: ``strength`` is the standard deviation in stops, alike in all colours.

    ``size`` is the standard deviation of a grain's blur in fractions of the picture's height.
    """

    strength: Annotated[float | Keys, Number(0, 4, "stops")] = 0.1
    size: Annotated[float | Keys, Number(0, 0.05, "of the picture's height")] = 0.001


class WhiteBalance(Spec):
    """The light that comes out white: its ``temperature`` in kelvin and ``tint``, as in raw converters.

    A temperature below 6504 K (daylight, which changes nothing) makes the picture bluer. ``tint`` takes
    green out, negative magenta; 3000 are 1 in CIE 1960 uv, away from the line of black bodies.
    """

    temperature: Annotated[float | Keys, Number(1500, 15_000, "kelvin")] = DAYLIGHT
    tint: Annotated[float | Keys, Number(-150, 150)] = 0.0


class Finish(Spec):
    """From light to the picture, in the order of a camera.

    ``exposure`` in stops; the lens: ``chromatic_aberration`` (by how much red is larger and blue smaller than
    green), ``vignette`` (the share of light lost in the corners, falling off as cos⁴), ``bloom``; the
    sensor: ``noise``, ``grain``; then ``white_balance``, ``contrast`` (an exponent around mid grey),
    ``saturation`` (0 is grey), the ``tone`` curve; and on top ``overlays``, the ``subtitles`` of a SubRip
    file, ``titles``.
    """

    tone: Literal["neutral", "agx", "aces", "none"] = "neutral"
    exposure: Annotated[float | Keys, Number(-50, 50, "stops")] = 0.0
    chromatic_aberration: Annotated[float | Keys, Number(-0.1, 0.1)] = 0.0
    vignette: Annotated[float | Keys, Number(0, 0.99)] = 0.0
    bloom: Bloom | None = None
    noise: Noise | None = None
    grain: Grain | None = None
    white_balance: WhiteBalance | None = None
    contrast: Annotated[float | Keys, Number(0, 10)] = 1.0
    saturation: Annotated[float | Keys, Number(0, 10)] = 1.0
    overlays: tuple[Overlay, ...] = ()
    subtitles: Annotated[str, File("a SubRip file", (".srt",))] | None = None
    titles: tuple[Title, ...] = ()
