// Provides the voxels of a scene and trace(): cubes of cells, each inside the next coarser one, that know which way
// the surfaces in them face.
//
// A cell has up to six records, one for each way a surface in it can face (+X -X +Y -Y +Z -Z, by the largest part
// of its normal). A record is a piece of plane: where a ray meets the plane inside the cell is where it hits, so
// that surfaces are no coarser than flat pieces of a cell's size, and none shadows itself.
#include "lib/bindings.glsl"

const int MOST_LEVELS = 6;

layout(std140, binding = VOXEL_CUBE) uniform VoxelBlock {
    vec4 voxel_levels[MOST_LEVELS];  // finest first: lowest corner (metres, world axes, from the camera), a cell's width
    ivec4 voxel_counts;              // cells along a side, records, levels
};

// Words, level after level: a mark for each 8 x 8 x 8 cells, one for each 4 x 4 x 4, the faces of 4 cells (a byte
// each) in a row along x, then the first record of each cell.
layout(binding = VOXEL_GRID) uniform usamplerBuffer voxel_grid;

// Four texels a record: plane (unit normal, distance from the level's corner in cells; all twice as large where the
// surface's back can be met, which that of a solid cannot); reflectance, and in w how rough a metal is, 1 for all
// else; what it reflects of the lights; what
// it sends out of its own. And one more: all that it reflects.
layout(binding = VOXEL_RECORDS) uniform samplerBuffer voxel_records;
layout(binding = VOXEL_LIGHT) uniform samplerBuffer voxel_light;

const int RECORD_TEXELS = 4, PLANE = 0, REFLECTANCE = 1, FIRST_LIGHT = 2, OWN_LIGHT = 3;

// Where the parts of a level's words begin.
struct Words {
    int marks, blocks, faces, bases;
};

Words words_of(int level) {
    int side = voxel_counts.x, cells = side * side * side, marks = cells / 512, blocks = cells / 64;
    int start = level * (marks + blocks + cells / 4 + cells);
    return Words(start, start + marks, start + marks + blocks, start + marks + blocks + cells / 4);
}

int cell_number(ivec3 cell, int side) { return (cell.z * side + cell.y) * side + cell.x; }

// Which record a key belongs to: its level, cell and face.
int key_level(uint key) { return int(key >> 28); }

uint key_face(uint key) { return key & 7u; }

ivec3 key_cell(uint key) {
    int number = int((key & 0x0fffffffu) >> 3), side = voxel_counts.x;
    return ivec3(number % side, number / side % side, number / (side * side));
}

// The bit of the face that a surface with this normal belongs to.
uint face_of(vec3 normal) {
    vec3 a = abs(normal);
    int axis = a.x >= a.y && a.x >= a.z ? 0 : (a.y >= a.z ? 1 : 2);
    return uint(2 * axis) + (normal[axis] < 0.0 ? 1u : 0u);
}

vec4 record_texel(int record, int what) { return texelFetch(voxel_records, RECORD_TEXELS * record + what); }

vec4 unit_plane(vec4 plane) { return plane * inversesqrt(dot(plane.xyz, plane.xyz)); }

// The light that a record, or the back of a surface, sends: what it reflects; that and its own.
vec3 reflected_by(int met) { return met < 0 ? vec3(0.0) : texelFetch(voxel_light, met).rgb; }

vec3 sent_by(int met) { return met < 0 ? vec3(0.0) : reflected_by(met) + record_texel(met, OWN_LIGHT).rgb; }

// A point in cells of a level; and back.
vec3 into_cells(vec3 position, int level) { return (position - voxel_levels[level].xyz) / voxel_levels[level].w; }

vec3 out_of_cells(vec3 place, int level) { return voxel_levels[level].xyz + place * voxel_levels[level].w; }

bool is_inside(vec3 place) { return all(greaterThanEqual(place, vec3(0.0))) && all(lessThan(place, vec3(voxel_counts.x))); }

// The width in metres of the cells around a point: of the finest level that holds it.
float cell_width(vec3 position) {
    for (int level = 0; level < voxel_counts.z; ++level)
        if (is_inside(into_cells(position, level))) return voxel_levels[level].w;
    return voxel_levels[voxel_counts.z - 1].w;
}

// Cells by which rays begin above the surface they leave.
const float LIFT = 0.02;

// The point of a record's plane that is nearest to the middle of its cell, `lift` cells above it, metres.
vec3 place_of(uint key, vec4 plane, float lift) {
    vec3 centre = vec3(key_cell(key)) + 0.5;
    return out_of_cells(centre - plane.xyz * (dot(plane.xyz, centre) - plane.w - lift), key_level(key));
}

// How far outside a cell, in cells, a plane may be met and still count: it was measured in the middle of the cell.
const float SLACK = 0.25;

// What a ray may meet besides records: nothing; the back of a surface, which keeps light off and sends none.
const int OPEN_AIR = -1, BACK = -2;

// Cells from its start from which on a ray may meet a back: nearer, it is that of the very surface it leaves.
const float BACKS_FROM = 1.5;

// The nearest record of a cell that a ray meets between two distances in cells; and where.
int met_in(int base, uint faces, vec3 from, vec3 along, float enters, float leaves, out float distance) {
    int found = OPEN_AIR, record = base;
    distance = 1e30;
    for (; faces != 0u; faces &= faces - 1u, ++record) {
        vec4 plane = record_texel(record, PLANE);
        float closing = dot(plane.xyz, along);
        if (abs(closing) < 1e-3) continue;
        float t = (plane.w - dot(plane.xyz, from)) / closing, first = closing < 0.0 ? 0.0 : BACKS_FROM;
        if (closing > 0.0 && dot(plane.xyz, plane.xyz) < 2.0) continue;
        if (t >= max(enters - SLACK, first) && t <= leaves + SLACK && t < distance) {
            distance = t;
            found = closing < 0.0 ? record : BACK;
        }
    }
    return found;
}

// The record that a ray meets in one level; `t` is where it begins, and where it met it or left the
// cube; all in cells. No part of `along` is 0.
int trace_level(int level, vec3 from, vec3 along, float reach, inout float t) {
    vec3 inverse = 1.0 / along, ahead = step(0.0, along);
    int side = voxel_counts.x;
    Words words = words_of(level);
    for (int steps = 0; steps < 4 * side && t < reach; ++steps) {
        vec3 at = from + along * t;
        if (!is_inside(at)) return OPEN_AIR;
        ivec3 cell = ivec3(at);
        int number = cell_number(cell, side);
        float size = 1.0;
        uint faces = 0u;
        if (texelFetch(voxel_grid, words.marks + cell_number(cell >> 3, side >> 3)).x == 0u) size = 8.0;
        else if (texelFetch(voxel_grid, words.blocks + cell_number(cell >> 2, side >> 2)).x == 0u) size = 4.0;
        else faces = (texelFetch(voxel_grid, words.faces + (number >> 2)).x >> (8 * (number & 3))) & 63u;
        vec3 walls = ((floor(vec3(cell) / size) + ahead) * size - from) * inverse;
        float leaves = min(walls.x, min(walls.y, walls.z)), distance;
        if (faces != 0u) {
            int base = int(texelFetch(voxel_grid, words.bases + number).x);
            int record = met_in(base, faces, from, along, t, leaves, distance);
            if (record != OPEN_AIR) {
                t = distance;
                return distance <= reach ? record : OPEN_AIR;
            }
        }
        t = max(leaves, t) + 1e-3;
    }
    return OPEN_AIR;
}

// The record that a ray meets within `reach`, or OPEN_AIR or BACK; and how far away. Metres; `along` is unit. It goes through
// the finest level that holds its start, then on through the coarser ones.
int trace(vec3 from, vec3 along, float reach, out float distance) {
    along = mix(along, vec3(1e-5), lessThan(abs(along), vec3(1e-5)));
    distance = 0.0;
    for (int level = 0; level < voxel_counts.z; ++level) {
        float width = voxel_levels[level].w, t = distance / width;
        int record = trace_level(level, into_cells(from, level), along, reach / width, t);
        distance = max(distance, t * width);
        if (record != OPEN_AIR) return record;
    }
    return OPEN_AIR;
}
