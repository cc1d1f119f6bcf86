// Adds the light that fog scatters towards the camera, for each sample up to its own surface: that of suns in closed
// form, times what shadows leave of it, that of lamps, and that which comes from all sides. What fog takes of the
// surfaces' and the sky's light was taken where these were shaded.
#include "lib/hit.glsl"
#include "lib/samples.glsl"
#include "lib/light_block.glsl"
#include "lib/radiance.glsl"
#include "lib/fog.glsl"
#if SHAFTS
#include "lib/fog_shafts.glsl"
#endif

layout(local_size_x = 32, local_size_y = 4) in;

layout(binding = VISIBILITY) uniform usampler2D visibility;

uniform float weight;

vec3 of_suns(vec3 along, float depth) {
    vec3 sum = vec3(0.0);
    for (uint i = 0u; i < light_count; ++i) {
        Light light = light_at(i);
        if (light.kind.x != LIGHT_SUN) continue;
        vec3 to_sun = -light.direction.xyz;
        sum += light.color.rgb * (fog_phase(dot(along, to_sun)) * scattered_of_sun(sunlit_ray(along, to_sun), depth));
    }
    return sum;
}

void main() {
    uvec2 where = gl_GlobalInvocationID.xy;
    if (any(greaterThanEqual(where, picture))) return;
    vec3 sum = vec3(0.0);
    for (uint n = 0u; n < SIDE * SIDE; ++n) {
        vec2 place = sample_place(where, n);
        uvec2 seen = texelFetch(visibility, sample_texel(where, n, picture), 0).xy;
        if (seen.x == 0u && sky_visible == 0u) continue;
        vec3 along = normalize(ray_through(camera, place));
        float distance = 1e9, depth = fog_depth_beyond(0.0, along.y);
        if (seen.x != 0u) {
            vec3 position = hit_at(seen, place, 1.0).position;
            distance = max(length(position), 1e-4);
            depth = fog_depth(0.0, position.y, distance);
        }
        vec3 light = fog_ambient.rgb * (1.0 - exp(-depth)), suns = of_suns(along, depth);
#if SHAFTS
        Shafts found = shafts_at(place, distance);
        suns = suns * found.of_suns + found.of_lamps;
#endif
        sum += light + suns;
    }
    vec4 share = vec4(fog_albedo.rgb * sum * (weight / float(SIDE * SIDE)), 0.0);
    add_radiance(where.y * picture.x + where.x, share, vec3(0.0), false);
}
