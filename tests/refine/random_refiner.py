"""Refiners with random weights, in place of trained ones; and a small scene where much moves."""

from __future__ import annotations

import torch

from diorama import Camera, Environment, Gradient, Material, Plane, Scene, Sphere, Sun
from diorama.refine.network import TIERS, RefinerNetwork, Tier

HISTORY_BIAS = slice(60, 64)


def random_network(seed: int = 0, *, strength: float = 0.05, tier: Tier = TIERS["tiny"]) -> RefinerNetwork:
    """Return a network with weights from ``seed``; ``strength`` 0: as before training."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = RefinerNetwork(tier)
        if strength:
            with torch.no_grad():
                network.heads.weight.normal_(0.0, strength)
    return network.eval()


def moving_scene(size: tuple[int, int] = (48, 32), frames: int = 12) -> Scene:
    """A ball that crosses another one before a floor and a sky, seen by a camera that moves too."""
    scene = Scene(size=size, fps=24, frames=frames, seed=3)
    sky = Gradient(zenith=(0.2, 0.4, 0.9), horizon=(0.8, 0.8, 0.7), ground=(0.2, 0.2, 0.2))
    scene.environment = Environment(gradient=sky)
    scene.add(Plane(size=(20, 20)), name="floor", material=Material(base_color=(0.6, 0.5, 0.4), roughness=0.8))
    scene.add(Sphere(radius=0.5), name="still", position=(0.6, 0.5, -1), material=Material(base_color=(0.1, 0.2, 0.8)))
    ball = scene.add(Sphere(radius=0.5), name="ball", material=Material(base_color=(0.9, 0.2, 0.1), roughness=0.3))
    ball.keys("position", {0: (-1, 0.5, 0), 0.5: (1, 0.7, 0)})
    scene.camera = Camera(position={"keys": {0: (0, 1.5, 4), 0.5: (0.5, 1.6, 3.8)}}, look_at=(0, 0.5, 0), fov=45)
    scene.add(Sun(direction=(-1, -2, -1), illuminance=3), name="sun")
    return scene
