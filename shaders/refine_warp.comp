// Carries what the refiner remembers along the flow of a drawn frame: the previous output by
// Catmull-Rom's cubic, the hidden state, at half size, bilinearly. engine/diorama/refine/warp.py does
// the same arithmetic. Planes lie one after another, channels first, padded by repeating the border.
#include "lib/bindings.glsl"

layout(local_size_x = 32, local_size_y = 4) in;

layout(std430, binding = REFINER_FRAME) readonly restrict buffer FrameBuffer { float words[]; };
layout(std430, binding = REFINER_OUTPUT) writeonly restrict buffer OutputBuffer { float planes[]; };

layout(binding = REFINER_PREVIOUS) uniform sampler2D previous;
layout(binding = REFINER_HIDDEN) uniform sampler2D hidden;  // four channels a tile, tiles one below the other

uniform ivec2 size;    // of the picture, pixels
uniform ivec2 padded;  // with its padding, a multiple of 2
uniform int tiles;
uniform uint at_flow_backward;

vec2 flow_at(ivec2 at) {
    uint place = at_flow_backward + 2u * uint(at.y * size.x + at.x);
    return vec2(words[place], words[place + 1u]);
}

// The weights of four pixels for a position t beyond the second of them.
vec4 cubic(float t) {
    return vec4(((-0.5 * t + 1.0) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1.0,
                ((-1.5 * t + 2.0) * t + 0.5) * t, (0.5 * t - 0.5) * t * t);
}

vec3 previous_at(ivec2 at) {
    vec2 shift = clamp(flow_at(at), -vec2(size) - 1.0, vec2(size) + 1.0);
    ivec2 whole = at + ivec2(floor(shift));
    vec4 across = cubic(fract(shift.x)), down = cubic(fract(shift.y));
    vec3 sum = vec3(0.0);
    for (int y = 0; y < 4; ++y) {
        vec3 line = vec3(0.0);
        for (int x = 0; x < 4; ++x)
            line += across[x] * texelFetch(previous, clamp(whole + ivec2(x, y) - 1, ivec2(0), size - 1), 0).rgb;
        sum += down[y] * line;
    }
    return sum;
}

// Writes the hidden state of the half-size pixel `to`, padding included.
void carry_hidden(ivec2 to) {
    ivec2 half_size = (size + 1) / 2, stride = padded / 2, at = min(to, half_size - 1);
    vec2 shift = clamp(0.5 * flow_at(2 * at), -vec2(half_size) - 1.0, vec2(half_size) + 1.0);
    ivec2 low = at + ivec2(floor(shift));
    vec2 part = fract(shift);
    ivec2 a = clamp(low, ivec2(0), half_size - 1), b = clamp(low + 1, ivec2(0), half_size - 1);
    int plane = stride.x * stride.y, place = 3 * padded.x * padded.y + to.y * stride.x + to.x;
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
    vec3 value = previous_at(min(to, size - 1));
    int plane = padded.x * padded.y, place = to.y * padded.x + to.x;
    planes[place] = value.r;
    planes[place + plane] = value.g;
    planes[place + 2 * plane] = value.b;
    if (all(lessThan(to, padded / 2))) carry_hidden(to);
}
