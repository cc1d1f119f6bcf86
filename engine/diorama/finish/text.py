"""Lines of text as coverage, in the font that ships with Pillow (Aileron, which covers ASCII)."""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from diorama.errors import OptionError, expected

_PROBE = 100.0
_LARGEST = 1 << 24
"""Pixels of coverage that one text may take."""


@lru_cache(maxsize=8)
def text_coverage(text: str, line_height: float, outline: int = 0) -> NDArray[np.float32]:
    """Return how far text covers each pixel, (H, W) float32 in 0..1, lines centred; not to be written to.

    ``line_height`` is in pixels, from one line to the next. Letters are fatter by ``outline`` pixels
    all around, and so is the array. ``OptionError`` where the font has no such character.
    """
    check_characters(text)
    font = _font(line_height * _PROBE / _line_of_probe())
    ascent, _ = font.getmetrics()
    lines = text.split("\n")
    width = max(int(np.ceil(font.getlength(line))) for line in lines) + 2 + 2 * outline
    height = int(np.ceil(line_height * len(lines))) + 2 * outline
    if width * height > _LARGEST:
        raise OptionError(expected("a smaller or shorter text", f"{width} x {height} pixels"), place="title")
    image = Image.new("L", (width, height))
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        place = width / 2, outline + row * line_height + ascent
        draw.text(place, line, fill=255, font=font, anchor="ms", stroke_width=outline)
    coverage = np.asarray(image, np.float32) / np.float32(255)
    coverage.setflags(write=False)
    return coverage


def wrapped(text: str, line_height: float, width: float) -> str:
    """Return ``text`` with lines longer than ``width`` pixels broken between words."""
    font, lines = _font(line_height * _PROBE / _line_of_probe()), []
    for line in text.split("\n"):
        lines.append("")
        for word in line.split():
            longer = f"{lines[-1]} {word}".strip()
            if lines[-1] and font.getlength(longer) > width:
                lines.append(word)
            else:
                lines[-1] = longer
    return "\n".join(lines)


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(max(size, 1.0))
    assert isinstance(font, ImageFont.FreeTypeFont)
    # the other layout engine is not in every build of Pillow, and would place letters otherwise
    return font.font_variant(layout_engine=ImageFont.Layout.BASIC)


@cache
def _line_of_probe() -> float:
    return float(sum(_font(_PROBE).getmetrics()))


def check_characters(text: str, place: str = "") -> None:
    """Raise ``OptionError`` at ``place``, where none is given at a title, if the font has no such character."""
    font = _font(24.0)
    absent = bytes(font.getmask("\uffff"))
    for character in sorted(set(text) - {"\n", " "}):
        if bytes(font.getmask(character)) == absent:
            raise OptionError(
                expected("characters that the built-in font has", character), place=place or f"title {text!r}"
            )
