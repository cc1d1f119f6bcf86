"""The engine's material as a Mitsuba BSDF, written from its definition and not from the shaders.

glTF 2.0, appendix B: a Lambert lobe and a GGX lobe with height-correlated Smith masking and
Schlick's Fresnel, mixed by ``metallic``. ``conserving`` gives back the light that is lost between
microfacets (Turquin 2019) and takes from the diffuse lobe what the specular one reflects.

In ``gltf`` mode it is within 1e-5 of the analytic grid of spheres in every pixel (roughness 0.15 to
1; 5e-7 was seen, what float32 rounds), so the BSDF adds no floor to comparisons: what is left is
noise, and :data:`SMOOTHEST` below a roughness of 0.03. White things in ``conserving`` mode return
all light within 0.5 %, what the table's steps leave.

The back of what is single-sided is black; :mod:`diorama.oracle.camera_rays` leaves it out of the
picture, as the renderer does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from diorama.oracle.backend import dr, mi
from diorama.oracle.materials import SIGN_ATTRIBUTE, TANGENT_ATTRIBUTE, Materials

SMOOTHEST = 1e-3
"""The least alpha: a mirror whose highlights are a thousandth wide keeps densities within float32."""


@dataclass(frozen=True)
class Lobes:
    """The BSDF at a point for one direction ``view`` in its shading frame ``frame`` (both in the BSDF's frame)."""

    frame: Any
    view: Any
    diffuse: Any
    f0: Any
    f90: Any
    alpha: Any
    specular_share: Any
    loses_fresnel: bool
    hidden: Any
    mirrored: Any


class GltfBsdf(mi.BSDF):
    """One BSDF for all surfaces of a scene; they differ in their rows of :class:`Materials`."""

    materials: Materials

    def __init__(self, properties: Any) -> None:
        super().__init__(properties)
        flags = mi.BSDFFlags
        smooth = flags.DiffuseReflection | flags.GlossyReflection | flags.FrontSide | flags.BackSide
        self.m_components = [smooth, flags.Null | flags.FrontSide | flags.BackSide]
        self.m_flags = smooth | flags.Null

    def sample(self, context: Any, si: Any, sample1: Any, sample2: Any, active: Any) -> tuple[Any, Any]:
        """Draw a direction by the lobes' albedo."""
        lobes = self._lobes(si, active)
        specular = sample1 < lobes.specular_share
        half = _visible_normal(lobes.view, lobes.alpha, sample2)
        local = dr.select(
            specular, 2.0 * dr.dot(lobes.view, half) * half - lobes.view, mi.warp.square_to_cosine_hemisphere(sample2)
        )
        outgoing = lobes.frame.to_world(local)
        outgoing.z = dr.select(lobes.mirrored, -outgoing.z, outgoing.z)
        value, density = self.eval_pdf(context, si, outgoing, active)
        drawn = dr.zeros(mi.BSDFSample3f, dr.width(si.t))
        drawn.wo, drawn.pdf, drawn.eta = outgoing, density, 1.0
        drawn.sampled_component, drawn.sampled_type = mi.UInt32(0), mi.UInt32(+mi.BSDFFlags.GlossyReflection)
        return drawn, dr.select(density > 0.0, value / density, 0.0) & active

    def eval(self, context: Any, si: Any, wo: Any, active: Any) -> Any:
        """Return BSDF times cosine."""
        return self.eval_pdf(context, si, wo, active)[0]

    def pdf(self, context: Any, si: Any, wo: Any, active: Any) -> Any:
        """Return the density per steradian with which :meth:`sample` draws ``wo``."""
        return self.eval_pdf(context, si, wo, active)[1]

    def eval_pdf(self, context: Any, si: Any, wo: Any, active: Any) -> tuple[Any, Any]:
        """Return both at once: they share everything."""
        lobes = self._lobes(si, active)
        flipped = mi.Vector3f(wo.x, wo.y, dr.select(lobes.mirrored, -wo.z, wo.z))
        light = lobes.frame.to_local(flipped)
        lit = active & ~lobes.hidden & (light.z > 0.0) & (flipped.z > 0.0)
        half = dr.normalize(light + lobes.view)
        v_dot_h = dr.maximum(dr.dot(lobes.view, half), 0.0)
        fresnel = lobes.f0 + (lobes.f90 - lobes.f0) * (1.0 - v_dot_h) ** 5
        distribution = _distribution(half, lobes.alpha)
        masked_view, masked_both = 1.0 + _smith(lobes.view.z, lobes.alpha), _smith(light.z, lobes.alpha)
        specular = fresnel * (distribution / (4.0 * lobes.view.z * (masked_view + masked_both)))
        kept = 1.0 - fresnel if lobes.loses_fresnel else 1.0
        value = lobes.diffuse * kept * (dr.inv_pi * light.z) + specular
        visible = distribution / (4.0 * lobes.view.z * masked_view)
        density = dr.lerp(dr.inv_pi * light.z, visible, lobes.specular_share)
        return dr.select(lit, value, 0.0), dr.select(lit, density, 0.0)

    def eval_null_transmission(self, si: Any, active: Any) -> Any:
        """Return 1 where the camera's rays go on: the back of what is single-sided."""
        hidden = _behind(si) & ~self.materials.values(si, active).double_sided
        return dr.select(hidden, mi.Color3f(1.0), mi.Color3f(0.0))

    def _lobes(self, si: Any, active: Any) -> Lobes:
        values = self.materials.values(si, active)
        behind = _behind(si)
        mirrored, hidden = behind & values.double_sided, behind & ~values.double_sided
        view = mi.Vector3f(si.wi.x, si.wi.y, dr.select(mirrored, -si.wi.z, si.wi.z))
        frame = self._bent_frame(si, mirrored, active)
        view = frame.to_local(view)
        view.z = dr.maximum(view.z, 1e-4)
        view = dr.normalize(view)
        alpha = dr.maximum(values.roughness * values.roughness, SMOOTHEST)
        dielectric = mi.Color3f(0.04 * values.specular)
        albedo = values.base_color * (1.0 - values.metallic)
        if self.materials.conserving:
            a, b = self.materials.albedo_terms(view.z, values.roughness, active)
            lost = 1.0 / (a + b) - 1.0
            of_dielectric, of_metal = 1.0 + dielectric * lost, 1.0 + values.base_color * lost
            f0 = dr.lerp(dielectric * of_dielectric, values.base_color * of_metal, values.metallic)
            f90 = dr.lerp(values.specular * of_dielectric, of_metal, values.metallic)
            albedo = albedo * (1.0 - (dielectric * a + values.specular * b) * of_dielectric)
            reflects = f0 * a + f90 * b
        else:
            f0 = dr.lerp(dielectric, values.base_color, values.metallic)
            f90 = mi.Color3f(dr.lerp(values.specular, 1.0, values.metallic))
            reflects = f0 + (f90 - f0) * (1.0 - view.z) ** 5
        share = mi.luminance(reflects) / dr.maximum(mi.luminance(reflects) + mi.luminance(albedo), 1e-6)
        share = dr.select(values.metallic >= 1.0, 1.0, dr.clip(share, 0.1, 0.9))
        return Lobes(frame, view, albedo, f0, f90, alpha, share, not self.materials.conserving, hidden, mirrored)

    def _bent_frame(self, si: Any, mirrored: Any, active: Any) -> Any:
        """Return the frame of the mapped normal in the interaction's own shading frame."""
        bent, mapped = self.materials.bend(si, active)
        tangent = si.to_local(mi.Vector3f(si.shape.eval_attribute_3(TANGENT_ATTRIBUTE, si, mapped)))
        tangent = dr.normalize(mi.Vector3f(tangent.x, tangent.y, 0.0))
        sign = si.shape.eval_attribute_1(SIGN_ATTRIBUTE, si, mapped)
        across = dr.cross(mi.Vector3f(0.0, 0.0, 1.0), tangent) * dr.select(sign < 0.0, -1.0, 1.0)
        normal = dr.normalize(tangent * bent.x + across * bent.y + mi.Vector3f(0.0, 0.0, bent.z))
        normal = mi.Vector3f(normal.x, normal.y, dr.maximum(normal.z, 1e-3))
        seen = mi.Vector3f(dr.select(mirrored, -normal.x, normal.x), dr.select(mirrored, -normal.y, normal.y), normal.z)
        whole = mapped & dr.isfinite(seen.x + seen.y + seen.z)
        return mi.Frame3f(dr.select(whole, dr.normalize(seen), mi.Vector3f(0.0, 0.0, 1.0)))

    def to_string(self) -> str:
        """Name it for Mitsuba's messages."""
        return f"GltfBsdf[conserving={self.materials.conserving}]"


def _behind(si: Any) -> Any:
    """Tell where the triangle itself shows its back, whichever way its interpolated normal leans."""
    return dr.dot(si.n, si.to_world(si.wi)) < 0.0


def _smith(cosine: Any, alpha: Any) -> Any:
    """Smith's Lambda (Heitz 2014, eq. 72)."""
    cosine = dr.maximum(cosine, 1e-6)
    tangent2 = dr.maximum(1.0 - cosine * cosine, 0.0) / (cosine * cosine)
    return 0.5 * (dr.sqrt(1.0 + alpha * alpha * tangent2) - 1.0)


def _distribution(half: Any, alpha: Any) -> Any:
    """GGX's distribution of half vectors; the sine keeps the digits that a cosine near 1 has lost."""
    a2 = alpha * alpha
    k = half.x * half.x + half.y * half.y + a2 * half.z * half.z
    return a2 / (dr.pi * k * k)


def _visible_normal(view: Any, alpha: Any, sample: Any) -> Any:
    """Draw a half vector as ``view`` sees them (Dupuy and Benyoub 2023, "Sampling visible GGX normals")."""
    stretched = dr.normalize(mi.Vector3f(alpha * view.x, alpha * view.y, view.z))
    z = (1.0 - sample.y) * (1.0 + stretched.z) - stretched.z
    sine = dr.sqrt(dr.clip(1.0 - z * z, 0.0, 1.0))
    sin_phi, cos_phi = dr.sincos(2.0 * dr.pi * sample.x)
    cap = mi.Vector3f(sine * cos_phi, sine * sin_phi, z) + stretched
    return dr.normalize(mi.Vector3f(alpha * cap.x, alpha * cap.y, dr.maximum(cap.z, 1e-6)))


mi.register_bsdf("diorama_gltf", GltfBsdf)


def bsdf_of(materials: Materials) -> Any:
    """Return the BSDF of ``materials``."""
    made = mi.load_dict({"type": "diorama_gltf"})
    made.materials = materials
    return made
