// Provides the View block: the cameras at the frame's time, one frame before, and one frame after.
#include "lib/bindings.glsl"
#ifdef LENS
#include "lib/lens.glsl"
#endif

struct Camera {
    vec4 right, up, back;  // the camera's axes in the world
    vec4 lens;             // fx, fy, cx, cy in pixels, from the upper left corner
    vec4 bend, bend_more;  // coefficients; the last of them, the reach, and by how much the plane is moved
};

layout(std140, binding = VIEW) uniform View {
    Camera camera;
    Camera camera_previous;
    Camera camera_next;
    uvec2 picture;       // width, height in pixels
    float near;          // metres
    uint sky_visible;    // 1 where the background shows the environment
};

// The direction (world axes, one metre of depth long) that a pixel position looks along.
vec3 ray_through(Camera c, vec2 pixel) {
    vec2 plane = (pixel - c.lens.zw) / c.lens.xy;
#ifdef LENS
    plane = straight(c.bend, c.bend_more.x, plane) - c.bend_more.zw;
#endif
    return c.right.xyz * plane.x - c.up.xyz * plane.y - c.back.xyz;
}

// Depth (metres along -Z) of a point or direction relative to the camera.
float depth_of(Camera c, vec3 point) {
    return -dot(c.back.xyz, point);
}

// The pixel position at which a point or direction appears; finite but meaningless behind the camera.
vec2 pixel_of(Camera c, vec3 point) {
    vec2 plane = vec2(dot(c.right.xyz, point), -dot(c.up.xyz, point)) / max(depth_of(c, point), 1e-6);
#ifdef LENS
    plane = bent(c.bend, c.bend_more.x, c.bend_more.y, plane + c.bend_more.zw);
#endif
    return plane * c.lens.xy + c.lens.zw;
}
