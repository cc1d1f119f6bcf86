"""Subtitles over a finished picture: white with a dark outline, at the bottom, blended in sRGB as editors do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama.finish.blend import blend
from diorama.finish.subrip import read_subtitles
from diorama.finish.text import text_coverage, wrapped

_LINE = 0.055
"""The height of a line in fractions of the picture's height."""

_BOTTOM = 0.95
"""Where the last line ends, in fractions of the picture's height: within the safe area of screens."""

_WIDEST = 0.9
"""How much of the picture's width a line may take."""

_OUTLINE = 0.06
"""The width of the outline in fractions of a line's height."""

_WHITE, _BLACK = np.full(3, 255, np.float32), np.zeros(3, np.float32)


def draw_subtitles(image: NDArray[np.uint8], file: str, time: float) -> None:
    """Blend what a SubRip file says at ``time`` in seconds over (H, W, 3) sRGB, or (H, W, 4) with straight alpha."""
    said = "\n".join(cue.text for cue in read_subtitles(file) if cue.start <= time < cue.end)
    if not said:
        return
    height, width = image.shape[:2]
    line = max(round(_LINE * height * 8) / 8, 1.0)
    said, outline = wrapped(said, line, _WIDEST * width), max(round(_OUTLINE * line), 1)
    dark, bright = text_coverage(said, line, outline), text_coverage(said, line)
    top = round(_BOTTOM * height) - bright.shape[0]
    left = round((width - bright.shape[1]) / 2)
    blend(image, dark, left - outline, top - outline, _BLACK)
    blend(image, bright, left, top, _WHITE)
