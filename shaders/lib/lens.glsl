// Provides bent() and straight(): where a lens shows a place of the plane one metre ahead, and back, for programs
// built with LENS 1 (Brown-Conrady) or 2 (fisheye). engine/diorama/distortion.py says the same and cites the papers.

const int ROUNDS = 8;

float off_zero(float v) { return abs(v) > 1e-12 ? v : 1e-12; }

#if LENS == 2

// How far from the middle an angle off the axis appears, and the slope.
vec2 fisheye(vec4 k, float angle) {
    float a = angle * angle;
    return vec2(angle * (1.0 + a * (k.x + a * (k.y + a * (k.z + a * k.w)))),
                1.0 + a * (3.0 * k.x + a * (5.0 * k.y + a * (7.0 * k.z + a * 9.0 * k.w))));
}

vec2 bent_inside(vec4 k, float k_last, vec2 plane) {
    float radius = length(plane);
    return radius > 1e-6 ? plane * (fisheye(k, atan(radius)).x / radius) : plane;
}

vec2 straight(vec4 k, float k_last, vec2 there) {
    float radius = length(there), angle = radius;
    for (int n = 0; n < ROUNDS; ++n) {
        vec2 f = fisheye(k, angle);
        angle -= (f.x - radius) / off_zero(f.y);
    }
    return radius > 1e-6 ? there * (tan(angle) / radius) : there;
}

#else

// Where a place appears; `slopes` are dx/dx, dx/dy which is dy/dx, dy/dy.
vec2 brown(vec4 k, float k_last, vec2 p, out vec3 slopes) {
    float r2 = dot(p, p), xy = p.x * p.y;
    float radial = 1.0 + r2 * (k.x + r2 * (k.y + r2 * k_last)), change = k.x + r2 * (2.0 * k.y + r2 * 3.0 * k_last);
    slopes = vec3(radial + 2.0 * p.x * p.x * change + 2.0 * k.z * p.y + 6.0 * k.w * p.x,
                  2.0 * (xy * change + k.z * p.x + k.w * p.y),
                  radial + 2.0 * p.y * p.y * change + 6.0 * k.z * p.y + 2.0 * k.w * p.x);
    return p * radial + 2.0 * xy * k.zw + (r2 + 2.0 * p * p) * k.wz;
}

vec2 bent_inside(vec4 k, float k_last, vec2 plane) {
    vec3 slopes;
    return brown(k, k_last, plane, slopes);
}

vec2 straight(vec4 k, float k_last, vec2 there) {
    vec2 p = there;
    for (int n = 0; n < ROUNDS; ++n) {
        vec3 s;
        vec2 off = brown(k, k_last, p, s) - there;
        p -= vec2(s.z * off.x - s.y * off.y, s.x * off.y - s.y * off.x) / off_zero(s.x * s.z - s.y * s.y);
    }
    return p;
}

#endif

// Beyond `reach`, the farthest place in the picture, formulas may turn back: there it goes straight on.
vec2 bent(vec4 k, float k_last, float reach, vec2 plane) {
    float radius = length(plane);
    vec2 inside = radius > reach ? plane * (reach / radius) : plane;
    return bent_inside(k, k_last, inside) + plane - inside;
}
