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
        ("iridescence", "f4"),
        ("iridescence_ior", "f4"),
        ("iridescence_thickness", "f4"),
        ("specular_color", "3f4"),
        ("reflectance", "f4"),
        ("sheen_color", "3f4"),
        ("sheen_roughness", "f4"),
        ("clearcoat", "f4"),
        ("clearcoat_roughness", "f4"),
        ("anisotropy", "f4"),
        ("anisotropy_rotation", "f4"),
    ]
)
"""One material, eight texels; ``images`` says where each picture lies (see :mod:`diorama.renderer.textures`).

``reflectance`` is that of the index of refraction at normal incidence, ``anisotropy_rotation`` in radians.
"""

_SAME = tuple(name for name in MATERIAL.names or () if name not in ("images", "reflectance"))
"""The fields that are those of :class:`diorama.scene.shot.MaterialBatch`."""

NO_IMAGE = 0xFFFFFFFF


class Materials:
    """Owns the material rows of one snapshot."""

    def __init__(self, device: Device) -> None:
        self._texels = TexelBuffer(device, "4u4", 64 * MATERIAL.itemsize)

    def upload(self, batch: MaterialBatch, places: NDArray[np.uint32]) -> None:
        """Write and bind the rows; ``places`` (images of the stage,) is where each picture lies."""
        rows = np.zeros(len(batch.base_color), MATERIAL)
        for name in _SAME:
            rows[name] = getattr(batch, name)
        rows["reflectance"] = ((batch.ior - 1.0) / (batch.ior + 1.0)) ** 2
        rows["images"] = np.append(places, np.uint32(NO_IMAGE))[batch.images]
        self._texels.fit(rows.nbytes)
        self._texels.write(rows)
        self._texels.use(bindings.MATERIAL_DATA)

    def release(self) -> None:
        """Give the memory back."""
        self._texels.release()
