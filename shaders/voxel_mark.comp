// Puts triangles into the voxels, in two runs over the same list: with KEYS 0 it marks in which cells surfaces
// lie and how they face, with KEYS 1 it leaves in every record the number of one of its triangles. Whichever order
// the groups run in, the marks are the same and the largest number stays.
#include "lib/voxels.glsl"
#include "lib/geometry.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = VOXEL_GRID_OUT) restrict buffer GridBuffer { uint grid[]; };
layout(std430, binding = VOXEL_KEYS) restrict buffer KeyBuffer { uint keys[]; };

// What a group does: instance row, whether backs can be met (bit 27), level (28 to 30), whether both sides are seen (31); its first triangle; how many triangles, or 0 for
// a part of one large triangle: the 8 x 8 columns of cells whose numbers (16 bits each way) stand behind.
layout(std430, binding = VOXEL_JOBS) readonly restrict buffer JobBuffer { uvec4 jobs[]; };

uniform uint job_count;

// Cells by which triangles reach beyond their edges: rounding, no more, so that on average they cover what they are.
const float OVERLAP = 1e-3;

const uint BOTH = 0x80000000u, ROW = 0x07ffffffu;

void put(Words words, ivec3 cell, uint face, uint number) {
    int side = voxel_counts.x, place = cell_number(cell, side);
#if KEYS
    uint faces = (grid[words.faces + (place >> 2)] >> (8 * (place & 3))) & 63u;
    uint record = grid[words.bases + place] + uint(bitCount(faces & ((1u << face) - 1u)));
    atomicMax(keys[2u * record + 1u], number + 1u);
#else
    atomicOr(grid[words.faces + (place >> 2)], 1u << (uint(8 * (place & 3)) + face));
    atomicOr(grid[words.blocks + cell_number(cell >> 2, side >> 2)], 1u);
    atomicOr(grid[words.marks + cell_number(cell >> 3, side >> 3)], 1u);
#endif
}

// The cells of a column that the triangle's plane crosses: the column is seen along the normal's largest part.
void put_column(Words words, vec3 a, vec3 n, int axis, ivec2 column, uint faces, uint number) {
    int u = (axis + 1) % 3, v = (axis + 2) % 3, side = voxel_counts.x;
    vec2 centre = vec2(column) + 0.5;
    float middle = a[axis] - (n[u] * (centre.x - a[u]) + n[v] * (centre.y - a[v])) / n[axis];
    float spread = 0.5 * (abs(n[u]) + abs(n[v])) / abs(n[axis]);
    int low = max(int(floor(middle - spread + 1e-3)), 0), high = min(int(floor(middle + spread - 1e-3)), side - 1);
    high = max(high, low);
    if (low >= side || middle + spread < 0.0) return;
    for (int depth = low; depth <= high; ++depth) {
        ivec3 cell;
        cell[axis] = depth;
        cell[u] = column.x;
        cell[v] = column.y;
        for (uint face = 0u; face < 6u; ++face)
            if ((faces & (1u << face)) != 0u) put(words, cell, face, number);
    }
}

// How far inside the edge from a to b a point lies, in cells.
float inside(vec2 a, vec2 b, vec2 p) {
    vec2 along = b - a, off = p - a;
    return (along.x * off.y - along.y * off.x) / max(length(along), 1e-6);
}

void main() {
    uint group = gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, lane = gl_LocalInvocationIndex;
    if (group >= job_count) return;
    uvec4 job = jobs[group];
    bool is_large = job.z == 0u;
    if (!is_large && lane >= job.z) return;
    uint draw = job.x & ROW;
    int level = int(job.x >> 28) & 7;
    Words words = words_of(level);
    ivec3 vertex = triangle_vertices(instance_numbers(draw), job.y + (is_large ? 0u : lane));
    Affine place = instance_transform(draw, CURRENT);
    vec3 a = into_cells(apply(place, vertex_position_u(vertex.x).xyz), level);
    vec3 b = into_cells(apply(place, vertex_position_u(vertex.y).xyz), level);
    vec3 c = into_cells(apply(place, vertex_position_u(vertex.z).xyz), level);
    vec3 n = cross(b - a, c - a), m = abs(n);
    if (!(dot(n, n) > 1e-16)) return;
    float handed = dot(place.row0.xyz, cross(place.row1.xyz, place.row2.xyz)) < 0.0 ? -1.0 : 1.0;
    uint faces = 1u << face_of(n * handed);
    if ((job.x & BOTH) != 0u) faces |= 1u << face_of(-n * handed);
    int axis = m.x >= m.y && m.x >= m.z ? 0 : (m.y >= m.z ? 1 : 2), u = (axis + 1) % 3, v = (axis + 2) % 3;
    vec2 pa = vec2(a[u], a[v]), pb = vec2(b[u], b[v]), pc = vec2(c[u], c[v]);
    float turn = inside(pa, pb, pc) < 0.0 ? -1.0 : 1.0;
    vec2 first = min(pa, min(pb, pc)), last = max(pa, max(pb, pc)), most = vec2(voxel_counts.x - 1);
    ivec2 low = ivec2(clamp(ceil(first - 0.5 - OVERLAP), vec2(0.0), most + 1.0));
    ivec2 high = ivec2(clamp(floor(last - 0.5 + OVERLAP), vec2(-1.0), most));
    if (is_large) {
        ivec2 column = 8 * ivec2(job.w & 0xffffu, job.w >> 16) + ivec2(lane % 8u, lane / 8u);
        low = max(low, column);
        high = min(high, column);
    }
    for (int y = low.y; y <= high.y; ++y) {
        for (int x = low.x; x <= high.x; ++x) {
            vec2 p = vec2(x, y) + 0.5;
            float least = min(turn * inside(pa, pb, p), min(turn * inside(pb, pc, p), turn * inside(pc, pa, p)));
            if (least >= -OVERLAP) put_column(words, a, n, axis, ivec2(x, y), faces, 64u * group + lane);
        }
    }
}
