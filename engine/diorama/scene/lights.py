"""The lights of a scene over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diorama.errors import SceneError, expected
from diorama.scene.channel import Floats, Rows
from diorama.scene.constraints import axes_of
from diorama.scene.schema import Point, Spot, Sun
from diorama.scene.shot import POINT, SPOT, SUN, LightBatch
from diorama.scene.values import channel

_KINDS = {Sun: SUN, Point: POINT, Spot: SPOT}
MOST_LIGHTS = 4096
"""How many lights are counted by every pixel; drivers end a shader's loops, without a word, at 65,536 rounds."""

_DOWN = (0.0, -1.0, 0.0)


class Lights:
    """L lights, each on a row of the hierarchy that places it; ``places`` name them in errors."""

    def __init__(self, lights: Sequence[Sun | Point | Spot], rows: Rows, places: Sequence[str]) -> None:
        if len(lights) > MOST_LIGHTS:
            raise SceneError(expected(f"at most {MOST_LIGHTS} lights", len(lights)), place="lights")
        self._rows = rows
        self._kind = np.array([_KINDS[type(light)] for light in lights], np.int32)
        self._casts_shadow = np.array([getattr(light, "cast_shadow", False) for light in lights], np.bool_)
        # a light that looks at something shines along its row's -Z, any other along its direction there
        self._aimed = np.array([getattr(light, "look_at", None) is not None for light in lights], np.bool_)
        strength = [light.illuminance if isinstance(light, Sun) else light.intensity for light in lights]
        self._color = channel([light.color for light in lights], 3, _named(places, "color"))
        self._strength = channel(strength, 1, _named(places, "intensity"))
        directions = [getattr(light, "direction", _DOWN) for light in lights]
        self._direction = channel(directions, 3, _named(places, "direction"))
        inner, outer = ([getattr(light, name, 0.0) for light in lights] for name in ("inner_angle", "outer_angle"))
        self._inner = channel(inner, 1, _named(places, "inner_angle"), np.pi / 180.0)
        self._outer = channel(outer, 1, _named(places, "outer_angle"), np.pi / 180.0)

    def sample(self, world: Floats, time: float) -> LightBatch:
        """Return all lights at ``time`` in seconds, given the node-to-world matrices (P, 4, 4)."""
        matrices = world[self._rows]
        outer = self._outer.sample(time)[:, 0]
        return LightBatch(
            kind=self._kind,
            position=matrices[:, :3, 3],
            direction=self._directions(matrices, time),
            color=self._color.sample(time) * self._strength.sample(time),
            inner_angle=np.minimum(self._inner.sample(time)[:, 0], outer),
            outer_angle=outer,
            casts_shadow=self._casts_shadow,
        )

    def _directions(self, matrices: Floats, time: float) -> Floats:
        axes = axes_of(matrices)
        local = np.where(self._aimed[:, None], [0.0, 0.0, -1.0], self._direction.sample(time))
        turned = (axes @ local[:, :, None])[:, :, 0]
        length = np.linalg.norm(turned, axis=1, keepdims=True)
        # keys may lead a direction through zero
        return np.where(length > 1e-12, turned / np.maximum(length, 1e-12), _DOWN)


def _named(places: Sequence[str], name: str) -> list[str]:
    return [f"{place}.light.{name}" for place in places]
