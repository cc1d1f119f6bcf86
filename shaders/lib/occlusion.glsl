// Provides hidden_there(): whether a surface point is hidden, or off screen, at another time.
#include "lib/geometry.glsl"
#include "lib/triangle.glsl"
#include "lib/view.glsl"

// Relative depth by which something must be nearer to hide a point: float32 against raster snapping.
const float MARGIN = 5e-4;

// What one texel of the other picture says of the ray through `there`: does its triangle hide a point
// at `depth`, and does the ray pass through that triangle, so that the answer is exact?
struct Verdict {
    bool hides, exact;
};

Verdict verdict_of(uvec2 seen, Camera c, int time, vec2 there, float depth) {
    uint draw = max(seen.x, 1u) - 1u;
    ivec3 vertex = triangle_vertices(instance_numbers(draw), max(seen.y, 1u) - 1u);
    Affine to_world = instance_transform(draw, time);
    vec3 p0 = apply(to_world, vertex_position_u(vertex.x).xyz);
    vec3 p1 = apply(to_world, vertex_position_u(vertex.y).xyz);
    vec3 p2 = apply(to_world, vertex_position_u(vertex.z).xyz);
    RayTriangle triangle = ray_triangle(p0, p1, p2);
    vec3 ray = ray_through(c, there);
    bool inside = all(greaterThanEqual(plane_weights(triangle, ray), vec3(0.0)));
    float blocker = plane_distance(triangle, ray);
    if (!inside) {
        // The triangle ends before the ray: its farthest corner is the safe side of its plane.
        blocker = max(blocker, max(depth_of(c, p0), max(depth_of(c, p1), depth_of(c, p2))));
    }
    return Verdict(seen.x != 0u && blocker > 0.0 && blocker < depth * (1.0 - MARGIN), inside);
}

// `point` is relative to camera `c` of the other time, `depth` its depth or infinity; `self` is its
// triangle. Hidden, if the texel under the point says so and is exact or agrees with its neighbours.
bool hidden_there(usampler2D picture_there, Camera c, int time, vec3 point, float depth, uvec2 self) {
    vec2 there = pixel_of(c, point);
    if (depth_of(c, point) < near || any(lessThan(there, vec2(0.0))) || any(greaterThanEqual(there, vec2(picture))))
        return true;
    // First the texel under the point; then, while these say so too, the four around it.
    ivec2 corner = ivec2(floor(there - 0.5));
    Verdict last = Verdict(true, false);
    int end = picture.x > 0u ? 4 : 0;  // no constant: unrolled, all five would be worked out on a CPU
    for (int n = -1; n < end && last.hides && !last.exact; ++n) {
        ivec2 texel = n < 0 ? ivec2(floor(there)) : corner + ivec2(n & 1, n >> 1);
        uvec2 seen = texelFetch(picture_there, clamp(texel, ivec2(0), ivec2(picture) - 1), 0).xy;
        last = verdict_of(seen, c, time, there, depth);
        last.hides = last.hides && seen != self;
        last.exact = last.exact && n < 0;
    }
    return last.hides;
}
