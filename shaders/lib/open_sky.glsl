// Provides open_gloss(): what a lobe shows of the sky where nothing is in the way, in nits.
#include "lib/environment.glsl"
#include "lib/mirror.glsl"

vec3 open_gloss(Surface s, Lobes lobes, Gloss gloss) {
    vec3 whole = sky_reflection(lobe_direction(gloss.normal, s.view, gloss.roughness), gloss.roughness);
#if COATED
    uint views = gloss.is_coat ? 0u : stretch_views(s);
    float roughness = leaning_roughness(s, lobes);
    vec4 sum = vec4(0.0);
    for (uint n = 0u; n < views; ++n) {
        vec3 normal = leaning(s, lobes, n), to = lobe_direction(normalize(normal), s.view, roughness);
        vec3 local = vec3((to * lobes.frame).xy * lobes.alphas, max(dot(to, s.normal), 0.0));
        float weight = max(dot(s.view, normal), 0.0) * local.z / max(local.z + length(local), 1e-6);  // Smith's masking
        sum += weight * vec4(sky_reflection(to, roughness), 1.0);
    }
    if (sum.w > 0.0) whole = sum.rgb / sum.w;
#endif
    return whole;
}
