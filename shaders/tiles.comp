// Sorts the tiles of a picture into those that see a surface and those that see the background, so
// that neither is worked out where it is not seen. The order of a list reaches no pixel.
#include "lib/tiles.glsl"

layout(local_size_x = 64) in;

layout(binding = VISIBILITY) uniform usampler2D visibility;

uniform uvec2 size;     // of the picture in pixels
uniform uint samples;   // of the visibility buffer along each side of a pixel

void main() {
    uint tile = gl_GlobalInvocationID.x, tile_count = tiles_across(size).x * tiles_across(size).y;
    if (tile >= tile_count) return;
    uvec2 corner = tile_corner(tile, size) * samples;
    uvec2 end = min(tile_corner(tile, size) + TILE, size) * samples;
    bool surface = false, background = false;
    for (uint y = corner.y; y < end.y && !(surface && background); ++y)
        for (uint x = corner.x; x < end.x; ++x) {
            bool covered = texelFetch(visibility, ivec2(x, y), 0).x != 0u;
            surface = surface || covered;
            background = background || !covered;
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
