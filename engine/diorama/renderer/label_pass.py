"""The compute pass that turns what each pixel centre sees into labels."""

from __future__ import annotations

import moderngl

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.renderer.dispatch import PLAIN, Variant, buckets_variant, dispatch_size
from diorama.renderer.output import Layout

OCCLUSIONS = ("occlusion_forward", "occlusion_backward")

LABELS = (
    "depth",
    "normal",
    "uv",
    "albedo",
    "material",
    "emission",
    "instance",
    "semantic",
    "surface",
    "flow_forward",
    "flow_backward",
    "distance",
    "position",
    "object_coordinates",
)
"""What this pass can store, besides occlusions."""


class LabelPass:
    """Stores the labels that a layout asks for; geometry, materials and View are bound already."""

    def __init__(self, device: Device) -> None:
        self._device = device

    def draw(
        self,
        seen: moderngl.Texture,
        layout: Layout,
        buckets: int,
        neighbours: tuple[moderngl.Texture, moderngl.Texture] | None = None,
        variant: Variant = PLAIN,
    ) -> None:
        """Resolve the ids ``seen`` at pixel centres into the buffer bound as output.

        ``neighbours``, the ids one frame after and one before, are needed for occlusions only.
        """
        defines = {"BUCKETS": buckets_variant(buckets), "OCCLUSION": int(neighbours is not None)} | variant.defines
        defines |= {"COATED": 0}
        program = self._device.compute("label", defines)
        layout.place(program, LABELS)
        if neighbours is not None:
            layout.place(program, OCCLUSIONS)
            neighbours[0].use(bindings.NEXT_VISIBILITY)
            neighbours[1].use(bindings.PREVIOUS_VISIBILITY)
        seen.use(bindings.VISIBILITY)
        program.run(*dispatch_size(layout.width, layout.height))
