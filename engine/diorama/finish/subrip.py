"""Subtitles as SubRip files (.srt) state them: a number, a span of time, lines of text, an empty line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from diorama.errors import AssetError, expected
from diorama.reading import read_bytes

LARGEST = 2**24
"""The most bytes of a file of subtitles."""

_TIME = r"(\d{1,3}):([0-5]\d):([0-5]\d)[,.](\d{3})"
_SPAN = re.compile(rf"\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?", re.ASCII)
_STYLE = re.compile(r"</?(?:[biu]|font)(?:\s[^>]*)?>|\{\\[^}]*\}", re.IGNORECASE)
_PLAIN = str.maketrans({"‘": "'", "–": "-", "—": "-", "\N{NO-BREAK SPACE}": " ", "\t": " "})
"""Characters that the built-in font lacks and text can do without."""


@dataclass(frozen=True)
class Cue:
    """Text that is shown from ``start`` until ``end``, in seconds; ``line`` of its file is where it begins."""

    start: float
    end: float
    text: str
    line: int


def read_subtitles(name: str) -> tuple[Cue, ...]:
    """Return the cues of a SubRip file in its order, read again only after it has changed.

    Styles (``<i>``, ``<font …>``, those in braces) are left out. ``AssetError`` names file, line and what was expected.
    """
    path = Path(name).absolute()
    return _read(path, path.stat().st_mtime_ns if path.is_file() else 0)


@lru_cache(maxsize=4)
def _read(path: Path, changed: int) -> tuple[Cue, ...]:
    data = read_bytes(path, "file of subtitles", str(path))
    if len(data) > LARGEST:
        raise AssetError(expected(f"at most {LARGEST} bytes of subtitles", len(data)), place=str(path))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise AssetError(expected("UTF-8 text", data[error.start : error.start + 1]), place=f"{path}:{line}") from None
    return tuple(parse_subtitles(text, str(path)))


def parse_subtitles(text: str, place: str) -> Iterator[Cue]:
    """Yield the cues of a SubRip text; ``AssetError`` at ``place`` and line where it is none."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    number = 0
    while number < len(lines):
        if not lines[number].strip():
            number += 1
            continue
        first = number
        if not lines[number].strip().isdecimal():
            raise _wrong("the number of a subtitle", lines, number, place)
        start, end = _span(lines, number + 1, place)
        number += 2
        while number < len(lines) and lines[number].strip():
            number += 1
        said = [_STYLE.sub("", line).translate(_PLAIN).strip() for line in lines[first + 2 : number]]
        if any(said):
            yield Cue(start, end, "\n".join(filter(None, said)), first + 1)


def _span(lines: list[str], number: int, place: str) -> tuple[float, float]:
    """Return the seconds that line ``number`` names."""
    match = _SPAN.fullmatch(lines[number]) if number < len(lines) else None
    if match is None:
        raise _wrong("a span '00:00:01,000 --> 00:00:02,500'", lines, number, place)
    parts = [int(part) for part in match.groups()]
    start, end = (3600 * h + 60 * m + s + ms / 1000 for h, m, s, ms in (parts[:4], parts[4:]))
    if end <= start:
        raise _wrong("a span that ends after it starts", lines, number, place)
    return start, end


def _wrong(wanted: str, lines: list[str], number: int, place: str) -> AssetError:
    got = lines[number].strip() if number < len(lines) else "the end of the file"
    return AssetError(expected(wanted, got), place=f"{place}:{min(number, len(lines) - 1) + 1}")
