// What a record sends on: the light that it and its neighbours on the same surface have found around them, averaged,
// since each alone has looked in few directions.
#include "lib/voxels.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = VOXEL_KEYS) readonly restrict buffer KeyBuffer { uvec2 keys[]; };
// What each record sent before this bounce, and will after it.
layout(std430, binding = VOXEL_NEXT_LIGHT) restrict buffer LightBuffer { vec4 next_light[]; };

uniform float share;  // of what was found now in what is sent: less than 1 takes a mean over bounces
uniform vec3 beyond;  // how much of this bounce all those that were not followed will still add

// How much a neighbour's light is like one's own: none where its plane is more than a cell away or turned away.
float likeness(vec4 plane, vec4 other, vec3 centre) {
    float facing = dot(plane.xyz, other.xyz), off = abs(dot(plane.xyz, centre) - plane.w);
    return clamp(3.0 * facing - 2.0, 0.0, 1.0) * clamp(2.0 - off, 0.0, 1.0);
}

void main() {
    uint record = gl_WorkGroupID.y * gl_NumWorkGroups.x * 64u + gl_GlobalInvocationID.x;
    if (record >= uint(voxel_counts.y)) return;
    uint key = keys[record].x, bit = 1u << key_face(key);
    ivec3 cell = key_cell(key);
    int side = voxel_counts.x, level = key_level(key);
    Words words = words_of(level);
    vec4 plane = unit_plane(record_texel(int(record), PLANE));
    vec3 sum = vec3(0.0);
    float weights = 0.0;
    for (int n = 0; n < 27; ++n) {
        ivec3 there = cell + ivec3(n % 3, n / 3 % 3, n / 9) - 1;
        if (any(lessThan(there, ivec3(0))) || any(greaterThanEqual(there, ivec3(side)))) continue;
        int number = cell_number(there, side);
        uint faces = (texelFetch(voxel_grid, words.faces + (number >> 2)).x >> (8 * (number & 3))) & 63u;
        if ((faces & bit) == 0u) continue;
        int other = int(texelFetch(voxel_grid, words.bases + number).x) + bitCount(faces & (bit - 1u));
        float weight = there == cell ? 1.0 : likeness(plane, unit_plane(record_texel(other, PLANE)), vec3(there) + 0.5);
        sum += weight * reflected_by(other);
        weights += weight;
    }
    vec3 sent = record_texel(int(record), FIRST_LIGHT).rgb + record_texel(int(record), REFLECTANCE).rgb * sum / weights;
    vec3 before = next_light[record].rgb;
    sent += max(sent - before, vec3(0.0)) * beyond;
    next_light[record] = vec4(mix(before, sent, share), 1.0);
}
