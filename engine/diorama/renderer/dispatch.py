"""How the full-screen compute programs are built and run: their work groups and their variants."""

from __future__ import annotations

import moderngl

from diorama.gl import bindings

GROUP = (32, 4)
"""Pixels a work group of the full-screen shaders covers."""


def dispatch_size(width: int, height: int) -> tuple[int, int]:
    """Return how many groups cover a picture."""
    return -(-width // GROUP[0]), -(-height // GROUP[1])


def buckets_variant(count: int) -> int:
    """Return the number of picture arrays a program is built for: few variants, none too small."""
    return next(size for size in (0, 1, 2, 3, bindings.MATERIAL_BUCKETS) if size >= count)


def turns_variant(turn: int | None) -> dict[str, int]:
    """Return the define of a program that draws by chance anew in every ``turn``, if any is counted."""
    return {} if turn is None else {"TURNS": 1}


def set_turn(program: moderngl.ComputeShader, turn: int | None) -> None:
    """Tell a program built for turns which it is; one that draws nothing by chance has forgotten the name."""
    if turn is not None and "turn_number" in program:
        program["turn_number"] = turn
