// Carries what the refiner remembers along the flow of a drawn frame: the previous change by
// Catmull-Rom's cubic, without the mixtures on edges of instances where there is none now, and the hidden
// state, at half size, bilinearly. engine/diorama/refine/warp.py does the same arithmetic. Planes lie one
// after another, channels first, padded by repeating the border.
#include "lib/bindings.glsl"

layout(local_size_x = 32, local_size_y = 4) in;

layout(std430, binding = REFINER_FRAME) readonly restrict buffer FrameBuffer { uint words[]; };
layout(std430, binding = REFINER_OUTPUT) writeonly restrict buffer OutputBuffer { float planes[]; };

layout(binding = REFINER_PREVIOUS) uniform sampler2D previous;  // and 1 on an edge
layout(binding = REFINER_HIDDEN) uniform sampler2D hidden;  // four channels a tile, tiles one below the other

uniform ivec2 size;    // of the picture, pixels
uniform ivec2 padded;  // with its padding, a multiple of 2
uniform int tiles;
uniform uint at_flow_backward, at_instance;
uniform float least;  // what is left of a bilinear sample's weight must be more for it to count

vec2 flow_at(ivec2 at) {
    uint place = at_flow_backward + 2u * uint(at.y * size.x + at.x);
    return uintBitsToFloat(uvec2(words[place], words[place + 1u]));
}

// The weights of four pixels for a position t beyond the second of them.
vec4 cubic(float t) {
    return vec4(((-0.5 * t + 1.0) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1.0,
                ((-1.5 * t + 2.0) * t + 0.5) * t, (0.5 * t - 0.5) * t * t);
}

uint instance_at(ivec2 at) {
    at = clamp(at, ivec2(0), size - 1);
    return words[at_instance + uint(at.y * size.x + at.x)];
}

bool on_edge(ivec2 at) {
    uvec4 around = uvec4(instance_at(at - ivec2(1, 0)), instance_at(at + ivec2(1, 0)),
                         instance_at(at - ivec2(0, 1)), instance_at(at + ivec2(0, 1)));
    return any(notEqual(around, uvec4(instance_at(at))));
}

// The change, and 1, or 0 where all that is left of it is a mixture.
vec4 previous_at(ivec2 at) {
    vec2 shift = clamp(flow_at(at), -vec2(size) - 1.0, vec2(size) + 1.0), part = fract(shift);
    ivec2 whole = at + ivec2(floor(shift));
    vec4 across = cubic(part.x), down = cubic(part.y);
    vec4 across_linear = vec4(0.0, 1.0 - part.x, part.x, 0.0), down_linear = vec4(0.0, 1.0 - part.y, part.y, 0.0);
    vec4 kept = vec4(0.0);
    vec3 sum = vec3(0.0);
    bool mixed = false;
    for (int y = 0; y < 4; ++y) {
        vec3 line = vec3(0.0);
        for (int x = 0; x < 4; ++x) {
            vec4 tap = texelFetch(previous, clamp(whole + ivec2(x, y) - 1, ivec2(0), size - 1), 0);
            line += across[x] * tap.rgb;
            if (tap.a > 0.5) mixed = true;
            else kept += down_linear[y] * across_linear[x] * vec4(tap.rgb, 1.0);
        }
        sum += down[y] * line;
    }
    if (!mixed || on_edge(at)) return vec4(sum, 1.0);
    return vec4(kept.rgb / max(kept.a, least), kept.a > least);
}

// Writes the hidden state of the half-size pixel `to`, padding included.
void carry_hidden(ivec2 to) {
    ivec2 half_size = (size + 1) / 2, stride = padded / 2, at = min(to, half_size - 1);
    vec2 shift = clamp(0.5 * flow_at(2 * at), -vec2(half_size) - 1.0, vec2(half_size) + 1.0);
    ivec2 low = at + ivec2(floor(shift));
    vec2 part = fract(shift);
    ivec2 a = clamp(low, ivec2(0), half_size - 1), b = clamp(low + 1, ivec2(0), half_size - 1);
    int plane = stride.x * stride.y, place = 4 * padded.x * padded.y + to.y * stride.x + to.x;
    for (int tile = 0; tile < tiles; ++tile, place += 4 * plane) {
        ivec2 top = ivec2(0, tile * stride.y);
        vec4 upper = (1.0 - part.x) * texelFetch(hidden, top + a, 0) +
                     part.x * texelFetch(hidden, top + ivec2(b.x, a.y), 0);
        vec4 lower = (1.0 - part.x) * texelFetch(hidden, top + ivec2(a.x, b.y), 0) +
                     part.x * texelFetch(hidden, top + b, 0);
        vec4 value = (1.0 - part.y) * upper + part.y * lower;
        planes[place] = value.x;
        planes[place + plane] = value.y;
        planes[place + 2 * plane] = value.z;
        planes[place + 3 * plane] = value.w;
    }
}

void main() {
    ivec2 to = ivec2(gl_GlobalInvocationID.xy);
    if (any(greaterThanEqual(to, padded))) return;
    vec4 value = previous_at(min(to, size - 1));
    int plane = padded.x * padded.y, place = to.y * padded.x + to.x;
    planes[place] = value.r;
    planes[place + plane] = value.g;
    planes[place + 2 * plane] = value.b;
    planes[place + 3 * plane] = value.a;
    if (all(lessThan(to, padded / 2))) carry_hidden(to);
}
