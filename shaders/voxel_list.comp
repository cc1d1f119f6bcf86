// Gives every cell that holds a surface its first record, and every record its cell and face.
#include "lib/voxels.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = VOXEL_GRID_OUT) restrict buffer GridBuffer { uint grid[]; };
layout(std430, binding = VOXEL_KEYS) writeonly restrict buffer KeyBuffer { uint keys[]; };
layout(std430, binding = VOXEL_JOBS) readonly restrict buffer CellBuffer { uvec2 cells[]; };  // level (from bit 28) and cell, first record

uniform uint cell_count;

void main() {
    uint number = gl_WorkGroupID.y * gl_NumWorkGroups.x * 64u + gl_GlobalInvocationID.x;
    if (number >= cell_count) return;
    uint level = cells[number].x >> 28, cell = cells[number].x & 0x0fffffffu, record = cells[number].y;
    Words words = words_of(int(level));
    grid[words.bases + int(cell)] = record;
    uint faces = (grid[words.faces + int(cell >> 2)] >> (8u * (cell & 3u))) & 63u;
    for (uint face = 0u; face < 6u; ++face) {
        if ((faces & (1u << face)) == 0u) continue;
        keys[2u * record] = level << 28 | cell << 3 | face;
        keys[2u * record + 1u] = 0u;
        ++record;
    }
}
