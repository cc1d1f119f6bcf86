"""The lights of a scene over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from diorama.errors import SceneError, expected
from diorama.scene.channel import Channel, Floats, Rows
from diorama.scene.constraints import axes_of
from diorama.scene.hierarchy import LARGEST
from diorama.scene.schema import DiscLight, LightSource, Point, RectangleLight, SphereLight, Spot, Sun
from diorama.scene.schema.lights import SMALLEST
from diorama.scene.shot import DISC, POINT, RECTANGLE, SPHERE, SPOT, SUN, LightBatch
from diorama.scene.values import channel
from diorama.transform import look_at

_KINDS: dict[type, tuple[int, str]] = {
    Sun: (SUN, "illuminance"),
    Point: (POINT, "intensity"),
    Spot: (SPOT, "intensity"),
    SphereLight: (SPHERE, "luminance"),
    RectangleLight: (RECTANGLE, "luminance"),
    DiscLight: (DISC, "luminance"),
}
"""The kind in a :class:`LightBatch` that each model is, and its field that says how strong it is."""

MOST_LIGHTS = 4096
"""How many lights are counted by every pixel; drivers end a shader's loops, without a word, at 65,536 rounds."""

_DOWN = (0.0, -1.0, 0.0)
_RADIANS = np.pi / 180.0


class Lights:
    """L lights, each on a row of the hierarchy that places it; ``places`` name them in errors."""

    def __init__(self, lights: Sequence[LightSource], rows: Rows, places: Sequence[str]) -> None:
        if len(lights) > MOST_LIGHTS:
            raise SceneError(expected(f"at most {MOST_LIGHTS} lights", len(lights)), place="lights")
        self._rows, self._places = rows, [f"{place}.light" for place in places]
        self._kind = np.array([_KINDS[type(light)][0] for light in lights], np.int32)
        self._casts_shadow = np.array([light.cast_shadow for light in lights], np.bool_)
        # a light that looks at something shines along its row's -Z, any other along its direction there
        self._aimed = np.array([getattr(light, "look_at", None) is not None for light in lights], np.bool_)
        self._color = self._channel(lights, "color", (1.0, 1.0, 1.0))
        self._strength = self._channel(lights, [_KINDS[type(light)][1] for light in lights], (0.0,))
        self._direction = self._channel(lights, "direction", _DOWN)
        self._inner = self._channel(lights, "inner_angle", (0.0,), _RADIANS)
        self._outer = self._channel(lights, "outer_angle", (0.0,), _RADIANS)
        self._half_angle = self._channel(lights, "angle", (0.0,), _RADIANS / 2.0)
        self._radius = self._channel(lights, "radius", (0.0,))
        self._half_sides = self._channel(lights, "size", (0.0, 0.0), 0.5)

    def _channel(
        self, lights: Sequence[LightSource], names: str | Sequence[str], missing: tuple[float, ...], factor: float = 1.0
    ) -> Channel:
        """Return a field of all lights, by one name or by one for each; those without it have ``missing``."""
        every = [names] * len(lights) if isinstance(names, str) else names
        values = [getattr(light, name, missing) for light, name in zip(lights, every, strict=True)]
        places = [f"{place}.{name}" for place, name in zip(self._places, every, strict=True)]
        return channel(values, len(missing), places, factor)

    def sample(self, world: Floats, time: float) -> LightBatch:
        """Return all lights at ``time`` in seconds, given the node-to-world matrices (P, 4, 4)."""
        matrices = world[self._rows]
        axes, outer = axes_of(matrices), self._outer.sample(time)[:, 0]
        local = np.where(self._aimed[:, None], [0.0, 0.0, -1.0], self._direction.sample(time))
        frames = look_at(np.zeros(3), local)
        direction = _directions(axes, local)
        return LightBatch(
            kind=self._kind,
            position=matrices[:, :3, 3],
            direction=direction,
            color=self._color.sample(time) * self._strength.sample(time),
            inner_angle=np.minimum(self._inner.sample(time)[:, 0], outer),
            outer_angle=outer,
            casts_shadow=self._casts_shadow,
            size=self._sizes(matrices[:, :3, :3] @ frames, time),
            tangent=_tangents((axes @ frames[:, :, :1])[:, :, 0], direction),
        )

    def _sizes(self, stretched: Floats, time: float) -> Floats:
        """Return the sizes (L, 2), given what becomes of the axes (L, 3, 3) along width, height and direction."""
        sides = np.linalg.norm(stretched[:, :, :2], axis=1)
        volume, area = np.abs(np.linalg.det(stretched)), sides.prod(axis=1)
        evenly = np.where(self._kind == DISC, np.sqrt(area), np.cbrt(volume))[:, None]
        metres = self._radius.sample(time) * evenly + self._half_sides.sample(time) * sides
        if (metres > LARGEST).any():
            place = self._places[int(np.argmax(metres.max(axis=1)))]
            raise SceneError(f"expected a size up to {LARGEST:g} metres, got more", place=place)
        # the scale of a node may pass through zero
        least = np.where(self._kind >= SPHERE, SMALLEST, 0.0)[:, None]
        return np.asarray(np.maximum(metres, least) + self._half_angle.sample(time))


def _directions(axes: Floats, local: Floats) -> Floats:
    """Return directions (L, 3) of the nodes' spaces, whose ``axes`` (L, 3, 3) are unit ones, in the world."""
    turned = (axes @ local[:, :, None])[:, :, 0]
    length = np.linalg.norm(turned, axis=1, keepdims=True)
    # keys may lead a direction through zero
    return np.where(length > 1e-12, turned / np.maximum(length, 1e-12), _DOWN)


def _tangents(wanted: Floats, direction: Floats) -> Floats:
    """Return the unit vectors (L, 3) perpendicular to ``direction`` that are nearest to those ``wanted``."""
    across = wanted - np.sum(wanted * direction, axis=1, keepdims=True) * direction
    length = np.linalg.norm(across, axis=1, keepdims=True)
    return np.where(length > 1e-6, across / np.maximum(length, 1e-6), look_at(np.zeros(3), direction)[:, :, 0])
