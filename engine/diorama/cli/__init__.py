"""The command ``diorama``: thin commands over the package's public functions."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from diorama.cli.ending import TERMINATED, Terminated, terminable

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; ``arguments`` default to those of the process."""
    try:
        with terminable():
            # half a second of imports, in which Ctrl-C may come as well
            from diorama.cli.application import run

            return run(arguments)
    except KeyboardInterrupt:
        print("diorama: interrupted", file=sys.stderr)
        return 130
    except Terminated:
        print("diorama: terminated", file=sys.stderr)
        return TERMINATED
