"""The last step of a frame: from scene-linear light to the 8-bit picture that the video shows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama.errors import OptionError, expected
from diorama.finish.animated import value_at
from diorama.finish.encode import encode_srgb
from diorama.finish.title import draw_title
from diorama.finish.tone import clip_light, neutral
from diorama.finish.transparency import straight, with_alpha
from diorama.scene.schema import Finish

_ROWS = 32
"""Rows worked on at a time, so that intermediate values stay in the processor's cache."""


def finish(
    color: NDArray[np.float32], settings: Finish, *, time: float = 0.0, alpha: NDArray[np.float32] | None = None
) -> NDArray[np.uint8]:
    """Return the (H, W, 3) sRGB picture of (H, W, 3) linear Rec.709 radiance, at ``time`` in seconds.

    Where ``alpha`` is given, the coverage (H, W) through which the light of ``color`` reaches the
    pixels, the picture is (H, W, 4) with straight alpha, and titles cover what was clear.

    Light is scaled by 2 to the power of the exposure in stops, brought into 0..1 by the tone
    curve (``neutral``, or ``none``: clipped), rounded to 8-bit sRGB, and the titles go on top.
    NaN counts as black and infinity as white.
    """
    if color.ndim != 3 or color.shape[2] != 3:
        raise OptionError(expected("light of shape (H, W, 3)", color.shape), place="finish")
    gain = np.float32(2.0 ** float(value_at(settings.exposure, time)[0]))
    if alpha is not None:
        color = straight(color, alpha)
    image = np.empty(color.shape, np.uint8)
    for top in range(0, len(color), _ROWS):
        with np.errstate(over="ignore"):
            light = clip_light(color[top : top + _ROWS] * gain)
        image[top : top + _ROWS] = encode_srgb(neutral(light) if settings.tone == "neutral" else light)
    if alpha is not None:
        image = with_alpha(image, alpha)
    for title in settings.titles:
        draw_title(image, title, time)
    return image
