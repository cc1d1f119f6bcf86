"""A physical sky over time: its picture, how it is turned, and the light of its sun."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from diorama.material.atmosphere import SUN_DIAMETER
from diorama.material.clear_sky import clear_sky, sun_illuminance
from diorama.scene.schema import Keys, Sky
from diorama.scene.shot import SUN, LightBatch, with_parallel
from diorama.scene.values import channel

_ROWS = 512
_KEPT = 4
"""Pictures of 6 MB that stay: a frame's neighbours in time are asked for again by the next frame."""


class Daylight:
    """A :class:`Sky` that can be asked for at any time."""

    def __init__(self, sky: Sky) -> None:
        place = "environment.sky"
        self.changes = any(isinstance(value, Keys) for value in (sky.elevation, sky.turbidity, sky.ground))
        """Whether one picture is not enough; the azimuth only turns it."""
        self._elevation = channel([sky.elevation], 1, [f"{place}.elevation"])
        self._azimuth = channel([sky.azimuth], 1, [f"{place}.azimuth"], np.pi / 180.0)
        self._turbidity = channel([sky.turbidity], 1, [f"{place}.turbidity"])
        self._ground = channel([sky.ground], 3, [f"{place}.ground"])

    def picture(self, time: float) -> NDArray[np.float32]:
        """Return the sky (H, W, 3) in nits at ``time`` in seconds, its sun at -Z; not to be written to."""
        red, green, blue = self._ground.sample(time)[0].tolist()
        return _picture(*self._sun(time), (red, green, blue))

    def azimuth(self, time: float) -> float:
        """Return the sun's azimuth at ``time`` in radians from -Z towards +X."""
        return float(self._azimuth.sample(time)[0, 0])

    def with_sun(self, lights: LightBatch, time: float, rotation: float, intensity: float) -> LightBatch:
        """Return ``lights`` and, behind them, the sun; ``rotation`` is that of the picture in radians about +Y."""
        elevation, turbidity = self._sun(time)
        height = np.radians(elevation)
        toward = [-np.cos(height) * np.sin(rotation), np.sin(height), -np.cos(height) * np.cos(rotation)]
        color = sun_illuminance(elevation, turbidity) * intensity
        return with_parallel(lights, SUN, -np.array([toward]), color[None], radius=SUN_DIAMETER / 2.0)

    def _sun(self, time: float) -> tuple[float, float]:
        return float(self._elevation.sample(time)[0, 0]), float(self._turbidity.sample(time)[0, 0])


@lru_cache(_KEPT)
def _picture(elevation: float, turbidity: float, ground: tuple[float, float, float]) -> NDArray[np.float32]:
    picture = clear_sky(elevation, turbidity, ground, _ROWS)
    picture.flags.writeable = False
    return picture
