// Provides soft_visibility(): how much of a light with a size reaches a point, from the one map of its middle
// (Fernando 2005, "Percentage-closer soft shadows"). What is nearer to the light than the plane of the point's own
// surface, continued, is in the way, so that wide kernels do not shadow the surface itself.
#include "lib/shadow_map.glsl"
#include "lib/lights.glsl"
#include "lib/sequence.glsl"

layout(binding = SHADOW_MAPS) uniform sampler2D shadow_atlas;

const float LEAST_RADIUS = 1.5;   // texels: narrower than this, edges are smoothed and no more
const float MOST_RADIUS = 0.1;    // of the map's side
const float SURE = 0.5;           // texels along the plane by which it is lifted
const float NEAREST = 0.1;        // of the way to the light: what is nearer to it is found, but not looked for farther off

struct Receiver {
    vec2 texel;     // in the atlas
    vec2 slope;     // change of depth from texel to texel along the surface's plane
    vec2 low, high; // the texels of the map
    float depth;
};

// Change of depth across the map, in depth per texel, along a plane through `position`.
vec2 plane_slope(ShadowMap map, vec3 position, vec3 normal, vec2 texels) {
    mat4 m = map.clip_from_world;
    vec3 side = side_of(normal);
    vec4 c = m * vec4(position, 1.0), a = m * vec4(side, 0.0), b = m * vec4(cross(normal, side), 0.0);
    vec3 ndc = c.xyz / c.w;
    vec3 da = a.xyz - ndc * a.w, db = b.xyz - ndc * b.w;
    float det = da.x * db.y - da.y * db.x;
    float size = dot(da.xy, da.xy) + dot(db.xy, db.xy);
    if (abs(det) < 1e-3 * size) return vec2(0.0);
    return vec2(da.z * db.y - db.z * da.y, da.x * db.z - db.x * da.z) / det * 2.0 / texels;
}

float in_the_way(Receiver r, vec2 offset, float lift, out float depth) {
    vec2 at = clamp(r.texel + offset, r.low, r.high);
    depth = texelFetch(shadow_atlas, ivec2(at), 0).r;
    vec2 moved = floor(at) + 0.5 - r.texel;
    return depth > r.depth + dot(r.slope, moved) + lift ? 1.0 : 0.0;
}

// Place i of n on the unit disc, turned (Vogel 1979).
vec2 turned_disc(uint i, uint n, float turn) {
    float angle = 2.39996323 * float(i) + turn;
    return sqrt((float(i) + 0.5) / float(n)) * vec2(cos(angle), sin(angle));
}

// What of the four texels whose lower left one is `corner` is not in the way: lower left, lower right, upper left,
// upper right.
vec4 clear_of(Receiver r, vec2 corner, float lift) {
    vec4 there = textureGather(shadow_atlas, (corner + 1.0) / vec2(textureSize(shadow_atlas, 0))).wzxy;
    vec2 off = corner + 0.5 - r.texel;
    vec4 plane = r.depth + lift + dot(r.slope, off) + vec4(0.0, r.slope.x, r.slope.y, r.slope.x + r.slope.y);
    return vec4(greaterThanEqual(plane, there));
}

// A tent over 4 x 4 texels.
float edge_smoothed(Receiver r, float lift) {
    vec2 whole = floor(clamp(r.texel, r.low + 1.5, r.high - 1.5) + 0.5), s = clamp(r.texel + 0.5 - whole, 0.0, 1.0);
    vec4 across = vec4(1.0 - s.x, 2.0 - s.x, 1.0 + s.x, s.x), down = vec4(1.0 - s.y, 2.0 - s.y, 1.0 + s.y, s.y);
    vec4 a = clear_of(r, whole - 2.0, lift), b = clear_of(r, whole + vec2(0.0, -2.0), lift);
    vec4 c = clear_of(r, whole + vec2(-2.0, 0.0), lift), d = clear_of(r, whole, lift);
    vec4 rows = vec4(dot(across, vec4(a.xy, b.xy)), dot(across, vec4(a.zw, b.zw)), dot(across, vec4(c.xy, d.xy)),
                     dot(across, vec4(c.zw, d.zw)));
    return dot(rows, down) / 16.0;
}

float distance_of(ShadowMap map, float depth) {
    return map.softness.z != 0.0 ? (1.0 - depth) * map.softness.y : map.softness.y / max(depth, 1e-9);
}

// Texels from the middle of a penumbra to its edge, for what is in the way at `blocker` metres from the light.
float penumbra(ShadowMap map, float blocker, float receiver) {
    if (map.softness.z != 0.0) return map.softness.x * (receiver - blocker) / map.axis_texel.w;
    return map.softness.x * (receiver - blocker) / (blocker * receiver * map.axis_texel.w);
}

float soft_in_map(ShadowMap map, vec3 at, vec3 position, vec3 normal, float turn) {
    vec2 atlas = vec2(textureSize(shadow_atlas, 0)), texels = map.tile.zw * atlas, first = map.tile.xy * atlas;
    Receiver r;
    r.texel = first + (at.xy * 0.5 + 0.5) * texels;
    r.low = first + 0.5;
    r.high = first + texels - 0.5;
    r.depth = clamp(at.z, 0.0, 1.0);
    float most = MOST_RADIUS * texels.x, depth, receiver = distance_of(map, r.depth);
    float nearest = map.softness.z != 0.0 ? 0.0 : NEAREST * receiver;
    float reach = min(penumbra(map, nearest, receiver), most), found = 0.0, sum = 0.0, lit = 0.0;
    // Software runs both ways of an `if`, but no round of a loop that nothing needs: what is rare is in loops whose
    // length no compiler knows.
    uint looks = reach < LEAST_RADIUS ? 0u : shadow_looks, taps = 0u;
    r.slope = plane_slope(map, position, normal, texels);
    float lift = SURE * (abs(r.slope.x) + abs(r.slope.y)) + 1e-6;
    for (uint i = 0u; i < looks; ++i) {
        float there = in_the_way(r, turned_disc(i, looks, turn) * reach, lift, depth);
        found += there;
        sum += there * distance_of(map, depth);
    }
    float radius = found > 0.0 ? min(penumbra(map, sum / found, receiver), most) : 0.0;
    bool blurred = radius >= LEAST_RADIUS, is_open = looks > 0u && found == 0.0 && reach >= 4.0;
    taps = blurred ? 2u * shadow_looks : 0u;
    for (uint i = 0u; i < taps; ++i) lit += 1.0 - in_the_way(r, turned_disc(i, taps, turn) * radius, lift, depth);
    return is_open ? 1.0 : (blurred ? lit / float(max(taps, 1u)) : edge_smoothed(r, lift));
}

// How much of a light's irradiance comes from the place that a map looks from, up to a factor.
float weight_of(ShadowMap map, Light light, vec3 position, vec3 normal) {
    vec3 to = map.origin.xyz - position;
    float distance2 = max(dot(to, to), 1e-8), lit = max(dot(normal, to), 0.0) / distance2;
    if (is_flat(light)) lit *= max(-dot(light.direction.xyz, to), 0.0) / distance2;
    return is_parallel(light) ? 1.0 : lit + 1e-9;
}

// 0 in full shadow, 1 in full light: the mean over the light's parts by what each sends here. Their maps lie one after
// another, a part's finest first; what no map of a part holds, it lights. `turn` in radians turns the pattern of
// places that are asked.
float soft_visibility(Light light, vec3 position, vec3 normal, float turn) {
    float lit = 0.0, weights = 0.0, found = 0.0, last = -1.0;
    for (int i = light.kind.y; i < light.kind.y + light.kind.z; ++i) {
        ShadowMap map = shadow_map_at(i);
        if (map.softness.w == last) continue;
        vec3 at = in_map(map, position, normal, 0.0);
        float edge = 6.0 / (map.tile.z * float(textureSize(shadow_atlas, 0).x));
        if (max(abs(at.x), abs(at.y)) > 1.0 - edge) continue;
        last = map.softness.w;
        float weight = weight_of(map, light, position, normal);
        lit += weight * soft_in_map(map, at, position, normal, turn + 2.0 * last);
        weights += weight;
        found += 1.0;
    }
    if (found == 0.0) return 1.0;
    return (lit / weights * found + float(light.kind.w) - found) / float(light.kind.w);
}
