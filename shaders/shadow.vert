// Draws casters into a shadow map: depth only.
#include "lib/geometry.glsl"

in vec3 in_position;
in uint in_draw;

uniform mat4 clip_from_world;  // from world axes relative to the camera

void main() {
    gl_Position = clip_from_world * vec4(instance_point(in_draw, in_position), 1.0);
}
