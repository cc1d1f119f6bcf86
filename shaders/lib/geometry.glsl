// Provides meshes and instances: instance_point() for raster stages, fetches for compute stages.
#include "lib/bindings.glsl"

// Three texels a vertex: position and u, normal and v, tangent and the bitangent's sign; node space.
layout(binding = VERTEX_DATA) uniform samplerBuffer vertex_data;
// One texel a triangle: its vertices, counted from the first of its mesh.
layout(binding = TRIANGLE_DATA) uniform usamplerBuffer triangle_data;
// Eleven texels an instance, floats as bits: three affine transforms by rows, relative to the camera
// of their time (now, one frame before, one frame after), then two of numbers.
layout(binding = INSTANCE_DATA) uniform usamplerBuffer instance_data;

const int INSTANCE_TEXELS = 11, CURRENT = 0, PREVIOUS = 3, NEXT = 6;

// An affine transform by its rows, applied to a point; and its linear part, to a direction.
struct Affine {
    vec4 row0, row1, row2;
};

vec3 apply(Affine a, vec3 p) {
    vec4 point = vec4(p, 1.0);
    return vec3(dot(a.row0, point), dot(a.row1, point), dot(a.row2, point));
}

vec3 apply_linear(Affine a, vec3 v) {
    return vec3(dot(a.row0.xyz, v), dot(a.row1.xyz, v), dot(a.row2.xyz, v));
}

// Where an instance is at one time (CURRENT, PREVIOUS, NEXT): node space to world axes, metres,
// relative to that time's camera.
Affine instance_transform(uint draw, int time) {
    int first = int(draw) * INSTANCE_TEXELS + time;
    return Affine(uintBitsToFloat(texelFetch(instance_data, first)),
                  uintBitsToFloat(texelFetch(instance_data, first + 1)),
                  uintBitsToFloat(texelFetch(instance_data, first + 2)));
}

// A node-space point of an instance, now.
vec3 instance_point(uint draw, vec3 local) {
    return apply(instance_transform(draw, CURRENT), local);
}

// First triangle, first vertex, material, label.
uvec4 instance_numbers(uint draw) {
    return texelFetch(instance_data, int(draw) * INSTANCE_TEXELS + 9);
}

// Mesh, class of the label.
uvec2 instance_kind(uint draw) {
    return texelFetch(instance_data, int(draw) * INSTANCE_TEXELS + 10).xy;
}

// The vertices of a triangle of an instance with `numbers`, as numbers in the pool.
ivec3 triangle_vertices(uvec4 numbers, uint triangle) {
    return ivec3(texelFetch(triangle_data, int(numbers.x + triangle)).xyz + numbers.y);
}

vec4 vertex_position_u(int vertex) {
    return texelFetch(vertex_data, 3 * vertex);
}

vec4 vertex_normal_v(int vertex) {
    return texelFetch(vertex_data, 3 * vertex + 1);
}

vec4 vertex_tangent(int vertex) {
    return texelFetch(vertex_data, 3 * vertex + 2);
}
