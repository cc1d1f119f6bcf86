// Provides direct_light() and ambient_light(): the radiance in nits that a Surface sends to the camera.
#include "lib/surface.glsl"
#include "lib/brdf.glsl"
#include "lib/environment.glsl"
#include "lib/shadow.glsl"

const int LIGHT_SUN = 0, LIGHT_POINT = 1, LIGHT_SPOT = 2, LIGHT_SKY = 3;

struct Light {
    vec4 position;   // metres, world axes, relative to the camera; w: scale of the cone's falloff
    vec4 direction;  // unit, the way the light travels; w: offset of the cone's falloff
    vec4 color;      // lux (sun, sky) or candela
    ivec4 kind;      // kind, first shadow map, number of shadow maps
};

// Four texels a light, floats as bits.
layout(binding = LIGHT_DATA) uniform usamplerBuffer light_data;

Light light_at(uint i) {
    int first = 4 * int(i);
    return Light(uintBitsToFloat(texelFetch(light_data, first)), uintBitsToFloat(texelFetch(light_data, first + 1)),
                 uintBitsToFloat(texelFetch(light_data, first + 2)), ivec4(texelFetch(light_data, first + 3)));
}

bool is_parallel(Light light) { return light.kind.x == LIGHT_SUN || light.kind.x == LIGHT_SKY; }

// Inverse square, bounded one centimetre off, and the spot's cone (KHR_lights_punctual).
float light_falloff(Light light, vec3 to_light, float distance2) {
    if (is_parallel(light)) return 1.0;
    float falloff = 1.0 / max(distance2, 1e-4);
    if (light.kind.x != LIGHT_SPOT) return falloff;
    float cone = clamp(dot(light.direction.xyz, -to_light) * light.position.w + light.direction.w, 0.0, 1.0);
    return falloff * cone * cone;
}

// The ambient term's integrand at one direction: summed over the sky's pieces it is the ambient term.
vec3 reflected_sky(Lobes lobes, Surface s, vec3 to_light) {
    return lobes.diffuse_albedo * (s.occlusion * dot(s.normal, to_light) / PI);
}

// Radiance by way of the lights, with their shadows. Where the environment lights diffuse surfaces, pieces
// of the sky add to `hidden` what they would give if it were not for shadows. Of `turns` points that share a
// pixel, each asks for every so manieth piece, beginning with its own `turn`.
vec3 direct_light(Surface s, uint turn, uint turns, inout vec3 hidden) {
    Lobes lobes = lobes_of(s);
    vec3 sum = vec3(0.0);
    for (uint i = 0u; i < light_count; ++i) {
        Light light = light_at(i);
        bool is_sky = light.kind.x == LIGHT_SKY, tells_hidden = is_sky && sky_diffuse != 0u;
        if (tells_hidden && i % turns != turn) continue;
        vec3 to_light = is_parallel(light) ? -light.direction.xyz : light.position.xyz - s.position;
        float distance2 = dot(to_light, to_light);
        to_light *= inversesqrt(max(distance2, 1e-12));
        if (dot(s.normal, to_light) <= 0.0) continue;
        float falloff = light_falloff(light, to_light, distance2);
        if (falloff <= 0.0) continue;
        float visibility = shadow_visibility(light.kind.y, light.kind.z, s.position, s.geometric_normal);
        if (tells_hidden) {
            hidden += light.color.rgb * float(turns) * (1.0 - visibility) * reflected_sky(lobes, s, to_light);
            continue;
        }
        falloff *= visibility;
        if (falloff <= 0.0) continue;
        vec3 share = is_sky ? reflected_sky(lobes, s, to_light) : reflected(lobes, s.normal, s.view, to_light);
        sum += light.color.rgb * falloff * share;
    }
    return sum;
}

// Where a rough lobe's middle points: between the mirror direction and the normal (Lagarde and
// de Rousiers 2014, "Moving Frostbite to PBR", 4.9.3).
vec3 lobe_direction(vec3 n, vec3 v, float roughness) {
    vec3 mirrored = reflect(-v, n);
    float smooth_part = 1.0 - roughness;
    return normalize(mix(n, mirrored, smooth_part * (sqrt(smooth_part) + roughness)));
}

// How much of the lobe the occlusion hides (the same, 4.10.2).
float specular_occlusion(float n_dot_v, float occlusion, float roughness) {
    return clamp(pow(n_dot_v + occlusion, exp2(-16.0 * roughness - 1.0)) - 1.0 + occlusion, 0.0, 1.0);
}

// Radiance by way of the environment.
vec3 ambient_light(Surface s) {
    Lobes lobes = lobes_of(s);
    vec3 reflection = sky_reflection(lobe_direction(s.normal, s.view, s.roughness), s.roughness);
    vec3 diffuse = sky_diffuse != 0u ? lobes.diffuse_albedo * sky_irradiance(s.normal) * s.occlusion : vec3(0.0);
    return diffuse + lobes.specular_albedo * reflection * specular_occlusion(lobes.n_dot_v, s.occlusion, s.roughness);
}
