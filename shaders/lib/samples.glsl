// Provides the samples of a pixel: SAMPLES x SAMPLES on a rotated grid, all samples of one place in a
// picture of their own; those lie side by side. engine/diorama/renderer/visibility.py says the same.

const uint SIDE = uint(SAMPLES);

// The texel of the visibility buffer that holds sample n of the pixel `where`.
ivec2 sample_texel(uvec2 where, uint n, uvec2 picture) {
    return ivec2(where + uvec2(n % SIDE, n / SIDE) * picture);
}

// Where it lies in the picture, in pixels.
vec2 sample_place(uvec2 where, uint n) {
    vec2 cell = vec2(n % SIDE, n / SIDE), turned = vec2(cell.y, float(SIDE - 1u) - cell.x);
    return vec2(where) + (cell + (turned + 0.5) / float(SIDE)) / float(SIDE);
}
