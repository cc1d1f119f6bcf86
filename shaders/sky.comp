// Adds the environment where samples of a pixel see no surface; after the surfaces, like shade.comp.
#include "lib/view.glsl"
#include "lib/environment.glsl"
#include "lib/radiance.glsl"
#include "lib/samples.glsl"
#include "lib/tiles.glsl"
#if FOG
#include "lib/fog.glsl"
#endif

layout(local_size_x = 32, local_size_y = 4) in;

layout(binding = VISIBILITY) uniform usampler2D visibility;

uniform float weight;
uniform uint first;  // 1: nothing was added to the picture yet

void main() {
    if (tile_entry() >= background_groups.w) return;
    uint tile_count = tiles_across(picture).x * tiles_across(picture).y;
    uint entry = tiles[tile_count + tile_entry()];
    uvec2 where = tile_corner(entry & NUMBER, picture) + gl_LocalInvocationID.xy;
    if (any(greaterThanEqual(where, picture))) return;
    vec3 sum = vec3(0.0);
    for (uint n = 0u; n < SIDE * SIDE; ++n)
        if (texelFetch(visibility, sample_texel(where, n, picture), 0).x == 0u && sky_visible != 0u) {
            vec3 along = normalize(ray_through(camera, sample_place(where, n)));
#if FOG
            sum += fog_transmittance_beyond(along) * sky_radiance(along);
#else
            sum += sky_radiance(along);
#endif
        }
    vec4 share = vec4(sum * weight / float(SIDE * SIDE), 0.0);
    add_radiance(where.y * picture.x + where.x, share, vec3(0.0), first != 0u && (entry & MIXED) == 0u);
}
