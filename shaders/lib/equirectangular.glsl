// Provides the place of a direction in an equirectangular picture: top +Y, centre -Z, right half +X.

vec2 equirectangular(vec3 d) {
    const float pi = 3.14159265358979;
    float azimuth = d.x == 0.0 && d.z == 0.0 ? 0.0 : atan(d.x, -d.z);  // GLSL leaves atan(0, 0) undefined
    return vec2(0.5 + azimuth / (2.0 * pi), acos(clamp(d.y, -1.0, 1.0)) / pi);
}
