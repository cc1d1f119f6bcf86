// Provides Shafts and shafts_at(): what of the light that fog scatters is left by shadows, from a picture of half size
// whose entries look as far as their surfaces; those about as far away count.
#include "lib/bindings.glsl"

// Of the suns' light that fog scatters up to a surface, the part that shadows leave; and of other lights the nits.
struct Shafts {
    vec3 of_suns, of_lamps;
};

// Two vec4 an entry: part of the suns' and the surface's distance in metres; light of the lamps.
layout(std430, binding = INDIRECT) restrict buffer ShaftBuffer { vec4 shafts[]; };

uniform uvec2 shafts_size;

const float FARTHEST = 1e9;  // the distance of the sky

// The pixel that entry `at` looks through.
uvec2 shaft_pixel(uvec2 at, uvec2 picture) { return min(2u * at + uvec2(at.y & 1u, at.x & 1u), picture - 1u); }

uint shaft_entry(uvec2 at) { return 2u * (at.y * shafts_size.x + at.x); }

// How much one distance says of another.
float alike(float a, float b) {
    float apart = 8.0 * log2(a / b);
    return exp2(-min(apart * apart, 60.0));
}

Shafts shafts_at(vec2 pixel, float distance) {
    vec2 spot = 0.5 * pixel - 0.5, part = fract(spot);
    ivec2 corner = ivec2(floor(spot));
    vec3 suns = vec3(0.0), lamps = vec3(0.0);
    float weights = 0.0;
    for (int n = 0; n < 4; ++n) {
        ivec2 step = ivec2(n & 1, n >> 1);
        uint entry = shaft_entry(uvec2(clamp(corner + step, ivec2(0), ivec2(shafts_size) - 1)));
        vec4 found = shafts[entry];
        vec2 share = mix(1.0 - part, part, vec2(step));
        float weight = (alike(distance, found.w) + 1e-5) * (share.x * share.y + 0.01);
        suns += weight * found.rgb;
        lamps += weight * shafts[entry + 1u].rgb;
        weights += weight;
    }
    return Shafts(suns / weights, lamps / weights);
}
