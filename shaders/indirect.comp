// What light falls on the surfaces that pixels see by way of other surfaces, and what these keep of the sky's away:
// for every other pixel each way, rays into the voxels. The directions of 4 x 4 entries are those of one entry with sixteen times as many rays; indirect_filter.comp joins them.
#include "lib/voxels.glsl"
#include "lib/material.glsl"
#include "lib/environment.glsl"
#include "lib/sequence.glsl"
#include "lib/samples.glsl"
#include "lib/glow.glsl"
#include "lib/mirror.glsl"
#include "lib/indirect.glsl"

layout(local_size_x = 32, local_size_y = 4) in;

layout(binding = VISIBILITY) uniform usampler2D visibility;

uniform uint rays, specular_rays;

// A sky that is asked in few places is asked about what lies around them.
const float SKY_ROUGHNESS = 0.5;

// Lobes rougher than this find what shines by rays to it, others by chance.
const float NARROW = 0.25;

const uint GLOW_RAYS = 8u;

const Found NOTHING = Found(vec3(0.0), vec3(0.0), 0.0, 0.0);

// Adds what one ray finds; what shines by itself is left out where it has rays of its own.
void look(vec3 from, vec3 along, float roughness, bool shining, inout Found sum) {
    float distance;
    int met = trace(from, along, 1e9, distance);
    vec3 sky = sky_reflection(along, roughness);
    sum.sky += sky;
    sum.open += met == OPEN_AIR ? 1.0 : 0.0;
    sum.nearness += met == OPEN_AIR ? 0.0 : 1.0 / max(distance, 1e-6);
    sum.light += met == OPEN_AIR ? sky : (shining ? sent_by(met) : reflected_by(met));
}

// A ray that would lead into the surface, turned back above it: none is lost, or rough metals would be too dark.
vec3 above(vec3 along, vec3 normal) { return along - 2.0 * min(dot(along, normal), 0.0) * normal; }

Found mean_of(Found sum, float count) {
    return Found(sum.light / count, sum.sky / count, sum.open / count, sum.nearness / count);
}

Found diffuse_light(Surface s, vec3 from, uint pattern, vec2 start) {
    Found sum = NOTHING;
    float count = 0.0;
    for (uint n = 0u; n < rays; ++n) {
        vec3 along = around_by_cosine(s.normal, fract(start + hammersley(pattern * rays + n, 16u * rays)));
        along = above(along, s.geometric_normal);
        look(from, along, SKY_ROUGHNESS, false, sum);
        count += 1.0;
    }
    sum = mean_of(sum, max(count, 1.0));
    return sum;
}

Found specular_light(Surface s, vec3 from, uint pattern, vec2 start) {
    Found sum = NOTHING;
    float count = 0.0;
#if COATED
    Lobes lobes = lobes_of(s);
    Gloss gloss = gloss_of(s, lobes);
    float roughness = gloss.roughness;
#else
    float alpha = ggx_alpha(s.roughness), roughness = s.roughness;
#endif
    for (uint n = 0u; n < specular_rays; ++n) {
        vec2 u = fract(start + hammersley(pattern * specular_rays + n, 16u * specular_rays));
#if COATED
        vec3 along = around_gloss(gloss, lobes, s.view, u);
#else
        vec3 along = around_by_lobe(s.normal, s.view, alpha, u);
#endif
        along = above(along, s.geometric_normal);
        look(from, along, roughness, roughness < NARROW, sum);
        count += 1.0;
    }
    return mean_of(sum, max(count, 1.0));
}

// Adds what shines by itself to both lobes, by rays to a few places on it.
void add_glow(Surface s, vec3 from, uint pattern, inout vec3 diffuse, inout vec3 specular) {
    uint count = min(glow_count.x, GLOW_RAYS);
    float share = float(glow_count.x) / float(max(count, 1u)), n_dot_v = clamp(dot(s.normal, s.view), 1e-4, 1.0);
    float alpha = ggx_alpha(s.roughness);
    vec2 whole = table_at(n_dot_v, s.roughness).xy;
    for (uint n = 0u; n < count; ++n) {
        vec3 along;
        vec3 power = share * glow_from(glow_place(n, count, pattern, 16u), from, along);
        float n_dot_l = max(dot(s.normal, along), 0.0);
        vec3 h = normalize(along + s.view);
        float lobe = ggx_distribution(s.normal, h, clamp(dot(s.normal, h), 0.0, 1.0), alpha) *
                     ggx_visibility(n_dot_v, n_dot_l, alpha) / (whole.x + whole.y);
        diffuse += power * (n_dot_l / PI);
        if (s.roughness >= NARROW) specular += power * (n_dot_l * lobe);
    }
}

void main() {
    uvec2 at = gl_GlobalInvocationID.xy;
    if (any(greaterThanEqual(at, indirect_size))) return;
    uint place = ENTRY * (at.y * indirect_size.x + at.x);
    uvec2 pixel = entry_pixel(at);
    uvec2 seen = texelFetch(visibility, sample_texel(pixel, 0u, picture), 0).xy;
    vec4 geometry = vec4(0.0);
    Found diffuse = NOTHING, specular = diffuse;
    vec3 glow = vec3(0.0);
    if (seen.x != 0u) {
        Hit hit = hit_at(seen, sample_place(pixel, 0u), 1.0);
        Surface s = surface_of(hit);
        vec3 from = s.position + s.geometric_normal * (LIFT * cell_width(s.position));
        uint pattern = (at.x & 3u) + 4u * (at.y & 3u);
        vec2 start = hashed(at / 4u + 977u * TURN);
        geometry = vec4(s.normal, s.depth);
        diffuse = diffuse_light(s, from, pattern, start);
        specular = specular_light(s, from, pattern, start);
        add_glow(s, from, pattern, glow, specular.light);
    }
    indirect[place] = geometry;
    indirect[place + 1u] = vec4(diffuse.light, diffuse.open);
    indirect[place + 2u] = vec4(diffuse.sky, diffuse.nearness);
    indirect[place + 3u] = vec4(specular.light, specular.open);
    indirect[place + 4u] = vec4(specular.sky, specular.nearness);
    indirect[place + 5u] = vec4(glow, 0.0);
}
