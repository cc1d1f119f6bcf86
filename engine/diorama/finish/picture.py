"""The last step of a frame: from scene-linear light to the 8-bit picture that the video shows.

The order is that of a camera. The lens parts colours, darkens corners and scatters light; the
sensor counts what arrives, which is why noise comes before the white balance that amplifies it;
development and grade work on what was counted, and the tone curve brings it into 0..1. What is laid
over the picture was never in front of the lens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from diorama.errors import OptionError, expected
from diorama.finish.animated import value_at
from diorama.finish.bloom import Bloom
from diorama.finish.encode import encode_srgb
from diorama.finish.grade import contrasted, saturated, white_balance
from diorama.finish.lens import parted, parted_cover, vignette
from diorama.finish.noise import SensorNoise, grain
from diorama.finish.overlay import draw_overlay
from diorama.finish.primaries import mixed
from diorama.finish.subtitles import draw_subtitles
from diorama.finish.title import draw_title
from diorama.finish.tone import CURVES, clip_light
from diorama.finish.transparency import straight, with_alpha, with_glow
from diorama.scene.schema import Finish
from diorama.scene.schema.finish import DAYLIGHT

Floats: TypeAlias = NDArray[np.float32]

Step: TypeAlias = Callable[[Floats, slice], Floats]
"""Takes light (R, W, 3) of some rows of the picture, and which rows they are."""

_ROWS = 32
"""Rows worked on at a time, so that intermediate values stay in the processor's cache."""


def finish(
    color: Floats,
    settings: Finish,
    *,
    time: float = 0.0,
    alpha: Floats | None = None,
    exposure: float | None = None,
    seed: int = 0,
    frame: int = 0,
) -> NDArray[np.uint8]:
    """Return the (H, W, 3) sRGB picture of (H, W, 3) linear Rec.709 radiance, at ``time`` in seconds.

    Where ``alpha`` is given, the coverage (H, W) through which the light of ``color`` reaches the
    pixels, the picture is (H, W, 4) with straight alpha, and titles and glow cover what was clear.

    Light is scaled by ``exposure``, where it is not given by the settings', goes through lens, sensor
    and grade, is brought into 0..1 by the tone curve (``none``: clipped) and rounded to 8-bit sRGB;
    overlays, subtitles and titles go on top. NaN counts as black and infinity as white. ``seed``
    is the scene's and ``frame`` the picture's number: noise and grain are drawn by them.
    """
    if color.ndim != 3 or color.shape[2] != 3:
        raise OptionError(expected("light of shape (H, W, 3)", color.shape), place="finish")
    now = _Now(settings, time, seed, frame, color.shape[:2])
    gain = np.float32(2.0 ** now.value("exposure") if exposure is None else exposure)
    glow = None
    if now.lens:
        color, glow, alpha = _through_lens(_scaled(color, gain), alpha, now)
        gain = np.float32(1)
    if alpha is not None:
        color = straight(color, alpha)
    develop = [*now.sensor(), *now.grade()]
    image = _quantised(color if glow is None else color + glow, gain, develop, settings)
    if alpha is not None:
        image = with_alpha(image, alpha)
        if glow is not None:
            image = with_glow(image, _quantised(glow, gain, list(now.grade()), settings))
    _lay_over(image, settings, time)
    return image


@dataclass(frozen=True)
class _Now:
    """The settings of a finish at one time, for one frame of ``size`` (H, W)."""

    settings: Finish
    time: float
    seed: int
    frame: int
    size: tuple[int, int]

    def value(self, *path: str) -> float:
        """Return a number of the settings."""
        found: object = self.settings
        for name in path:
            found = getattr(found, name)
        return float(value_at(found, self.time)[0])

    @property
    def lens(self) -> bool:
        """Whether the lens does anything to light."""
        return any(self.value(name) != 0.0 for name in ("chromatic_aberration", "vignette")) or self.bloom is not None

    @property
    def bloom(self) -> Bloom | None:
        """The glow in pixels; None where there is none."""
        if self.settings.bloom is None or self.value("bloom", "strength") == 0.0:
            return None
        radius = self.value("bloom", "radius") * self.size[0]
        return Bloom(self.value("bloom", "strength"), radius, self.value("bloom", "threshold"))

    def sensor(self) -> Iterator[Step]:
        """Yield what happens where light is counted."""
        if self.settings.noise is not None:
            electrons = self.value("noise", "full_well") * 100.0 / self.value("noise", "iso")
            read_noise = self.value("noise", "read_noise")
            noise = SensorNoise(self.seed, self.frame, electrons=electrons, read_noise=read_noise)
            yield lambda light, rows: noise.add(light)
        if self.settings.grain is not None and (strength := self.value("grain", "strength")) > 0.0:
            blur = self.value("grain", "size") * self.size[0]
            factors = grain(self.seed, self.frame, self.size, strength=strength, blur=blur)
            yield lambda light, rows: light * factors[rows]

    def grade(self) -> Iterator[Step]:
        """Yield how what was counted is developed; what changes nothing is left out."""
        if self.settings.white_balance is not None:
            given = self.value("white_balance", "temperature"), self.value("white_balance", "tint")
            if given != (DAYLIGHT, 0.0):
                yield partial(_balanced, white_balance(*given))
        if (contrast := self.value("contrast")) != 1.0:
            yield lambda light, rows: clip_light(contrasted(light, contrast))
        if (saturation := self.value("saturation")) != 1.0:
            yield lambda light, rows: clip_light(saturated(light, saturation))


def _balanced(matrix: NDArray[np.float64], light: Floats, rows: slice) -> Floats:
    return clip_light(mixed(light, matrix))


def _scaled(color: Floats, gain: np.float32) -> Floats:
    """Return light times ``gain``, all of it finite and none negative."""
    with np.errstate(over="ignore"):
        return clip_light(color * gain)


def _through_lens(light: Floats, alpha: Floats | None, now: _Now) -> tuple[Floats, Floats | None, Floats | None]:
    """Return the light (H, W, 3) that stays where it fell, the glow (H, W, 3), and what is covered (H, W)."""
    if (shift := now.value("chromatic_aberration")) != 0.0:
        light, alpha = parted(light, shift), None if alpha is None else parted_cover(alpha, shift)
    if (loss := now.value("vignette")) != 0.0:
        light = light * vignette(*now.size, loss)
    if (bloom := now.bloom) is None:
        return light, None, alpha
    light, glow = bloom.split(light)
    return light, glow, alpha


def _quantised(color: Floats, gain: np.float32, steps: list[Step], settings: Finish) -> NDArray[np.uint8]:
    """Return light (H, W, 3) times ``gain`` as 8-bit sRGB, after the steps and the tone curve."""
    curve, image = CURVES[settings.tone], np.empty(color.shape, np.uint8)
    for top in range(0, len(color), _ROWS):
        rows = slice(top, top + _ROWS)
        light = _scaled(color[rows], gain)
        for step in steps:
            light = step(light, rows)
        image[rows] = encode_srgb(curve(light))
    return image


def _lay_over(image: NDArray[np.uint8], settings: Finish, time: float) -> None:
    """Lay on the picture what was never in front of the lens."""
    for overlay in settings.overlays:
        draw_overlay(image, overlay, time)
    if settings.subtitles is not None:
        draw_subtitles(image, settings.subtitles, time)
    for title in settings.titles:
        draw_title(image, title, time)
