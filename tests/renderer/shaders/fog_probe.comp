// Runs functions of lib/fog.glsl for single rays, whose results a test holds against numbers.
#include "lib/fog.glsl"

layout(local_size_x = 64) in;

struct FogRay {
    vec4 along;   // unit; w: metres
    vec4 to_sun;  // unit
};

layout(std430, binding = 0) readonly restrict buffer RayBuffer { FogRay rays[]; };
layout(std430, binding = OUTPUT) writeonly restrict buffer ResultBuffer { vec4 results[]; };

uniform uint count;

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    vec3 along = rays[i].along.xyz;
    float metres = rays[i].along.w, depth = fog_depth(0.0, along.y * metres, metres);
    float beyond = fog_depth_beyond(0.0, along.y);
    SunlitRay sunlit = sunlit_ray(along, rays[i].to_sun.xyz);
    results[2u * i] = vec4(depth, scattered_of_sun(sunlit, depth), fog_reach(along.y, depth), 0.0);
    results[2u * i + 1u] = vec4(beyond, scattered_of_sun(sunlit, beyond), 0.0, 0.0);
}
