"""A model on a turntable: python turntable.py MODEL.glb [VIDEO.mp4]; without arguments a taxi."""

import sys
from pathlib import Path

import numpy as np

from diorama import Camera, Cylinder, Environment, Gradient, Material, Scene, Sun, load_asset, render, resources

given = dict(enumerate(sys.argv[1:]))
model = Path(given.get(0, resources.scenes() / "assets" / "kenney_cars" / "taxi.glb"))
low, high = load_asset(model).bounds()
middle, radius = (low + high) / 2, float(np.linalg.norm(high - low)) / 2

scene = Scene(size=(640, 480), fps=24, duration=4)
sky = Gradient(zenith=(0.9, 0.95, 1), horizon=(0.5, 0.5, 0.5), ground=(0.2, 0.2, 0.2))
scene.environment = Environment(gradient=sky)
scene.add(Sun(direction=(-1, -2, -1), illuminance=2.5), name="sun")
table = scene.add(name="table")
table.keys("rotation", {0: (0, 0, 0), 4: (0, 360, 0)})
plate = Cylinder(radius=1.15 * radius, height=0.04 * radius, segments=128)
table.add(plate, name="plate", position=(0, -0.02 * radius, 0), material=Material(base_color="#d8d2c8", roughness=0.6))
table.add(model, name="model", position=(-middle[0], -low[1], -middle[2]))
scene.camera = Camera(position=(0, 1.7 * radius, 3.3 * radius), look_at=(0, 0.45 * (high - low)[1], 0), fov=40)
render(scene, given.get(1, "turntable.mp4"), overwrite=True)
