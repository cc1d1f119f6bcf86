// The table behind lib/brdf.glsl and lib/environment.glsl, one texel an invocation.
//
// x, y: what a specular lobe of reflectance f0 at normal and f90 at grazing incidence returns of
//       uniform light is f0 * x + f90 * y (Karis 2013, "Real shading in Unreal Engine 4"), at n.v across.
// z:    the lobe-averaged max(y, 0) around a reflection whose y is 2 * across - 1: a gradient sky's reflection.
// w:    (1 - v.h)^5 averaged over cosine-weighted light, at n.v: what glTF's diffuse lobe loses.
#include "lib/ggx.glsl"

layout(local_size_x = 8, local_size_y = 8) in;
layout(rgba32f, binding = 0) writeonly uniform image2D table;

const uint DIRECTIONS = 256u;

vec2 specular_terms(vec3 v, float alpha) {
    float a2 = alpha * alpha;
    float smith_v = sqrt(v.z * v.z * (1.0 - a2) + a2);
    vec2 sum = vec2(0.0);
    for (uint i = 0u; i < DIRECTIONS; ++i) {
        vec3 h = ggx_visible_normal(v, alpha, hammersley(i, DIRECTIONS));
        vec3 l = reflect(-v, h);
        if (l.z <= 0.0) continue;
        // G2 / G1 is the weight of a visible normal.
        float weight = 2.0 * ggx_visibility(v.z, l.z, alpha) * l.z * (v.z + smith_v);
        float f = schlick_weight(dot(v, h));
        sum += weight * vec2(1.0 - f, f);
    }
    return sum / float(DIRECTIONS);
}

float upper_half(float y, float alpha) {
    vec3 n = vec3(sqrt(max(1.0 - y * y, 0.0)), y, 0.0);
    vec3 t = vec3(-n.y, n.x, 0.0);
    float sum = 0.0, weights = 0.0;
    for (uint i = 0u; i < DIRECTIONS; ++i) {
        vec3 h = ggx_normal(alpha, hammersley(i, DIRECTIONS));
        vec3 local = vec3(2.0 * h.z * h.x, 2.0 * h.z * h.y, 2.0 * h.z * h.z - 1.0);
        float weight = max(local.z, 0.0);
        sum += weight * max(local.x * t.y + local.z * n.y, 0.0);
        weights += weight;
    }
    return sum / weights;
}

float diffuse_loss(vec3 v) {
    float sum = 0.0;
    for (uint i = 0u; i < DIRECTIONS; ++i) {
        vec2 u = hammersley(i, DIRECTIONS);
        float phi = 2.0 * PI * u.y;
        vec3 l = vec3(sqrt(u.x) * cos(phi), sqrt(u.x) * sin(phi), sqrt(1.0 - u.x));
        sum += schlick_weight(dot(v, normalize(v + l)));
    }
    return sum / float(DIRECTIONS);
}

void main() {
    ivec2 at = ivec2(gl_GlobalInvocationID.xy), size = imageSize(table) / ivec2(1, 4);
    if (any(greaterThanEqual(at, size))) return;
    vec2 axis = vec2(at) / vec2(size - 1);
    float n_dot_v = max(axis.x, 1e-4), alpha = ggx_alpha(axis.y);
    vec3 v = vec3(sqrt(1.0 - n_dot_v * n_dot_v), 0.0, n_dot_v);
    imageStore(table, at, vec4(specular_terms(v, alpha), upper_half(2.0 * axis.x - 1.0, alpha), diffuse_loss(v)));
}
