// Provides is_mirror(): which surfaces show their surroundings so sharply that every sample looks for itself; the
// Gloss by which they do; and lobe_direction() and specular_occlusion(), what is known of a lobe without looking.
#include "lib/brdf.glsl"
#include "lib/sequence.glsl"

const float SMOOTH = 0.45, BRIGHT = 0.15;

// The lobe that rays follow: of the base and its coat that which reflects more.
struct Gloss {
    vec3 normal;
    float roughness, widest, n_dot_v;  // roughness along the stretch of a stretched lobe: `widest`
    vec3 albedo;
    bool is_coat;
};

Gloss base_gloss(Surface s, Lobes lobes) {
    Gloss base = Gloss(s.normal, s.roughness, s.roughness, lobes.n_dot_v, lobes.specular_albedo, false);
#if COATED
    if (s.anisotropy > 0.0) base.widest = sqrt(lobes.alphas.x);
#endif
    return base;
}

#if COATED
Gloss coat_gloss(Surface s, Lobes lobes) {
    return Gloss(s.coat_normal, s.coat_roughness, s.coat_roughness, lobes.coat_n_dot_v, lobes.coat_albedo, true);
}
#endif

Gloss gloss_of(Surface s, Lobes lobes) {
#if COATED
    vec3 y = vec3(0.2126, 0.7152, 0.0722);
    if (dot(lobes.coat_albedo, y) > dot(lobes.specular_albedo, y)) return coat_gloss(s, lobes);
#endif
    return base_gloss(s, lobes);
}

// A direction of the gloss, u in the unit square.
vec3 around_gloss(Gloss gloss, Lobes lobes, vec3 view, vec2 u) {
#if COATED
    if (!gloss.is_coat) {
        vec3 local = view * lobes.frame;
        local.z = max(local.z, 1e-3);
        return lobes.frame * reflect(-local, ggx_visible_normal(local, lobes.alphas, u));
    }
#endif
    return around_by_lobe(gloss.normal, view, ggx_alpha(gloss.roughness), u);
}

bool is_mirror(Gloss gloss) {
    vec3 albedo = gloss.albedo;
    return gloss.widest < SMOOTH && max(albedo.r, max(albedo.g, albedo.b)) > BRIGHT;
}

// Where a rough lobe's middle points: between the mirror direction and the normal (Lagarde and
// de Rousiers 2014, "Moving Frostbite to PBR", 4.9.3).
vec3 lobe_direction(vec3 n, vec3 v, float roughness) {
    vec3 mirrored = reflect(-v, n);
    float smooth_part = 1.0 - roughness;
    return normalize(mix(n, mirrored, smooth_part * (sqrt(smooth_part) + roughness)));
}

// How much of the lobe the occlusion hides (the same, 4.10.2).
float specular_occlusion(float n_dot_v, float occlusion, float roughness) {
    return clamp(pow(n_dot_v + occlusion, exp2(-16.0 * roughness - 1.0)) - 1.0 + occlusion, 0.0, 1.0);
}
