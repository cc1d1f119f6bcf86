// Provides ShadowMap, shadow_map_at() and in_map(): where a point lies in a shadow map.
#include "lib/bindings.glsl"

struct ShadowMap {
    mat4 clip_from_world;  // from world axes relative to the camera; x, y, z / w of the map, near is 1
    vec4 tile;             // left, lower edge, width, height in the atlas, 0..1
    vec4 axis_texel;       // unit, against the way the map looks; metres of a texel where w is 1
    vec4 origin;           // metres, relative to the camera: where a map that is not parallel looks from
    vec4 softness;         // x: metres from the light's middle to its edge, or the tangent of half its angle;
                           // y: metres at depth 1 (perspective), or of the whole depth (parallel); z: 1 for parallel;
                           // w: the number of the light's part that it belongs to
};

const int SHADOW_TEXELS = 8;

layout(binding = SHADOW_DATA) uniform samplerBuffer shadow_data;

ShadowMap shadow_map_at(int i) {
    int first = SHADOW_TEXELS * i;
    mat4 clip = mat4(texelFetch(shadow_data, first), texelFetch(shadow_data, first + 1),
                     texelFetch(shadow_data, first + 2), texelFetch(shadow_data, first + 3));
    return ShadowMap(clip, texelFetch(shadow_data, first + 4), texelFetch(shadow_data, first + 5),
                     texelFetch(shadow_data, first + 6), texelFetch(shadow_data, first + 7));
}

// The point in one map: x, y in -1..1, z its depth. It is lifted by `lift` texels along the normal, so that its own
// plane stays behind it over a whole kernel (normal offset, Holbert 2011): over one texel, a plane's 1 / w
// changes by the part of its normal that lies across the map's axis, whatever the light's own angle.
vec3 in_map(ShadowMap map, vec3 position, vec3 normal, float lift) {
    mat4 m = map.clip_from_world;
    float w = dot(vec4(m[0].w, m[1].w, m[2].w, m[3].w), vec4(position, 1.0));
    if (w <= 0.0) return vec3(2.0);
    vec3 axis = map.axis_texel.xyz;
    float across = length(cross(normal, axis)), metres = map.axis_texel.w * w;
    vec4 clip = m * vec4(position + metres * (normal * (lift * across) + axis * 0.25), 1.0);
    return clip.xyz / clip.w;
}
