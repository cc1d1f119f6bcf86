// Provides add_radiance(): adds one shutter time's share to the colour and coverage of a pixel, and to what
// of the sky's light is hidden there.
#include "lib/output.glsl"

uniform uint at_color, at_alpha, at_luma, at_hidden_sky;
uniform float exposure;

// `fresh` says that nothing was added to the pixel yet. Luma, where asked for, is display-like
// brightness 0..1 and guides the smoothing of edges.
void add_radiance(uint pixel, vec4 share, vec3 hidden, bool fresh) {
    vec4 sum = share;
    if (!fresh) {
        sum += vec4(stored3(at_color, pixel), uintBitsToFloat(words[at_alpha + pixel]));
        if (at_hidden_sky != ABSENT) hidden += stored3(at_hidden_sky, pixel);
    }
    store(at_hidden_sky, pixel, hidden);
    store(at_color, pixel, sum.rgb);
    store(at_alpha, pixel, sum.a);
    float luminance = dot(sum.rgb, vec3(0.2126, 0.7152, 0.0722)) * exposure;
    store(at_luma, pixel, sqrt(luminance / (1.0 + luminance)));
}
