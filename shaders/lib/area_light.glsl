// Provides area_light(): the light of a rectangle, disc or ball on a surface, with nothing in between, by linearly
// transformed cosines (Heitz, Dupuy, Hill and Neubelt 2016, "Real-time polygonal-light shading with LTCs").
//
// A polygon is cut once, at the surface's true horizon, and serves both lobes. The table and its conventions are
// those of engine/diorama/renderer/ltc.py; it lies below the table of the BRDF.
#include "lib/surface.glsl"
#include "lib/brdf.glsl"
#include "lib/lights.glsl"
#include "lib/sequence.glsl"

const int ROUND_CORNERS = 16;

// The inverse matrix, from the frame (view's direction along the surface, across, normal), and in w the factor that
// makes the whole hemisphere 1.
mat3 inverse_ltc(float n_dot_v, float roughness, out float whole) {
    vec2 at = clamp(vec2(sqrt(max(1.0 - n_dot_v, 0.0)), roughness), 0.0, 1.0) * (TABLE_SIZE - 1.0);
    ivec2 low = min(ivec2(at), ivec2(TABLE_SIZE) - 2), start = low + ivec2(0, int(TABLE_SIZE));
    vec2 part = at - vec2(low);
    vec4 upper = mix(texelFetch(brdf_table, start, 0), texelFetch(brdf_table, start + ivec2(1, 0), 0), part.x);
    vec4 lower = mix(texelFetch(brdf_table, start + ivec2(0, 1), 0), texelFetch(brdf_table, start + ivec2(1, 1), 0), part.x);
    vec4 t = mix(upper, lower, part.y);  // turn, size, tilt, width
    float a = t.y * cos(t.x), b = t.y * sin(t.x), d = t.w * t.w, c = t.z * d;
    whole = sqrt(a * a + c * c) / a;
    return mat3(a, 0.0, c, 0.0, 1.0, 0.0, b, 0.0, d);
}

// The angle between a and b = a + edge times the unit normal of their plane, its z (rational fit by Hill 2016). The
// cross product with the edge keeps the digits of small lights.
float edge_z(vec3 a, vec3 b, vec3 edge) {
    vec3 n = cross(a, edge);
    float r = sqrt(dot(a, a) * dot(b, b)), d = dot(a, b), y = min(abs(d) / r, 1.0);
    float v = 6.2831853 * (0.8543985 + (0.4965155 + 0.0145206 * y) * y) / (3.4175940 + (4.1616724 + y) * y);
    return n.z * (d > 0.0 ? v / r : 3.14159265 / max(length(n), 1e-30) - v / r);
}

struct Outline {
    vec3 centre, across, up;  // in the surface's frame: the middle, half the width, half the height
    int corners;
};

vec3 corner_of(Outline o, int i) {
    if (o.corners == 4) return o.centre + o.across * ((i & 3) == 1 || (i & 3) == 2 ? 1.0 : -1.0) + o.up * ((i & 2) != 0 ? 1.0 : -1.0);
    float angle = 6.2831853 / float(o.corners);
    float grown = sqrt(angle / sin(angle));  // a polygon of the disc's area
    return o.centre + grown * (o.across * cos(angle * float(i)) + o.up * sin(angle * float(i)));
}

// The shares of a lobe that the outline catches: of the cosine, and of the one that `m` makes a cosine of.
vec2 caught(Outline o, mat3 m) {
    vec3 p = corner_of(o, 0), leaves = vec3(0.0), enters = vec3(0.0);
    vec2 sum = vec2(0.0);
    bool cut = false;
    for (int i = 1; i <= o.corners; ++i) {
        vec3 q = corner_of(o, i);
        vec3 start = p, end = q;
        if (p.z > 0.0 || q.z > 0.0) {
            if (p.z <= 0.0 || q.z <= 0.0) {
                vec3 level = p + (q - p) * (p.z / (p.z - q.z));
                level.z = 0.0;
                cut = true;
                if (p.z <= 0.0) start = enters = level;
                else end = leaves = level;
            }
            vec3 edge = end - start;
            if (dot(edge, edge) > 0.0) sum += vec2(edge_z(start, end, edge), edge_z(m * start, m * end, m * edge));
        }
        p = q;
    }
    vec3 edge = enters - leaves;
    if (cut && dot(edge, edge) > 0.0) sum += vec2(edge_z(leaves, enters, edge), edge_z(m * leaves, m * enters, m * edge));
    return max(-sum / 6.2831853, vec2(0.0));  // corners go round clockwise as the point sees them
}

// Half the angle of a sun from which on it is a disc; a smaller one makes lobes wider, see lighting.glsl.
const float WIDE_SUN = 0.0175;

bool has_area(Light light) {
    if (light.kind.x == LIGHT_SUN) return light.tangent.w > WIDE_SUN;
    return light.kind.x >= LIGHT_SPHERE || ((light.kind.x == LIGHT_POINT || light.kind.x == LIGHT_SPOT) && light.tangent.w > 0.0);
}

// Its radiance towards a point and its outline in world axes around the point; black behind a flat light.
vec3 outline_of(Light light, vec3 position, out Outline o) {
    vec3 centre = light.position.xyz - position;
    float width = light.tangent.w;
    if (is_flat(light)) {
        vec3 up = cross(light.direction.xyz, light.tangent.xyz);
        o = Outline(centre, light.tangent.xyz * width, up * light.color.w, light.kind.x == LIGHT_DISC ? ROUND_CORNERS : 4);
        return dot(light.direction.xyz, centre) < 0.0 ? light.color.rgb : vec3(0.0);
    }
    if (light.kind.x == LIGHT_SUN) {
        vec3 up = cross(light.direction.xyz, light.tangent.xyz);
        float sine = sin(width), radius = tan(width);
        o = Outline(-light.direction.xyz, light.tangent.xyz * radius, up * radius, ROUND_CORNERS);
        return light.color.rgb / (3.14159265 * sine * sine);
    }
    // A ball is the disc on which the cone around it touches it.
    float distance = length(centre), sine = min(width / distance, 0.999);
    vec3 toward = centre / distance;
    vec3 side = side_of(toward);
    float radius = width * sqrt(1.0 - sine * sine);
    o = Outline(centre * (1.0 - sine * sine), side * radius, cross(side, toward) * radius, ROUND_CORNERS);
    if (light.kind.x == LIGHT_SPHERE) return light.color.rgb;
    return light.color.rgb * (light_falloff(light, toward, 1.0) / (3.14159265 * width * width));
}

// The shares of light from the outline, in world axes, that a cosine around the unit normal `n` and the specular lobe
// around it have.
vec2 shares_of(Outline o, vec3 n, vec3 view, float n_dot_v, float roughness) {
    vec3 along = view - n * dot(n, view);
    along = dot(along, along) > 1e-12 ? normalize(along) : side_of(n);
    mat3 to_surface = transpose(mat3(along, cross(n, along), n));
    o.centre = to_surface * o.centre;
    o.across = to_surface * o.across;
    o.up = to_surface * o.up;
    float whole;
    mat3 m = inverse_ltc(n_dot_v, roughness, whole);
    vec2 share = caught(o, m);
    return vec2(share.x, share.y * whole);
}

#if COATED
// The share of a stretched lobe.
float stretched_share(Surface s, Lobes lobes, Outline o, float otherwise) {
    uint views = stretch_views(s);
    float roughness = leaning_roughness(s, lobes);
    vec2 sum = vec2(0.0);
    for (uint n = 0u; n < views; ++n) {
        vec3 lean = leaning(s, lobes, n), normal = normalize(lean);
        float n_dot_v = dot(normal, s.view), weight = max(dot(lean, s.view), 0.0);
        sum += weight * vec2(shares_of(o, normal, s.view, clamp(n_dot_v, 1e-4, 1.0), roughness).y, 1.0);
    }
    return sum.y > 0.0 ? sum.x / sum.y : otherwise;
}

// What the layers add: sheen as if all light came from the middle of the outline, and a coat.
vec3 covered_by_area(Surface s, Lobes lobes, Outline o, float cosine_share) {
    vec3 sum = vec3(0.0), middle = normalize(o.centre);
    uint sheens = lobes.sheen != vec3(0.0) ? 1u : 0u, coats = s.coat > 0.0 ? 1u : 0u;
    for (uint n = 0u; n < sheens; ++n) {
        float n_dot_l = clamp(dot(s.normal, middle), 0.01, 1.0);
        sum += lobes.sheen * (charlie(n_dot_l, lobes.n_dot_v, dot(s.normal, normalize(s.view + middle)), lobes.sheen_alpha) * PI * cosine_share);
    }
    for (uint n = 0u; n < coats; ++n)
        sum += lobes.coat_albedo * shares_of(o, s.coat_normal, s.view, lobes.coat_n_dot_v, s.coat_roughness).y;
    return sum;
}
#endif

vec3 area_light(Surface s, Lobes lobes, Light light) {
    Outline o;
    vec3 radiance = outline_of(light, s.position, o);
    if (radiance == vec3(0.0)) return vec3(0.0);
    vec2 share = shares_of(o, s.normal, s.view, lobes.n_dot_v, s.roughness);
#if COATED
    share.y = stretched_share(s, lobes, o, share.y);
#endif
    vec3 sum = lobes.diffuse_albedo * share.x + lobes.specular_albedo * share.y;
#if COATED
    sum += covered_by_area(s, lobes, o, share.x);
#endif
    return radiance * sum;
}
