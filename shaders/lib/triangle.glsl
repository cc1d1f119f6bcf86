// Provides RayTriangle: a triangle made ready for rays from the origin.

// t = volume / d.normal, b1 = d.edge1 / d.normal, b2 = d.edge2 / d.normal by Cramer's rule
// (Möller and Trumbore 1997, "Fast, minimum storage ray-triangle intersection", rearranged).
struct RayTriangle {
    vec3 normal, edge1, edge2;
    float volume;
};

RayTriangle ray_triangle(vec3 p0, vec3 p1, vec3 p2) {
    vec3 e1 = p1 - p0, e2 = p2 - p0;
    vec3 normal = cross(e1, e2);
    return RayTriangle(normal, cross(e2, p0), cross(p0, e1), dot(p0, normal));
}

// The determinant of Cramer's rule, off zero: a triangle without area, or one seen exactly edge-on,
// can still be drawn, since rasterisers snap corners to a grid.
float determinant(RayTriangle t, vec3 ray) {
    float d = dot(ray, t.normal);
    return abs(d) > 1e-30 ? d : 1e-30;
}

// Where a ray meets the triangle's plane, in lengths of the ray.
float plane_distance(RayTriangle t, vec3 ray) {
    return t.volume / determinant(t, ray);
}

// The barycentric weights there.
vec3 plane_weights(RayTriangle t, vec3 ray) {
    vec2 b = vec2(dot(ray, t.edge1), dot(ray, t.edge2)) / determinant(t, ray);
    return vec3(1.0 - b.x - b.y, b);
}
