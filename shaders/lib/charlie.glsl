// Provides Charlie sheen (Estevez and Kulla 2017, "Production friendly microfacet sheen BRDF"), as
// KHR_materials_sheen has it.
#include "lib/ggx.glsl"

const float LEAST_SHEEN = 0.07;  // smoother fibres are drawn as rough as this

float sheen_alpha(float roughness) {
    float r = clamp(roughness, LEAST_SHEEN, 1.0);
    return r * r;
}

float charlie_fit(float x, float alpha) {
    float part = (1.0 - alpha) * (1.0 - alpha);
    float a = mix(21.5473, 25.3245, part), b = mix(3.82987, 3.32435, part), c = mix(0.19823, 0.16801, part);
    float d = mix(-1.97760, -1.27393, part), e = mix(-4.32054, -4.85967, part);
    return a / (1.0 + b * pow(x, c)) + d * x + e;
}

float charlie_lambda(float cosine, float alpha) {
    float low = min(cosine, 1.0 - cosine);
    float fit = charlie_fit(clamp(low, 1e-4, 0.5), alpha);
    return exp(cosine < 0.5 ? fit : 2.0 * charlie_fit(0.5, alpha) - fit);
}

// The BRDF of white fibres.
float charlie(float n_dot_l, float n_dot_v, float n_dot_h, float alpha) {
    float sine2 = max(1.0 - n_dot_h * n_dot_h, 1e-6);
    float distribution = (2.0 + 1.0 / alpha) * pow(sine2, 0.5 / alpha) / (2.0 * PI);
    float masked = 1.0 + charlie_lambda(n_dot_l, alpha) + charlie_lambda(n_dot_v, alpha);
    return distribution * min(1.0 / max(masked * 4.0 * n_dot_l * n_dot_v, 1e-6), 1.0);
}
