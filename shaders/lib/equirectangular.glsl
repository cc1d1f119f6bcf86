// Provides the place of a direction in an equirectangular picture: top +Y, centre -Z, right half +X.

vec2 equirectangular(vec3 d) {
    const float pi = 3.14159265358979;
    return vec2(0.5 + atan(d.x, -d.z) / (2.0 * pi), acos(clamp(d.y, -1.0, 1.0)) / pi);
}
