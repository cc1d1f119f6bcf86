// Lights the surfaces that pixels see. SAMPLES x SAMPLES points of the visibility buffer are shaded
// and averaged; the result is added, weighted, to what earlier shutter times left. Textures are read
// FINER times finer than the samples lie, where other times fill the gaps between them.
#include "lib/material.glsl"
#include "lib/lighting.glsl"
#include "lib/radiance.glsl"
#include "lib/samples.glsl"
#include "lib/tiles.glsl"

layout(local_size_x = 32, local_size_y = 4) in;

layout(binding = VISIBILITY) uniform usampler2D visibility;

uniform float weight;
uniform uint first;  // 1: nothing was added to the picture yet

// Of sample n, at a `place` in the picture; adds to `hidden` what of the sky's light things keep off, and tells
// mirror.comp of smooth metals.
vec3 radiance_of(Hit hit, uvec2 where, vec2 place, uint n, inout vec3 hidden, inout bool mirrors) {
    Surface s = surface_of(hit);
    if (is_unlit(hit)) return s.base_color;
    Indirect indirect = OPEN;
#if BOUNCES
    indirect = indirect_at(place, s.position, s.normal, s.depth);
    mirrors = mirrors || is_mirror(gloss_of(s, lobes_of(s)));
#endif
    return sent_through_coat(s) + direct_light(s, where, n, SIDE * SIDE, hidden) + ambient_light(s, indirect);
}

void main() {
    if (tile_entry() >= surface_groups.w) return;
    uvec2 where = tile_corner(tiles[tile_entry()] & NUMBER, picture) + gl_LocalInvocationID.xy;
    if (any(greaterThanEqual(where, picture))) return;
    vec4 sum = vec4(0.0);
    vec3 hidden = vec3(0.0);
    bool mirrors = false;
    for (uint n = 0u; n < SIDE * SIDE; ++n) {
        uvec2 seen = texelFetch(visibility, sample_texel(where, n, picture), 0).xy;
        if (seen.x == 0u) continue;
        vec2 place = sample_place(where, n);
        Hit hit = hit_at(seen, place, 1.0 / float(SIDE * uint(FINER)));
#if FOG
        vec3 kept_off = vec3(0.0);
        float through = fog_transmittance(hit.position);
        sum += vec4(through * radiance_of(hit, where, place, n, kept_off, mirrors), 1.0);
        hidden += through * kept_off;
#else
        sum += vec4(radiance_of(hit, where, place, n, hidden, mirrors), 1.0);
#endif
    }
    if (mirrors) atomicOr(tiles[tile_entry()], MIRRORS);
    float share = weight / float(SIDE * SIDE);
    add_radiance(where.y * picture.x + where.x, sum * share, hidden * share, first != 0u);
}
