// Provides the metallic-roughness BRDF of a Surface: lobes_of(), reflected() and the reflectance of both lobes.
#include "lib/surface.glsl"
#include "lib/light_block.glsl"
#include "lib/ggx.glsl"

// Two tables, one below the other. See brdf_table.comp; across: n.v, down: perceptual roughness. And ltc.py's.
layout(binding = BRDF_TABLE) uniform sampler2D brdf_table;

const float TABLE_SIZE = 64.0;

// What of the BRDF does not depend on the light.
struct Lobes {
    vec3 f0, f90;      // specular reflectance at normal and grazing incidence
    vec3 diffuse;      // albedo / pi
    float fresnel;     // 1: the diffuse lobe loses 1 - F by the half vector (glTF), 0: it is scaled already
    float alpha;
    float n_dot_v;
    vec3 specular_albedo;  // of the specular lobe under uniform light
    vec3 diffuse_albedo;   // of the diffuse lobe likewise
};

// The table at (n.v, roughness): its outermost texel centres are the ends of both axes.
vec4 table_at(float across, float roughness) {
    vec2 at = clamp(vec2(across, roughness), 0.0, 1.0);
    return textureLod(brdf_table, (at * (TABLE_SIZE - 1.0) + 0.5) / vec2(TABLE_SIZE, 2.0 * TABLE_SIZE), 0.0);
}

// Specular light lost between microfacets, given back (Turquin 2019, "Practical multiple scattering
// compensation for microfacet models"): the lobe's own albedo e at reflectance 1 becomes 1.
vec3 compensation(vec3 f0, float e) {
    return 1.0 + f0 * (1.0 / e - 1.0);
}

Lobes lobes_of(Surface s) {
    Lobes b;
    b.alpha = ggx_alpha(s.roughness);
    b.n_dot_v = clamp(dot(s.normal, s.view), 1e-4, 1.0);
    vec4 table = table_at(b.n_dot_v, s.roughness);
    vec3 dielectric = vec3(0.04 * s.specular);
    vec3 albedo = s.base_color * (1.0 - s.metallic);
    if (conserving == 0u) {
        b.f0 = mix(dielectric, s.base_color, s.metallic);
        b.f90 = vec3(mix(s.specular, 1.0, s.metallic));
        b.fresnel = 1.0;
        b.diffuse_albedo = albedo * (1.0 - b.f0 - (b.f90 - b.f0) * table.w);
    } else {
        // Both materials are made whole on their own and then mixed, so every mixture is whole too.
        float e = table.x + table.y;
        vec3 dielectric_gain = compensation(dielectric, e), metal_gain = compensation(s.base_color, e);
        b.f0 = mix(dielectric * dielectric_gain, s.base_color * metal_gain, s.metallic);
        b.f90 = mix(s.specular * dielectric_gain, metal_gain, s.metallic);
        b.fresnel = 0.0;
        albedo *= 1.0 - (dielectric * table.x + s.specular * table.y) * dielectric_gain;
        b.diffuse_albedo = albedo;
    }
    b.diffuse = albedo / PI;
    b.specular_albedo = b.f0 * table.x + b.f90 * table.y;
    return b;
}

// BRDF times n.l, per steradian, for light arriving from the unit direction l.
vec3 reflected(Lobes b, vec3 n, vec3 v, vec3 l) {
    float n_dot_l = min(dot(n, l), 1.0);
    if (n_dot_l <= 0.0) return vec3(0.0);
    vec3 sum = v + l;
    vec3 h = sum * inversesqrt(max(dot(sum, sum), 1e-12));
    vec3 f = b.f0 + (b.f90 - b.f0) * schlick_weight(dot(v, h));
    float d = ggx_distribution(n, h, clamp(dot(n, h), 0.0, 1.0), b.alpha);
    float g = ggx_visibility(b.n_dot_v, n_dot_l, b.alpha);
    return n_dot_l * (b.diffuse * (1.0 - b.fresnel * f) + f * (d * g));
}
