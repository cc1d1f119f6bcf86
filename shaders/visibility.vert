// Places every vertex as it is at one of three times; the fragment stage learns its instance.
#include "lib/geometry.glsl"

in vec3 in_position;
in uint in_draw;

uniform int time;              // CURRENT, PREVIOUS or NEXT
uniform mat4 clip_from_world;  // of that time's camera, for points relative to it

flat out uint draw;

void main() {
    draw = in_draw;
    gl_Position = clip_from_world * vec4(apply(instance_transform(in_draw, time), in_position), 1.0);
}
