// Provides Light, light_at() and towards(): the lights of a snapshot, and rays to places on them.
#include "lib/bindings.glsl"
#include "lib/sequence.glsl"

const int LIGHT_SUN = 0, LIGHT_POINT = 1, LIGHT_SPOT = 2, LIGHT_SKY = 3, LIGHT_SPHERE = 4, LIGHT_RECTANGLE = 5,
          LIGHT_DISC = 6;

struct Light {
    vec4 position;   // metres, world axes, relative to the camera; w: scale of the cone's falloff
    vec4 direction;  // unit, the way the light travels; w: offset of the cone's falloff
    vec4 color;      // lux (sun, sky), candela (point, spot) or nits; w: half the height
    vec4 tangent;    // unit, along the width; w: half the width, metres (radius; of a sun: half its angle, radians)
    ivec4 kind;      // kind, first shadow map, number of shadow maps, number of parts that these belong to
};

const int LIGHT_TEXELS = 5;

layout(binding = LIGHT_DATA) uniform usamplerBuffer light_data;

Light light_at(uint i) {
    int first = LIGHT_TEXELS * int(i);
    return Light(uintBitsToFloat(texelFetch(light_data, first)), uintBitsToFloat(texelFetch(light_data, first + 1)),
                 uintBitsToFloat(texelFetch(light_data, first + 2)), uintBitsToFloat(texelFetch(light_data, first + 3)),
                 ivec4(texelFetch(light_data, first + 4)));
}

bool is_parallel(Light light) { return light.kind.x == LIGHT_SUN || light.kind.x == LIGHT_SKY; }

bool is_flat(Light light) { return light.kind.x == LIGHT_RECTANGLE || light.kind.x == LIGHT_DISC; }

// Inverse square, bounded one centimetre off, and the spot's cone (KHR_lights_punctual).
float light_falloff(Light light, vec3 to_light, float distance2) {
    if (is_parallel(light)) return 1.0;
    float falloff = 1.0 / max(distance2, 1e-4);
    if (light.kind.x != LIGHT_SPOT) return falloff;
    float cone = clamp(dot(light.direction.xyz, -to_light) * light.position.w + light.direction.w, 0.0, 1.0);
    return falloff * cone * cone;
}

// A ray from a point to a place on a light.
struct Ray {
    vec3 along;       // unit
    float reach;      // metres
    vec3 irradiance;  // lux on a surface that faces the place, if nothing is between
};

// `place` in the unit square chooses where on the light. Balls are taken for the disc of theirs that faces the point.
Ray towards(Light light, vec3 position, vec2 place) {
    vec2 disc = on_disc(place);
    vec3 bitangent = cross(light.direction.xyz, light.tangent.xyz);
    if (is_parallel(light)) {
        vec2 off = disc * tan(light.tangent.w);
        vec3 along = normalize(-light.direction.xyz + light.tangent.xyz * off.x + bitangent * off.y);
        return Ray(along, 1e9, light.color.rgb);
    }
    vec3 centre = light.position.xyz - position, target = centre;
    float width = light.tangent.w, height = light.color.w;
    if (light.kind.x == LIGHT_RECTANGLE) {
        vec2 off = (2.0 * place - 1.0) * vec2(width, height);
        target += light.tangent.xyz * off.x + bitangent * off.y;
    } else if (light.kind.x == LIGHT_DISC) {
        target += (light.tangent.xyz * disc.x + bitangent * disc.y) * width;
    } else {
        target += frame_around(normalize(centre)) * vec3(disc * width, 0.0);
    }
    float distance2 = max(dot(target, target), 1e-8), distance = sqrt(distance2);
    vec3 along = target / distance;
    if (is_flat(light)) {
        float area = light.kind.x == LIGHT_DISC ? 3.14159265 * width * width : 4.0 * width * height;
        float facing = max(dot(light.direction.xyz, -along), 0.0);
        return Ray(along, distance, light.color.rgb * (area * facing / distance2));
    }
    float strength = light.kind.x == LIGHT_SPHERE ? 3.14159265 * width * width : 1.0;
    float falloff = light_falloff(light, normalize(centre), dot(centre, centre));
    return Ray(along, distance, light.color.rgb * (strength * falloff));
}
