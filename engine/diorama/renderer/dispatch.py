"""How the full-screen compute programs are built and run: their work groups and their variants."""

from __future__ import annotations

from diorama.gl import bindings

GROUP = (32, 4)
"""Pixels a work group of the full-screen shaders covers."""


def dispatch_size(width: int, height: int) -> tuple[int, int]:
    """Return how many groups cover a picture."""
    return -(-width // GROUP[0]), -(-height // GROUP[1])


def buckets_variant(count: int) -> int:
    """Return the number of picture arrays a program is built for: few variants, none too small."""
    return next(size for size in (0, 1, 2, 3, bindings.MATERIAL_BUCKETS) if size >= count)
