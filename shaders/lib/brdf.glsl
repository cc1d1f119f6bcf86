// Provides the BRDF of a Surface: lobes_of(), reflected() and the reflectance of its lobes.
#include "lib/surface.glsl"
#include "lib/light_block.glsl"
#include "lib/ggx.glsl"
#if COATED
#include "lib/charlie.glsl"
#include "lib/thin_film.glsl"
#endif

// Tables, one below the other. See brdf_table.comp; across: n.v, down: perceptual roughness. ltc.py's, sheen_table.comp's.
layout(binding = BRDF_TABLE) uniform sampler2D brdf_table;

const float TABLE_SIZE = 64.0, TABLES = 4.0;

// What of the BRDF does not depend on the light.
struct Lobes {
    vec3 f0, f90;      // specular reflectance at normal and grazing incidence
    vec3 diffuse;      // albedo / pi
    float fresnel;     // 1: the diffuse lobe loses 1 - F by the half vector (glTF), 0: it is scaled already
    float alpha;
    float n_dot_v;
    vec3 specular_albedo;  // of the specular lobe under uniform light
    vec3 diffuse_albedo;   // of the diffuse lobe likewise
#if COATED
    mat3 frame;            // along, across, normal; the specular lobe is `alphas` wide along the first two
    vec2 alphas;
    float kept;            // what the layers above leave of both lobes; it is in their albedos already
    vec3 sheen;            // colour
    float sheen_alpha;
    vec3 sheen_albedo;
    vec3 coat_normal;
    float coat_n_dot_v, coat_alpha, coat_f0, coat_f90;
    vec3 coat_albedo;
#endif
};

// The table at (n.v, roughness): its outermost texel centres are the ends of both axes.
vec4 table_at(float across, float roughness) {
    vec2 at = clamp(vec2(across, roughness), 0.0, 1.0);
    return textureLod(brdf_table, (at * (TABLE_SIZE - 1.0) + 0.5) / vec2(TABLE_SIZE, TABLES * TABLE_SIZE), 0.0);
}

// Specular light lost between microfacets, given back (Turquin 2019, "Practical multiple scattering
// compensation for microfacet models"): the lobe's own albedo e at reflectance 1 becomes 1.
vec3 compensation(vec3 f0, float e) {
    return 1.0 + f0 * (1.0 / e - 1.0);
}

#if COATED
float sheen_table_at(float n_dot_v, float roughness) {
    vec2 at = clamp(vec2(n_dot_v, roughness), 0.0, 1.0) * (TABLE_SIZE - 1.0) + 0.5 + vec2(0.0, 2.0 * TABLE_SIZE);
    return textureLod(brdf_table, at / vec2(TABLE_SIZE, TABLES * TABLE_SIZE), 0.0).x;
}

const uint STRETCH_LOOKS = 24u;

// Brings the frame and the widths of the specular lobe; where it is stretched, its albedo is a sum instead of the
// table's. A loop of no rounds costs nothing in software, an `if` does: see soft_shadow.glsl.
void stretch(Surface s, inout Lobes b, inout vec4 table) {
    b.frame = mat3(s.along, cross(s.normal, s.along), s.normal);
    b.alphas = vec2(mix(b.alpha, 1.0, s.anisotropy * s.anisotropy), b.alpha);
    vec3 view = s.view * b.frame;
    view = normalize(vec3(view.xy, b.n_dot_v));
    vec2 albedo = ggx_albedo(view, b.alphas, s.anisotropy > 0.0 ? STRETCH_LOOKS : 0u);
    if (s.anisotropy > 0.0) table.xy = albedo;
}

// Puts the film on the reflectance of both materials.
void iridesce(Surface s, float n_dot_v, inout vec3 dielectric, inout vec3 metal) {
    uint films = s.iridescence > 0.0 ? 1u : 0u;
    for (uint n = 0u; n < films; ++n) {
        dielectric = mix(dielectric, film_reflectance(s.film_ior, n_dot_v, s.film_thickness, dielectric), s.iridescence);
        metal = mix(metal, film_reflectance(s.film_ior, n_dot_v, s.film_thickness, metal), s.iridescence);
    }
}

// Adds sheen and coat, and takes from the lobes below what these reflect (KHR_materials_sheen's albedo scaling by
// the view alone, KHR_materials_clearcoat). What a film or a coat does to `conserving` is what the base does.
void cover(Surface s, inout Lobes b) {
    float e = sheen_table_at(b.n_dot_v, s.sheen_roughness), gain = conserving == 0u ? 1.0 : 1.0 / max(e, 1.0);
    float most = max(s.sheen_color.r, max(s.sheen_color.g, s.sheen_color.b));
    b.sheen_alpha = sheen_alpha(s.sheen_roughness);
    b.coat_normal = s.coat_normal;
    b.coat_alpha = ggx_alpha(s.coat_roughness);
    b.coat_n_dot_v = clamp(dot(s.coat_normal, s.view), 1e-4, 1.0);
    vec4 table = table_at(b.coat_n_dot_v, s.coat_roughness);
    float seen = s.coat * (0.04 + 0.96 * schlick_weight(b.coat_n_dot_v)), below = 1.0 - seen;
    b.coat_f0 = b.coat_f90 = seen;
    if (conserving != 0u) {
        float whole = compensation(vec3(0.04), table.x + table.y).x * s.coat;
        b.coat_f0 = 0.04 * whole;
        b.coat_f90 = whole;
        below = 1.0 - (b.coat_f0 * table.x + b.coat_f90 * table.y);
    }
    b.coat_albedo = vec3(b.coat_f0 * table.x + b.coat_f90 * table.y);
    b.sheen = s.sheen_color * (gain * below);
    b.sheen_albedo = b.sheen * e;
    b.kept = below * max(1.0 - most * e * gain, 0.0);
    b.specular_albedo *= b.kept;
    b.diffuse_albedo *= b.kept;
}
#endif

Lobes lobes_of(Surface s) {
    Lobes b;
    b.alpha = ggx_alpha(s.roughness);
    b.n_dot_v = clamp(dot(s.normal, s.view), 1e-4, 1.0);
    vec4 table = table_at(b.n_dot_v, s.roughness);
    vec3 dielectric = vec3(0.04 * s.specular), metal = s.base_color;
    float grazing = s.specular;
#if COATED
    stretch(s, b, table);
    dielectric = s.reflectance * s.specular;
    iridesce(s, b.n_dot_v, dielectric, metal);
    grazing = mix(s.specular, 1.0, s.iridescence);
#endif
    vec3 albedo = s.base_color * (1.0 - s.metallic);
    if (conserving == 0u) {
        b.f0 = mix(dielectric, metal, s.metallic);
        b.f90 = vec3(mix(grazing, 1.0, s.metallic));
        b.fresnel = 1.0;
        b.diffuse_albedo = albedo * (1.0 - b.f0 - (b.f90 - b.f0) * table.w);
    } else {
        // Both materials are made whole on their own and then mixed, so every mixture is whole too.
        float e = table.x + table.y;
        vec3 dielectric_gain = compensation(dielectric, e), metal_gain = compensation(metal, e);
        b.f0 = mix(dielectric * dielectric_gain, metal * metal_gain, s.metallic);
        b.f90 = mix(grazing * dielectric_gain, metal_gain, s.metallic);
        b.fresnel = 0.0;
        albedo *= 1.0 - (dielectric * table.x + grazing * table.y) * dielectric_gain;
        b.diffuse_albedo = albedo;
    }
    b.diffuse = albedo / PI;
    b.specular_albedo = b.f0 * table.x + b.f90 * table.y;
#if COATED
    cover(s, b);
#endif
    return b;
}

#if COATED
// A stretched lobe as narrower ones beside each other, around normals that lean along the stretch as the slopes of
// GGX's microfacets do: how many, the n-th one's normal (its length is its weight's), and how rough they are.
const uint STRETCH_VIEWS = 8u;

uint stretch_views(Surface s) { return s.anisotropy > 0.0 ? STRETCH_VIEWS : 0u; }

vec3 leaning(Surface s, Lobes b, uint n) {
    float q = (2.0 * float(n) + 1.0) / float(STRETCH_VIEWS) - 1.0;
    return s.normal - s.along * (b.alphas.x * q * inversesqrt(1.0 - q * q));
}

float leaning_roughness(Surface s, Lobes b) { return max(s.roughness, sqrt(b.alphas.x / float(STRETCH_VIEWS))); }
#endif

// The lobes as a light sees them that is `radius` (radians) wide.
Lobes widened(Lobes b, float radius) {
    if (radius > 0.0) {
        b.alpha = sqrt(b.alpha * b.alpha + 0.25 * radius * radius);
#if COATED
        b.alphas = sqrt(b.alphas * b.alphas + 0.25 * radius * radius);
        b.coat_alpha = sqrt(b.coat_alpha * b.coat_alpha + 0.25 * radius * radius);
#endif
    }
    return b;
}

#if COATED
vec3 reflected_by_sheen(Lobes b, vec3 n, vec3 v, vec3 l) {
    float n_dot_l = clamp(dot(n, l), 1e-4, 1.0);
    return b.sheen * (charlie(n_dot_l, b.n_dot_v, dot(n, normalize(v + l + 1e-6 * n)), b.sheen_alpha) * n_dot_l);
}

float reflected_by_coat(Lobes b, vec3 v, vec3 l) {
    float n_dot_l = dot(b.coat_normal, l);
    if (n_dot_l <= 0.0) return 0.0;
    vec3 sum = v + l, h = sum * inversesqrt(max(dot(sum, sum), 1e-12));
    float f = b.coat_f0 + (b.coat_f90 - b.coat_f0) * schlick_weight(dot(v, h));
    float d = ggx_distribution(b.coat_normal, h, clamp(dot(b.coat_normal, h), 0.0, 1.0), b.coat_alpha);
    return n_dot_l * f * d * ggx_visibility(b.coat_n_dot_v, min(n_dot_l, 1.0), b.coat_alpha);
}
#endif

// BRDF times n.l, per steradian, for light arriving from the unit direction l.
vec3 reflected(Lobes b, vec3 n, vec3 v, vec3 l) {
    float n_dot_l = min(dot(n, l), 1.0);
#if COATED
    if (n_dot_l <= 0.0) return vec3(reflected_by_coat(b, v, l));
#else
    if (n_dot_l <= 0.0) return vec3(0.0);
#endif
    vec3 sum = v + l;
    vec3 h = sum * inversesqrt(max(dot(sum, sum), 1e-12));
    vec3 f = b.f0 + (b.f90 - b.f0) * schlick_weight(dot(v, h));
#if COATED
    float d = ggx_distribution(h * b.frame, b.alphas);
    float g = ggx_visibility(normalize(vec3((v * b.frame).xy, b.n_dot_v)), vec3((l * b.frame).xy, n_dot_l), b.alphas);
    vec3 base = n_dot_l * (b.diffuse * (1.0 - b.fresnel * f) + f * (d * g));
    vec3 sheen = b.sheen == vec3(0.0) ? vec3(0.0) : reflected_by_sheen(b, n, v, l);
    return b.kept * base + sheen + reflected_by_coat(b, v, l);
#else
    float d = ggx_distribution(n, h, clamp(dot(n, h), 0.0, 1.0), b.alpha);
    float g = ggx_visibility(b.n_dot_v, n_dot_l, b.alpha);
    return n_dot_l * (b.diffuse * (1.0 - b.fresnel * f) + f * (d * g));
#endif
}
