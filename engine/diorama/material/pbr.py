"""The resolved glTF material, metallic-roughness and the layers around it, and the images it reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ImageSpace = Literal["srgb", "linear"]


@dataclass(frozen=True, eq=False)
class Image:
    """A picture for a material: ``pixels`` (H, W, 4) uint8, row 0 on top, and how they are coded."""

    pixels: NDArray[np.uint8]
    space: ImageSpace
    name: str = ""

    @cached_property
    def key(self) -> str:
        """A content hash: equal images share one copy on the GPU."""
        digest = blake2b(f"{self.space}{self.pixels.shape}".encode(), digest_size=16)
        digest.update(np.ascontiguousarray(self.pixels).reshape(-1).data)
        return digest.hexdigest()


@dataclass(frozen=True, eq=False)
class PbrMaterial:
    """Surface parameters as glTF 2.0 defines them; colours are linear Rec.709.

    Factors multiply what the images hold. ``roughness`` is perceptual (alpha = roughness²),
    ``specular`` scales the dielectric reflectance (KHR_materials_specular), ``emission`` is in
    nits. ``metallic_roughness_image`` has roughness in green and metallic in blue.

    The layers are those of glTF's extensions: ``ior``, ``specular_color``, a ``clearcoat`` on top, a
    ``sheen`` of fibres, ``anisotropy`` along the tangent turned by ``anisotropy_rotation`` degrees, and
    ``iridescence`` by a film ``iridescence_thickness`` nanometres thick. Their defaults do nothing.
    """

    name: str = ""
    base_color: tuple[float, float, float] = (1.0, 1.0, 1.0)
    metallic: float = 0.0
    roughness: float = 0.5
    specular: float = 1.0
    emission: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ior: float = 1.5
    specular_color: tuple[float, float, float] = (1.0, 1.0, 1.0)
    clearcoat: float = 0.0
    clearcoat_roughness: float = 0.0
    sheen_color: tuple[float, float, float] = (0.0, 0.0, 0.0)
    sheen_roughness: float = 0.0
    anisotropy: float = 0.0
    anisotropy_rotation: float = 0.0
    iridescence: float = 0.0
    iridescence_ior: float = 1.3
    iridescence_thickness: float = 400.0
    normal_scale: float = 1.0
    occlusion_strength: float = 1.0
    double_sided: bool = False
    unlit: bool = False
    base_color_image: Image | None = None
    metallic_roughness_image: Image | None = None
    normal_image: Image | None = None
    occlusion_image: Image | None = None
    emission_image: Image | None = None


IMAGE_FIELDS = ("base_color_image", "metallic_roughness_image", "normal_image", "occlusion_image", "emission_image")
"""The fields of a material that hold pictures."""
