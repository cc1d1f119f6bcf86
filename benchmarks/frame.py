"""CPU seconds (user + system) a frame takes, beside pyrender on the same scene and machine.

    python benchmarks/frame.py [--sizes 256,512] [--frames 10] [--gl software] [--no-peer]

About 100k triangles in 24 moving objects on a floor, a sun and a spot with shadows, an environment; every pass
is drawn and read back. pyrender (extra ``pyrender``) draws colour, depth and segmentation with
its own shadows, in a process of its own. Only ratios of one run say anything.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from diorama.frame import MADE_FROM_COLOR, PASSES
from diorama.geometry.primitives import plane, sphere, torus
from diorama.gl.device import Device
from diorama.renderer.renderer import PRESETS, Renderer
from diorama.scene.shot import (
    SPOT,
    SUN,
    CameraState,
    EnvironmentState,
    InstanceBatch,
    Label,
    LightBatch,
    MaterialBatch,
    Shot,
    Snapshot,
    Stage,
)
from diorama.transform import compose, euler_to_quaternion, focal_length_pixels, look_at

OBJECTS, FOV = 24, np.radians(45.0)
PASSES_DRAWN = [name for name in PASSES if name not in MADE_FROM_COLOR]
SUN_DIRECTION, SPOT_POSITION = np.array([-0.5, -1.0, -0.4]), np.array([2.0, 5.0, 2.0])
SPOT_ANGLES = 0.5, 0.7


def stage() -> Stage:
    """Return a floor, two spheres and a torus to be repeated, and a sky with a bright side."""
    sky = np.linspace(1.0, 0.2, 64, dtype=np.float32)[:, None, None] * np.array([0.6, 0.8, 1.0], np.float32)
    picture = np.ascontiguousarray(np.broadcast_to(sky, (64, 128, 3)))
    meshes = (plane((20, 20)), sphere(0.5, 80), sphere(0.5, 64), torus(0.4, 0.15, 64))
    labels = tuple(Label(f"object{i}", "object", 1 + i % 3) for i in range(OBJECTS + 1))
    return Stage(meshes, (), labels, ("root",), picture)


def poses(seconds: float) -> NDArray[np.float64]:
    """Return (25, 4, 4): the floor, and objects that turn and bob on a grid."""
    index = np.arange(OBJECTS)
    position = np.stack([index % 6 - 2.5, 0.2 * np.sin(seconds + index), index // 6 - 1.5], axis=1) * [1.2, 1.0, 1.2]
    turn = euler_to_quaternion(np.stack([0.3 * index + seconds, 0.7 * index, 0.1 * index], axis=1))
    floor = compose([0, -0.75, 0], [0, 0, 0, 1], [1, 1, 1])
    return np.concatenate([floor[None], compose(position, turn, np.full((OBJECTS, 3), 0.9))])


def camera(seconds: float, size: int) -> CameraState:
    """Return a camera that circles slowly."""
    matrix, angle = np.eye(4), 0.7 + 0.05 * seconds
    matrix[:3, 3] = 7.0 * np.sin(angle), 3.5, 7.0 * np.cos(angle)
    matrix[:3, :3] = look_at(matrix[:3, 3], (0, 0, 0))
    focal = focal_length_pixels(FOV, size)
    return CameraState(matrix, focal, focal, size / 2, size / 2, 0.05)


def snapshot(seconds: float, size: int) -> Snapshot:
    """Return the world at one time."""
    count = OBJECTS + 1
    mesh = np.array([0, *(1 + index % 3 for index in range(OBJECTS))], np.int32)
    rows = np.arange(count, dtype=np.int32)
    color = np.stack([0.5 + 0.4 * np.sin(rows * phase) for phase in (1.0, 2.0, 3.0)], axis=1)
    none, ones = np.zeros(count, bool), np.ones(count)
    materials = MaterialBatch(
        color, (rows % 4 == 1) * 1.0, 0.2 + 0.03 * rows, ones, np.zeros((count, 3)), ones, ones, none, none,
        np.full((count, 5), -1, np.int32),
    )  # fmt: skip
    directions = np.stack([SUN_DIRECTION, -SPOT_POSITION])
    lights = LightBatch(
        np.array([SUN, SPOT], np.int32), np.stack([np.zeros(3), SPOT_POSITION]),
        directions / np.linalg.norm(directions, axis=1, keepdims=True), np.array([[3.0, 2.9, 2.7], [40.0, 40.0, 40.0]]),
        np.full(2, SPOT_ANGLES[0]), np.full(2, SPOT_ANGLES[1]), np.ones(2, bool),
    )  # fmt: skip
    sky = EnvironmentState(0.5, 0.0, (0.5, 0.7, 1.0), (0.9, 0.9, 0.9), (0.3, 0.3, 0.3))
    instances = InstanceBatch(poses(seconds), mesh, rows, rows + 1, np.zeros(count, np.int32))
    return Snapshot(seconds, np.eye(4)[None], instances, materials, lights, camera(seconds, size), sky)


def shots(size: int, frames: int) -> list[Shot]:
    """Return the first shots of the clip at 24 frames a second."""
    own = stage()
    worlds = [snapshot(n / 24, size) for n in range(-1, frames + 1)]
    return [
        Shot(n, n / 24, size, size, own, worlds[n], worlds[n + 1], worlds[n + 2], ((1.0, worlds[n + 1]),))
        for n in range(frames)
    ]


def cpu_seconds(work: Sequence[Callable[[], None]]) -> float:
    """Run the first piece of work once to warm up, then all; return CPU seconds for each."""
    work[0]()
    work[-1]()
    before = resource.getrusage(resource.RUSAGE_SELF)
    for piece in work:
        piece()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / len(work)


def measure(device: Device, preset: str, size: int, frames: int) -> float:
    """Return our CPU seconds a frame, all passes read back."""
    with Renderer(device, preset) as renderer:

        def draw(shot: Shot) -> None:
            with renderer.draw(shot, PASSES_DRAWN) as drawn:
                renderer.read(drawn)

        return cpu_seconds([lambda shot=shot: draw(shot) for shot in shots(size, frames)])


def measure_peer(size: int, frames: int) -> float:
    """Return pyrender's CPU seconds a frame for colour, depth and segmentation; runs in its own process."""
    os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
    vars(np)["infty"] = np.inf  # pyrender 0.1.45 was written for numpy 1
    import pyrender

    own, world = stage(), snapshot(0.0, size)
    scene = pyrender.Scene(ambient_light=[0.3, 0.3, 0.3], bg_color=[0.5, 0.6, 0.8, 1.0])
    nodes = []
    for row, pose in enumerate(world.instances.transform):
        mesh = own.meshes[world.instances.mesh[row]]
        material = pyrender.MetallicRoughnessMaterial(
            baseColorFactor=[*world.materials.base_color[row], 1.0],
            metallicFactor=float(world.materials.metallic[row]),
            roughnessFactor=float(world.materials.roughness[row]),
        )
        primitive = pyrender.Primitive(
            positions=mesh.positions, normals=mesh.normals, indices=mesh.triangles, material=material, mode=4
        )
        nodes.append(scene.add(pyrender.Mesh([primitive]), pose=pose))
    eye = scene.add(pyrender.PerspectiveCamera(yfov=FOV), pose=world.camera.matrix)
    for light, place, way in (
        (pyrender.DirectionalLight(intensity=3.0), np.zeros(3), world.lights.direction[0]),
        (pyrender.SpotLight(intensity=40.0, innerConeAngle=SPOT_ANGLES[0], outerConeAngle=SPOT_ANGLES[1]),
         SPOT_POSITION, world.lights.direction[1]),
    ):  # fmt: skip
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = look_at(np.zeros(3), way), place
        scene.add(light, pose=pose)
    shadows = pyrender.RenderFlags.SHADOWS_DIRECTIONAL | pyrender.RenderFlags.SHADOWS_SPOT
    colors = {node: (1 + number, 0, 0) for number, node in enumerate(nodes)}
    renderer = pyrender.OffscreenRenderer(size, size)

    def draw(number: int) -> None:
        scene.set_pose(eye, camera(number / 24, size).matrix)
        for node, pose in zip(nodes, poses(number / 24), strict=True):
            scene.set_pose(node, pose)
        renderer.render(scene, flags=shadows)
        renderer.render(scene, flags=pyrender.RenderFlags.SEG, seg_node_map=colors)

    return cpu_seconds([lambda number=number: draw(number) for number in range(frames)])


def peer(size: int, frames: int) -> float | None:
    """Run :func:`measure_peer` in a process of its own; None where pyrender is not installed."""
    command = [sys.executable, __file__, "--peer", "--sizes", str(size), "--frames", str(frames)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return float(json.loads(done.stdout.splitlines()[-1])) if done.returncode == 0 else None


def main() -> None:
    """Print a line for each size and preset."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="256,512")
    parser.add_argument("--frames", type=int, default=10)
    parser.add_argument("--gl", default="software")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    if options.peer:
        print(json.dumps(measure_peer(sizes[0], options.frames)))
        return
    own = stage()
    count = sum(len(own.meshes[index].triangles) for index in snapshot(0.0, 1).instances.mesh)
    with Device(options.gl) as device:
        print(f"{device.info.renderer}; {count} triangles, {OBJECTS} objects, {len(PASSES_DRAWN)} passes")
        for size in sizes:
            theirs = None if options.no_peer else peer(size, options.frames)
            for preset in PRESETS:
                start = time.perf_counter()
                ours = measure(device, preset, size, options.frames)
                wall = (time.perf_counter() - start) / (options.frames + 2)
                ratio = "" if theirs is None else f"   pyrender {theirs:.3f}   ratio {theirs / ours:.2f}"
                print(f"{size:4d}² {preset:9s} CPU {ours:.3f} s/frame, wall {wall:.3f}{ratio}", flush=True)


if __name__ == "__main__":
    main()
