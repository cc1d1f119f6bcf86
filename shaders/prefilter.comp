// Fills one octahedral tile of the environment atlas with radiance averaged over a GGX lobe that
// is seen along its own normal, by filtered importance sampling (Křivánek and Colbert 2008).
#include "lib/bindings.glsl"
#include "lib/ggx.glsl"
#include "lib/octahedral.glsl"
#include "lib/equirectangular.glsl"

layout(local_size_x = 8, local_size_y = 8) in;
layout(rgba16f, binding = 0) writeonly uniform image2D atlas;
layout(binding = ENVIRONMENT) uniform sampler2D picture;  // equirectangular, with mipmaps

uniform ivec3 tile;       // texels: left, top, size
uniform float roughness;  // 0: only brought to the tile's size
uniform uint samples;

vec3 radiance(vec3 direction, float solid_angle) {
    vec2 size = vec2(textureSize(picture, 0));
    float texel = 2.0 * PI * PI / (size.x * size.y);
    return textureLod(picture, equirectangular(direction), max(0.5 * log2(solid_angle / texel), 0.0)).rgb;
}

vec3 averaged(vec3 n) {
    vec3 t = normalize(abs(n.y) < 0.9 ? cross(n, vec3(0.0, 1.0, 0.0)) : cross(n, vec3(1.0, 0.0, 0.0)));
    mat3 frame = mat3(t, cross(n, t), n);
    float alpha = ggx_alpha(roughness);
    vec3 sum = vec3(0.0);
    float weights = 0.0;
    for (uint i = 0u; i < samples; ++i) {
        vec3 h = ggx_normal(alpha, hammersley(i, samples));
        vec3 l = vec3(2.0 * h.z * h.x, 2.0 * h.z * h.y, 2.0 * h.z * h.z - 1.0);
        if (l.z <= 0.0) continue;
        // The density of l is D (n.h) / (4 v.h), and v is n.
        float density = 0.25 * ggx_distribution(vec3(0.0, 0.0, 1.0), h, h.z, alpha);
        sum += l.z * radiance(frame * l, 1.0 / (float(samples) * density));
        weights += l.z;
    }
    return sum / weights;
}

void main() {
    ivec2 at = ivec2(gl_GlobalInvocationID.xy);
    if (any(greaterThanEqual(at, tile.zz))) return;
    vec3 n = direction_from_octahedral(vec2(at) / float(tile.z - 1));
    float own = 4.0 * PI / float(tile.z * tile.z);
    imageStore(atlas, tile.xy + at, vec4(roughness > 0.0 ? averaged(n) : radiance(n, own), 1.0));
}
