// Provides is_mirror(): which surfaces show their surroundings so sharply that every sample looks for itself.
#include "lib/brdf.glsl"

const float SMOOTH = 0.45, BRIGHT = 0.15;

bool is_mirror(Surface s, Lobes lobes) {
    vec3 albedo = lobes.specular_albedo;
    return s.roughness < SMOOTH && max(albedo.r, max(albedo.g, albedo.b)) > BRIGHT;
}
