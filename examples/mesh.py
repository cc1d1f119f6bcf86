"""A mesh that a program makes: a torus knot as numpy arrays, turning in front of a camera."""

import numpy as np

from diorama import Camera, Environment, Gradient, Material, Plane, Scene, Sun, build_mesh, render

AROUND, ACROSS, TUBE = 400, 32, 0.25


def knot(t: np.ndarray) -> np.ndarray:
    """Return points (N, 3) on a trefoil knot."""
    ring = 2 + np.cos(3 * t)
    return np.stack([ring * np.cos(2 * t), ring * np.sin(2 * t), np.sin(3 * t)], axis=1) / 2


t = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
along = knot(t + 1e-4) - knot(t - 1e-4)
along /= np.linalg.norm(along, axis=1, keepdims=True)
side = np.cross(along, [0, 0, 1])
side /= np.linalg.norm(side, axis=1, keepdims=True)
up = np.cross(side, along)

angle = np.linspace(0, 2 * np.pi, ACROSS, endpoint=False)[None, :, None]
normals = np.cos(angle) * side[:, None] + np.sin(angle) * up[:, None]
positions = knot(t)[:, None] + TUBE * normals

here = np.arange(AROUND * ACROSS).reshape(AROUND, ACROSS)
ahead, beside = np.roll(here, -1, axis=0), np.roll(here, -1, axis=1)
both = np.roll(ahead, -1, axis=1)
triangles = np.stack([here, ahead, both, here, both, beside], axis=-1).reshape(-1, 3)
mesh = build_mesh(positions.reshape(-1, 3), triangles, normals=normals.reshape(-1, 3))

scene = Scene(size=(640, 480), fps=24, duration=4)
sky = Gradient(zenith=(0.9, 1, 1.1), horizon=(0.5, 0.5, 0.5), ground=(0.2, 0.15, 0.1))
scene.environment = Environment(gradient=sky)
scene.add(Sun(direction=(-1, -1.5, -1), illuminance=4), name="sun")
scene.add(Plane(size=(40, 40)), name="floor", position=(0, -1.9, 0), material=Material(base_color="#c9c2b8"))
node = scene.add(mesh, name="knot", material=Material(base_color="#c4862e", metallic=1, roughness=0.3))
node.keys("rotation", {0: (0, 0, 0), 4: (0, 360, 0)})
scene.camera = Camera(position=(0, 1.2, 6), look_at=(0, 0, 0), fov=40)
render(scene, "knot.mp4", overwrite=True)
