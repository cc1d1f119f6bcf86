"""What a dataset says about its clip as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ClipInfo:
    """Facts for the manifest; all of it has to be JSON.

    ``width`` and ``height`` in pixels, ``fps`` frames per second. ``scene`` is the scene file's
    name and ``scene_hash`` its content's; ``assets`` maps the name of each asset to its hash.
    ``classes`` maps names to ids. ``instances`` has a row for every labelled instance, the one
    with id i + 1 at i: ``path``, ``class``, ``class_id``, ``asset``. ``drawn`` maps the path of
    every random value to it. ``version`` is the engine's, ``renderer`` GL's own name for itself.
    """

    width: int
    height: int
    fps: float
    scene: str
    scene_hash: str
    seed: int
    version: str
    renderer: str
    classes: Mapping[str, int] = field(default_factory=dict)
    instances: Sequence[Mapping[str, Any]] = ()
    drawn: Mapping[str, Any] = field(default_factory=dict)
    assets: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the manifest's entries."""
        return {
            "synthetic": True,
            "scene": self.scene,
            "scene_hash": self.scene_hash,
            "seed": self.seed,
            "engine": {"name": "diorama", "version": self.version, "renderer": self.renderer},
            "video": {"width": self.width, "height": self.height, "fps": self.fps},
            "classes": dict(self.classes),
            "instances": [{"id": row + 1, **entry} for row, entry in enumerate(self.instances)],
            "drawn": dict(self.drawn),
            "assets": dict(self.assets),
            "notes": dict(self.notes),
        }
