"""CPU seconds (user + system) a frame takes, beside pyrender on the same scene and machine.

    python benchmarks/frame.py [--sizes 256,512] [--frames 10] [--gl software] [--no-peer]

About 100k triangles in 24 moving objects on a floor, a sun and a spot with shadows, an environment; every pass
is drawn and read back. Only the refiner asks for ``hidden_sky``, with its eight more shadow maps: each preset has a
line without it and one with it. pyrender (extra ``pyrender``) draws colour, depth and segmentation with its own
shadows, in a process of its own. Only ratios of one run say anything.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import numpy as np

from diorama import Camera, Environment, Keys, Material, Orbit, Plane, Scene, Sphere, Spot, Sun, Torus
from diorama.dataset.exr import write_exr
from diorama.frame import MADE_FROM_COLOR, PASSES
from diorama.gl.device import Device
from diorama.renderer.renderer import PRESETS, Renderer
from diorama.scene.sample import shot
from diorama.scene.shot import Shot, Snapshot
from diorama.transform import look_at

OBJECTS, FOV, FPS = 24, 45.0, 24
GUIDE = "hidden_sky"
PASSES_DRAWN = [name for name in PASSES if name not in MADE_FROM_COLOR and name != GUIDE]
SHAPES = Sphere(radius=0.5, segments=80), Sphere(radius=0.5), Torus(radius=0.4, tube=0.15)
SUN = Sun(direction=(-0.5, -1.0, -0.4), color=(3.0, 2.9, 2.7))
SPOT_POSITION, SPOT_DIRECTION, SPOT_ANGLES = (2.0, 5.0, 2.0), (-2.0, -5.0, -2.0), (0.5, 0.7)
SPOT = Spot(
    position=SPOT_POSITION,
    direction=SPOT_DIRECTION,
    intensity=40.0,
    inner_angle=np.degrees(SPOT_ANGLES[0]),
    outer_angle=np.degrees(SPOT_ANGLES[1]),
)


def scene(size: int, frames: int, sky: Path) -> Scene:
    """Return objects on a floor below the picture ``sky``, filmed by a camera that circles slowly."""
    made = Scene((size, size), FPS, frames=frames, classes={"one": 1, "two": 2, "three": 3})
    circle = Orbit(radius=7.0, height=3.5, start=np.degrees(0.7), speed=np.degrees(0.05))
    made.camera = Camera(orbit=circle, look_at=(0, 0, 0), fov=FOV)
    made.environment = Environment(image=str(sky), intensity=0.5)
    made.add(SUN)
    made.add(SPOT)
    made.add(Plane(size=(20, 20)), name="floor", position=(0, -0.75, 0), material=paint(0), class_name="one")
    for index in range(OBJECTS):
        add_object(made, index)
    return made


def add_object(made: Scene, index: int) -> None:
    """Add an object that turns and bobs at its place on a grid."""
    times = [number / FPS for number in range(-1, made.frame_count + 1)]
    x, z = 1.2 * (index % 6 - 2.5), 1.2 * (index // 6 - 1.5)
    bob = Keys({seconds: (x, 0.2 * np.sin(seconds + index), z) for seconds in times})
    turn = Keys({seconds: np.degrees((0.3 * index + seconds, 0.7 * index, 0.1 * index)).tolist() for seconds in times})
    made.add(
        SHAPES[index % 3],
        name=f"object{index + 1:02d}",
        position=bob,
        rotation=turn,
        scale=0.9,
        material=paint(index + 1),
        class_name=("one", "two", "three")[(index + 1) % 3],
    )


def paint(row: int) -> Material:
    """Return a material unlike those of its neighbours; every fourth is a metal."""
    color = tuple(0.5 + 0.4 * np.sin(row * phase) for phase in (1.0, 2.0, 3.0))
    return Material(base_color=color, metallic=float(row % 4 == 1), roughness=0.2 + 0.03 * row)


def shots(size: int, frames: int) -> list[Shot]:
    """Return the shots of the clip; its sky has a bright side."""
    sky = np.linspace(1.0, 0.2, 64, dtype=np.float32)[:, None, None] * np.array([0.6, 0.8, 1.0], np.float32)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sky.exr"
        write_exr(path, "RGB", np.broadcast_to(sky, (64, 128, 3)), place=path.name)
        made = scene(size, frames, path)
        return [shot(made, number) for number in range(frames)]


def cpu_seconds(work: Sequence[Callable[[], None]]) -> float:
    """Run the first piece of work once to warm up, then all; return CPU seconds for each."""
    work[0]()
    work[-1]()
    before = resource.getrusage(resource.RUSAGE_SELF)
    for piece in work:
        piece()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / len(work)


def measure(device: Device, preset: str, passes: Sequence[str], size: int, frames: int) -> float:
    """Return our CPU seconds a frame, all ``passes`` read back."""
    with Renderer(device, preset) as renderer:

        def draw(shot: Shot) -> None:
            with renderer.draw(shot, passes) as drawn:
                renderer.read(drawn)

        return cpu_seconds([lambda shot=shot: draw(shot) for shot in shots(size, frames)])


def measure_peer(size: int, frames: int) -> float:
    """Return pyrender's CPU seconds a frame for colour, depth and segmentation; runs in its own process."""
    os.environ.setdefault("PYOPENGL_PLATFORM", "egl")
    vars(np)["infty"] = np.inf  # pyrender 0.1.45 was written for numpy 1
    import pyrender

    taken = shots(size, frames)
    own, world = taken[0].stage, taken[0].current
    theirs = pyrender.Scene(ambient_light=[0.3, 0.3, 0.3], bg_color=[0.5, 0.6, 0.8, 1.0])
    nodes = []
    for row, pose in enumerate(world.instances.transform):
        mesh = own.meshes[world.instances.mesh[row]]
        paint_row = world.instances.material[row]
        material = pyrender.MetallicRoughnessMaterial(
            baseColorFactor=[*world.materials.base_color[paint_row], 1.0],
            metallicFactor=float(world.materials.metallic[paint_row]),
            roughnessFactor=float(world.materials.roughness[paint_row]),
        )
        primitive = pyrender.Primitive(
            positions=mesh.positions, normals=mesh.normals, indices=mesh.triangles, material=material, mode=4
        )
        nodes.append(theirs.add(pyrender.Mesh([primitive]), pose=pose))
    eye = theirs.add(pyrender.PerspectiveCamera(yfov=np.radians(FOV)), pose=world.camera.matrix)
    for light, place, way in (
        (pyrender.DirectionalLight(intensity=3.0), np.zeros(3), SUN.direction),
        (pyrender.SpotLight(intensity=40.0, innerConeAngle=SPOT_ANGLES[0], outerConeAngle=SPOT_ANGLES[1]),
         SPOT_POSITION, SPOT_DIRECTION),
    ):  # fmt: skip
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = look_at(np.zeros(3), way), place
        theirs.add(light, pose=pose)
    shadows = pyrender.RenderFlags.SHADOWS_DIRECTIONAL | pyrender.RenderFlags.SHADOWS_SPOT
    colors = {node: (1 + number, 0, 0) for number, node in enumerate(nodes)}
    renderer = pyrender.OffscreenRenderer(size, size)

    def draw(now: Snapshot) -> None:
        theirs.set_pose(eye, now.camera.matrix)
        for node, pose in zip(nodes, now.instances.transform, strict=True):
            theirs.set_pose(node, pose)
        renderer.render(theirs, flags=shadows)
        renderer.render(theirs, flags=pyrender.RenderFlags.SEG, seg_node_map=colors)

    return cpu_seconds([lambda now=one.current: draw(now) for one in taken])


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
    (first,) = shots(sizes[0], 1)
    count = sum(len(first.stage.meshes[index].triangles) for index in first.current.instances.mesh)
    with Device(options.gl) as device:
        print(f"{device.info.renderer}; {count} triangles, {OBJECTS} objects, {len(PASSES_DRAWN)} passes")
        for size in sizes:
            theirs = None if options.no_peer else peer(size, options.frames)
            for preset, guides in product(PRESETS, ([], [GUIDE])):
                start = time.perf_counter()
                ours = measure(device, preset, [*PASSES_DRAWN, *guides], size, options.frames)
                wall = (time.perf_counter() - start) / (options.frames + 2)
                name = " + ".join([preset, *guides])
                ratio = "" if theirs is None else f"   pyrender {theirs:.3f}   ratio {theirs / ours:.2f}"
                print(f"{size:4d}² {name:21s} CPU {ours:.3f} s/frame, wall {wall:.3f}{ratio}", flush=True)


if __name__ == "__main__":
    main()
