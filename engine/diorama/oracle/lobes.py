"""The lobes of the oracle's BSDF: what they reflect, and how likely they are to be drawn from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from diorama.oracle.backend import dr, mi
from diorama.oracle.materials import Values
from diorama.oracle.sheen import sheen_brdf


@dataclass(frozen=True)
class Base:
    """The lobes below all layers, for one direction ``view`` in the frame ``frame`` of the mapped normal.

    ``alphas`` are the specular lobe's widths along the frame's first two axes.
    """

    frame: Any
    view: Any
    diffuse: Any
    f0: Any
    f90: Any
    alphas: Any
    reflects: Any
    loses_fresnel: bool


@dataclass(frozen=True)
class Cover:
    """What lies on the base: sheen in the base's frame, and a coat that sees ``view``.

    ``keeps`` is the base's share; it and ``sheen`` have the coat's loss, ``taken``, in them.
    """

    view: Any
    f0: Any
    f90: Any
    alpha: Any
    taken: Any
    sheen: Any
    sheen_albedo: Any
    sheen_alpha: Any
    keeps: Any


@dataclass(frozen=True)
class Lobes:
    """The BSDF at a point for one direction: the base, the layers if any, and the chance to draw from each."""

    base: Base
    cover: Cover | None
    chances: tuple[Any, ...]
    hidden: Any
    mirrored: Any


def chances(base: Base, cover: Cover | None, values: Values) -> tuple[Any, ...]:
    """Return the chances of specular and diffuse draws; with layers those of sheen and coat, too."""
    reflects, albedo = mi.luminance(base.reflects), mi.luminance(base.diffuse)
    share = reflects / dr.maximum(reflects + albedo, 1e-6)
    share = dr.select(values.metallic >= 1.0, 1.0, dr.clip(share, 0.1, 0.9))
    if cover is None:
        return share, 1.0 - share
    left = mi.luminance(base.reflects + base.diffuse) * cover.keeps
    fibres, coat = mi.luminance(cover.sheen) * cover.sheen_albedo, mi.Float(cover.taken)
    total = dr.maximum(left + fibres + coat, 1e-6)
    # no lobe that is there may be drawn too seldom for its brightest directions
    sheen_chance = dr.select(mi.luminance(cover.sheen) > 0.0, dr.clip(fibres / total, 0.15, 0.6), 0.0)
    coat_chance = dr.select(coat > 0.0, dr.clip(coat / total, 0.15, 0.8) * (1.0 - sheen_chance), 0.0)
    rest = 1.0 - sheen_chance - coat_chance
    return rest * share, rest * (1.0 - share), sheen_chance, coat_chance


def of_base(lobes: Lobes, flipped: Any) -> tuple[Any, Any]:
    """Return the base's BSDF times cosine, and its part of the density."""
    base = lobes.base
    light = base.frame.to_local(flipped)
    half = dr.normalize(light + base.view)
    fresnel = base.f0 + (base.f90 - base.f0) * (1.0 - dr.maximum(dr.dot(base.view, half), 0.0)) ** 5
    specular, visible = _ggx(base.view, light, half, base.alphas)
    kept = 1.0 - fresnel if base.loses_fresnel else 1.0
    value = base.diffuse * kept * (dr.inv_pi * light.z) + fresnel * specular
    density = lobes.chances[1] * dr.inv_pi * light.z + lobes.chances[0] * visible
    up = light.z > 0.0
    return dr.select(up, value, 0.0), dr.select(up, density, 0.0)


def of_cover(lobes: Lobes, flipped: Any) -> tuple[Any, Any]:
    """Return what sheen and coat add to both."""
    base, cover = lobes.base, lobes.cover
    assert cover is not None
    light = base.frame.to_local(flipped)
    up = light.z > 0.0
    cosine = dr.maximum(light.z, 1e-6)
    fibres = sheen_brdf(dr, cosine, base.view.z, dr.normalize(light + base.view).z, cover.sheen_alpha) * cosine
    value = cover.sheen * dr.select(up, fibres, 0.0)
    density = dr.select(up, lobes.chances[2] * (0.5 * dr.inv_pi), 0.0)
    half = dr.normalize(flipped + cover.view)
    fresnel = cover.f0 + (cover.f90 - cover.f0) * (1.0 - dr.maximum(dr.dot(cover.view, half), 0.0)) ** 5
    coat, visible = _ggx(cover.view, flipped, half, mi.Vector2f(cover.alpha))
    return value + fresnel * coat, density + lobes.chances[3] * visible


def _ggx(view: Any, light: Any, half: Any, alphas: Any) -> tuple[Any, Any]:
    """Return the lobe of reflectance 1 times cosine, and the density of directions drawn by visible normals."""
    distribution = _distribution(half, alphas)
    masked_view, masked_both = 1.0 + _smith(view, alphas), _smith(light, alphas)
    whole = distribution / (4.0 * view.z)
    return whole / (masked_view + masked_both), whole / masked_view


def _smith(direction: Any, alphas: Any) -> Any:
    """Smith's Lambda (Heitz 2014, eq. 72 and 80)."""
    cosine = dr.maximum(direction.z, 1e-6)
    x, y = alphas.x * direction.x, alphas.y * direction.y
    return 0.5 * (dr.sqrt(1.0 + (x * x + y * y) / (cosine * cosine)) - 1.0)


def _distribution(half: Any, alphas: Any) -> Any:
    """GGX's distribution of half vectors, wide along two axes; x and y keep the digits that a z near 1 has lost."""
    x, y = half.x / alphas.x, half.y / alphas.y
    k = x * x + y * y + half.z * half.z
    return 1.0 / (dr.pi * alphas.x * alphas.y * k * k)


def visible_normal(view: Any, alphas: Any, sample: Any) -> Any:
    """Draw a half vector as ``view`` sees them (Dupuy and Benyoub 2023, "Sampling visible GGX normals")."""
    stretched = dr.normalize(mi.Vector3f(alphas.x * view.x, alphas.y * view.y, view.z))
    z = (1.0 - sample.y) * (1.0 + stretched.z) - stretched.z
    sine = dr.sqrt(dr.clip(1.0 - z * z, 0.0, 1.0))
    sin_phi, cos_phi = dr.sincos(2.0 * dr.pi * sample.x)
    cap = mi.Vector3f(sine * cos_phi, sine * sin_phi, z) + stretched
    return dr.normalize(mi.Vector3f(alphas.x * cap.x, alphas.y * cap.y, dr.maximum(cap.z, 1e-6)))
