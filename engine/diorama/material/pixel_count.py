"""How many pixels pictures may have together: a small file may declare a large picture."""

from __future__ import annotations

from diorama.errors import AssetError, expected

MODEL_PIXELS = 2**27
"""The most pixels of all pictures of one model: four of the largest."""

SCENE_PIXELS = 2**28
"""The most pixels of all textures of one scene, those of its models among them; four bytes each."""


class PixelCount:
    """Counts the pixels of pictures held at the same time, of which there are to be ``most``; ``owner`` has them."""

    def __init__(self, most: int, owner: str) -> None:
        self._most, self._owner, self._sum = most, owner, 0

    def add(self, pixels: int, place: str) -> None:
        """Count one more picture; ``AssetError`` at ``place`` where it is one too many."""
        self._sum += pixels
        if self._sum > self._most:
            wanted = f"at most {self._most} pixels of pictures in {self._owner}"
            raise AssetError(expected(wanted, self._sum), place=place)
