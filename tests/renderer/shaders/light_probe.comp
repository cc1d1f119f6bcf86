// Evaluates one function of the lighting library for an array of inputs; PROBE chooses which.
#include "lib/lighting.glsl"

layout(local_size_x = 64) in;

struct Point {
    vec4 position_roughness, normal_metallic, geometric_specular, view_occlusion, color, direction;
    vec4 reflectance_coat, along_anisotropy, sheen, film_coat_roughness;
};

layout(std430, binding = 0) readonly buffer Points { Point points[]; };
layout(std430, binding = OUTPUT) writeonly buffer Results { vec4 results[]; };

uniform uint count;

Surface surface_of(Point p) {
    Surface s;
    s.position = p.position_roughness.xyz;
    s.roughness = p.position_roughness.w;
    s.normal = p.normal_metallic.xyz;
    s.metallic = p.normal_metallic.w;
    s.geometric_normal = p.geometric_specular.xyz;
    s.specular = p.geometric_specular.w;
    s.view = p.view_occlusion.xyz;
    s.occlusion = p.view_occlusion.w;
    s.base_color = p.color.rgb;
    s.emission = vec3(0.0);
    s.depth = 0.0;
#if COATED
    s.reflectance = p.reflectance_coat.rgb;
    s.coat = p.reflectance_coat.w;
    s.along = p.along_anisotropy.xyz;
    s.anisotropy = p.along_anisotropy.w;
    s.sheen_color = p.sheen.rgb;
    s.sheen_roughness = p.sheen.w;
    s.iridescence = p.film_coat_roughness.x;
    s.film_ior = p.film_coat_roughness.y;
    s.film_thickness = p.film_coat_roughness.z;
    s.coat_roughness = p.film_coat_roughness.w;
    s.coat_normal = s.geometric_normal;
#endif
    return s;
}

void main() {
    uint i = gl_GlobalInvocationID.x;
    if (i >= count) return;
    Surface s = surface_of(points[i]);
    vec3 direction = points[i].direction.xyz;
#if PROBE == 0
    vec3 result = reflected(lobes_of(s), s.normal, s.view, direction);
#elif PROBE == 1
    vec3 hidden = vec3(0.0), result = direct_light(s, uvec2(0u), 0u, 1u, hidden);
#elif PROBE == 2
    vec3 result = ambient_light(s, OPEN);
#elif PROBE == 3
    vec3 result = sky_radiance(direction);
#elif PROBE == 4
    vec3 result = sky_irradiance(direction);
#elif PROBE == 5
    vec3 result = sky_reflection(direction, s.roughness);
#endif
    results[i] = vec4(result, 1.0);
}
