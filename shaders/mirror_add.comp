// Adds what mirror.comp found to the picture.
#include "lib/view.glsl"
#include "lib/tiles.glsl"
#include "lib/output.glsl"

layout(local_size_x = 32, local_size_y = 4) in;

layout(std430, binding = INDIRECT_OUT) readonly restrict buffer MirrorBuffer { vec4 mirrored[]; };

uniform uint at_color;

void main() {
    if (tile_entry() >= surface_groups.w) return;
    uvec2 where = tile_corner(tiles[tile_entry()] & NUMBER, picture) + gl_LocalInvocationID.xy;
    if (any(greaterThanEqual(where, picture))) return;
    uint pixel = where.y * picture.x + where.x;
    store(at_color, pixel, max(stored3(at_color, pixel) + mirrored[pixel].rgb, vec3(0.0)));
}
