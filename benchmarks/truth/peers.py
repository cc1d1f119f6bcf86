"""Peers on one outdoor scene: pyrender and pygfx draw it in processes of their own, and are held to the same reference.

They are given what they can take: the lights in our units, the sky as an environment map (pygfx) or as its mean
(pyrender), shadows, textures; and all light dimmed so that little is cut off in their 8-bit pictures.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diorama import Box, Camera, Capsule, Environment, Gradient, Plane, Scene, Sphere, Spot, Sun, Torus
from diorama.atomic import atomic_file
from diorama.dataset.png import write_png
from diorama.gl.device import Device
from diorama.oracle.comparison import Comparison, compare, exposure_of, inside_of_things
from diorama.oracle.path_tracer import FULL
from diorama.oracle.picture import side_by_side
from diorama.renderer.renderer import PRESETS, Renderer
from diorama.scene.sample import shot
from diorama.scene.shot import BASE_COLOR, SUN, Shot
from truth.references import traced
from truth.stage import checks, paint

PEERS_SIDE = 512
FRAMES, OBJECTS = 5, 24
HEADROOM = 2.0
"""How much brighter than white at the reference's exposure a peer's light may be before it is cut off."""

FAR = 1000.0
PEERS = (
    ("pyrender", "peer_pyrender.py", ()),
    ("pygfx", "peer_pygfx.py", ("1",)),
    ("pygfx 2x2", "peer_pygfx.py", ("2",)),
)
_SKY = Gradient(zenith=(0.2, 0.4, 0.9), horizon=(0.8, 0.9, 1.0), ground=(0.25, 0.22, 0.2))


def peers_scene(folder: Path, side: int) -> Scene:
    """Return 24 dielectrics, coloured metals and mirrors on a checked floor, under sun, spot and sky."""
    made = Scene((side, side), frames=1)
    made.camera = Camera(position=(4.4, 3.9, 6.4), look_at=(0.1, 0.0, 0.3), fov=44)
    made.environment = Environment(gradient=_SKY)
    made.add(Sun(direction=(-0.5, -1.0, -0.35), illuminance=4.0, color=(1.0, 0.95, 0.85)), name="sun")
    made.add(Spot(position=(-2.5, 4.5, 2.5), look_at=(-0.5, 0, 0), intensity=60.0, inner_angle=20, outer_angle=30,
                  color=(1.0, 0.8, 0.6)), name="spot")  # fmt: skip
    texture = checks(folder)
    made.add(Plane(size=(16, 16)), name="floor", material=paint((0.9, 0.9, 0.9), 0.7, texture=texture))
    shapes = (
        Sphere(radius=0.42, segments=96),
        Box(size=(0.65, 0.65, 0.65)),
        Torus(radius=0.32, tube=0.13),
        Capsule(radius=0.22, height=0.4),
    )
    for number in range(OBJECTS):
        row, column = divmod(number, 6)
        red, green, blue = (0.5 + 0.4 * float(np.sin((number + 1) * phase)) for phase in (1.0, 2.0, 3.0))
        mirror = number % 7 == 4
        roughness = 0.08 if mirror else 0.2 + 0.03 * (number * 5 % 24)
        made.add(
            shapes[(number + row) % 4],
            name=f"object{number:02d}",
            position=(1.15 * (column - 2.5), 0.45, 1.2 * (row - 1.5)),
            rotation=(17.0 * number, 40.0 * number, 0.0),
            material=paint(
                (0.92, 0.92, 0.92) if mirror else (red, green, blue),
                roughness,
                float(mirror or number % 3 == 1),
                texture=texture if number % 5 == 2 else None,
            ),
        )
    return made


def run_peers(device: Device, options: argparse.Namespace) -> None:
    """Print a line for ours at each preset and one for each peer."""
    with tempfile.TemporaryDirectory() as temporary:
        made = peers_scene(Path(temporary), options.peers_size)
        taken = {preset: shot(made, 0, PRESETS[preset].times) for preset in options.presets}
    first = next(iter(taken.values()))
    reference = traced(first, options.samples, FULL, options.cache, "peers").color
    best, ours = -np.inf, {}
    with Renderer(device, options.presets[0]) as renderer, renderer.draw(first, ("instance",)) as drawn:
        instance = renderer.read(drawn)["instance"]
    for preset, one in taken.items():
        color, cpu = drawn_by_us(device, preset, one)
        ours[preset] = report(f"ours, {preset}", compare(color, reference, instance), cpu, options.save).psnr
    counted = inside_of_things(instance)
    scale = exposure_of(reference.astype(np.float64), counted if counted.any() else ~counted) / HEADROOM
    for name, script, arguments in PEERS:
        python = options.pygfx if name.startswith("pygfx") else sys.executable
        theirs = drawn_by_peer(first, scale, python, script, arguments)
        if isinstance(theirs, str):
            print(f"peers  {name:15s} left out: {theirs}", flush=True)
            continue
        best = max(best, report(name, compare(theirs[0], reference, instance), theirs[1], options.save).psnr)
    for preset, psnr in ours.items():
        print(f"peers: ours at {preset} is {psnr - best:+.2f} dB from the best of them", flush=True)


def report(name: str, found: Comparison, cpu: float, save: Path | None) -> Comparison:
    """Print one renderer's line and store its picture."""
    print(f"peers  {name:15s} PSNR {found.psnr:5.2f} dB  median {found.median:6.2%}  p95 {found.p95:7.2%}  "
          f"CPU {cpu:.3f} s/frame", flush=True)  # fmt: skip
    if save is not None:
        save.mkdir(parents=True, exist_ok=True)
        with atomic_file(save / f"peers_{name.replace(', ', '_').replace(' ', '_')}.png", overwrite=True) as temporary:
            write_png(temporary, side_by_side(found, name))
    return found


def drawn_by_us(device: Device, preset: str, taken: Shot) -> tuple[NDArray[np.float32], float]:
    """Return our picture and the CPU seconds (user + system) of a frame."""
    with Renderer(device, preset) as renderer:
        for number in range(FRAMES + 2):
            if number == 2:
                before = resource.getrusage(resource.RUSAGE_SELF)
            with renderer.draw(taken, ("color",)) as drawn:
                color = renderer.read(drawn)["color"]
    after = resource.getrusage(resource.RUSAGE_SELF)
    return color, (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) / FRAMES


def drawn_by_peer(
    taken: Shot, scale: float, python: str, script: str, arguments: tuple[str, ...]
) -> tuple[NDArray[np.float32], float] | str:
    """Return a peer's linear picture and CPU seconds a frame, or why there is none."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "scene.npz", Path(folder) / "made.npy"
        np.savez(given, allow_pickle=False, **exchange(taken, scale))
        command = [python, str(Path(__file__).with_name(script)), str(given), str(made), str(FRAMES), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode != 0:
            return (done.stderr.strip().splitlines() or ["no word"])[-1]
        return np.load(made) / np.float32(scale), float(json.loads(done.stdout.splitlines()[-1]))


def exchange(taken: Shot, scale: float) -> dict[str, NDArray[np.generic]]:
    """Return ``taken`` as arrays by name, all light times ``scale``: what another program needs to draw it."""
    now, stage = taken.current, taken.stage
    parts: dict[str, NDArray[np.generic]] = {}
    rows = []
    for row, transform in enumerate(now.instances.transform):
        mesh, material = stage.meshes[now.instances.mesh[row]], int(now.instances.material[row])
        for name in ("positions", "normals", "uvs", "triangles"):
            parts[f"{name}_{row}"] = getattr(mesh, name)
        image = int(now.materials.images[material, BASE_COLOR])
        if image >= 0:
            parts[f"texture_{row}"] = stage.images[image].pixels
        rows.append({
            "transform": transform.tolist(), "base_color": now.materials.base_color[material].tolist(),
            "metallic": float(now.materials.metallic[material]), "roughness": float(now.materials.roughness[material]),
        })  # fmt: skip
    lights = [
        {"sun": bool(now.lights.kind[row] == SUN), "position": now.lights.position[row].tolist(),
         "direction": now.lights.direction[row].tolist(), "color": (now.lights.color[row] * scale).tolist(),
         "inner": float(now.lights.inner_angle[row]), "outer": float(now.lights.outer_angle[row])}
        for row in range(len(now.lights))
    ]  # fmt: skip
    sky = {name: (np.asarray(getattr(now.environment, name)) * now.environment.intensity * scale).tolist()
           for name in ("zenith", "horizon", "ground")}  # fmt: skip
    fov = 2.0 * float(np.arctan(taken.height / 2.0 / now.camera.fy))
    told = {"size": [taken.width, taken.height], "camera": now.camera.matrix.tolist(), "fov": fov,
            "near": now.camera.near, "far": FAR, "objects": rows, "lights": lights, "sky": sky}  # fmt: skip
    parts["told"] = np.array(json.dumps(told))
    return parts
