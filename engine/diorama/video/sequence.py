"""A video as a folder of numbered PNG files, which every tool opens and which holds alpha."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from diorama.atomic import writing
from diorama.video.encoder import Layout

_NAME = re.compile(r"\d{5,}\.png")


def is_sequence(folder: Path) -> bool:
    """Tell whether a folder holds numbered PNG files and nothing else."""
    return folder.is_dir() and all(_NAME.fullmatch(path.name) for path in folder.iterdir())


class PngSequence(AbstractContextManager["PngSequence"]):
    """The files ``00000.png`` and so on in ``folder``, each with the video's metadata as text."""

    def __init__(self, folder: Path, layout: Layout, place: Path) -> None:
        self._folder, self._place = folder, place
        self._info = PngInfo()
        for key, value in layout.metadata.items():
            self._info.add_itxt(key.capitalize(), value)

    def write(self, image: NDArray[np.uint8], number: int) -> None:
        """Store (H, W, 3) or (H, W, 4) uint8 as picture ``number``."""
        with writing(self._place):
            Image.fromarray(image).save(self._folder / f"{number:05d}.png", pnginfo=self._info, compress_level=4)

    def __enter__(self) -> PngSequence:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is held open."""
