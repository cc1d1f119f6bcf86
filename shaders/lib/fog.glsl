// Provides what fog takes of light on its way, and what it scatters of a parallel light, in closed form: extinction
// is the same everywhere or falls exponentially with height. Heights are relative to the camera, in metres.
#include "lib/lights.glsl"

layout(std140, binding = FOG_BLOCK) uniform FogBlock {
    vec4 fog_albedo;        // the part of the light lost that is scattered
    vec4 fog_ambient;       // nits that come from all sides on average
    float fog_log_density;  // natural logarithm of the extinction in 1/m at the camera's height
    float fog_falloff;      // 1/m by which it falls with every metre of height
    float fog_anisotropy;   // the g of the phase function
};

// An optical depth of which nothing comes through, so that numbers stay finite.
const float OPAQUE = 1e4;

const float SMALL_STEP = 1e-2;

float fog_density(float height) { return exp(min(fog_log_density - height * fog_falloff, 60.0)); }

// Optical depth of a way of `metres` between two heights: the mean of the exponential between its ends.
float fog_depth(float from, float to, float metres) {
    float a = fog_density(from), b = fog_density(to), fall = (to - from) * fog_falloff;
    float mean = abs(fall) < SMALL_STEP ? 0.5 * (a + b) : (a - b) / fall;
    return min(mean * metres, OPAQUE);
}

// The same from a height to infinity, `climb` being the way's rise by a metre.
float fog_depth_beyond(float from, float climb) {
    float density = fog_density(from), fall = climb * fog_falloff;
    if (fall <= 0.0) return density > 0.0 ? OPAQUE : 0.0;
    return min(density / max(fall, 1e-30), OPAQUE);
}

// The part of the light of a point, relative to the camera, that reaches the camera.
float fog_transmittance(vec3 position) { return exp(-fog_depth(0.0, position.y, length(position))); }

// The part of a light from infinity that reaches the camera.
float fog_transmittance_beyond(vec3 along) { return exp(-fog_depth_beyond(0.0, along.y)); }

// Optical depth towards a sun. A fog without an upper end would leave none: its suns are as bright as they are inside.
float fog_depth_to_sun(float height, vec3 to_sun) {
    return fog_falloff == 0.0 ? 0.0 : fog_depth_beyond(height, to_sun.y);
}

// The part of a light that reaches a point. What fog takes of the sky it gives back from all sides.
float light_through_fog(Light light, vec3 position) {
    if (light.kind.x == LIGHT_SKY) return 1.0;
    if (light.kind.x == LIGHT_SUN) return exp(-fog_depth_to_sun(position.y, -light.direction.xyz));
    return exp(-fog_depth(position.y, light.position.y, length(light.position.xyz - position)));
}

// The part per steradian of what is scattered that goes on at an angle (Henyey and Greenstein 1941).
float fog_phase(float cosine) {
    float g = fog_anisotropy, base = max(1.0 + g * g - 2.0 * g * cosine, 1e-6);
    return (1.0 - g * g) / (4.0 * 3.14159265 * base * sqrt(base));
}

// A ray from the camera under a sun: on its way the depth towards the sun changes in proportion to that behind it.
struct SunlitRay {
    float to_sun;  // optical depth from the camera
    float change;  // of that depth, by a unit of depth along the ray; downwards it grows
};

SunlitRay sunlit_ray(vec3 along, vec3 to_sun) {
    float change = fog_falloff == 0.0 ? 0.0 : -along.y / max(to_sun.y, 1e-6);
    return SunlitRay(fog_depth_to_sun(0.0, to_sun), change);
}

// The integral of exp(-t) exp(-(to_sun + change t)) over 0..depth: of a sun, what is scattered towards the camera and
// gets there, but for albedo, phase function and illuminance.
float scattered_of_sun(SunlitRay ray, float depth) {
    float both = depth + max(ray.change * depth, -ray.to_sun), start = exp(-ray.to_sun);
    if (abs(both) < SMALL_STEP) return depth * start * (1.0 - both * (0.5 - both / 6.0));
    return depth * (start - exp(-(ray.to_sun + both))) / both;
}

// How far along a ray from the camera an optical depth is reached, in metres.
float fog_reach(float climb, float depth) {
    float density = max(fog_density(0.0), 1e-30), fall = climb * fog_falloff, z = depth * fall / density;
    if (abs(z) < SMALL_STEP) return depth / density * (1.0 + z * (0.5 + z / 3.0));
    return -log(max(1.0 - z, 1e-30)) / fall;
}
