"""Draw an exchanged scene with pygfx: ``peer_pygfx.py SCENE.npz OUT.npy FRAMES SCALE``; prints CPU seconds a frame.

With SCALE 2 pygfx draws twice the pixels along each side and filters them. It runs in a Python that has
pygfx and rendercanvas, on whatever Vulkan there is; lavapipe draws on the CPU.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
from typing import Any

import numpy as np

os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
os.environ.setdefault("WGPU_ADAPTER_NAME", "llvmpipe")
import pygfx
from rendercanvas.offscreen import OffscreenRenderCanvas

CUBE, SHADOWED = 64, 18.0
_BIAS = 0.002


def encoded(linear: Any) -> Any:
    """Return linear light as the sRGB numbers that pygfx's colours are, 1 and more continued."""
    value = np.asarray(linear, float)
    return np.where(value <= 0.0031308, value * 12.92, 1.055 * np.maximum(value, 1e-9) ** (1 / 2.4) - 0.055)


def sky_cube(sky: dict[str, Any]) -> Any:
    """Return the gradient as a cube map with smaller versions; it only depends on the direction's y."""
    zenith, horizon, ground = (np.array(sky[name]) for name in ("zenith", "horizon", "ground"))
    t, s = np.meshgrid(*[(np.arange(CUBE) + 0.5) / CUBE * 2.0 - 1.0] * 2, indexing="ij")
    length = np.sqrt(1.0 + s * s + t * t)
    side, top = -t / length, 1.0 / length
    y = np.stack([side, side, top, -top, side, side])[..., None]
    light = horizon + (zenith - horizon) * np.maximum(y, 0.0) + (ground - horizon) * np.maximum(-y, 0.0)
    texels = np.concatenate([encoded(light), np.ones((*light.shape[:3], 1))], axis=-1).astype(np.float32)
    texture = pygfx.Texture(texels, dim=2, size=(CUBE, CUBE, 6), generate_mipmaps=True)
    return pygfx.TextureMap(texture, mag_filter="linear", min_filter="linear", mipmap_filter="linear", wrap="clamp")


def scene_of(given: Any, told: dict[str, Any]) -> Any:
    """Return the scene, lit by its lights and its sky."""
    made, sky = pygfx.Scene(), sky_cube(told["sky"])
    for row, thing in enumerate(told["objects"]):
        geometry = pygfx.Geometry(
            positions=given[f"positions_{row}"],
            normals=given[f"normals_{row}"],
            texcoords=given[f"uvs_{row}"],
            indices=given[f"triangles_{row}"].astype(np.uint32),
        )
        material = pygfx.MeshStandardMaterial(
            color=tuple(encoded(thing["base_color"]).tolist()),
            metalness=thing["metallic"],
            roughness=thing["roughness"],
        )
        material.env_map = sky
        if f"texture_{row}" in given:
            texture = pygfx.Texture(given[f"texture_{row}"], dim=2, generate_mipmaps=True)
            material.map = pygfx.TextureMap(
                texture, mag_filter="linear", min_filter="linear", mipmap_filter="linear", wrap="repeat"
            )
        mesh = pygfx.Mesh(geometry, material)
        mesh.local.matrix = np.array(thing["transform"])
        mesh.cast_shadow = mesh.receive_shadow = True
        made.add(mesh)
    for light in told["lights"]:
        made.add(light_of(light))
    return made


def light_of(light: dict[str, Any]) -> Any:
    """Return a light that casts shadows."""
    strength = max(light["color"])
    color = tuple(encoded(np.array(light["color"]) / strength).tolist())
    direction = np.array(light["direction"])
    if light["sun"]:
        made = pygfx.DirectionalLight(color=color, intensity=strength, cast_shadow=True)
        place = -direction * SHADOWED
        made.shadow.camera.width = made.shadow.camera.height = SHADOWED
        made.shadow.camera.depth_range = (0.1, 2.0 * SHADOWED)
    else:
        penumbra = 1.0 - light["inner"] / light["outer"]
        made = pygfx.SpotLight(
            color=color, intensity=strength, cast_shadow=True, decay=2, angle=light["outer"], penumbra=penumbra
        )
        place = np.array(light["position"])
        made.shadow.camera.depth_range = (0.1, 2.0 * SHADOWED)
    made.shadow.bias = _BIAS
    made.local.position = place
    made.look_at(place + direction)
    made.target.local.position = place + direction
    return made


def main() -> None:
    """Draw twice to warm up, then as often as asked for, and store the last picture as linear light."""
    given = np.load(sys.argv[1])
    told, frames, scale = json.loads(str(given["told"])), int(sys.argv[3]), int(sys.argv[4])
    made, (width, height) = scene_of(given, told), told["size"]
    canvas = OffscreenRenderCanvas(size=(width, height), pixel_ratio=1)
    smoothing = {"ppaa": "none", "pixel_filter": "tent"} if scale > 1 else {}
    renderer = pygfx.WgpuRenderer(canvas, pixel_scale=scale, **smoothing)
    camera = pygfx.PerspectiveCamera(np.degrees(told["fov"]), width / height, depth_range=(0.1, 200.0))
    camera.local.matrix = np.array(told["camera"])
    canvas.request_draw(lambda: renderer.render(made, camera))
    for number in range(frames + 2):
        if number == 2:
            before = resource.getrusage(resource.RUSAGE_SELF)
        picture = np.asarray(canvas.draw())
    after = resource.getrusage(resource.RUSAGE_SELF)
    shown = picture[..., :3] / 255.0
    linear = np.where(shown <= 0.04045, shown / 12.92, ((shown + 0.055) / 1.055) ** 2.4)
    np.save(sys.argv[2], linear.astype(np.float32))
    print(json.dumps((after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / frames))


if __name__ == "__main__":
    main()
