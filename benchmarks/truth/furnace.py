"""The white furnace: white spheres in even light, which a material that keeps all energy makes invisible."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama import Camera, Environment, Scene, Sphere
from diorama.gl.device import Device
from diorama.oracle.comparison import inside_of_things
from diorama.renderer.renderer import Renderer
from diorama.scene.sample import shot
from truth.stage import paint

ROUGHNESS = (0.0, 0.25, 0.5, 0.75, 1.0)
METALLIC = (0.0, 0.5, 1.0)
LIMIT = 0.02


def furnace_scene(roughness: float, metallic: float, side: int) -> Scene:
    """Return one white sphere alone in a world of radiance 1."""
    made = Scene((side, side), frames=1)
    made.camera = Camera(position=(0, 0, 3), look_at=(0, 0, 0), fov=40)
    made.environment = Environment(color=(1.0, 1.0, 1.0))
    made.add(Sphere(radius=0.9, segments=128), material=paint((1.0, 1.0, 1.0), roughness, metallic))
    return made


def furnace(device: Device, preset: str, side: int) -> NDArray[np.float64]:
    """Return the largest distance from 1 that a pixel has, by roughness (rows) and metallic (columns)."""
    found = np.zeros((len(ROUGHNESS), len(METALLIC)))
    with Renderer(device, preset) as renderer:
        for row, roughness in enumerate(ROUGHNESS):
            for column, metallic in enumerate(METALLIC):
                taken = shot(furnace_scene(roughness, metallic, side), 0)
                with renderer.draw(taken, ("color", "instance")) as drawn:
                    frame = renderer.read(drawn)
                inside = inside_of_things(frame["instance"])
                found[row, column] = float(np.abs(frame["color"][inside] - 1.0).max())
    return found
