"""Option texts into values; every refusal is one :class:`OptionError` that names its option."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from diorama.errors import OptionError, expected
from diorama.frame import known_passes

SIDE_MAX = 16384
"""Pixels; the largest texture side that OpenGL 4.5 drivers agree on."""

_SIZE = re.compile(r"(\d{1,6})[xX](\d{1,6})", re.ASCII)
_FRAMES = re.compile(r"(\d{0,9}):(\d{0,9})", re.ASCII)
_SHARD = re.compile(r"(\d{1,9})/(\d{1,9})", re.ASCII)
_SECONDS = re.compile(r"(\d+(?:\.\d*)?|\.\d+)s", re.ASCII)
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
_SETTING = re.compile(r"([^=\s]+)=(.*)", re.DOTALL)


@dataclass(frozen=True)
class Moment:
    """A point of a clip: either ``seconds`` or a ``frame`` number is set."""

    seconds: float | None = None
    frame: int | None = None

    def at(self, fps: float) -> float:
        """Return the moment in seconds for a clip of ``fps`` frames a second."""
        return self.seconds if self.seconds is not None else (self.frame or 0) / fps


def one_of(option: str, text: str, choices: Sequence[str]) -> str:
    """Return ``text`` if it is one of ``choices``."""
    if text not in choices:
        raise OptionError(expected(f"one of {', '.join(choices)}", text), place=option)
    return text


def whole(option: str, text: str, low: int, high: int) -> int:
    """Return a whole number from ``low`` to ``high``."""
    number = int(text) if re.fullmatch(r"\d{1,20}", text, re.ASCII) else -1
    if not low <= number <= high:
        raise OptionError(expected(f"a whole number from {low} to {high}", text), place=option)
    return number


def size(text: str) -> tuple[int, int]:
    """Return (width, height) in pixels from ``1280x720``."""
    match = _SIZE.fullmatch(text)
    sides = (int(match[1]), int(match[2])) if match else (0, 0)
    if not all(1 <= side <= SIDE_MAX for side in sides):
        raise OptionError(
            expected(f"WIDTHxHEIGHT in pixels, each from 1 to {SIDE_MAX}, as 1280x720", text), place="--size"
        )
    return sides


def frames(text: str, count: int) -> range:
    """Return the frames of ``A:B`` (A to B-1; an empty side is the clip's end) of a clip of ``count``."""
    match = _FRAMES.fullmatch(text)
    first, end = (int(match[1] or 0), int(match[2] or count)) if match else (0, 0)
    if not 0 <= first < end <= count:
        raise OptionError(
            expected(f"A:B with 0 <= A < B <= {count}, the clip's frame count, as 0:{count}", text), place="--frames"
        )
    return range(first, end)


def moment(text: str) -> Moment:
    """Return the moment that ``2.5s`` or a frame number, ``60`` or ``60f``, names."""
    if seconds := _SECONDS.fullmatch(text):
        return Moment(seconds=float(seconds[1]))
    if _NUMBER.fullmatch(text.removesuffix("f")):
        return Moment(frame=int(text.removesuffix("f")))
    raise OptionError(expected("seconds as 2.5s, or a frame number as 60", text), place="--at")


def shard(text: str) -> tuple[int, int]:
    """Return I and N of ``I/N``."""
    match = _SHARD.fullmatch(text)
    index, shards = (int(match[1]), int(match[2])) if match else (0, 0)
    if not index < shards:
        raise OptionError(expected("I/N with 0 <= I < N, as 0/4", text), place="--shard")
    return index, shards


def moment_of(text: str, count: int, fps: float) -> float:
    """Return the seconds that ``text`` means in a clip of ``count`` frames, ``fps`` a second."""
    found = moment(text)
    if found.frame is not None and found.frame >= count:
        raise OptionError(expected(f"a frame from 0 to {count - 1}", text), place="--at")
    if found.seconds is not None and found.seconds > count / fps:
        raise OptionError(expected(f"a time from 0s to {count / fps:g}s", text), place="--at")
    return found.at(fps)


def settings(texts: Iterable[str]) -> dict[str, str]:
    """Return path and value text of every ``path=value``; a path is given once."""
    found: dict[str, str] = {}
    for text in texts:
        match = _SETTING.fullmatch(text)
        if not match:
            raise OptionError(expected("path=value, as params.hue=0.3", text), place="--set")
        if match[1] in found:
            raise OptionError(f"expected each path once, got {match[1]!r} twice", place="--set")
        found[match[1]] = match[2]
    return found


def refiner(no_refine: bool, folder: Path | None) -> bool | Path:
    """Return the refiner that ``--no-refine`` and ``--refiner`` ask for, as a studio takes it."""
    if no_refine and folder is not None:
        raise OptionError("expected one of --refiner and --no-refine, got both", place="--no-refine")
    return not no_refine if folder is None else folder


def passes(text: str) -> tuple[str, ...]:
    """Return the pass names of a list parted by commas, in the order of the pass table."""
    names = [name.strip() for name in text.split(",")]
    try:
        return known_passes(names)
    except OptionError as error:
        raise OptionError(error.message, place="--passes") from None
