// Provides Surface: what is known of the point a pixel sees, before any light falls on it.

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
};
