// Provides open_gloss(): what a lobe shows of the sky where nothing is in the way, in nits.
#include "lib/environment.glsl"
#include "lib/mirror.glsl"

const uint STRETCH_VIEWS = 8u;

vec3 open_gloss(Surface s, Lobes lobes, Gloss gloss) {
    vec3 whole = sky_reflection(lobe_direction(gloss.normal, s.view, gloss.roughness), gloss.roughness);
#if COATED
    // A stretched lobe: narrow ones beside each other, around normals that lean along the stretch as the slopes of
    // GGX's microfacets do. A loop of no rounds elsewhere.
    uint views = !gloss.is_coat && s.anisotropy > 0.0 ? STRETCH_VIEWS : 0u;
    vec4 sum = vec4(0.0);
    for (uint n = 0u; n < views; ++n) {
        float q = (2.0 * float(n) + 1.0) / float(STRETCH_VIEWS) - 1.0;
        vec3 leaning = gloss.normal - s.along * (lobes.alphas.x * q * inversesqrt(1.0 - q * q));
        vec3 to = lobe_direction(normalize(leaning), s.view, gloss.roughness);
        float weight = max(dot(s.view, leaning), 0.0) * smoothstep(-0.1, 0.1, dot(to, gloss.normal));
        sum += weight * vec4(sky_reflection(to, gloss.roughness), 1.0);
    }
    if (sum.w > 0.0) whole = sum.rgb / sum.w;
#endif
    return whole;
}
