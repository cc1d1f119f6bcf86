// Writes who is seen: 1 + instance row, 1 + triangle of its mesh (Burns and Hunt 2013, "The
// Visibility Buffer"). Everything else is worked out from these two numbers afterwards.

flat in uint draw;

layout(location = 0) out uvec2 seen;

void main() {
    seen = uvec2(draw + 1u, uint(gl_PrimitiveID) + 1u);
}
