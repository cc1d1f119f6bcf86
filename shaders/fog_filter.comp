// Joins the places along rays that 4 x 4 entries looked at, over those whose surfaces are about as far away.
#include "lib/fog_shafts.glsl"

layout(local_size_x = 32, local_size_y = 4) in;

layout(std430, binding = INDIRECT_OUT) writeonly restrict buffer FilteredBuffer { vec4 filtered[]; };

void main() {
    ivec2 at = ivec2(gl_GlobalInvocationID.xy), last = ivec2(shafts_size) - 1;
    if (any(greaterThan(at, last))) return;
    uint own = shaft_entry(uvec2(at));
    float distance = shafts[own].w, weights = 0.0;
    vec3 suns = vec3(0.0), lamps = vec3(0.0);
    // 5 x 5, of which the outer ones count half: around the middle, with each of the sixteen patterns once.
    for (int n = 0; n < 25; ++n) {
        ivec2 off = ivec2(n % 5, n / 5) - 2, there = at + off;
        if (any(lessThan(there, ivec2(0))) || any(greaterThan(there, last))) continue;
        uint entry = shaft_entry(uvec2(there));
        vec4 found = shafts[entry];
        float weight = alike(distance, found.w) * (abs(off.x) == 2 ? 0.5 : 1.0) * (abs(off.y) == 2 ? 0.5 : 1.0);
        suns += weight * found.rgb;
        lamps += weight * shafts[entry + 1u].rgb;
        weights += weight;
    }
    filtered[own] = vec4(suns / weights, distance);
    filtered[own + 1u] = vec4(lamps / weights, 0.0);
}
