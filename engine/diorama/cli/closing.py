"""What a command says when it is done: how fast it was, and what drew the pictures."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diorama.gl.context import ContextInfo


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
