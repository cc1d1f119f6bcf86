// Provides the GGX microfacet terms (glTF 2.0, appendix B) and how to sample them, all bounded.

const float PI = 3.14159265358979;

// Below this perceptual roughness a highlight is narrower than the sun's disc (0.25 degrees), so
// a mirror is drawn as this rough: the distribution stays within float32 and within a pixel or so.
const float LEAST_ROUGHNESS = 0.045;

// alpha of a perceptual roughness.
float ggx_alpha(float roughness) {
    float r = clamp(roughness, LEAST_ROUGHNESS, 1.0);
    return r * r;
}

// Distribution of normals. 1 - (n.h)^2 comes from the cross product, which keeps its digits where
// n.h is almost 1 (as Filament does).
float ggx_distribution(vec3 n, vec3 h, float n_dot_h, float alpha) {
    vec3 sine = cross(n, h);
    float a = n_dot_h * alpha;
    float k = alpha / max(dot(sine, sine) + a * a, alpha * alpha);  // h is zero where light and view oppose
    return k * k / PI;
}

// Height-correlated Smith masking and shadowing over 4 (n.l)(n.v) (Heitz 2014).
float ggx_visibility(float n_dot_v, float n_dot_l, float alpha) {
    float a2 = alpha * alpha;
    float v = n_dot_l * sqrt(n_dot_v * n_dot_v * (1.0 - a2) + a2);
    float l = n_dot_v * sqrt(n_dot_l * n_dot_l * (1.0 - a2) + a2);
    return 0.5 / max(v + l, 1e-7);
}

// Schlick's (1 - cos)^5.
float schlick_weight(float cosine) {
    float m = clamp(1.0 - cosine, 0.0, 1.0);
    return m * m * m * m * m;
}

// Both for a lobe that is `alphas` wide along x and y, directions in the frame whose z is the surface normal
// (KHR_materials_anisotropy).
float ggx_distribution(vec3 h, vec2 alphas) {
    vec3 f = vec3(h.xy / alphas, h.z);
    float k = max(dot(f, f), 1e-12);
    return 1.0 / (PI * alphas.x * alphas.y * k * k);
}

float ggx_visibility(vec3 v, vec3 l, vec2 alphas) {
    return 0.5 / max(l.z * length(vec3(alphas * v.xy, v.z)) + v.z * length(vec3(alphas * l.xy, l.z)), 1e-7);
}

// A normal seen from v (both in the frame whose z is the surface normal), by its visible area
// (Heitz 2018, "Sampling the GGX distribution of visible normals"); u in the unit square.
vec3 ggx_visible_normal(vec3 v, vec2 alpha, vec2 u) {
    vec3 stretched = normalize(vec3(alpha * v.xy, v.z));
    float flat2 = dot(stretched.xy, stretched.xy);
    vec3 t1 = flat2 > 0.0 ? vec3(-stretched.y, stretched.x, 0.0) * inversesqrt(flat2) : vec3(1.0, 0.0, 0.0);
    vec3 t2 = cross(stretched, t1);
    float r = sqrt(u.x), phi = 2.0 * PI * u.y;
    float p1 = r * cos(phi), p2 = r * sin(phi);
    float s = 0.5 * (1.0 + stretched.z);
    p2 = (1.0 - s) * sqrt(max(1.0 - p1 * p1, 0.0)) + s * p2;
    vec3 h = p1 * t1 + p2 * t2 + sqrt(max(1.0 - p1 * p1 - p2 * p2, 0.0)) * stretched;
    return normalize(vec3(alpha * h.xy, max(h.z, 0.0)));
}

vec3 ggx_visible_normal(vec3 v, float alpha, vec2 u) { return ggx_visible_normal(v, vec2(alpha), u); }

// A normal by D(h) (n.h), in the frame whose z is the surface normal; u in the unit square.
vec3 ggx_normal(float alpha, vec2 u) {
    float cos2 = (1.0 - u.x) / (1.0 + (alpha * alpha - 1.0) * u.x);
    float sine = sqrt(max(1.0 - cos2, 0.0)), phi = 2.0 * PI * u.y;
    return vec3(sine * cos(phi), sine * sin(phi), sqrt(cos2));
}

// What a stretched lobe returns of uniform light, as brdf_table.comp has it for one that is not.
vec2 ggx_albedo(vec3 v, vec2 alphas, uint count) {
    float masked = length(vec3(alphas * v.xy, v.z));
    vec2 sum = vec2(0.0);
    for (uint i = 0u; i < count; ++i) {
        vec2 u = vec2((float(i) + 0.5) / float(count), fract(float(i) * 0.6180339887));
        vec3 h = ggx_visible_normal(v, alphas, u), l = reflect(-v, h);
        float f = schlick_weight(dot(v, h));
        sum += l.z > 0.0 ? 2.0 * ggx_visibility(v, l, alphas) * l.z * (v.z + masked) * vec2(1.0 - f, f) : vec2(0.0);
    }
    return sum / float(max(count, 1u));
}

// Point i of n of the Hammersley set in the unit square, off its edges.
vec2 hammersley(uint i, uint n) {
    return vec2((float(i) + 0.5) / float(n), (float(bitfieldReverse(i)) + 0.5) * 2.3283064365386963e-10);
}
