// Provides light from infinity: sky_radiance(), sky_irradiance() and sky_reflection(), all in nits.
#include "lib/light_block.glsl"
#include "lib/brdf.glsl"
#include "lib/octahedral.glsl"
#include "lib/equirectangular.glsl"

// The picture, with its outer columns repeated on the other side, above a row of octahedral
// tiles whose edge texel centres lie on the fold, so that bilinear sampling is seamless.
layout(binding = ENVIRONMENT) uniform sampler2D environment_atlas;

bool sky_is_picture() { return environment_turn.w > 0.0; }

// A world direction in the frame of the picture.
vec3 into_picture(vec3 d) {
    vec2 turn = environment_turn.xy;
    return vec3(turn.x * d.x - turn.y * d.z, d.y, turn.y * d.x + turn.x * d.z);
}

vec3 environment_texel(vec2 texel) {
    return textureLod(environment_atlas, texel * environment_atlas_size.xy, 0.0).rgb * environment_turn.z;
}

vec3 tile_radiance(vec3 tile, vec3 direction) {
    return environment_texel(tile.xy + octahedral_from_direction(direction) * (tile.z - 1.0) + 0.5);
}

// The gradient, of which `up` is max(y, 0) and `down` max(-y, 0), filtered in some way.
vec3 gradient_of(float up, float down) {
    return horizon.rgb + (zenith.rgb - horizon.rgb) * up + (ground.rgb - horizon.rgb) * down;
}

// What the camera sees behind everything, at full sharpness.
vec3 sky_radiance(vec3 direction) {
    if (!sky_is_picture()) return gradient_of(max(direction.y, 0.0), max(-direction.y, 0.0));
    vec2 texel = equirectangular(into_picture(direction)) * background_rect.zw;
    texel.y = clamp(texel.y, 0.5, background_rect.w - 0.5);
    return environment_texel(background_rect.xy + texel);
}

// Irradiance over pi: the radiance of a white Lambert surface. For the gradient in closed form,
// from the integral of max(a.l, 0) max(b.l, 0) = 2/3 (sin g + (pi - g) cos g), g between a and b.
vec3 sky_irradiance(vec3 normal) {
    if (sky_is_picture()) return tile_radiance(irradiance_tile.xyz, into_picture(normal));
    float y = clamp(normal.y, -1.0, 1.0), angle = acos(y), sine = sqrt(1.0 - y * y);
    return gradient_of(2.0 / (3.0 * PI) * (sine + (PI - angle) * y), 2.0 / (3.0 * PI) * (sine - angle * y));
}

// Radiance averaged over the GGX lobe that a view along n would have around `direction`.
vec3 sky_reflection(vec3 direction, float roughness) {
    if (!sky_is_picture()) {
        float up = table_at(0.5 + 0.5 * direction.y, roughness).z;
        return gradient_of(up, table_at(0.5 - 0.5 * direction.y, roughness).z);
    }
    // From tile to tile alpha doubles; the last has roughness 1, the first is the mirror's.
    float level = clamp(float(SPECULAR_TILES - 1) + 2.0 * log2(max(roughness, 1e-3)), 0.0, float(SPECULAR_TILES - 1));
    int lower = min(int(level), SPECULAR_TILES - 2);
    vec3 d = into_picture(direction);
    return mix(tile_radiance(specular_tiles[lower].xyz, d), tile_radiance(specular_tiles[lower + 1].xyz, d),
               level - float(lower));
}
