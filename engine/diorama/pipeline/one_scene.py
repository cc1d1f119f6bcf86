"""One scene in a studio of its own, for those who have no second one to film."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from diorama.frame import Frame
from diorama.pipeline.studio import Studio
from diorama.pipeline.writing import Report
from diorama.scene.graph import Scene


def synthesize(
    scene: Scene,
    *,
    gl: str = "auto",
    preset: str = "standard",
    refine: bool | str | Path = True,
    passes: Iterable[str] = ("image",),
) -> Iterator[Frame]:
    """Yield the frames of one scene, drawn in a studio of their own."""
    with Studio(gl, preset=preset, refine=refine) as studio:
        yield from studio.frames(scene, passes=passes)


def render(
    scene: Scene,
    out: str | Path,
    *,
    gl: str = "auto",
    preset: str = "standard",
    refine: bool | str | Path = True,
    **options: Any,
) -> Report:
    """Write one scene as a video in a studio of its own; ``options`` are those of :meth:`Studio.render`."""
    with Studio(gl, preset=preset, refine=refine) as studio:
        return studio.render(scene, out, **options)
