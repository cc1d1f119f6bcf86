// One more bounce: each record looks around for what the others sent and what comes from the sky, on average.
#include "lib/voxels.glsl"
#include "lib/environment.glsl"
#include "lib/sequence.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = VOXEL_KEYS) readonly restrict buffer KeyBuffer { uvec2 keys[]; };
layout(std430, binding = VOXEL_NEXT_LIGHT) writeonly restrict buffer LightBuffer { vec4 next_light[]; };

uniform uint rays, round;

// A sky that is asked in few places is asked about what lies around them.
const float SKY_ROUGHNESS = 0.5;

void main() {
    uint record = gl_WorkGroupID.y * gl_NumWorkGroups.x * 64u + gl_GlobalInvocationID.x;
    if (record >= uint(voxel_counts.y)) return;
    vec4 plane = unit_plane(record_texel(int(record), PLANE));
    vec3 from = place_of(keys[record].x, plane, LIFT);
    vec2 start = hashed(uvec2(keys[record].x, round));
    vec3 sum = vec3(0.0);
    for (uint n = 0u; n < rays; ++n) {
        vec3 along = around_by_cosine(plane.xyz, even_point(n, start));
        float distance;
        int met = trace(from, along, 1e9, distance);
        sum += met == OPEN_AIR ? sky_reflection(along, SKY_ROUGHNESS) : reflected_by(met);
    }
    next_light[record] = vec4(sum / float(rays), 1.0);
}
