// Provides Indirect and indirect_at(): what the voxels say of the light around a surface, from a picture of half
// size whose entries lie on surfaces of their own: those that lie in the surface's plane and face its way count.
#include "lib/bindings.glsl"
#include "lib/view.glsl"

// What rays found around a surface: light, the sky's share of it, and the part of the rays that met nothing; and what
// an open sky would have given them. All in nits, of a lobe's mean.
struct Found {
    vec3 light, sky;
    float open;
    float nearness;  // the mean of one over the metres to what the rays met
};

struct Indirect {
    Found diffuse, specular;
};

// The light of a lobe of which an open sky's is known to be `sky`: where nothing is in the way it is that, without
// the noise of rays; where all is, it is what the rays found.
vec3 light_of(Found found, vec3 sky) {
    return max(found.light + found.open * (sky - found.sky), vec3(0.0));
}

const Indirect OPEN = Indirect(Found(vec3(0.0), vec3(0.0), 1.0, 0.0), Found(vec3(0.0), vec3(0.0), 1.0, 0.0));

// Six vec4 an entry: normal and depth; diffuse light and openness, sky and nearness; specular likewise; diffuse
// light of what shines by itself.
layout(std430, binding = INDIRECT) restrict buffer IndirectBuffer { vec4 indirect[]; };

uniform uvec2 indirect_size;

const uint ENTRY = 6u, PARTS = 5u;

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
    vec4 sums[PARTS] = vec4[PARTS](vec4(0.0), vec4(0.0), vec4(0.0), vec4(0.0), vec4(0.0));
    for (int n = 0; n < 4; ++n) {
        ivec2 step = ivec2(n & 1, n >> 1);
        uvec2 at = uvec2(clamp(corner + step, ivec2(0), ivec2(indirect_size) - 1));
        uint place = ENTRY * (at.y * indirect_size.x + at.x);
        vec4 geometry = indirect[place];
        if (geometry.w <= 0.0) continue;
        vec2 share = mix(1.0 - part, part, vec2(step));
        float like = likeness(position, normal, entry_position(at, geometry.w), geometry.xyz, width) + 1e-6;
        float weight = like * (share.x * share.y + 0.01);
        for (uint part = 0u; part < PARTS; ++part) sums[part] += weight * indirect[place + 1u + part];
        weights += weight;
    }
    if (weights == 0.0) return OPEN;
    for (uint part = 0u; part < PARTS; ++part) sums[part] /= weights;
    return Indirect(Found(sums[0].rgb + sums[4].rgb, sums[1].rgb, sums[0].a, sums[1].a), Found(sums[2].rgb, sums[3].rgb, sums[2].a, sums[3].a));
}
