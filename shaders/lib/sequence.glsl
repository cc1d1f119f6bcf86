// Provides numbers in 0..1 that fill squares evenly, and a hash: what is drawn by chance is a function of its place.

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

// A unit vector around `normal` by the cosine, u in the unit square.
vec3 around_by_cosine(vec3 normal, vec2 u) {
    float radius = sqrt(u.x), angle = 6.28318530718 * u.y;
    vec3 tangent = normalize(abs(normal.y) < 0.9 ? cross(normal, vec3(0.0, 1.0, 0.0)) : cross(normal, vec3(1.0, 0.0, 0.0)));
    return tangent * (radius * cos(angle)) + cross(normal, tangent) * (radius * sin(angle)) + normal * sqrt(1.0 - u.x);
}
