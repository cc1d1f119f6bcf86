"""How a command is stopped from outside: SIGTERM ends it as Ctrl-C does, and nothing half-written is left."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 128 + signal.SIGTERM
"""The exit code that a shell gives to what SIGTERM has ended."""


class Terminated(SystemExit):
    """SIGTERM has come; raised wherever the command stands, so that all ``finally`` blocks run."""


@contextmanager
def terminable() -> Iterator[None]:
    """Raise :class:`Terminated` at a SIGTERM in this block, unless the program around it has its own way with it."""
    ours = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    if ours:
        signal.signal(signal.SIGTERM, _stop)
    try:
        yield
    finally:
        if ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _stop(number: int, frame: FrameType | None) -> None:
    """Raise once: a second one, as some send who wait for the end, would cut the tidying short."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise Terminated(TERMINATED)
