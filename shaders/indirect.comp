// What light falls on the surfaces that pixels see by way of other surfaces, and what these keep of the sky's away:
// for every other pixel each way, rays into the voxels. What is stored is the difference to an open sky. The
// directions of 4 x 4 entries are those of one entry with sixteen times as many rays; indirect_filter.comp joins them.
#include "lib/voxels.glsl"
#include "lib/material.glsl"
#include "lib/environment.glsl"
#include "lib/sequence.glsl"
#include "lib/samples.glsl"
#include "lib/indirect.glsl"

layout(local_size_x = 32, local_size_y = 4) in;

layout(binding = VISIBILITY) uniform usampler2D visibility;

uniform uint rays, specular_rays;

// A sky that is asked in few places is asked about what lies around them.
const float SKY_ROUGHNESS = 0.5;

// What a ray finds more than the sky.
vec3 found(vec3 from, vec3 along, float roughness) {
    float distance;
    int met = trace(from, along, 1e9, distance);
    return met >= 0 ? light_of(met) - sky_reflection(along, roughness) : vec3(0.0);
}

// Ray i of n around the normal.
vec3 diffuse_light(Surface s, vec3 from, uint pattern) {
    vec3 sum = vec3(0.0);
    for (uint n = 0u; n < rays; ++n) {
        vec3 along = around_by_cosine(s.normal, hammersley(pattern * rays + n, 16u * rays));
        if (dot(along, s.geometric_normal) > 0.0) sum += found(from, along, SKY_ROUGHNESS);
    }
    return sum / float(rays);
}

vec3 specular_light(Surface s, vec3 from, uint pattern) {
    vec3 tangent = normalize(abs(s.normal.y) < 0.9 ? cross(s.normal, vec3(0.0, 1.0, 0.0)) : cross(s.normal, vec3(1.0, 0.0, 0.0)));
    mat3 frame = mat3(tangent, cross(s.normal, tangent), s.normal);
    vec3 view = s.view * frame, sum = vec3(0.0);
    view.z = max(view.z, 1e-3);
    float alpha = ggx_alpha(s.roughness);
    for (uint n = 0u; n < specular_rays; ++n) {
        vec3 h = ggx_visible_normal(view, alpha, hammersley(pattern * specular_rays + n, 16u * specular_rays));
        vec3 along = frame * reflect(-view, h);
        if (dot(along, s.geometric_normal) > 0.0) sum += found(from, along, s.roughness);
    }
    return sum / float(specular_rays);
}

void main() {
    uvec2 at = gl_GlobalInvocationID.xy;
    if (any(greaterThanEqual(at, indirect_size))) return;
    uint place = ENTRY * (at.y * indirect_size.x + at.x);
    uvec2 pixel = entry_pixel(at);
    uvec2 seen = texelFetch(visibility, sample_texel(pixel, 0u, picture), 0).xy;
    vec4 geometry = vec4(0.0);
    vec3 diffuse = vec3(0.0), specular = vec3(0.0);
    if (seen.x != 0u) {
        Hit hit = hit_at(seen, sample_place(pixel, 0u), 1.0);
        Surface s = surface_of(hit);
        vec3 from = s.position + s.geometric_normal * (LIFT * cell_width(s.position));
        uint pattern = (at.x & 3u) + 4u * (at.y & 3u);
        geometry = vec4(s.normal, s.depth);
        diffuse = diffuse_light(s, from, pattern);
        specular = specular_light(s, from, pattern);
    }
    indirect[place] = geometry;
    indirect[place + 1u] = vec4(diffuse, 0.0);
    indirect[place + 2u] = vec4(specular, 0.0);
}
