"""Which generators make the scenes to learn from, and which make those to be judged by: no generator does both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from diorama.training import cameras, lamps, layouts, patterns
from diorama.training.cameras import Move
from diorama.training.lamps import Lighting
from diorama.training.layouts import Layout
from diorama.training.patterns import Pattern


@dataclass(frozen=True)
class Split:
    """The generators of one side, by name: where things stand, how they are lit, filmed and painted."""

    layouts: Mapping[str, Layout]
    lightings: Mapping[str, Lighting]
    moves: Mapping[str, Move]
    patterns: Mapping[str, Pattern]


TRAIN = Split(
    layouts=MappingProxyType(
        {
            "scatter": layouts.scatter,
            "corner": layouts.corner,
            "stacks": layouts.stacks,
            "poles": layouts.poles,
            "blocks": layouts.blocks,
        }
    ),
    lightings=MappingProxyType(
        {"noon": lamps.noon, "overcast": lamps.overcast, "stage": lamps.stage, "sweep": lamps.sweep}
    ),
    moves=MappingProxyType(
        {"dolly": cameras.dolly, "orbit": cameras.orbit, "rise": cameras.rise, "still": cameras.still}
    ),
    patterns=MappingProxyType({"checker": patterns.checker, "stripes": patterns.stripes, "clouds": patterns.clouds}),
)

TEST = Split(
    layouts=MappingProxyType({"street": layouts.street, "fence": layouts.fence, "arcade": layouts.arcade}),
    lightings=MappingProxyType({"evening": lamps.evening, "uniform": lamps.uniform, "lanterns": lamps.lanterns}),
    moves=MappingProxyType({"pan": cameras.pan, "truck": cameras.truck, "watch": cameras.watch}),
    patterns=MappingProxyType({"bricks": patterns.bricks, "dots": patterns.dots}),
)

SPLITS: Mapping[str, Split] = MappingProxyType({"train": TRAIN, "test": TEST})
