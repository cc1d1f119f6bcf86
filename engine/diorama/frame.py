"""The table of passes, and the frame that carries them.

Row 0 is the top of the picture, pixel centres lie at +0.5, ``H, W`` are pixels. ``color``,
``refined``, ``image``, ``alpha`` and ``hidden_sky`` are filtered over the pixel; every other pass is a label: one
unjittered sample at the pixel centre and the frame's own time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from diorama.errors import OptionError, expected


@dataclass(frozen=True)
class PassSpec:
    """What one pass holds: its dtype, its channels (0: a plane without channel axis), its meaning."""

    name: str
    dtype: DTypeLike
    channels: int
    background: float
    meaning: str

    def shape(self, width: int, height: int) -> tuple[int, ...]:
        """Return the array shape of this pass in a picture of ``width`` x ``height`` pixels."""
        return (height, width, self.channels) if self.channels else (height, width)


_INF = float("inf")
_TABLE = (
    PassSpec("color", np.float32, 3, 0, "linear Rec.709 radiance, exposure divided out; background: the sky"),
    PassSpec("refined", np.float32, 3, 0, "as color, after the refiner"),
    PassSpec("image", np.uint8, 3, 0, "sRGB after the finish: what the video shows"),
    PassSpec("alpha", np.float32, 0, 0, "coverage 0..1"),
    PassSpec(
        "hidden_sky", np.float32, 3, 0, "how much less color would be if things hid the sky; an estimate, with noise"
    ),
    PassSpec("depth", np.float32, 0, _INF, "metres along the camera's -Z axis"),
    PassSpec("normal", np.float32, 3, 0, "unit shading normal, world space"),
    PassSpec("uv", np.float32, 2, 0, "first texture coordinates"),
    PassSpec("albedo", np.float32, 3, 0, "linear base colour"),
    PassSpec("material", np.float32, 2, 0, "metallic, perceptual roughness"),
    PassSpec("emission", np.float32, 3, 0, "linear emitted radiance"),
    PassSpec("instance", np.uint32, 0, 0, "1 + index of the labelled instance in the manifest"),
    PassSpec("semantic", np.uint16, 0, 0, "class id"),
    PassSpec("surface", np.uint32, 4, 0, "1 + draw instance, 1 + triangle, two float32 barycentrics"),
    PassSpec("flow_forward", np.float32, 2, 0, "(dx, dy) pixels, t to t+1; background: a point at infinity"),
    PassSpec("flow_backward", np.float32, 2, 0, "(dx, dy) pixels, t to t-1; background: a point at infinity"),
    PassSpec("occlusion_forward", np.bool_, 0, 0, "the point is hidden or off screen at t+1"),
    PassSpec("occlusion_backward", np.bool_, 0, 0, "the point is hidden or off screen at t-1"),
    PassSpec("distance", np.float32, 0, _INF, "metres from the camera's centre (derived)"),
    PassSpec("position", np.float32, 3, float("nan"), "world metres relative to the camera (derived)"),
    PassSpec("object_coordinates", np.float32, 3, 0, "0..1 in the rest bounding box (derived)"),
)

PASSES: Mapping[str, PassSpec] = MappingProxyType({spec.name: spec for spec in _TABLE})
"""Every pass by name, in the order in which writers and manifests list them."""

FILTERED = frozenset({"color", "refined", "image", "alpha", "hidden_sky"})
"""The passes that are filtered over the pixel; all others are labels."""

MADE_FROM_COLOR = frozenset({"refined", "image"})
"""The passes that are not drawn: the refiner and the finish make them from the drawn ones."""


def known_passes(names: Iterable[str]) -> tuple[str, ...]:
    """Return ``names`` once each in table order; ``OptionError`` names the first unknown one.

    A single text, which is a sequence of its letters, is refused.
    """
    if isinstance(names, str | bytes) or not isinstance(names, Iterable):
        example = names if isinstance(names, str) and names in PASSES else "depth"
        raise OptionError(expected(f'a list of names, as ["{example}"]', names), place="passes")
    wanted = tuple(names)
    for name in wanted:
        if not isinstance(name, str) or name not in PASSES:
            raise OptionError(f"expected one of {', '.join(PASSES)}, got {name!r}", place="passes")
    return tuple(name for name in PASSES if name in wanted)


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of a clip: its number, its time in seconds and its passes by name."""

    index: int
    time: float
    passes: Mapping[str, NDArray[Any]]
    notes: Mapping[str, Any] = field(default_factory=dict)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return one pass as an array of the shape and dtype that :data:`PASSES` gives."""
        return self.passes[name]

    def with_passes(self, **passes: NDArray[Any]) -> Frame:
        """Return this frame with some passes added or replaced."""
        return Frame(self.index, self.time, {**self.passes, **passes}, self.notes)
