// Provides store() and stored3(): a pixel's value in its pass, all of which lie in one buffer.
#include "lib/bindings.glsl"

layout(std430, binding = OUTPUT) restrict buffer OutputBuffer { uint words[]; };

// Where a pass starts, in words; a pass nobody asked for has no place.
const uint ABSENT = 0xffffffffu;

void store(uint offset, uint pixel, uint value) {
    if (offset != ABSENT) words[offset + pixel] = value;
}

void store(uint offset, uint pixel, float value) {
    store(offset, pixel, floatBitsToUint(value));
}

void store(uint offset, uint pixel, vec2 value) {
    if (offset == ABSENT) return;
    words[offset + 2u * pixel] = floatBitsToUint(value.x);
    words[offset + 2u * pixel + 1u] = floatBitsToUint(value.y);
}

vec3 stored3(uint offset, uint pixel) {
    uint at = offset + 3u * pixel;
    return vec3(uintBitsToFloat(words[at]), uintBitsToFloat(words[at + 1u]), uintBitsToFloat(words[at + 2u]));
}

void store(uint offset, uint pixel, vec3 value) {
    if (offset == ABSENT) return;
    words[offset + 3u * pixel] = floatBitsToUint(value.x);
    words[offset + 3u * pixel + 1u] = floatBitsToUint(value.y);
    words[offset + 3u * pixel + 2u] = floatBitsToUint(value.z);
}

void store(uint offset, uint pixel, uvec4 value) {
    if (offset == ABSENT) return;
    words[offset + 4u * pixel] = value.x;
    words[offset + 4u * pixel + 1u] = value.y;
    words[offset + 4u * pixel + 2u] = value.z;
    words[offset + 4u * pixel + 3u] = value.w;
}
