// Provides surface_of(): the material of a hit, with its pictures and normal map applied.
// BUCKETS is the number of picture arrays the program is built for.
#include "lib/hit.glsl"
#include "lib/surface.glsl"
#include "lib/sequence.glsl"

// Eight texels a material: base colour and metallic; emission and roughness; specular, normal scale,
// occlusion strength, unlit; then, for five uses, bucket * 65536 + layer of a picture, and iridescence, the film's
// index of refraction and thickness; specular colour and reflectance; sheen's colour and roughness; coat, its
// roughness, anisotropy, its rotation.
layout(binding = MATERIAL_DATA) uniform usamplerBuffer material_data;

const int MATERIAL_TEXELS = 8;
const uint NO_IMAGE = 0xffffffffu;

struct Texels {
    vec4 base_color, metallic_roughness, normal, occlusion, emission;
    bool bends;  // there is a normal map
};

#if BUCKETS > 0
layout(binding = MATERIAL_IMAGES) uniform sampler2DArray material_images[BUCKETS];

vec4 image_texel(uint image, Hit hit) {
    vec3 place = vec3(hit.uv, float(image & 0xffffu));
    switch (image >> 16) {
        case 0u: return textureGrad(material_images[0], place, hit.uv_dx, hit.uv_dy);
#if BUCKETS > 1
        case 1u: return textureGrad(material_images[1], place, hit.uv_dx, hit.uv_dy);
#endif
#if BUCKETS > 2
        case 2u: return textureGrad(material_images[2], place, hit.uv_dx, hit.uv_dy);
#endif
#if BUCKETS > 3
        case 3u: return textureGrad(material_images[3], place, hit.uv_dx, hit.uv_dy);
        case 4u: return textureGrad(material_images[4], place, hit.uv_dx, hit.uv_dy);
        case 5u: return textureGrad(material_images[5], place, hit.uv_dx, hit.uv_dy);
#endif
        default: return vec4(1.0);
    }
}
#endif

Texels texels_of(Hit hit, int material) {
    Texels t = Texels(vec4(1.0), vec4(1.0), vec4(1.0), vec4(1.0), vec4(1.0), false);
#if BUCKETS > 0
    uvec4 first = texelFetch(material_data, material + 3);
    uint images[5] = uint[5](first.x, first.y, first.z, first.w, texelFetch(material_data, material + 4).x);
    vec4 found[5];
    for (int use = 0; use < 5; ++use)
        found[use] = images[use] == NO_IMAGE ? vec4(1.0) : image_texel(images[use], hit);
    t = Texels(found[0], found[1], found[2], found[3], found[4], images[2] != NO_IMAGE);
#endif
    return t;
}

// Direction of a normal in the world: by the transform's cofactors, so that it stays upright under
// uneven scale; turned round where the transform mirrors.
vec3 world_normal(Affine m, vec3 normal, vec3 otherwise) {
    vec3 c0 = cross(m.row1.xyz, m.row2.xyz);
    vec3 world = vec3(dot(c0, normal), dot(cross(m.row2.xyz, m.row0.xyz), normal),
                      dot(cross(m.row0.xyz, m.row1.xyz), normal));
    return unit_or(dot(m.row0.xyz, c0) < 0.0 ? -world : world, otherwise);
}

// The interpolated normal, bent by the normal map, on the viewer's side (glTF 2.0, 3.9.3).
vec3 shading_normal(Hit hit, Texels t, float scale) {
    vec3 outward = hit.front ? hit.geometric_normal : -hit.geometric_normal;
    vec3 normal = world_normal(hit.to_world, hit.normal, outward);
#if BUCKETS > 0
    vec3 along = apply_linear(hit.to_world, hit.tangent.xyz);
    along = unit_or(along - normal * dot(normal, along), vec3(0.0));
    if (t.bends && along != vec3(0.0)) {
        vec3 across = cross(normal, along) * (hit.tangent.w < 0.0 ? -1.0 : 1.0);
        vec3 bent = (t.normal.xyz * 2.0 - 1.0) * vec3(scale, scale, 1.0);
        normal = unit_or(along * bent.x + across * bent.y + normal * bent.z, normal);
    }
#endif
    return hit.front ? normal : -normal;
}

#if COATED
// Brings what material-wise lies on and in the surface `s`, whose normal is known.
void layers_of(Hit hit, int material, inout Surface s) {
    vec4 film = uintBitsToFloat(texelFetch(material_data, material + 4));
    vec4 specular = uintBitsToFloat(texelFetch(material_data, material + 5));
    vec4 sheen = uintBitsToFloat(texelFetch(material_data, material + 6));
    vec4 coat = uintBitsToFloat(texelFetch(material_data, material + 7));
    s.reflectance = min(specular.rgb * specular.a, vec3(1.0));
    s.iridescence = film.y;
    s.film_ior = film.z;
    s.film_thickness = film.w;
    s.sheen_color = sheen.rgb;
    s.sheen_roughness = sheen.a;
    s.coat = coat.x;
    s.coat_roughness = coat.y;
    s.anisotropy = coat.z;
    Texels none = Texels(vec4(1.0), vec4(1.0), vec4(1.0), vec4(1.0), vec4(1.0), false);
    s.coat_normal = shading_normal(hit, none, 1.0);
    vec3 tangent = apply_linear(hit.to_world, hit.tangent.xyz);
    tangent = unit_or(tangent - s.normal * dot(s.normal, tangent), side_of(s.normal));
    vec3 bitangent = cross(s.normal, tangent) * (hit.tangent.w < 0.0 == hit.front ? -1.0 : 1.0);
    s.along = tangent * cos(coat.w) + bitangent * sin(coat.w);
}
#endif

Surface surface_of(Hit hit) {
    int material = int(hit.numbers.z) * MATERIAL_TEXELS;
    vec4 base = uintBitsToFloat(texelFetch(material_data, material));
    vec4 glow = uintBitsToFloat(texelFetch(material_data, material + 1));
    vec4 factors = uintBitsToFloat(texelFetch(material_data, material + 2));
    Texels t = texels_of(hit, material);
    Surface s;
    s.position = hit.position;
    s.depth = hit.depth;
    s.view = -normalize(hit.position);
    s.geometric_normal = hit.geometric_normal;
    s.normal = shading_normal(hit, t, factors.y);
    s.base_color = base.rgb * t.base_color.rgb;
    s.metallic = base.a * t.metallic_roughness.b;
    s.roughness = glow.a * t.metallic_roughness.g;
    s.specular = factors.x;
    s.occlusion = 1.0 + factors.z * (t.occlusion.r - 1.0);
    s.emission = glow.rgb * t.emission.rgb;
#if COATED
    layers_of(hit, material, s);
#endif
    return s;
}

bool is_unlit(Hit hit) {
    return texelFetch(material_data, int(hit.numbers.z) * MATERIAL_TEXELS + 2).w != 0u;
}
