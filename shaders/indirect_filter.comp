// Joins the directions that 4 x 4 entries of the indirect light looked into, over those that see the same surface.
#include "lib/indirect.glsl"

layout(local_size_x = 32, local_size_y = 4) in;

layout(std430, binding = INDIRECT_OUT) writeonly restrict buffer FilteredBuffer { vec4 filtered[]; };

uniform int radius;  // 2: 4 x 4 entries, of which each of the sixteen patterns is there once
uniform int stride;
uniform uint parts;  // all, or the first two where what has sharper edges stays as it is

const float SHARPNESS = 4.0;

void main() {
    ivec2 at = ivec2(gl_GlobalInvocationID.xy), last = ivec2(indirect_size) - 1;
    if (any(greaterThan(at, last))) return;
    uint own = ENTRY * uint(at.y * int(indirect_size.x) + at.x);
    vec4 geometry = indirect[own];
    filtered[own] = geometry;
    vec3 here = entry_position(uvec2(at), geometry.w);
    vec4 sums[PARTS] = vec4[PARTS](vec4(0.0), vec4(0.0), vec4(0.0), vec4(0.0), vec4(0.0));
    float weights = 0.0, width = 4.0 * float(stride) * pixel_width(geometry.w);
    float nearness = indirect[own + 2u].a;
    if (geometry.w > 0.0) {
        for (int y = -radius + 1; y <= radius; ++y) {
            for (int x = -radius + 1; x <= radius; ++x) {
                ivec2 there = at + stride * ivec2(x, y);
                if (any(lessThan(there, ivec2(0))) || any(greaterThan(there, last))) continue;
                uint place = ENTRY * uint(there.y * int(indirect_size.x) + there.x);
                vec4 other = indirect[place];
                if (other.w <= 0.0) continue;
                vec3 position = entry_position(uvec2(there), other.w);
                float like = likeness(here, geometry.xyz, position, other.xyz, width);
                // What is near makes light that changes quickly from place to place.
                float apart = distance(here, position) * max(nearness, indirect[place + 2u].a);
                if (stride > 1) like *= exp2(-SHARPNESS * apart * apart);
                for (uint part = 0u; part < parts; ++part) sums[part] += like * indirect[place + 1u + part];
                weights += like;
            }
        }
    }
    weights = max(weights, 1e-20);
    for (uint part = 0u; part < PARTS; ++part)
        filtered[own + 1u + part] = part < parts ? sums[part] / weights : indirect[own + 1u + part];
}
