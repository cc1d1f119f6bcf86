// Provides numbers in 0..1 that fill squares evenly, a hash, and directions made of them: what is drawn by chance is
// a function of its place.
#include "lib/ggx.glsl"

// Which of the pictures that are averaged is made: each draws by chance anew.
#ifdef TURNS
uniform uint turn_number;
#define TURN turn_number
#else
#define TURN 0u
#endif

// Point i of a sequence of which any stretch fills the square evenly (Roberts 2018, R2), shifted by `start`.
vec2 even_point(uint i, vec2 start) {
    return fract(start + vec2(0.7548776662466927, 0.5698402909980532) * float(i & 0xffffu));
}

// Two numbers in 0..1 from one (Jarzynski and Olano 2020, "Hash functions for GPU rendering", pcg2d).
vec2 hashed(uvec2 v) {
    v = v * 1664525u + 1013904223u;
    v.x += v.y * 1664525u;
    v.y += v.x * 1664525u;
    v ^= v >> 16;
    v.x += v.y * 1664525u;
    v.y += v.x * 1664525u;
    v ^= v >> 16;
    return vec2(v >> 8) * (1.0 / 16777216.0);
}

// A place on the unit disc, u in the unit square.
vec2 on_disc(vec2 u) { return sqrt(u.x) * vec2(cos(6.28318530718 * u.y), sin(6.28318530718 * u.y)); }

// A unit vector across `normal`.
vec3 side_of(vec3 normal) {
    return normalize(abs(normal.y) < 0.9 ? cross(normal, vec3(0.0, 1.0, 0.0)) : cross(normal, vec3(1.0, 0.0, 0.0)));
}

// Right-handed axes of which the third is `normal`.
mat3 frame_around(vec3 normal) {
    vec3 side = side_of(normal);
    return mat3(side, cross(normal, side), normal);
}

// A unit vector around `normal` by the cosine, u in the unit square.
vec3 around_by_cosine(vec3 normal, vec2 u) { return frame_around(normal) * vec3(on_disc(u), sqrt(1.0 - u.x)); }

// A mirror direction of `view` at a microfacet of the lobe around `normal` that is seen from there.
vec3 around_by_lobe(vec3 normal, vec3 view, float alpha, vec2 u) {
    mat3 frame = frame_around(normal);
    vec3 local = view * frame;
    local.z = max(local.z, 1e-3);
    return frame * reflect(-local, ggx_visible_normal(local, alpha, u));
}
