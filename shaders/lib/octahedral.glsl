// Provides the octahedral map between unit directions and the square, +Y in its centre (Cigolle et al. 2014).

vec2 octahedral_from_direction(vec3 d) {
    vec3 p = d / (abs(d.x) + abs(d.y) + abs(d.z));
    vec2 folded = (1.0 - abs(p.zx)) * vec2(p.x < 0.0 ? -1.0 : 1.0, p.z < 0.0 ? -1.0 : 1.0);
    return (p.y < 0.0 ? folded : p.xz) * 0.5 + 0.5;
}

vec3 direction_from_octahedral(vec2 uv) {
    vec2 p = uv * 2.0 - 1.0;
    float y = 1.0 - abs(p.x) - abs(p.y);
    vec2 folded = (1.0 - abs(p.yx)) * vec2(p.x < 0.0 ? -1.0 : 1.0, p.y < 0.0 ? -1.0 : 1.0);
    vec2 xz = y < 0.0 ? folded : p;
    return normalize(vec3(xz.x, y, xz.y));
}
