// Works out every label of a pixel from the instance and triangle at its centre.
// OCCLUSION is 1 where the pictures of the frames before and after are there too.
#include "lib/material.glsl"
#include "lib/output.glsl"
#if OCCLUSION
#include "lib/occlusion.glsl"
#endif

layout(local_size_x = 32, local_size_y = 4) in;

layout(binding = VISIBILITY) uniform usampler2D visibility;
#if OCCLUSION
layout(binding = NEXT_VISIBILITY) uniform usampler2D visibility_next;
layout(binding = PREVIOUS_VISIBILITY) uniform usampler2D visibility_previous;
uniform uint at_occlusion_forward, at_occlusion_backward;
#endif

uniform uint at_depth, at_normal, at_uv, at_albedo, at_material, at_emission, at_instance, at_semantic, at_surface,
             at_flow_forward, at_flow_backward, at_distance, at_position, at_object_coordinates;

struct Mesh {
    vec4 low, high;  // corners of the rest box, node space
};

layout(std430, binding = MESHES) readonly restrict buffer MeshBuffer { Mesh meshes[]; };

// Not constants: not every compiler takes a function of bits for a constant expression.
#define INFINITY uintBitsToFloat(0x7f800000u)
#define NAN uintBitsToFloat(0x7fc00000u)

// What a pixel is labelled with; the points are relative to the camera of their time, and
// directions where the background is seen.
struct Labels {
    float depth, distance;
    vec3 position, normal, albedo, emission, object_coordinates;
    vec2 uv, material;
    uint instance, semantic;
    uvec4 surface;
    vec3 point, point_next, point_previous;
};

Labels background(vec3 ray) {
    return Labels(INFINITY, INFINITY, vec3(NAN), vec3(0.0), vec3(0.0), vec3(0.0), vec3(0.0), vec2(0.0), vec2(0.0),
                  0u, 0u, uvec4(0u), ray, ray, ray);
}

Labels labels_of(uvec2 seen, vec2 centre) {
    Hit hit = hit_at(seen, centre, 1.0);
    Surface s = surface_of(hit);
    uint draw = seen.x - 1u;
    uvec2 kind = instance_kind(draw);
    Labels l;
    l.depth = s.depth;
    l.distance = length(s.position);
    l.position = s.position;
    l.normal = s.normal;
    l.albedo = s.base_color;
    l.emission = s.emission;
    l.object_coordinates = vec3(0.0);
    if (at_object_coordinates != ABSENT) {
        Mesh mesh = meshes[kind.x];
        l.object_coordinates = clamp((hit.local - mesh.low.xyz) / max(mesh.high.xyz - mesh.low.xyz, 1e-20), 0.0, 1.0);
    }
    l.uv = hit.uv;
    l.material = vec2(s.metallic, s.roughness);
    l.instance = hit.numbers.w;
    l.semantic = kind.y;
    l.surface = uvec4(seen, floatBitsToUint(hit.weights.yz));
    // By the same arithmetic at all three times, so that what stands still has a flow of exactly 0.
    l.point = apply(hit.to_world, hit.local);
    l.point_next = apply(instance_transform(draw, NEXT), hit.local);
    l.point_previous = apply(instance_transform(draw, PREVIOUS), hit.local);
    return l;
}

void main() {
    uvec2 where = gl_GlobalInvocationID.xy;
    if (any(greaterThanEqual(where, picture))) return;
    uint pixel = where.y * picture.x + where.x;
    vec2 centre = vec2(where) + 0.5;
    uvec2 seen = texelFetch(visibility, ivec2(where), 0).xy;
    Labels l = background(ray_through(camera, centre));
    if (seen.x != 0u) l = labels_of(seen, centre);
    store(at_depth, pixel, l.depth);
    store(at_normal, pixel, l.normal);
    store(at_uv, pixel, l.uv);
    store(at_albedo, pixel, l.albedo);
    store(at_material, pixel, l.material);
    store(at_emission, pixel, l.emission);
    store(at_instance, pixel, l.instance);
    store(at_semantic, pixel, l.semantic);
    store(at_surface, pixel, l.surface);
    store(at_distance, pixel, l.distance);
    store(at_position, pixel, l.position);
    store(at_object_coordinates, pixel, l.object_coordinates);
    vec2 here = pixel_of(camera, l.point);
    store(at_flow_forward, pixel, pixel_of(camera_next, l.point_next) - here);
    store(at_flow_backward, pixel, pixel_of(camera_previous, l.point_previous) - here);
#if OCCLUSION
    float depth_next = seen.x == 0u ? INFINITY : depth_of(camera_next, l.point_next);
    float depth_previous = seen.x == 0u ? INFINITY : depth_of(camera_previous, l.point_previous);
    store(at_occlusion_forward, pixel,
          uint(hidden_there(visibility_next, camera_next, NEXT, l.point_next, depth_next, seen)));
    store(at_occlusion_backward, pixel,
          uint(hidden_there(visibility_previous, camera_previous, PREVIOUS, l.point_previous, depth_previous, seen)));
#endif
}
