// What smooth metals show of their surroundings: from every sample of a pixel a ray into the voxels, on from what
// else is a smooth metal there, and where the place that it meets is in the picture, what the picture shows there. Adds to what shade.comp left; the sum goes to
// a picture of its own, so that no pixel reads what another has added to.
#include "lib/voxels.glsl"
#include "lib/material.glsl"
#include "lib/open_sky.glsl"
#include "lib/sequence.glsl"
#include "lib/samples.glsl"
#include "lib/tiles.glsl"
#include "lib/mirror.glsl"
#include "lib/output.glsl"
#include "lib/indirect.glsl"
#if FOG
#include "lib/fog.glsl"
#endif

layout(local_size_x = 32, local_size_y = 4) in;

layout(binding = VISIBILITY) uniform usampler2D visibility;
layout(std430, binding = INDIRECT_OUT) writeonly restrict buffer MirrorBuffer { vec4 mirrored[]; };

uniform uint at_color;
uniform float weight;
uniform uint in_picture;  // 1: the picture holds all light of the present time, and may be looked up

// How many surfaces a ray goes to, on from smooth metals.
const int MOST_BOUNCES = 3;

// Cells by which what is met and what the picture shows may be apart.
const float APART = 1.0;

// The light that the picture shows at a place, where it is in view; w is 1 there.
vec4 pictured(vec3 position) {
    float depth = depth_of(camera, position);
    vec2 pixel = pixel_of(camera, position);
    if (depth < near || any(lessThan(pixel, vec2(0.0))) || any(greaterThanEqual(pixel, vec2(picture)))) return vec4(0.0);
    uvec2 at = uvec2(pixel), seen = texelFetch(visibility, sample_texel(at, 0u, picture), 0).xy;
    if (seen.x == 0u) return vec4(0.0);
    Hit hit = hit_at(seen, sample_place(at, 0u), 1.0);
    if (length(hit.position - position) > APART * cell_width(position)) return vec4(0.0);
    Surface s = surface_of(hit);
    if (!is_unlit(hit) && is_mirror(gloss_of(s, lobes_of(s)))) return vec4(0.0);  // it shows an open sky as yet
    return vec4(stored3(at_color, at.y * picture.x + at.x), 1.0);
}

Found reflection(Surface s, Lobes lobes, Gloss gloss, uvec2 where, uint n) {
    vec3 along = around_gloss(gloss, lobes, s.view, even_point(n + TURN, hashed(where)));
    float roughness = gloss.roughness;
    vec3 from = s.position + s.geometric_normal * (LIFT * cell_width(s.position)), sky = sky_reflection(along, roughness);
    if (dot(along, s.geometric_normal) <= 0.0) return Found(sky, sky, 1.0, 0.0);
    vec3 light = vec3(0.0), kept = vec3(1.0);
    float open = 0.0;
    for (int bounce = 0; bounce < MOST_BOUNCES && kept != vec3(0.0); ++bounce) {
        float distance;
        int met = trace(from, along, 1e9, distance);
        vec4 reflectance = met < 0 ? vec4(0.0, 0.0, 0.0, 1.0) : record_texel(met, REFLECTANCE);
        from += along * distance;
        bool goes_on = reflectance.w < SMOOTH && bounce + 1 < MOST_BOUNCES;
        vec4 shown = met < 0 || goes_on || in_picture == 0u ? vec4(0.0) : pictured(from);
        if (met == OPEN_AIR) {
            light += kept * (bounce == 0 ? sky : sky_reflection(along, roughness));
            open = bounce == 0 ? 1.0 : 0.0;
        } else {
            light += kept * (goes_on ? record_texel(met, OWN_LIGHT).rgb : mix(sent_by(met), shown.rgb, shown.w));
        }
        kept = goes_on ? kept * reflectance.rgb : vec3(0.0);
        vec3 normal = unit_plane(record_texel(max(met, 0), PLANE)).xyz;
        along = reflect(along, normal);
        from += normal * (LIFT * cell_width(from));
    }
    return Found(light, sky, open, 0.0);
}

void main() {
    if (tile_entry() >= surface_groups.w) return;
    uint entry = tiles[tile_entry()], count = (entry & MIRRORS) != 0u ? SIDE * SIDE : 0u;
    uvec2 where = tile_corner(entry & NUMBER, picture) + gl_LocalInvocationID.xy;
    if (any(greaterThanEqual(where, picture))) return;
    // Sums over the samples, each times its reflectance: found light, found sky, an open sky's; and reflectance, how
    // much of it is open.
    vec3 light = vec3(0.0), found_sky = vec3(0.0), open_sky = vec3(0.0);
    vec2 reflectance = vec2(0.0);
    for (uint n = 0u; n < count; ++n) {
        uvec2 seen = texelFetch(visibility, sample_texel(where, n, picture), 0).xy;
        if (seen.x == 0u) continue;
        Hit hit = hit_at(seen, sample_place(where, n), 1.0 / float(SIDE));
        if (is_unlit(hit)) continue;
        Surface s = surface_of(hit);
        Lobes lobes = lobes_of(s);
        Gloss gloss = gloss_of(s, lobes);
        uint looks = is_mirror(gloss) ? 1u : 0u;  // a loop: software runs what an `if` leaves out
        for (uint i = 0u; i < looks; ++i) {
            Found found = reflection(s, lobes, gloss, where, n);
            vec3 share = gloss.albedo * specular_occlusion(gloss.n_dot_v, s.occlusion, gloss.roughness);
#if FOG
            share *= fog_transmittance(s.position);
#endif
            light += share * found.light;
            found_sky += share * found.sky;
            open_sky += share * open_gloss(s, lobes, gloss);
            reflectance += share.g * vec2(1.0, found.open);
        }
    }
    vec3 sum = light_of(Found(light, found_sky, reflectance.y / max(reflectance.x, 1e-9), 0.0), open_sky) - open_sky;
    mirrored[where.y * picture.x + where.x] = vec4(sum * weight / float(SIDE * SIDE), 1.0);
}
