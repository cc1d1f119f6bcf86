// Provides shadow_visibility(): how much of a light's rays reach a point, from the shadow maps.
#include "lib/shadow_map.glsl"

layout(binding = SHADOW_MAPS) uniform sampler2DShadow shadow_atlas;

// Texels from the point to the farthest texel centre that the filter reads, along one axis.
const float KERNEL = 2.0;

// How far the receiver is lifted off its plane, in texels: the kernel's reach along its diagonal.
const float LIFT = KERNEL * 1.41421356;

// A tent over 3x3 texels by four bilinear comparisons (Castaño 2013, "Shadow mapping summary").
float tent_filter(vec2 texel, vec2 size, float depth) {
    vec2 whole = floor(texel + 0.5), s = texel + 0.5 - whole;
    vec2 w0 = 3.0 - 2.0 * s, w1 = 1.0 + 2.0 * s;
    vec2 t0 = (2.0 - s) / w0 - 1.0, t1 = s / w1 + 1.0;
    vec2 base = whole - 0.5;
    float sum = w0.x * w0.y * textureLod(shadow_atlas, vec3((base + t0) / size, depth), 0.0);
    sum += w1.x * w0.y * textureLod(shadow_atlas, vec3((base + vec2(t1.x, t0.y)) / size, depth), 0.0);
    sum += w0.x * w1.y * textureLod(shadow_atlas, vec3((base + vec2(t0.x, t1.y)) / size, depth), 0.0);
    sum += w1.x * w1.y * textureLod(shadow_atlas, vec3((base + t1) / size, depth), 0.0);
    return sum / 16.0;
}

// 0 in full shadow, 1 in full light: from the finest of the light's maps that holds the point.
float shadow_visibility(int first, int count, vec3 position, vec3 normal) {
    vec2 atlas = vec2(textureSize(shadow_atlas, 0));
    for (int i = first; i < first + count; ++i) {
        ShadowMap map = shadow_map_at(i);
        vec3 at = in_map(map, position, normal, LIFT);
        float reach = 1.0 - 2.0 * KERNEL / (map.tile.z * atlas.x);
        if (max(abs(at.x), abs(at.y)) > reach) continue;
        return tent_filter((map.tile.xy + (at.xy * 0.5 + 0.5) * map.tile.zw) * atlas, atlas, clamp(at.z, 0.0, 1.0));
    }
    return 1.0;
}
