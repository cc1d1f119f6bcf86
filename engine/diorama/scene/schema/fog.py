"""The air of a scene, where it is more than nothing."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from diorama.scene.schema.keys import Keys
from diorama.scene.schema.model import Spec
from diorama.scene.schema.numbers import Number
from diorama.scene.schema.values import FARTHEST, Albedo

Density: TypeAlias = Annotated[float | Keys, Number(0, 1000, "per metre")]
Falloff: TypeAlias = Annotated[float | Keys, Number(0.01, FARTHEST, "metres")]
Height: TypeAlias = Annotated[float | Keys, Number(-FARTHEST, FARTHEST, "metres")]
Anisotropy: TypeAlias = Annotated[float | Keys, Number(-0.95, 0.95)]


class Fog(Spec):
    """Fog, mist or haze: what is far fades into the light that the air between scatters, shafts of light included.

    ``density`` is the extinction per metre at ``base_height``: of light that goes a metre, this part is lost, so
    that one over it is about how far one sees well. ``height_falloff`` are the metres by which the fog gets
    thinner by a factor of e (2.72) upwards, and thicker downwards; without it the fog is the same everywhere and has
    no end, so that no sky is seen. ``albedo`` is the part of what is lost that is scattered, not absorbed.
    ``anisotropy`` is the g of Henyey and Greenstein: 0 scatters to all sides, 0.9 forward, so that fog
    shines around the sun.
    """

    density: Density = 0.02
    height_falloff: Falloff | None = None
    base_height: Height = 0.0
    albedo: Albedo = (1.0, 1.0, 1.0)
    anisotropy: Anisotropy = 0.6
