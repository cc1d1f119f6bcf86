// Provides add_radiance(): adds one shutter time's share to the colour and coverage of a pixel.
#include "lib/output.glsl"

uniform uint at_color, at_alpha, at_luma;
uniform float exposure;

// `fresh` says that nothing was added to the pixel yet. Luma, where asked for, is display-like
// brightness 0..1 and guides the smoothing of edges.
void add_radiance(uint pixel, vec4 share, bool fresh) {
    vec4 sum = share;
    if (!fresh) {
        uint at = at_color + 3u * pixel;
        sum += vec4(uintBitsToFloat(words[at]), uintBitsToFloat(words[at + 1u]), uintBitsToFloat(words[at + 2u]),
                    uintBitsToFloat(words[at_alpha + pixel]));
    }
    store(at_color, pixel, sum.rgb);
    store(at_alpha, pixel, sum.a);
    float luminance = dot(sum.rgb, vec3(0.2126, 0.7152, 0.0722)) * exposure;
    store(at_luma, pixel, sqrt(luminance / (1.0 + luminance)));
}
