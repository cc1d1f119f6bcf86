// Provides Surface: what is known of the point a pixel sees, before any light falls on it. With COATED 1 also the
// layers that glTF's extensions put on it.

struct Surface {
    vec3 position;          // metres, world axes, relative to the camera
    vec3 normal;            // shading normal, unit, world, on the viewer's side
    vec3 geometric_normal;  // of the triangle, unit, world, on the viewer's side
    vec3 view;              // unit, from the point to the camera
    float depth;            // metres along the camera's -Z
    vec3 base_color;        // linear Rec.709
    float metallic;
    float roughness;        // perceptual; alpha = roughness squared
    float specular;         // factor on the dielectric reflectance 0.04
    float occlusion;        // 1: open, 0: closed to the environment
    vec3 emission;          // nits
#if COATED
    vec3 reflectance;       // of a dielectric, in place of 0.04
    vec3 along;             // the way highlights are drawn out, unit, world, across the normal
    float anisotropy;
    float iridescence, film_ior, film_thickness;  // thickness in nanometres
    vec3 sheen_color;
    float sheen_roughness;
    vec3 coat_normal;       // shading normal without the normal map
    float coat, coat_roughness;
#endif
};
