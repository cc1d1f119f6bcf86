"""What a command says beside its work: how fast it was, what drew the pictures, what is not as it might seem."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diorama.gl.context import ContextInfo

MOST_NOTES = 20
"""How many notes on a scene's models are printed."""


def say(message: str) -> None:
    """Print one line on standard error, in which whatever would steer a terminal is spelled out."""
    line = "; ".join(part.strip() for part in message.splitlines() if part.strip())
    shown = "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in line)
    print(f"diorama: {shown}", file=sys.stderr)


def speed(frames: int, seconds: float) -> str:
    """Return how many frames took how long."""
    rate = frames / seconds if seconds > 0 else 0.0
    return f"{frames} frames in {seconds:.1f} s, {rate:.1f} frames/s"


def drawn_by(device: ContextInfo, refined: bool) -> str:
    """Return which device drew the pictures, and whether the refiner had a part in them."""
    kind = "software" if device.software else "GPU"
    return f"on {device.renderer} ({kind}), {'refined' if refined else 'not refined'}"


def warn_of(device: ContextInfo) -> None:
    """Say on standard error where a better device is there and was not used."""
    if device.advice:
        print(f"diorama: {device.advice}", file=sys.stderr)


def warn_of_notes(notes: Sequence[str]) -> None:
    """Say on standard error what of a scene's models is not shown."""
    for note in notes[:MOST_NOTES]:
        say(note)
    if len(notes) > MOST_NOTES:
        say(f"and {len(notes) - MOST_NOTES} more that is not shown")
