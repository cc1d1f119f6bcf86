"""How the full-screen compute programs are built and run: their work groups and their variants."""

from __future__ import annotations

from dataclasses import dataclass

import moderngl

from diorama.gl import bindings
from diorama.scene.shot import CameraState

GROUP = (32, 4)
"""Pixels a work group of the full-screen shaders covers."""

LENSES = {"brown_conrady": 1, "fisheye": 2}
"""The values of the define LENS."""


def dispatch_size(width: int, height: int) -> tuple[int, int]:
    """Return how many groups cover a picture."""
    return -(-width // GROUP[0]), -(-height // GROUP[1])


def buckets_variant(count: int) -> int:
    """Return the number of picture arrays a program is built for: few variants, none too small."""
    return next(size for size in (0, 1, 2, 3, bindings.MATERIAL_BUCKETS) if size >= count)


@dataclass(frozen=True)
class Variant:
    """What is rare in how a snapshot is seen, so that only programs built for it pay.

    ``turn`` numbers the snapshots of a shutter that is spread, so that each draws by chance anew;
    ``lens`` is how the camera bends lines, as ``lib/lens.glsl`` counts, 0 for not at all.
    """

    turn: int | None = None
    lens: int = 0

    @classmethod
    def of(cls, camera: CameraState, turn: int | None = None) -> Variant:
        """Return the variant for what ``camera`` sees."""
        return cls(turn, 0 if camera.distortion is None else LENSES[camera.distortion.model])

    @property
    def defines(self) -> dict[str, int | str]:
        """What programs are built with."""
        turns: dict[str, int | str] = {} if self.turn is None else {"TURNS": 1}
        return turns | ({"LENS": self.lens} if self.lens else {})

    def tell(self, program: moderngl.ComputeShader) -> None:
        """Tell a program built for turns which it is; one that draws nothing by chance has forgotten the name."""
        if self.turn is not None and "turn_number" in program:
            program["turn_number"] = self.turn


PLAIN = Variant()
"""A closed lens that bends nothing."""
