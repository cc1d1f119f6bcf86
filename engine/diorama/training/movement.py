"""How things move during a clip: the fast ones a few pixels a frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from diorama.scene.node import Node
from diorama.scene.schema import Keys

Movement: TypeAlias = Callable[[Node, Generator], None]
"""Animates a node, or leaves it where it is."""


def for_training(seconds: float) -> Movement:
    """Return the movements of training clips: sliding, turning, growing, or none."""

    def move(node: Node, random: Generator) -> None:
        kind = random.choice(["slide", "turn", "grow", "rest"])
        if kind == "slide":
            _along(node, random, seconds, float(random.uniform(0.1, 0.6)))
        elif kind == "turn":
            start = float(random.uniform(0, 360))
            node.keys("rotation", {0: (0, start, 0), seconds: (0, start + float(random.uniform(-60, 60)), 0)})
        elif kind == "grow":
            size = _vector(node.spec.scale)
            goal = tuple(side * float(random.uniform(1.05, 1.3)) for side in size)
            node.keys("scale", {0: size, seconds: goal}, ease="in_out_sine")

    return move


def for_judging(seconds: float) -> Movement:
    """Return the movements of the clips to judge by: hopping, and sliding there and back."""

    def move(node: Node, random: Generator) -> None:
        x, y, z = _vector(node.spec.position)
        if random.random() < 0.5:
            node.keys("position", {0: (x, y, z), seconds / 2: (x, y + 0.25, z), seconds: (x, y, z)}, ease="out_quad")
        else:
            far = float(random.uniform(0.1, 0.4))
            node.keys("position", {0: (x, y, z), seconds / 2: (x + far, y, z), seconds: (x, y, z)})

    return move


def _along(node: Node, random: Generator, seconds: float, metres: float) -> None:
    x, y, z = _vector(node.spec.position)
    share = float(random.uniform(-1, 1))
    goal = (x + metres * share, y, z + metres * (1 - abs(share)))
    node.keys("position", {0: (x, y, z), seconds: goal})


def _vector(value: object) -> tuple[float, float, float]:
    """Return a field that is not animated yet."""
    assert not isinstance(value, Keys), "a node is moved once"
    x, y, z = np.asarray(value, np.float64).tolist()
    return x, y, z
