// Looks along the rays of every other pixel each way for the light that fog scatters: of suns, the part that shadows
// leave of the closed form; of lamps all, at places chosen for how near they are (Kulla and Fajardo 2012, "Importance
// sampling techniques for path tracing in participating media"). The places of 4 x 4 entries interleave;
// fog_filter.comp joins them.
#include "lib/hit.glsl"
#include "lib/samples.glsl"
#include "lib/light_block.glsl"
#include "lib/fog.glsl"
#include "lib/fog_shafts.glsl"
#include "lib/shadow_map.glsl"
#include "lib/lights.glsl"
#include "lib/sequence.glsl"
#if SOFT
#include "lib/soft_shadow.glsl"
#else
#include "lib/shadow.glsl"
#endif

layout(local_size_x = 32, local_size_y = 4) in;

layout(binding = VISIBILITY) uniform usampler2D visibility;

uniform uint steps;  // places along a ray

// 1 where a light reaches a place in the air: one look at the first of its maps that holds it.
float reaches(Light light, vec3 position) {
    vec2 atlas = vec2(textureSize(shadow_atlas, 0));
    for (int i = light.kind.y; i < light.kind.y + light.kind.z; ++i) {
        ShadowMap map = shadow_map_at(i);
        vec3 at = in_map(map, position, vec3(0.0), 0.0);
        if (max(abs(at.x), abs(at.y)) > 1.0 - 2.0 / (map.tile.z * atlas.x)) continue;
        vec2 place = map.tile.xy + (at.xy * 0.5 + 0.5) * map.tile.zw;
        float depth = clamp(at.z, 0.0, 1.0);
#if SOFT
        return depth >= texelFetch(shadow_atlas, ivec2(place * atlas), 0).r ? 1.0 : 0.0;
#else
        return textureLod(shadow_atlas, vec3(place, depth), 0.0);
#endif
    }
    return 1.0;
}

// The light of a sun, that of one without shadows in `open`; `depth` is the ray's, optical.
vec3 of_sun(Light light, vec3 along, float distance, float depth, float start, inout vec3 open) {
    vec3 to_sun = -light.direction.xyz, color = light.color.rgb * fog_phase(dot(along, to_sun));
    SunlitRay ray = sunlit_ray(along, to_sun);
    float whole = scattered_of_sun(ray, depth), lit = whole, before = 0.0, far = exp(-depth);
    uint looks = light.kind.z > 0 ? steps : 0u;
    for (uint n = 0u; n < looks; ++n) {
        // Equal parts of the light that the fog takes.
        float end = -log(max(mix(1.0, far, float(n + 1u) / float(looks)), 1e-6));
        float place = -log(max(mix(1.0, far, (float(n) + start) / float(looks)), 1e-6));
        float now = n + 1u < looks ? scattered_of_sun(ray, min(end, depth)) : whole;
        float metres = clamp(fog_reach(along.y, place), 0.0, distance);
        lit -= (now - before) * (1.0 - reaches(light, along * metres));
        before = now;
    }
    open += color * whole;
    return color * lit;
}

// The light of a lamp: every step looks to another place on it, and along the ray from near that place.
vec3 of_lamp(Light light, vec3 along, float distance, float start, vec2 where) {
    vec3 sum = vec3(0.0);
    for (uint n = 0u; n < steps; ++n) {
        vec2 place = even_point(n, where);
        Ray seen = towards(light, vec3(0.0), place);
        vec3 shining = seen.along * seen.reach;
        float nearest = dot(shining, along), off = max(length(shining - along * nearest), 1e-3);
        float first = atan(-nearest / off), range = atan((distance - nearest) / off) - first;
        float beyond = off * tan(first + range * (float(n) + start) / float(steps));
        vec3 at = along * max(nearest + beyond, 0.0);
        Ray ray = towards(light, at, place);
        float through = exp(-fog_depth(0.0, at.y, length(at))) * light_through_fog(light, at);
        float share = fog_density(at.y) * through * fog_phase(dot(along, ray.along));
        sum += ray.irradiance * (share * reaches(light, at) * range * (off * off + beyond * beyond) / off);
    }
    return sum / float(steps);
}

void main() {
    uvec2 at = gl_GlobalInvocationID.xy;
    if (any(greaterThanEqual(at, shafts_size))) return;
    uvec2 pixel = shaft_pixel(at, picture);
    uvec2 seen = texelFetch(visibility, sample_texel(pixel, 0u, picture), 0).xy;
    vec3 along = normalize(ray_through(camera, sample_place(pixel, 0u)));
    float distance = FARTHEST, depth = fog_depth_beyond(0.0, along.y);
    if (seen.x != 0u) {
        vec3 position = hit_at(seen, sample_place(pixel, 0u), 1.0).position;
        distance = max(length(position), 1e-4);
        depth = fog_depth(0.0, position.y, distance);
    }
    uint pattern = (at.x & 3u) + 4u * (at.y & 3u);
    vec2 chance = hashed(at / 4u);
    float start = fract(chance.x + float((pattern * 7u) & 15u) / 16.0);
    vec2 where = fract(chance + hammersley(pattern, 16u));
    vec3 open = vec3(0.0), lit = vec3(0.0), lamps = vec3(0.0);
    for (uint i = 0u; i < light_count; ++i) {
        Light light = light_at(i);
        if (light.kind.x == LIGHT_SKY) continue;
        bool sun = light.kind.x == LIGHT_SUN;
        uint suns = sun ? 1u : 0u, others = 1u - suns;  // loops: software runs what an `if` leaves out
        for (uint n = 0u; n < suns; ++n) lit += of_sun(light, along, distance, depth, start, open);
        for (uint n = 0u; n < others; ++n) lamps += of_lamp(light, along, distance, start, where);
    }
    uint entry = shaft_entry(at);
    shafts[entry] = vec4(mix(vec3(1.0), lit / max(open, vec3(1e-20)), greaterThan(open, vec3(1e-20))), distance);
    shafts[entry + 1u] = vec4(lamps, 0.0);
}
