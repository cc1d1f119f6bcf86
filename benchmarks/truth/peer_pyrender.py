"""Draw an exchanged scene with pyrender: ``peer_pyrender.py SCENE.npz OUT.npy FRAMES``; prints CPU seconds a frame."""

from __future__ import annotations

import json
import os
import resource
import sys
from typing import Any

import numpy as np
from PIL import Image

os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
vars(np)["infty"] = np.inf  # pyrender 0.1.45 was written for numpy 1
import pyrender  # noqa: E402


def scene_of(given: Any, told: dict[str, Any]) -> Any:
    """Return the scene, lit by its lights and the mean of its sky."""
    sky = {name: np.array(color) for name, color in told["sky"].items()}
    ambient = (sky["zenith"] + 2.0 * sky["horizon"] + sky["ground"]) / 4.0
    made = pyrender.Scene(ambient_light=ambient, bg_color=[0.0, 0.0, 0.0, 1.0])
    for row, thing in enumerate(told["objects"]):
        texture = None
        if f"texture_{row}" in given:
            texture = pyrender.Texture(source=Image.fromarray(given[f"texture_{row}"]), source_channels="RGBA")
        material = pyrender.MetallicRoughnessMaterial(
            baseColorFactor=[*thing["base_color"], 1.0],
            metallicFactor=thing["metallic"],
            roughnessFactor=thing["roughness"],
            baseColorTexture=texture,
        )
        # pyrender counts v upward from the picture's lower edge
        uvs = given[f"uvs_{row}"] * [1.0, -1.0] + [0.0, 1.0]
        primitive = pyrender.Primitive(
            positions=given[f"positions_{row}"],
            normals=given[f"normals_{row}"],
            texcoord_0=uvs.astype(np.float32),
            indices=given[f"triangles_{row}"],
            material=material,
            mode=4,
        )
        made.add(pyrender.Mesh([primitive]), pose=np.array(thing["transform"]))
    for light in told["lights"]:
        made.add(*light_of(light))
    camera = pyrender.PerspectiveCamera(yfov=told["fov"], znear=told["near"], zfar=told["far"])
    made.add(camera, pose=np.array(told["camera"]))
    return made


def light_of(light: dict[str, Any]) -> tuple[Any, None, Any]:
    """Return a light and its pose, which looks along -Z."""
    back = -np.array(light["direction"])
    right = np.cross([0.0, 0.0, 1.0] if abs(back[1]) > 0.9 else [0.0, 1.0, 0.0], back)
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(back, right), back], axis=1)
    pose[:3, 3] = light["position"]
    strength = max(light["color"])
    color = np.array(light["color"]) / strength
    if light["sun"]:
        return pyrender.DirectionalLight(color=color, intensity=strength), None, pose
    cone = {"innerConeAngle": light["inner"], "outerConeAngle": light["outer"]}
    return pyrender.SpotLight(color=color, intensity=strength, **cone), None, pose


def main() -> None:
    """Draw once to warm up, then as often as asked for, and store the last picture as linear light."""
    given = np.load(sys.argv[1])
    told, frames = json.loads(str(given["told"])), int(sys.argv[3])
    made = scene_of(given, told)
    renderer = pyrender.OffscreenRenderer(*told["size"])
    flags = pyrender.RenderFlags.SHADOWS_DIRECTIONAL | pyrender.RenderFlags.SHADOWS_SPOT
    for number in range(frames + 2):
        if number == 2:
            before = resource.getrusage(resource.RUSAGE_SELF)
        picture, _ = renderer.render(made, flags=flags)
    after = resource.getrusage(resource.RUSAGE_SELF)
    # its shader ends in a power of 1 / 2.2
    np.save(sys.argv[2], ((picture[..., :3] / 255.0) ** 2.2).astype(np.float32))
    print(json.dumps((after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / frames))


if __name__ == "__main__":
    main()
