// Provides glow_light(): what falls on a surface from the things that shine by themselves, by rays to places on them
// that engine/diorama/renderer/glow.py has drawn.
#include "lib/voxels.glsl"
#include "lib/surface.glsl"
#include "lib/brdf.glsl"

struct Glow {
    vec4 position;  // metres, world axes, relative to the camera; w: 1 where it shines to both sides
    vec4 normal;
    vec4 power;     // nits times the square metres that the place stands for
};

layout(std430, binding = VOXEL_GLOW) readonly restrict buffer GlowBuffer {
    uvec4 glow_count;
    Glow glows[];
};

// Number n of the places that a point asks, which lie all over what shines; those of its neighbours, each of another
// `pattern` of `patterns`, lie between them.
uint glow_place(uint n, uint rays, uint pattern, uint patterns) {
    uint stride = max(glow_count.x / (patterns * rays), 1u);
    return stride * (pattern % patterns + patterns * n) % max(glow_count.x, 1u);
}

// The power of place `i` that reaches a point over the squared distance, with what stands between; `along` leads there.
vec3 glow_from(uint i, vec3 from, out vec3 along) {
    vec3 to = glows[i].position.xyz - from;
    float distance = max(length(to), 1e-4), met_at;
    along = to / distance;
    float facing = -dot(glows[i].normal.xyz, along);
    if (glows[i].position.w > 0.0) facing = abs(facing);
    float near_by = 2.0 * cell_width(glows[i].position.xyz);  // the shining surface itself is in the way of none
    if (facing <= 0.0) return vec3(0.0);
    if (distance > near_by && trace(from, along, distance - near_by, met_at) != OPEN_AIR) return vec3(0.0);
    return glows[i].power.rgb * (facing / max(distance * distance, 0.1 * near_by * near_by));
}
