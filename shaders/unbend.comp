// From what a pinhole sees to what a lens that bends lines sees: for every sample the true ray is held against the
// triangles that the pinhole saw around its place, so that outlines lie where the lens shows them and not where the
// pinhole's texels end.
#include "lib/bindings.glsl"
#include "lib/geometry.glsl"
#include "lib/triangle.glsl"
#include "lib/view.glsl"
#include "lib/samples.glsl"

layout(local_size_x = 32, local_size_y = 4) in;

layout(binding = VISIBILITY) uniform usampler2D pinhole_ids;
layout(binding = 0, rg32ui) uniform writeonly uimage2D ids;

uniform int time;           // CURRENT, PREVIOUS or NEXT: whose camera and transforms
uniform vec4 pinhole_lens;  // fx, fy, cx, cy in texels of pinhole_ids

// By so much a ray may pass a triangle, so that none slips through between two.
const float SEAM = 1e-5;

RayTriangle triangle_of(uvec2 seen) {
    uint draw = seen.x - 1u;
    ivec3 vertex = triangle_vertices(instance_numbers(draw), seen.y - 1u);
    Affine to_world = instance_transform(draw, time);
    return ray_triangle(apply(to_world, vertex_position_u(vertex.x).xyz), apply(to_world, vertex_position_u(vertex.y).xyz),
                        apply(to_world, vertex_position_u(vertex.z).xyz));
}

// Whether a triangle is at least a texel wide every way, so that none smaller hides between the texels beside it.
bool is_wide(RayTriangle t, Camera c, vec3 ray, vec3 weights) {
    vec3 right = abs(plane_weights(t, ray + c.right.xyz / pinhole_lens.x) - weights);
    vec3 down = abs(plane_weights(t, ray - c.up.xyz / pinhole_lens.y) - weights);
    return all(lessThan(right + down, vec3(1.0)));
}

uvec2 seen_along(Camera c, vec2 pixel) {
    vec3 ray = ray_through(c, pixel);
    vec2 plane = vec2(dot(c.right.xyz, ray), -dot(c.up.xyz, ray));
    ivec2 middle = ivec2(floor(plane * pinhole_lens.xy + pinhole_lens.zw)), last = textureSize(pinhole_ids, 0) - 1;
    uvec2 own = texelFetch(pinhole_ids, clamp(middle, ivec2(0), last), 0).xy, nearest = uvec2(0u), before = uvec2(0u);
    bool found = false, open = false, wide = false;
    float depth = 0.0;
    int end = last.x > 0 ? 9 : 0;  // no constant: unrolled, all nine would be worked out on a CPU
    for (int n = 0; n < end; ++n) {
        ivec2 step = n == 0 ? ivec2(0) : (n <= 4 ? ivec2((n - 1) % 3, (n - 1) / 3) - 1 : ivec2(n % 3, n / 3) - 1);
        uvec2 seen = texelFetch(pinhole_ids, clamp(middle + step, ivec2(0), last), 0).xy;
        open = open || seen.x == 0u;
        if (seen.x == 0u || seen == before || (n > 0 && seen == own)) continue;
        before = seen;
        RayTriangle t = triangle_of(seen);
        vec3 weights = plane_weights(t, ray);
        float there = plane_distance(t, ray);
        if (n == 0) wide = is_wide(t, c, ray, weights);
        if (any(lessThan(weights, vec3(-SEAM))) || there < near || (found && there >= depth)) continue;
        found = true;
        depth = there;
        nearest = seen;
    }
    if (found) return nearest;
    return open && wide ? uvec2(0u) : own;
}

void main() {
    uvec2 where = gl_GlobalInvocationID.xy;
    if (any(greaterThanEqual(where, picture))) return;
    Camera c = camera;
    if (time == PREVIOUS) c = camera_previous;
    if (time == NEXT) c = camera_next;
    for (uint n = 0u; n < SIDE * SIDE; ++n)
        imageStore(ids, sample_texel(where, n, picture), uvec4(seen_along(c, sample_place(where, n)), 0u, 0u));
}
