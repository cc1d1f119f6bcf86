"""The command ``diorama``: thin commands over the package's public functions."""

from diorama.cli.application import main

__all__ = ["main"]
