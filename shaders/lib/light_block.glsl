// Provides the LightingBlock: the environment's layout and colours, the number of lights, the energy mode.
#include "lib/bindings.glsl"

const int SPECULAR_TILES = 10;

layout(std140, binding = LIGHTING) uniform LightingBlock {
    vec4 zenith, horizon, ground;         // the gradient, nits
    vec4 environment_turn;                // cosine and sine of the turn about +Y, nits per stored unit, 1: a picture
    vec4 environment_atlas_size;          // 1 / width, 1 / height
    vec4 background_rect;                 // texels: left, top, width, height of the picture inside its wrapped columns
    vec4 irradiance_tile;                 // texels: left, top, size
    vec4 specular_tiles[SPECULAR_TILES];  // likewise, by growing roughness
    uint light_count;
    uint conserving;                      // 1: multi-scatter compensated; 0: glTF to the letter
    uint sky_diffuse;                     // 1: the environment lights diffuse surfaces; 0: lights of kind LIGHT_SKY do
    uint shadow_looks;                    // places at which a light with a size looks for what is in the way
};
