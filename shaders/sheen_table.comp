// What white fibres return of uniform light (lib/charlie.glsl), one texel an invocation; across: n.v, down: perceptual
// roughness. It lies below the tables of the BRDF and of its linear cosines, and is made when it is first needed.
#include "lib/charlie.glsl"

layout(local_size_x = 8, local_size_y = 8) in;
layout(rgba32f, binding = 0) writeonly uniform image2D table;

const uint DIRECTIONS = 1024u;

void main() {
    ivec2 at = ivec2(gl_GlobalInvocationID.xy), size = imageSize(table) / ivec2(1, 4);
    if (any(greaterThanEqual(at, size))) return;
    vec2 axis = vec2(at) / vec2(size - 1);
    float n_dot_v = max(axis.x, 1e-3), alpha = sheen_alpha(axis.y), sum = 0.0;
    vec3 v = vec3(sqrt(1.0 - n_dot_v * n_dot_v), 0.0, n_dot_v);
    for (uint i = 0u; i < DIRECTIONS; ++i) {
        vec2 u = hammersley(i, DIRECTIONS);
        float z = u.x * u.x, phi = 2.0 * PI * u.y;  // finer towards the horizon
        vec3 l = vec3(sqrt(1.0 - z * z) * vec2(cos(phi), sin(phi)), z);
        sum += charlie(z, n_dot_v, normalize(l + v).z, alpha) * z * (2.0 * u.x * 2.0 * PI);
    }
    imageStore(table, at + ivec2(0, 2 * size.y), vec4(sum / float(DIRECTIONS), 0.0, 0.0, 1.0));
}
