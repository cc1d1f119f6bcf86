// Provides Indirect and indirect_at(): what the voxels say of the light around a surface, from a picture of half
// size whose entries lie on surfaces of their own: those that lie in the surface's plane and face its way count.
#include "lib/bindings.glsl"
#include "lib/view.glsl"

struct Indirect {
    vec3 diffuse, specular;  // nits, to be added to what an open sky gives
};

// Three vec4 an entry: normal and depth; diffuse; specular.
layout(std430, binding = INDIRECT) restrict buffer IndirectBuffer { vec4 indirect[]; };

uniform uvec2 indirect_size;

const uint ENTRY = 3u;

// The pixel that entry `at` looks through.
uvec2 entry_pixel(uvec2 at) { return min(2u * at + uvec2(at.y & 1u, at.x & 1u), picture - 1u); }

vec3 entry_position(uvec2 at, float depth) {
    return ray_through(camera, vec2(entry_pixel(at)) + 0.5) * depth;
}

// How much an entry of `normal` at `there` says of the surface at `here`; a pixel is `width` metres wide there.
float likeness(vec3 here, vec3 own_normal, vec3 there, vec3 normal, float width) {
    float off = abs(dot(there - here, own_normal)) / width, facing = max(dot(own_normal, normal), 0.0);
    float turned = facing * facing;
    turned *= turned;
    return turned * turned * exp2(-2.0 * off * off);
}

float pixel_width(float depth) { return depth / camera.lens.x; }

Indirect indirect_at(vec2 pixel, vec3 position, vec3 normal, float depth) {
    vec2 spot = 0.5 * pixel - 0.5, part = fract(spot);
    ivec2 corner = ivec2(floor(spot));
    float width = 4.0 * pixel_width(depth), weights = 0.0;
    Indirect sum = Indirect(vec3(0.0), vec3(0.0));
    for (int n = 0; n < 4; ++n) {
        ivec2 step = ivec2(n & 1, n >> 1);
        uvec2 at = uvec2(clamp(corner + step, ivec2(0), ivec2(indirect_size) - 1));
        uint place = ENTRY * (at.y * indirect_size.x + at.x);
        vec4 geometry = indirect[place];
        if (geometry.w <= 0.0) continue;
        vec2 share = mix(1.0 - part, part, vec2(step));
        float like = likeness(position, normal, entry_position(at, geometry.w), geometry.xyz, width) + 1e-6;
        float weight = like * (share.x * share.y + 0.01);
        sum.diffuse += weight * indirect[place + 1u].rgb;
        sum.specular += weight * indirect[place + 2u].rgb;
        weights += weight;
    }
    if (weights > 0.0) {
        sum.diffuse /= weights;
        sum.specular /= weights;
    }
    return sum;
}
