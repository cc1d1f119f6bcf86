// Smooths the edges of a picture with one sample a pixel (Lottes 2009, "FXAA", in the form of
// its quality version 3.11: find the edge, walk to its ends, blend by how near the closer one is).
// Edges are found on tone-mapped luma; what is blended is linear radiance and coverage.
#include "lib/output.glsl"

layout(local_size_x = 32, local_size_y = 4) in;

layout(std430, binding = EDGE_INPUT) readonly restrict buffer RoughPicture { float rough[]; };

uniform uvec2 size;
uniform uint at_color, at_alpha, at_hidden_sky;

const float CONTRAST_LEAST = 0.03;    // of full scale: below this nobody sees a step
const float CONTRAST_OF_MAX = 0.125;  // of the brightest neighbour
const float SUBPIXEL = 0.75;          // how strongly single bright or dark pixels are spread
const int STEPS = 12;                 // pixels walked along an edge each way

uint index_of(ivec2 at) {
    ivec2 inside = clamp(at, ivec2(0), ivec2(size) - 1);
    return uint(inside.y) * size.x + uint(inside.x);
}

vec4 rough_at(ivec2 at) {
    uint pixel = index_of(at);
    return vec4(rough[3u * pixel], rough[3u * pixel + 1u], rough[3u * pixel + 2u], rough[3u * size.x * size.y + pixel]);
}

vec3 hidden_at(ivec2 at) {
    uint first = 5u * size.x * size.y + 3u * index_of(at);
    return vec3(rough[first], rough[first + 1u], rough[first + 2u]);
}

float luma_at(ivec2 at) {
    return rough[4u * size.x * size.y + index_of(at)];
}

// How many pixels an edge goes on from `at` along `along` while its two sides keep their contrast.
// x: pixels, y: how the mean luma across the edge differs from the edge's own at its end.
// The end of the loop is no constant: unrolled, a CPU would take every step for every pixel.
vec2 walk(ivec2 at, ivec2 along, ivec2 across, float edge_luma, float gradient) {
    float difference = 0.0;
    int most = int(min(size.x + size.y, uint(STEPS)));
    for (int n = 1; n <= most; ++n) {
        ivec2 here = at + n * along;
        difference = 0.5 * (luma_at(here) + luma_at(here + across)) - edge_luma;
        if (abs(difference) >= 0.25 * gradient) return vec2(float(n), difference);
    }
    return vec2(float(most), difference);
}

void main() {
    if (any(greaterThanEqual(gl_GlobalInvocationID.xy, size))) return;
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    uint pixel = index_of(at);
    vec4 result = rough_at(at);
    vec3 hidden = at_hidden_sky == ABSENT ? vec3(0.0) : hidden_at(at);
    float m = luma_at(at);
    float n = luma_at(at + ivec2(0, -1)), s = luma_at(at + ivec2(0, 1));
    float w = luma_at(at + ivec2(-1, 0)), e = luma_at(at + ivec2(1, 0));
    float low = min(m, min(min(n, s), min(w, e))), high = max(m, max(max(n, s), max(w, e)));
    if (high - low >= max(CONTRAST_LEAST, CONTRAST_OF_MAX * high)) {
        float nw = luma_at(at + ivec2(-1, -1)), ne = luma_at(at + ivec2(1, -1));
        float sw = luma_at(at + ivec2(-1, 1)), se = luma_at(at + ivec2(1, 1));
        float horizontal = abs(nw + sw - 2.0 * w) + 2.0 * abs(n + s - 2.0 * m) + abs(ne + se - 2.0 * e);
        float vertical = abs(nw + ne - 2.0 * n) + 2.0 * abs(w + e - 2.0 * m) + abs(sw + se - 2.0 * s);
        bool lies_flat = horizontal >= vertical;
        ivec2 along = lies_flat ? ivec2(1, 0) : ivec2(0, 1);
        float before = lies_flat ? n : w, after = lies_flat ? s : e;
        bool towards_before = abs(before - m) >= abs(after - m);
        ivec2 across = (lies_flat ? ivec2(0, 1) : ivec2(1, 0)) * (towards_before ? -1 : 1);
        float other = towards_before ? before : after;
        float edge_luma = 0.5 * (m + other), gradient = abs(other - m);
        vec2 back = walk(at, -along, across, edge_luma, gradient);
        vec2 ahead = walk(at, along, across, edge_luma, gradient);
        vec2 nearer = back.x < ahead.x ? back : ahead;
        bool bends_to_us = (nearer.y < 0.0) != (m < edge_luma);
        float edge_blend = bends_to_us ? 0.5 - nearer.x / (back.x + ahead.x) : 0.0;
        float around = (2.0 * (n + s + w + e) + nw + ne + sw + se) / 12.0;
        float spot = smoothstep(0.0, 1.0, clamp(abs(around - m) / (high - low), 0.0, 1.0));
        float blend = max(edge_blend, spot * spot * SUBPIXEL);
        result = mix(result, rough_at(at + across), blend);
        if (at_hidden_sky != ABSENT) hidden = mix(hidden, hidden_at(at + across), blend);
    }
    store(at_color, pixel, result.rgb);
    store(at_alpha, pixel, result.a);
    store(at_hidden_sky, pixel, hidden);
}
