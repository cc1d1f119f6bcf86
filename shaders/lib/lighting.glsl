// Provides direct_light() and ambient_light(): the radiance in nits that a Surface sends to the camera.
#include "lib/surface.glsl"
#include "lib/brdf.glsl"
#include "lib/mirror.glsl"
#include "lib/lights.glsl"
#include "lib/open_sky.glsl"
#include "lib/shadow_map.glsl"
#include "lib/sequence.glsl"
#if SOFT
#include "lib/soft_shadow.glsl"
#else
#include "lib/shadow.glsl"
#endif
#include "lib/area_light.glsl"
#include "lib/indirect.glsl"
#if FOG
#include "lib/fog.glsl"
#endif

// What is taken for a Lambert lobe where light comes from all sides: the diffuse lobe, and sheen.
vec3 matt_albedo(Lobes lobes) {
#if COATED
    return lobes.diffuse_albedo + lobes.sheen_albedo;
#else
    return lobes.diffuse_albedo;
#endif
}

// The ambient term's integrand at one direction: summed over the sky's pieces it is the ambient term.
vec3 reflected_sky(Lobes lobes, Surface s, vec3 to_light) {
    return matt_albedo(lobes) * (s.occlusion * dot(s.normal, to_light) / PI);
}

#if SOFT
#define SHADOW_OF(light) soft_visibility(light, s.position, s.geometric_normal, angle)
#else
#define SHADOW_OF(light) shadow_visibility(light.kind.y, light.kind.z, s.position, s.geometric_normal)
#endif
#if FOG
#define VISIBILITY_OF(light) (SHADOW_OF(light) * light_through_fog(light, s.position))
#else
#define VISIBILITY_OF(light) SHADOW_OF(light)
#endif

// Radiance by way of the lights, with their shadows. Where the environment lights diffuse surfaces, pieces
// of the sky add to `hidden` what they would give if it were not for shadows. Of `turns` points that share a
// `pixel`, each asks for every so manieth piece, beginning with its own `turn`.
vec3 direct_light(Surface s, uvec2 pixel, uint turn, uint turns, inout vec3 hidden) {
    Lobes lobes = lobes_of(s);
#if SOFT
    float angle = 6.2831853 * hashed(pixel * turns + turn + 977u * TURN).x;
#endif
    vec3 sum = vec3(0.0);
    for (uint i = 0u; i < light_count; ++i) {
        Light light = light_at(i);
        bool is_sky = light.kind.x == LIGHT_SKY, tells_hidden = is_sky && sky_diffuse != 0u;
        if (tells_hidden && i % turns != turn) continue;
        // A loop of one round, since software runs what an `if` leaves out: see soft_shadow.glsl.
        bool is_area = has_area(light);
        uint areas = is_area ? 1u : 0u;
        for (uint n = 0u; n < areas; ++n) sum += area_light(s, lobes, light) * VISIBILITY_OF(light);
        if (is_area) continue;
        vec3 to_light = is_parallel(light) ? -light.direction.xyz : light.position.xyz - s.position;
        float distance2 = dot(to_light, to_light);
        to_light *= inversesqrt(max(distance2, 1e-12));
#if COATED
        if (max(dot(s.normal, to_light), dot(s.coat_normal, to_light)) <= 0.0) continue;
#else
        if (dot(s.normal, to_light) <= 0.0) continue;
#endif
        float falloff = light_falloff(light, to_light, distance2);
        if (falloff <= 0.0) continue;
        float visibility = VISIBILITY_OF(light);
        if (tells_hidden) {
            hidden += light.color.rgb * float(turns) * (1.0 - visibility) * reflected_sky(lobes, s, to_light);
            continue;
        }
        falloff *= visibility;
        if (falloff <= 0.0) continue;
        vec3 share = is_sky ? reflected_sky(lobes, s, to_light) : reflected(widened(lobes, light.tangent.w), s.normal, s.view, to_light);
        sum += light.color.rgb * falloff * share;
    }
    return sum;
}

// What the surface sends out by itself, seen through its coat.
vec3 sent_through_coat(Surface s) {
#if COATED
    return s.emission * (1.0 - s.coat * (0.04 + 0.96 * schlick_weight(dot(s.coat_normal, s.view))));
#else
    return s.emission;
#endif
}

// Radiance by way of the environment and of other surfaces; smooth metals reflect an open sky until mirror.comp.
vec3 ambient_light(Surface s, Indirect indirect) {
    Lobes lobes = lobes_of(s);
    float seen = specular_occlusion(lobes.n_dot_v, s.occlusion, s.roughness);
    vec3 diffuse = sky_diffuse != 0u ? light_of(indirect.diffuse, sky_irradiance(s.normal)) : vec3(0.0);
    Gloss gloss = gloss_of(s, lobes);
    vec3 specular = open_gloss(s, lobes, base_gloss(s, lobes));
#if BOUNCES
    bool is_mirrored = is_mirror(gloss);
    if (!is_mirrored || gloss.is_coat) specular = light_of(indirect.specular, specular);
#endif
    vec3 sum = matt_albedo(lobes) * diffuse * s.occlusion + lobes.specular_albedo * specular * seen;
#if COATED
    vec3 shown = open_gloss(s, lobes, coat_gloss(s, lobes));
#if BOUNCES
    if (!is_mirrored || !gloss.is_coat) shown = light_of(indirect.specular, shown);
#endif
    sum += lobes.coat_albedo * shown * specular_occlusion(lobes.coat_n_dot_v, s.occlusion, s.coat_roughness);
#endif
    return sum;
}
