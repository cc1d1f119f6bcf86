// Provides the lists of tiles (32 x 4 pixels, a work group each) that see a surface, or the background.
#include "lib/bindings.glsl"

const uvec2 TILE = uvec2(32u, 4u);
const uint MIXED = 0x80000000u;    // of an entry: the tile is in the other list too
const uint MIRRORS = 0x40000000u;  // of an entry: smooth metals are seen in the tile
const uint NUMBER = 0x3fffffffu;   // of an entry: the tile

layout(std430, binding = TILES) restrict buffer TileBuffer {
    uvec4 surface_groups, background_groups;  // a dispatch of x * y * 1 groups; w: how many entries
    uint tiles[];                             // surface tiles first, background tiles after tile_count
};

// Which entry of its list a work group has; there are up to y - 1 groups more than entries.
uint tile_entry() {
    return gl_WorkGroupID.x * gl_NumWorkGroups.y + gl_WorkGroupID.y;
}

uvec2 tiles_across(uvec2 size) {
    return (size + TILE - 1u) / TILE;
}

// The corner pixel of a tile by its number, row by row.
uvec2 tile_corner(uint tile, uvec2 size) {
    uint across = tiles_across(size).x;
    return uvec2(tile % across, tile / across) * TILE;
}
