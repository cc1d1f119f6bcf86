"""A snapshot's material values on the GPU; ``shaders/lib/material.glsl`` mirrors :data:`MATERIAL`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.gl.texels import TexelBuffer
from diorama.scene.shot import MaterialBatch

MATERIAL = np.dtype(
    [
        ("base_color", "3f4"),
        ("metallic", "f4"),
        ("emission", "3f4"),
        ("roughness", "f4"),
        ("specular", "f4"),
        ("normal_scale", "f4"),
        ("occlusion_strength", "f4"),
        ("unlit", "u4"),
        ("images", "5u4"),
        ("pad", "3u4"),
    ]
)
"""One material, five texels; ``images`` says where each picture lies (see :mod:`diorama.renderer.textures`)."""

NO_IMAGE = 0xFFFFFFFF


class Materials:
    """Owns the material rows of one snapshot."""

    def __init__(self, device: Device) -> None:
        self._texels = TexelBuffer(device, "4u4", 64 * MATERIAL.itemsize)

    def upload(self, batch: MaterialBatch, places: NDArray[np.uint32]) -> None:
        """Write and bind the rows; ``places`` (images of the stage,) is where each picture lies."""
        rows = np.zeros(len(batch.base_color), MATERIAL)
        for name in ("base_color", "metallic", "emission", "roughness", "specular", "normal_scale"):
            rows[name] = getattr(batch, name)
        rows["occlusion_strength"], rows["unlit"] = batch.occlusion_strength, batch.unlit
        rows["images"] = np.append(places, np.uint32(NO_IMAGE))[batch.images]
        self._texels.fit(rows.nbytes)
        self._texels.write(rows)
        self._texels.use(bindings.MATERIAL_DATA)

    def release(self) -> None:
        """Give the memory back."""
        self._texels.release()
