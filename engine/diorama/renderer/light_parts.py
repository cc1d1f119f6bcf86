"""Lights with a size as a few parts, each with shadow maps of its own: penumbrae of large lights need more than one.

Parts only tell what is in the way; how bright the light is, and its highlight, come from the whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.scene.shot import DISC, RECTANGLE, SKY, SUN, LightBatch

Floats: TypeAlias = NDArray[np.float64]

_SMALL_SUN = np.radians(1.0)
"""Half the angle of a sun up to which one map does: the real one's is 0.27 degrees."""

_INWARD = 0.62
"""How far out in a ball its parts lie, of its radius: seen from any side they spread evenly over its disc."""

_GOLDEN = np.pi * (3.0 - np.sqrt(5.0))


@dataclass(frozen=True, eq=False)
class Part:
    """Where a part of a light is (3,), the way it shines (3,), and its radius: metres, or radians of a sun."""

    position: Floats
    direction: Floats
    radius: float


def parts_of(lights: LightBatch, row: int, count: int) -> Iterator[Part]:
    """Yield ``count`` (a square number) parts of light ``row``, one where it has no size or is a small sun."""
    kind, size = int(lights.kind[row]), lights.size[row]
    position, direction = lights.position[row], lights.direction[row]
    if count == 1 or kind == SKY or not size.any() or (kind == SUN and size[0] <= _SMALL_SUN):
        yield Part(position, direction, float(np.sqrt(size[0] * size[1])))
        return
    width, height = lights.tangent[row], np.cross(direction, lights.tangent[row])
    radius = float(np.sqrt(size[0] * size[1])) / np.sqrt(count)
    for number in range(count):
        if kind == RECTANGLE:
            side = int(np.sqrt(count))
            x, y = ((np.array(divmod(number, side)) + 0.5) / side * 2.0 - 1.0) * size
            yield Part(position + width * x + height * y, direction, radius)
        elif kind in (DISC, SUN):
            x, y = _on_disc(number, count) * size[0]
            off = width * x + height * y
            turned = direction + np.tan(np.linalg.norm(off)) / max(float(np.linalg.norm(off)), 1e-12) * off
            place = position if kind == SUN else position + off
            yield Part(place, turned / np.linalg.norm(turned) if kind == SUN else direction, radius)
        else:
            yield Part(position + _on_ball(number, count) * (_INWARD * size[0]), direction, radius)


def _on_disc(number: int, count: int) -> Floats:
    """Return place ``number`` of ``count`` spread evenly over the unit disc (Vogel 1979), (2,)."""
    angle = number * _GOLDEN
    return np.asarray(np.sqrt((number + 0.5) / count) * np.array([np.cos(angle), np.sin(angle)]))


def _on_ball(number: int, count: int) -> Floats:
    """Return place ``number`` of ``count`` spread evenly over the unit sphere, (3,)."""
    y = 1.0 - (2.0 * number + 1.0) / count
    level, angle = np.sqrt(1.0 - y * y), number * _GOLDEN
    return np.array([level * np.cos(angle), y, level * np.sin(angle)])
