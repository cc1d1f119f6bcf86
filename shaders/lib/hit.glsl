// Provides Hit: where the ray through a pixel position meets the triangle seen there.
#include "lib/geometry.glsl"
#include "lib/triangle.glsl"
#include "lib/view.glsl"

struct Hit {
    uvec4 numbers;          // of the instance
    Affine to_world;        // of the instance, now
    vec3 position;          // world axes, relative to the camera
    vec3 local;             // node space
    vec3 geometric_normal;  // unit, world, on the viewer's side
    vec3 normal;            // node space, interpolated
    vec2 uv, uv_dx, uv_dy;  // texture coordinates, their change one pixel to the right and down
    vec4 tangent;           // node space, interpolated; w: sign of the bitangent
    vec3 weights;           // barycentric, adds to 1
    float depth;            // metres along -Z
    bool front;             // the triangle shows its front
};

// `v` made unit, or `otherwise` where it is too short to have a direction.
vec3 unit_or(vec3 v, vec3 otherwise) {
    float size2 = dot(v, v);
    return size2 > 1e-37 ? v * inversesqrt(size2) : otherwise;
}

vec3 blend(vec3 weights, vec3 a, vec3 b, vec3 c) {
    return weights.x * a + weights.y * b + weights.z * c;
}

// Rasterisers snap vertices to a grid, so a ray can pass a sliver just outside; where a plane is
// seen edge-on that would be far outside. Depth and weights are kept near the triangle's own range.
void place_hit(inout Hit hit, RayTriangle triangle, vec3 ray, vec3 corner_depths) {
    float nearest = min(corner_depths.x, min(corner_depths.y, corner_depths.z));
    float farthest = max(corner_depths.x, max(corner_depths.y, corner_depths.z));
    hit.depth = clamp(plane_distance(triangle, ray), max(nearest, near), max(farthest, near));
    hit.position = ray * hit.depth;
    hit.weights = plane_weights(triangle, ray);
    hit.weights.yz = clamp(hit.weights.yz, -0.5, 1.5);
    hit.weights.x = 1.0 - hit.weights.y - hit.weights.z;
}

// `seen` is what the visibility buffer holds at a pixel position, `spacing` how far apart its samples
// are in pixels.
Hit hit_at(uvec2 seen, vec2 pixel, float spacing) {
    Hit hit;
    uint draw = seen.x - 1u;
    hit.numbers = instance_numbers(draw);
    hit.to_world = instance_transform(draw, CURRENT);
    ivec3 vertex = triangle_vertices(hit.numbers, seen.y - 1u);
    vec4 a = vertex_position_u(vertex.x), b = vertex_position_u(vertex.y), c = vertex_position_u(vertex.z);
    vec3 p0 = apply(hit.to_world, a.xyz), p1 = apply(hit.to_world, b.xyz), p2 = apply(hit.to_world, c.xyz);
    RayTriangle triangle = ray_triangle(p0, p1, p2);
    vec3 ray = ray_through(camera, pixel);
    place_hit(hit, triangle, ray, vec3(depth_of(camera, p0), depth_of(camera, p1), depth_of(camera, p2)));
    vec3 w = hit.weights;
    vec3 w_dx = plane_weights(triangle, ray_through(camera, pixel + vec2(spacing, 0.0))) - w;
    vec3 w_dy = plane_weights(triangle, ray_through(camera, pixel + vec2(0.0, spacing))) - w;
    vec4 na = vertex_normal_v(vertex.x), nb = vertex_normal_v(vertex.y), nc = vertex_normal_v(vertex.z);
    mat3x2 uvs = mat3x2(a.w, na.w, b.w, nb.w, c.w, nc.w);
    hit.uv = uvs * w;
    hit.uv_dx = uvs * w_dx;
    hit.uv_dy = uvs * w_dy;
    hit.local = blend(w, a.xyz, b.xyz, c.xyz);
    hit.normal = blend(w, na.xyz, nb.xyz, nc.xyz);
#if BUCKETS > 0 || COATED
    hit.tangent = vertex_tangent(vertex.x) * w.x + vertex_tangent(vertex.y) * w.y + vertex_tangent(vertex.z) * w.z;
#endif
    Affine m = hit.to_world;
    float handed = dot(m.row0.xyz, cross(m.row1.xyz, m.row2.xyz)) < 0.0 ? -1.0 : 1.0;
    hit.front = triangle.volume * handed < 0.0;
    hit.geometric_normal = unit_or(triangle.volume < 0.0 ? triangle.normal : -triangle.normal, normalize(-ray));
    return hit;
}
