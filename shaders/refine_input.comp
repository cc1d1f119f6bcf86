// Makes the refiner's input from a drawn frame and from what it remembers: guides, and the previous
// output and hidden state carried along the flow. engine/diorama/refine/{guides,warp}.py say the same.
// All planes lie one after another, channels first, padded by repeating the border.
#include "lib/bindings.glsl"

layout(local_size_x = 32, local_size_y = 4) in;

layout(std430, binding = REFINER_FRAME) readonly restrict buffer FrameBuffer { uint words[]; };
layout(std430, binding = REFINER_INPUT) writeonly restrict buffer InputBuffer { float planes[]; };

layout(binding = REFINER_PREVIOUS) uniform sampler2D previous;  // the output of the frame before
layout(binding = REFINER_HIDDEN) uniform sampler2D remembered;  // its hidden state, four channels a row of tiles

uniform ivec2 size;      // of the picture, pixels
uniform ivec2 padded;    // with its padding, a multiple of 2
uniform int tiles;       // of four channels of the hidden state, one below the other
uniform bool remembers;  // whether there is a history at all
uniform float exposure;
uniform mat3 to_view;  // world axes to camera axes
uniform uint at_color, at_albedo, at_normal, at_depth, at_material, at_instance, at_flow_backward,
             at_occlusion_backward;

const float SCALE = 16.0, LOG_WHITE = log(1.0 + SCALE), BRIGHTEST = 1e6;
const int PLANES = 17;  // before the hidden state's

int pixel_at(ivec2 at) {
    ivec2 inside = clamp(at, ivec2(0), size - 1);
    return inside.y * size.x + inside.x;
}

float word(uint offset, int index) {
    return uintBitsToFloat(words[offset + uint(index)]);
}

vec3 word3(uint offset, int pixel) {
    return vec3(word(offset, 3 * pixel), word(offset, 3 * pixel + 1), word(offset, 3 * pixel + 2));
}

vec3 encoded(vec3 light) {
    vec3 clipped = min(mix(light, vec3(0.0), not(greaterThan(light, vec3(0.0)))), BRIGHTEST);
    return log(1.0 + SCALE * clipped) / LOG_WHITE;
}

float edge_at(ivec2 at) {
    uint here = words[at_instance + uint(pixel_at(at))];
    ivec2 neighbours[4] = ivec2[](ivec2(1, 0), ivec2(-1, 0), ivec2(0, 1), ivec2(0, -1));
    for (int n = 0; n < 4; ++n)
        if (words[at_instance + uint(pixel_at(at + neighbours[n]))] != here) return 1.0;
    return 0.0;
}

vec2 flow_at(ivec2 at) {
    int pixel = 2 * pixel_at(at);
    return vec2(word(at_flow_backward, pixel), word(at_flow_backward, pixel + 1));
}

bool valid_at(ivec2 at, vec2 flow) {
    vec2 there = vec2(at) + 0.5 + flow;
    bool on_screen = all(greaterThanEqual(there, vec2(0.0))) && all(lessThan(there, vec2(size)));
    return remembers && on_screen && words[at_occlusion_backward + uint(pixel_at(at))] == 0u;
}

// The four weights around a position t beyond the second of four pixels (Catmull-Rom, a = -0.5).
vec4 cubic(float t) {
    return vec4(((-0.5 * t + 1.0) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1.0,
                ((-1.5 * t + 2.0) * t + 0.5) * t, (0.5 * t - 0.5) * t * t);
}

vec3 previous_at(ivec2 at, vec2 flow) {
    vec2 shift = clamp(flow, -vec2(size) - 1.0, vec2(size) + 1.0);
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

// Writes the hidden state of the half-size pixel `to`, seen from the picture's pixel `at`.
void carry_hidden(ivec2 to, ivec2 at, vec2 flow, bool valid) {
    ivec2 half_size = (size + 1) / 2, stride = padded / 2;
    vec2 shift = clamp(0.5 * flow, -vec2(half_size) - 1.0, vec2(half_size) + 1.0);
    ivec2 low = at / 2 + ivec2(floor(shift));
    vec2 part = fract(shift);
    ivec2 a = clamp(low, ivec2(0), half_size - 1), b = clamp(low + 1, ivec2(0), half_size - 1);
    int plane = stride.x * stride.y, place = PLANES * padded.x * padded.y + to.y * stride.x + to.x;
    for (int tile = 0; tile < tiles; ++tile, place += 4 * plane) {
        ivec2 top = ivec2(0, tile * stride.y);
        vec4 upper = (1.0 - part.x) * texelFetch(remembered, top + a, 0) +
                     part.x * texelFetch(remembered, top + ivec2(b.x, a.y), 0);
        vec4 lower = (1.0 - part.x) * texelFetch(remembered, top + ivec2(a.x, b.y), 0) +
                     part.x * texelFetch(remembered, top + b, 0);
        vec4 value = valid ? (1.0 - part.y) * upper + part.y * lower : vec4(0.0);
        planes[place] = value.x;
        planes[place + plane] = value.y;
        planes[place + 2 * plane] = value.z;
        planes[place + 3 * plane] = value.w;
    }
}

void put(int channel, ivec2 to, float value) {
    planes[(channel * padded.y + to.y) * padded.x + to.x] = value;
}

void put(int channel, ivec2 to, vec3 value) {
    put(channel, to, value.x);
    put(channel + 1, to, value.y);
    put(channel + 2, to, value.z);
}

void main() {
    ivec2 to = ivec2(gl_GlobalInvocationID.xy);
    if (any(greaterThanEqual(to, padded))) return;
    ivec2 at = min(to, size - 1);
    int pixel = pixel_at(at);
    vec2 flow = flow_at(at);
    bool valid = valid_at(at, flow);
    put(0, to, encoded(word3(at_color, pixel) * exposure));
    put(3, to, word3(at_albedo, pixel));
    put(6, to, to_view * word3(at_normal, pixel));
    put(9, to, 1.0 / (1.0 + word(at_depth, pixel)));
    put(10, to, word(at_material, 2 * pixel));
    put(11, to, word(at_material, 2 * pixel + 1));
    put(12, to, edge_at(at));
    put(13, to, valid ? previous_at(at, flow) : vec3(0.0));
    put(16, to, float(valid));
    if ((to.x & 1) == 0 && (to.y & 1) == 0) {
        ivec2 corner = min(to / 2, (size + 1) / 2 - 1) * 2;
        vec2 motion = flow_at(corner);
        carry_hidden(to / 2, corner, motion, valid_at(corner, motion));
    }
}
