// Asks the voxels that are bound: PROBE 0: which faces the cells of a level hold; 1: what rays meet, and its light.
#include "lib/voxels.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = 0) readonly buffer Rays { vec4 rays[]; };  // start, reach; direction
layout(std430, binding = OUTPUT) writeonly buffer Results { vec4 results[]; };

uniform uint count;
uniform int level;

void main() {
    uint i = gl_WorkGroupID.y * gl_NumWorkGroups.x * 64u + gl_GlobalInvocationID.x;
    if (i >= count) return;
#if PROBE == 0
    uint faces = (texelFetch(voxel_grid, words_of(level).faces + int(i >> 2)).x >> (8u * (i & 3u))) & 63u;
    results[i] = vec4(float(faces), vec3(0.0));
#elif PROBE == 1
    float distance;
    int met = trace(rays[2u * i].xyz, rays[2u * i + 1u].xyz, rays[2u * i].w, distance);
    results[i] = vec4(met == OPEN_AIR ? vec3(0.0) : sent_by(met), met == OPEN_AIR ? -1.0 : distance);
#endif
}
