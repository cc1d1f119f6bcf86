// Provides is_mirror(): which surfaces show their surroundings so sharply that every sample looks for itself; and
// lobe_direction() and specular_occlusion(), what is known of a lobe without looking.
#include "lib/brdf.glsl"

const float SMOOTH = 0.45, BRIGHT = 0.15;

bool is_mirror(Surface s, Lobes lobes) {
    vec3 albedo = lobes.specular_albedo;
    return s.roughness < SMOOTH && max(albedo.r, max(albedo.g, albedo.b)) > BRIGHT;
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
