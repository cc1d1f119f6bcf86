// Provides glow_light(): what falls on a surface from the things that shine by themselves, by rays to places on them
// that engine/diorama/renderer/glow.py has drawn.
#include "lib/voxels.glsl"

const uint GLOW_PLACES = 64u;

struct Glow {
    vec4 position;  // metres, world axes, relative to the camera; w: 1 where it shines to both sides
    vec4 normal;
    vec4 power;     // nits times the square metres that the place stands for
};

layout(std140, binding = VOXEL_GLOW) uniform GlowBlock {
    uint glow_count;
    Glow glows[GLOW_PLACES];
};

// Irradiance over pi, by every `step`-th place from number `first` on.
vec3 glow_light(vec3 from, vec3 normal, uint first, uint step) {
    vec3 sum = vec3(0.0);
    for (uint i = first; i < glow_count; i += step) {
        vec3 to = glows[i].position.xyz - from;
        float distance = max(length(to), 1e-4), met_at;
        vec3 along = to / distance;
        float facing = -dot(glows[i].normal.xyz, along), lit = dot(normal, along);
        if (glows[i].position.w > 0.0) facing = abs(facing);
        if (facing <= 0.0 || lit <= 0.0) continue;
        float near_by = 2.0 * cell_width(glows[i].position.xyz);  // the shining surface itself is in the way of none
        if (distance > near_by && trace(from, along, distance - near_by, met_at) >= 0) continue;
        sum += glows[i].power.rgb * (facing * lit / max(distance * distance, near_by * near_by * 0.1));
    }
    return sum * (float(step) / 3.14159265);
}
