"""Materials: glTF 2.0 metallic-roughness and the layers of its extensions, with textures read from files."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import StrictBool

from diorama.scene.schema.keys import Keys
from diorama.scene.schema.model import Spec
from diorama.scene.schema.numbers import Color, Number, Vec3
from diorama.scene.schema.values import Albedo, Angle, File, Fraction, Light, Radiance

TEXTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tga", ".tif", ".tiff")
"""The pictures that a material takes."""

Index: TypeAlias = Annotated[float | Keys, Number(1, 10)]
"""An index of refraction."""

Texture: TypeAlias = Annotated[str, File("a picture file", TEXTURE_SUFFIXES)]


class Material(Spec):
    """How a surface looks; on an asset only the fields that are set replace the asset's own.

    Factors multiply what the textures hold. ``roughness`` is perceptual, ``specular`` scales the
    dielectric reflectance, ``emission`` times ``emission_strength`` is in nits. The
    ``metallic_roughness_texture`` has roughness in green and metallic in blue.

    The layers are glTF's: ``ior`` (index of refraction) and ``specular_color`` of what is no metal, a
    ``clearcoat`` of varnish that does not follow the normal map, a ``sheen_color`` as of cloth, highlights
    drawn out by ``anisotropy`` along the direction ``anisotropy_rotation`` degrees from the tangent, and
    ``iridescence`` as of a film ``iridescence_thickness`` nanometres thick. Where no material uses them
    they cost nothing.
    """

    base_color: Albedo = (1.0, 1.0, 1.0)
    metallic: Fraction = 0.0
    roughness: Fraction = 0.5
    specular: Fraction = 1.0
    emission: Radiance = (0.0, 0.0, 0.0)
    emission_strength: Light = 1.0
    ior: Index = 1.5
    specular_color: Annotated[Vec3 | Keys, Color(100)] = (1.0, 1.0, 1.0)
    clearcoat: Fraction = 0.0
    clearcoat_roughness: Fraction = 0.0
    sheen_color: Albedo = (0.0, 0.0, 0.0)
    sheen_roughness: Fraction = 0.0
    anisotropy: Fraction = 0.0
    anisotropy_rotation: Angle = 0.0
    iridescence: Fraction = 0.0
    iridescence_ior: Index = 1.3
    iridescence_thickness: Annotated[float | Keys, Number(0, 10000, "nanometres")] = 400.0
    normal_scale: Annotated[float | Keys, Number(-100, 100)] = 1.0
    occlusion_strength: Fraction = 1.0
    double_sided: StrictBool = False
    unlit: StrictBool = False
    base_color_texture: Texture | None = None
    metallic_roughness_texture: Texture | None = None
    normal_texture: Texture | None = None
    occlusion_texture: Texture | None = None
    emission_texture: Texture | None = None
