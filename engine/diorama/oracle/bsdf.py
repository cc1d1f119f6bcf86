"""The engine's material as a Mitsuba BSDF, written from its definition and not from the shaders.

glTF 2.0, appendix B: a Lambert lobe and a GGX lobe with height-correlated Smith masking and
Schlick's Fresnel, mixed by ``metallic``. ``conserving`` gives back the light that is lost between
microfacets (Turquin 2019) and takes from the diffuse lobe what the specular one reflects.

In ``gltf`` mode it is within 1e-5 of the analytic grid of spheres in every pixel (roughness 0.15 to
1; 5e-7 was seen, what float32 rounds), so the BSDF adds no floor to comparisons: what is left is
noise, and :data:`SMOOTHEST` below a roughness of 0.03. White things in ``conserving`` mode return
all light within 0.5 %, what the table's steps leave.

The layers are those of glTF's extensions, where any material has one: sheen over the base, and a coat
over both. Each takes from what is below it what it reflects towards the view.

The back of what is single-sided is black; :mod:`diorama.oracle.camera_rays` leaves it out of the
picture, as the renderer does.
"""

from __future__ import annotations

from typing import Any

from diorama.oracle.backend import dr, mi
from diorama.oracle.film import film_reflectance
from diorama.oracle.lobes import Base, Cover, Lobes, chances, of_base, of_cover, visible_normal
from diorama.oracle.materials import SIGN_ATTRIBUTE, TANGENT_ATTRIBUTE, Layers, Materials, Values
from diorama.oracle.sheen import LEAST_ROUGHNESS

SMOOTHEST = 1e-3
"""The least alpha: a mirror whose highlights are a thousandth wide keeps densities within float32."""


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
        base, cover = lobes.base, lobes.cover
        half = visible_normal(base.view, base.alphas, sample2)
        specular = sample1 < lobes.chances[0]
        local = dr.select(
            specular, 2.0 * dr.dot(base.view, half) * half - base.view, mi.warp.square_to_cosine_hemisphere(sample2)
        )
        outgoing = base.frame.to_world(local)
        if cover is not None:
            fibres = lobes.chances[0] + lobes.chances[1]
            sheen = (sample1 >= fibres) & (sample1 < fibres + lobes.chances[2])
            even = base.frame.to_world(mi.warp.square_to_uniform_hemisphere(sample2))
            half = visible_normal(cover.view, mi.Vector2f(cover.alpha), sample2)
            coat = 2.0 * dr.dot(cover.view, half) * half - cover.view
            outgoing = dr.select(sheen, even, dr.select(sample1 >= fibres + lobes.chances[2], coat, outgoing))
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
        value, density = of_base(lobes, flipped)
        if lobes.cover is not None:
            more, its_density = of_cover(lobes, flipped)
            value, density = lobes.cover.keeps * value + more, density + its_density
        lit = active & ~lobes.hidden & (flipped.z > 0.0)
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
        layers = self.materials.layers(si, active) if self.materials.coated else None
        if layers is not None:
            frame = self._along_stretch(frame, layers, si, active)
        base = self._base(values, layers, frame, view, si, active)
        cover = None if layers is None else self._cover(layers, base, view, active)
        return Lobes(base, cover, chances(base, cover, values), hidden, mirrored)

    def _base(self, values: Values, layers: Layers | None, frame: Any, view: Any, si: Any, active: Any) -> Base:
        view = frame.to_local(view)
        view.z = dr.maximum(view.z, 1e-4)
        view = dr.normalize(view)
        alpha = dr.maximum(values.roughness * values.roughness, SMOOTHEST)
        alphas, grazing = mi.Vector2f(alpha, alpha), values.specular
        dielectric, metal = mi.Color3f(values.reflectance * values.specular), values.base_color
        if layers is not None:
            alphas = mi.Vector2f(alpha + (1.0 - alpha) * layers.anisotropy * layers.anisotropy, alpha)
            film = (layers.iridescence_ior, view.z, layers.iridescence_thickness)
            dielectric = dr.lerp(dielectric, film_reflectance(dielectric, *film), layers.iridescence)
            metal = dr.lerp(metal, film_reflectance(metal, *film), layers.iridescence)
            grazing = dr.lerp(grazing, 1.0, layers.iridescence)
        albedo = values.base_color * (1.0 - values.metallic)
        if self.materials.conserving:
            a, b = self.materials.stretched_terms(view, values.roughness, si, active)
            lost = 1.0 / (a + b) - 1.0
            of_dielectric, of_metal = 1.0 + dielectric * lost, 1.0 + metal * lost
            f0 = dr.lerp(dielectric * of_dielectric, metal * of_metal, values.metallic)
            f90 = dr.lerp(grazing * of_dielectric, of_metal, values.metallic)
            albedo = albedo * (1.0 - (dielectric * a + grazing * b) * of_dielectric)
            reflects = f0 * a + f90 * b
        else:
            f0 = dr.lerp(dielectric, metal, values.metallic)
            f90 = mi.Color3f(dr.lerp(grazing, 1.0, values.metallic))
            reflects = f0 + (f90 - f0) * (1.0 - view.z) ** 5
        return Base(frame, view, albedo, f0, f90, alphas, reflects, not self.materials.conserving)

    def _cover(self, layers: Layers, base: Base, view: Any, active: Any) -> Cover:
        """Return sheen and coat; the coat lies in the interaction's own frame, whatever the normal map says."""
        above = mi.Vector3f(view.x, view.y, dr.maximum(view.z, 1e-4))
        above = dr.normalize(above)
        a, b = self.materials.albedo_terms(above.z, layers.clearcoat_roughness, active)
        if self.materials.conserving:
            f90 = layers.clearcoat * (1.0 + 0.04 * (1.0 / (a + b) - 1.0))
            f0, taken = 0.04 * f90, f90 * (0.04 * a + b)
        else:
            f0 = f90 = taken = layers.clearcoat * (0.04 + 0.96 * (1.0 - above.z) ** 5)
        albedo = self.materials.sheen_albedo(base.view.z, layers.sheen_roughness, active)
        gain = 1.0 / dr.maximum(albedo, 1.0) if self.materials.conserving else mi.Float(1.0)
        fibres = 1.0 - dr.max(layers.sheen_color) * albedo * gain
        return Cover(
            view=above,
            f0=f0,
            f90=f90,
            alpha=dr.maximum(layers.clearcoat_roughness**2, SMOOTHEST),
            taken=taken,
            sheen=layers.sheen_color * gain * (1.0 - taken),
            sheen_albedo=albedo,
            sheen_alpha=dr.maximum(layers.sheen_roughness, LEAST_ROUGHNESS) ** 2,
            keeps=(1.0 - taken) * dr.maximum(fibres, 0.0),
        )

    def _along_stretch(self, frame: Any, layers: Layers, si: Any, active: Any) -> Any:
        """Return ``frame`` turned about its normal so that its first axis is the stretch."""
        tangent = si.to_local(mi.Vector3f(si.shape.eval_attribute_3(TANGENT_ATTRIBUTE, si, active)))
        tangent -= frame.n * dr.dot(frame.n, tangent)
        sign = dr.select(si.shape.eval_attribute_1(SIGN_ATTRIBUTE, si, active) < 0.0, -1.0, 1.0)
        tangent = dr.normalize(tangent)
        sine, cosine = dr.sincos(layers.anisotropy_rotation)
        along = tangent * cosine + dr.cross(frame.n, tangent) * (sign * sine)
        along = dr.select(dr.isfinite(dr.sum(along)), along, frame.s)
        return mi.Frame3f(along, dr.cross(frame.n, along), frame.n)

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


mi.register_bsdf("diorama_gltf", GltfBsdf)


def bsdf_of(materials: Materials) -> Any:
    """Return the BSDF of ``materials``."""
    made = mi.load_dict({"type": "diorama_gltf"})
    made.materials = materials
    return made
