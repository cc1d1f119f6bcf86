// Works out each record from the triangle that it holds: its plane, what it reflects and sends out; and with LIGHTS,
// in a second run, the light that falls on it by way of the lights, shadowed by the voxels themselves.
#include "lib/voxels.glsl"
#include "lib/material.glsl"
#include "lib/brdf.glsl"
#include "lib/lights.glsl"
#include "lib/sequence.glsl"
#include "lib/glow.glsl"

layout(local_size_x = 64) in;

layout(std430, binding = VOXEL_JOBS) readonly restrict buffer JobBuffer { uvec4 jobs[]; };
layout(std430, binding = VOXEL_KEYS) readonly restrict buffer KeyBuffer { uvec2 keys[]; };
layout(std430, binding = VOXEL_RECORDS_OUT) restrict buffer RecordBuffer { vec4 records[]; };

layout(std430, binding = VOXEL_NEXT_LIGHT) writeonly restrict buffer LightBuffer { vec4 next_light[]; };

const uint ROW = 0x07ffffffu, SHEET = 0x08000000u;
const uint GLOW_RAYS = 8u;

uniform uint light_rays;  // to each light that has a size

// The weights of the triangle's corners at the point of its plane that is nearest to `p`, kept inside it.
vec3 nearest_weights(vec3 a, vec3 b, vec3 c, vec3 n, vec3 p) {
    float area2 = dot(n, n);
    vec3 w = vec3(dot(cross(b - p, c - p), n), dot(cross(c - p, a - p), n), dot(cross(a - p, b - p), n)) / area2;
    w = max(w, vec3(0.0));
    return w / max(w.x + w.y + w.z, 1e-20);
}

// The point of the triangle nearest to the middle of the record's cell, as what a pixel as wide as the cell would see.
Hit hit_in(uint draw, uint triangle, vec3 middle, float width, uint face, out vec3 outward) {
    Hit hit;
    hit.numbers = instance_numbers(draw);
    hit.to_world = instance_transform(draw, CURRENT);
    ivec3 vertex = triangle_vertices(hit.numbers, triangle);
    vec4 a = vertex_position_u(vertex.x), b = vertex_position_u(vertex.y), c = vertex_position_u(vertex.z);
    vec3 p0 = apply(hit.to_world, a.xyz), p1 = apply(hit.to_world, b.xyz), p2 = apply(hit.to_world, c.xyz);
    vec3 n = cross(p1 - p0, p2 - p0);
    vec3 w = nearest_weights(p0, p1, p2, n, middle);
    vec4 na = vertex_normal_v(vertex.x), nb = vertex_normal_v(vertex.y), nc = vertex_normal_v(vertex.z);
    mat3x2 uvs = mat3x2(a.w, na.w, b.w, nb.w, c.w, nc.w);
    hit.weights = w;
    hit.position = blend(w, p0, p1, p2);
    hit.local = blend(w, a.xyz, b.xyz, c.xyz);
    hit.normal = blend(w, na.xyz, nb.xyz, nc.xyz);
    hit.uv = uvs * w;
    float step = width * inversesqrt(max(length(n), 1e-20));  // a cell's width over the triangle's, about
    hit.uv_dx = (uvs[1] - uvs[0]) * step;
    hit.uv_dy = (uvs[2] - uvs[0]) * step;
#if BUCKETS > 0 || COATED
    hit.tangent = vertex_tangent(vertex.x) * w.x + vertex_tangent(vertex.y) * w.y + vertex_tangent(vertex.z) * w.z;
#endif
    outward = normalize(n);
    float handed = dot(hit.to_world.row0.xyz, cross(hit.to_world.row1.xyz, hit.to_world.row2.xyz)) < 0.0 ? -1.0 : 1.0;
    outward *= handed;
    hit.front = face_of(outward) == face;
    if (!hit.front) outward = -outward;
    hit.geometric_normal = outward;
    hit.depth = 1.0;
    return hit;
}

// What of white light falling from all sides the surface sends back.
vec3 reflectance_of(Surface s) {
    s.view = s.normal;
    Lobes lobes = lobes_of(s);
    vec3 sum = lobes.diffuse_albedo + lobes.specular_albedo;
#if COATED
    sum += lobes.sheen_albedo + lobes.coat_albedo;
#endif
    return min(sum, vec3(0.99));
}

vec3 light_on(vec3 position, vec3 normal, uint number) {
    vec3 sum = vec3(0.0);
    for (uint i = 0u; i < light_count; ++i) {
        Light light = light_at(i);
        if (light.kind.x == LIGHT_SKY) continue;
        uint rays = light.tangent.w > 0.0 && light.kind.x != LIGHT_SUN ? light_rays : 1u;
        for (uint n = 0u; n < rays; ++n) {
            Ray ray = towards(light, position, even_point(n, hashed(uvec2(number, i))));
            float facing = dot(normal, ray.along), distance;
            if (facing <= 0.0 || ray.irradiance == vec3(0.0)) continue;
            if (trace(position, ray.along, ray.reach, distance) != OPEN_AIR) continue;
            sum += ray.irradiance * (facing / float(rays));
        }
    }
    return sum;
}

vec3 glow_on(vec3 position, vec3 normal, uint record) {
    vec3 sum = vec3(0.0), along;
    uint rays = min(glow_count.x, GLOW_RAYS), patterns = glow_count.x / max(rays, 1u);
    for (uint n = 0u; n < rays; ++n) {
        vec3 power = glow_from(glow_place(n, rays, record, patterns), position, along);
        sum += power * max(dot(normal, along), 0.0);
    }
    return sum * (float(glow_count.x) / float(max(rays, 1u)));
}

void main() {
    uint record = gl_WorkGroupID.y * gl_NumWorkGroups.x * 64u + gl_GlobalInvocationID.x;
    if (record >= uint(voxel_counts.y)) return;
    uvec2 key = keys[record];
    uint place = 4u * record;
#if LIGHTS
    vec4 plane = unit_plane(records[place + uint(PLANE)]);
    vec3 reflectance = records[place + uint(REFLECTANCE)].rgb;
    vec3 at = place_of(key.x, plane, LIFT);
    vec3 sent = reflectance * (light_on(at, plane.xyz, key.x) / PI + glow_on(at, plane.xyz, record) / PI);
    records[place + uint(FIRST_LIGHT)] = vec4(sent, 1.0);
    next_light[record] = vec4(sent, 1.0);
#else
    if (key.y == 0u) {  // no triangle owned up to the mark
        records[place] = vec4(0.0, 1.0, 0.0, -1e9);
        for (uint n = 1u; n < 4u; ++n) records[place + n] = vec4(0.0);
        return;
    }
    int level = key_level(key.x);
    uvec4 job = jobs[(key.y - 1u) >> 6];
    uint triangle = job.y + (job.z == 0u ? 0u : (key.y - 1u) & 63u);
    vec3 middle = out_of_cells(vec3(key_cell(key.x)) + 0.5, level), outward;
    Hit hit = hit_in(job.x & ROW, triangle, middle, voxel_levels[level].w, key_face(key.x), outward);
    Surface s = surface_of(hit);
    bool unlit = is_unlit(hit);
    records[place + uint(PLANE)] = ((job.x & SHEET) != 0u ? 2.0 : 1.0) * vec4(outward, dot(outward, into_cells(hit.position, level)));
    records[place + uint(REFLECTANCE)] = vec4(unlit ? vec3(0.0) : reflectance_of(s), s.metallic > 0.5 ? s.roughness : 1.0);
    records[place + uint(FIRST_LIGHT)] = vec4(0.0);
    records[place + uint(OWN_LIGHT)] = vec4(unlit ? s.base_color : s.emission, 1.0);
#endif
}
