// Sorts the tiles of a picture into those that see a surface and those that see the background, so
// that neither is worked out where it is not seen. The order of a list reaches no pixel.
#include "lib/tiles.glsl"

layout(local_size_x = 64) in;

layout(binding = VISIBILITY) uniform usampler2D visibility;

uniform uvec2 size;     // of the picture in pixels
uniform uint samples;   // along each side of a pixel, each a picture of its own

void main() {
    uint tile = gl_GlobalInvocationID.x, tile_count = tiles_across(size).x * tiles_across(size).y;
    if (tile >= tile_count) return;
    uvec2 corner = tile_corner(tile, size), extent = min(TILE, size - corner);
    bool surface = false, background = false;
    for (uint row = 0u; row < samples * samples * extent.y && !(surface && background); ++row) {
        uint n = row / extent.y;
        uvec2 start = corner + uvec2(0u, row % extent.y) + uvec2(n % samples, n / samples) * size;
        for (uint x = 0u; x < extent.x; ++x) {
            bool covered = texelFetch(visibility, ivec2(start + uvec2(x, 0u)), 0).x != 0u;
            surface = surface || covered;
            background = background || !covered;
        }
    }
    uint entry = tile | (surface && background ? MIXED : 0u);
    if (surface) {
        uint place = atomicAdd(surface_groups.w, 1u);
        tiles[place] = entry;
        if (place % surface_groups.y == 0u) atomicAdd(surface_groups.x, 1u);
    }
    if (background) {
        uint place = atomicAdd(background_groups.w, 1u);
        tiles[tile_count + place] = entry;
        if (place % background_groups.y == 0u) atomicAdd(background_groups.x, 1u);
    }
}
