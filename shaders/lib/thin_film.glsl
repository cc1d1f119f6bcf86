// Provides film_reflectance(): what a thin film makes of the reflectance of what it lies on (Belcour and Barla 2017,
// "A practical extension to microfacet theory for the modeling of varying iridescence"), as KHR_materials_iridescence
// has it: three colours, two interferences.
#include "lib/ggx.glsl"

// The eye's answer, in linear Rec.709, to light that interferes over a path `longer` by so many nanometres: Gaussians
// in the Fourier transform of the CIE curves.
vec3 interference(float longer, vec3 shift) {
    const mat3 REC709 = mat3(3.2404542, -0.9692660, 0.0556434, -1.5371385, 1.8760108, -0.2040259,
                             -0.4985314, 0.0415560, 1.0572252);
    const vec3 strength = vec3(5.4856e-13, 4.4201e-13, 5.2481e-13), place = vec3(1.6810e+06, 1.7953e+06, 2.2084e+06);
    const vec3 spread = vec3(4.3278e+09, 9.3046e+09, 6.6121e+09);
    float phase = 2.0 * PI * longer * 1e-9;
    vec3 xyz = strength * sqrt(2.0 * PI * spread) * cos(place * phase + shift) * exp(-phase * phase * spread);
    xyz.x += 9.7470e-14 * sqrt(2.0 * PI * 4.5282e+09) * cos(2.2399e+06 * phase + shift.x) * exp(-4.5282e+09 * phase * phase);
    return REC709 * (xyz / 1.0685e-7);
}

// At normal incidence, between media of these indices of refraction.
vec3 between(vec3 below, float above) {
    vec3 r = (below - above) / (below + above);
    return r * r;
}

// As seen at `cosine` from the normal, `thickness` in nanometres, over a surface of reflectance f0.
vec3 film_fresnel(float film_ior, float cosine, float thickness, vec3 f0) {
    float ior = mix(1.0, film_ior, smoothstep(0.0, 0.03, thickness));
    float inside = sqrt(max(1.0 - (1.0 - cosine * cosine) / (ior * ior), 0.0));
    float r0 = between(vec3(ior), 1.0).x, upper = r0 + (1.0 - r0) * schlick_weight(cosine), through = 1.0 - upper;
    vec3 root = sqrt(clamp(f0, 0.0, 0.9999)), below = (1.0 + root) / (1.0 - root);
    vec3 r1 = between(below, ior), lower = r1 + (1.0 - r1) * schlick_weight(inside);
    // Reflected inside the film once more, light is turned over at its upper side and where what is below is thinner.
    vec3 shift = PI + PI * vec3(lessThan(below, vec3(ior)));
    vec3 both = clamp(upper * lower, 1e-5, 0.9999), again = through * through * lower / (1.0 - both);
    vec3 sum = upper + again, share = again - through;
    for (int m = 1; m <= 2; ++m) {
        share *= sqrt(both);
        sum += share * 2.0 * interference(2.0 * ior * thickness * inside * float(m), shift * float(m));
    }
    return clamp(sum, 0.0, 1.0);
}

// The reflectance at normal incidence of a surface that, by Schlick's formula, has the film's at `cosine`.
vec3 film_reflectance(float film_ior, float cosine, float thickness, vec3 f0) {
    float grazing = min(schlick_weight(cosine), 0.9999);
    return clamp((film_fresnel(film_ior, cosine, thickness, f0) - grazing) / (1.0 - grazing), 0.0, 1.0);
}
