"""Eight scenes of light that goes from surface to surface: rooms, the open air, metals, a crowd, the street."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from diorama import (
    Box,
    Camera,
    Capsule,
    Cone,
    Cylinder,
    Environment,
    Material,
    Plane,
    RectangleLight,
    Scene,
    Sphere,
    Sun,
    Torus,
    load_scene,
)
from diorama.resources import scenes
from diorama.rng import generator
from truth.stage import Stand, Vec3, ceiling_lamp, checks, day, matte, paint, room, slab

ROUND = 128
_WHITE, _RED, _GREEN = matte(0.725, 0.71, 0.68), matte(0.63, 0.065, 0.05), matte(0.14, 0.45, 0.091)
_WARM = (1.0, 0.85, 0.6)


def cornell(folder: Path, side: int) -> Scene:
    """Return the Cornell box (graphics.cornell.edu/online/box/data.html) in units of 100 mm, its front open."""
    made = Scene((side, side), frames=1)
    made.camera = Camera(position=(-0.016, 2.73, 8.0), look_at=(-0.016, 2.73, 0.0), fov=39.3)
    walls = dict.fromkeys(("floor", "ceiling", "back"), _WHITE) | {"left": _RED, "right": _GREEN}
    room(made, (-2.764, 0.0, -5.592), (2.764, 5.488, 0.0), walls)
    made.add(Box(size=(1.65, 1.65, 1.65)), name="short", position=(0.909, 0.825, -1.69), rotation=(0, -17, 0),
             material=_WHITE)  # fmt: skip
    made.add(Box(size=(1.65, 3.3, 1.65)), name="tall", position=(-0.921, 1.65, -3.512), rotation=(0, 17.2, 0),
             material=_WHITE)  # fmt: skip
    ceiling_lamp(made, (-0.016, 5.488, -2.795), (1.3, 1.05), 15.0, _WARM)
    return made


def window(folder: Path, side: int) -> Scene:
    """Return a closed room; sun and sky come in by its window."""
    made = Scene((side, side), frames=1)
    made.camera = Camera(position=(2.2, 1.6, 1.7), look_at=(-1.4, 0.95, -0.8), fov=62)
    made.environment = day()
    made.add(Sun(direction=(0.9, -0.75, -0.3), illuminance=12.0, color=(1.0, 0.92, 0.8)), name="sun")
    plaster = paint((0.75, 0.72, 0.66), 0.9)
    walls = dict.fromkeys(("ceiling", "front", "back"), plaster)
    walls |= {"floor": paint((0.45, 0.28, 0.16), 0.45), "right": paint((0.3, 0.45, 0.6), 0.9)}
    room(made, (-2.5, 0.0, -2.0), (2.5, 2.8, 2.0), walls, thick=0.2)
    for name, low, high in (
        ("below", (0.0, -2.2), (0.9, 2.2)), ("above", (2.3, -2.2), (2.8, 2.2)),
        ("beside_back", (0.9, -2.2), (2.3, -1.0)), ("beside_front", (0.9, 1.0), (2.3, 2.2)),
    ):  # fmt: skip
        slab(made, name, (-2.7, low[0], low[1]), (-2.5, high[0], high[1]), plaster)
    made.add(Plane(size=(40, 40)), name="ground", position=(0, -0.4, 0), material=matte(0.2, 0.25, 0.12))
    _table(made, (-0.7, 0.0, -0.9))
    return made


def _table(made: Scene, foot: Vec3) -> None:
    """Add a table with three things on it; ``foot`` is the place on the floor below its middle."""
    x, y, z = foot
    wood = paint((0.5, 0.32, 0.18), 0.4)
    slab(made, "table", (x - 0.7, y + 0.7, z - 0.45), (x + 0.7, y + 0.75, z + 0.45), wood)
    for number, (right, front) in enumerate(((-0.62, -0.37), (0.62, -0.37), (-0.62, 0.37), (0.62, 0.37))):
        low, high = (x + right - 0.03, y, z + front - 0.03), (x + right + 0.03, y + 0.7, z + front + 0.03)
        slab(made, f"leg{number}", low, high, wood)
    ball, top = Sphere(radius=0.17, segments=ROUND), y + 0.75
    made.add(ball, name="ball", position=(x - 0.4, top + 0.17, z), material=paint((0.8, 0.15, 0.1), 0.2))
    made.add(ball, name="metal", position=(x, top + 0.17, z + 0.1), material=paint((0.95, 0.8, 0.5), 0.3, 1.0))
    made.add(Box(size=(0.25, 0.25, 0.25)), name="cube", position=(x + 0.4, top + 0.125, z), rotation=(0, 25, 0),
             material=paint((0.2, 0.5, 0.3), 0.8))  # fmt: skip


def outdoor(folder: Path, side: int) -> Scene:
    """Return a house, trees and balls on open ground under sun and sky."""
    made = Scene((side, side), frames=1)
    made.camera = Camera(position=(4.5, 2.4, 8.0), look_at=(-0.3, 1.2, 0.0), fov=45)
    made.environment = day()
    made.add(Sun(direction=(-0.8, -1.0, -0.5), illuminance=6.0, color=(1.0, 0.93, 0.82)), name="sun")
    made.add(Plane(size=(80, 80)), name="ground", material=paint((0.3, 0.33, 0.18), 0.95))
    slab(made, "house", (-3.2, 0.0, -3.0), (0.0, 2.4, 0.0), paint((0.8, 0.74, 0.62), 0.85))
    made.add(Cone(radius=2.7, height=1.5, segments=4), name="roof", position=(-1.6, 3.15, -1.5), rotation=(0, 45, 0),
             material=paint((0.5, 0.16, 0.1), 0.7))  # fmt: skip
    for number, (x, z) in enumerate(((1.8, -2.4), (3.0, 0.2), (-4.6, 1.2))):
        made.add(Cylinder(radius=0.14, height=1.8), name=f"trunk{number}", position=(x, 0.9, z),
                 material=matte(0.2, 0.12, 0.07))  # fmt: skip
        made.add(Sphere(radius=0.95, segments=ROUND), name=f"crown{number}", position=(x, 2.4, z),
                 material=paint((0.12, 0.3, 0.07), 0.9))  # fmt: skip
    balls = ((-0.6, 2.6, (0.9, 0.9, 0.92), 0.2, 1.0), (0.7, 2.0, (0.8, 0.1, 0.1), 0.15, 0.0),
             (-1.9, 1.9, (0.95, 0.7, 0.3), 0.4, 1.0), (1.6, 3.3, (0.85, 0.85, 0.85), 0.8, 0.0))  # fmt: skip
    for number, (x, z, color, roughness, metallic) in enumerate(balls):
        made.add(Sphere(radius=0.5, segments=ROUND), name=f"ball{number}", position=(x, 0.5, z),
                 material=paint(color, roughness, metallic))  # fmt: skip
    return made


def metals(folder: Path, side: int) -> Scene:
    """Return metals from mirror to rough on a table, under a picture of the evening and a lamp."""
    made = Scene((side, side), frames=1)
    made.camera = Camera(position=(0.0, 1.5, 2.9), look_at=(0.0, 0.15, -0.1), fov=46)
    made.environment = Environment(image=str(scenes() / "assets" / "sunset.exr"), intensity=0.6, rotation=60)
    made.add(RectangleLight(position=(-0.8, 2.4, 0.6), look_at=(0, 0, 0), size=(0.8, 0.5), luminance=12.0), name="lamp")
    slab(made, "table", (-1.6, -0.1, -1.0), (1.6, 0.0, 1.0), paint((0.36, 0.2, 0.1), 0.5))
    coats = (
        ((0.95, 0.93, 0.88), 0.03), ((1.0, 0.78, 0.34), 0.15), ((0.95, 0.64, 0.54), 0.3), ((0.56, 0.57, 0.58), 0.45),
        ((0.91, 0.92, 0.92), 0.6), ((0.95, 0.93, 0.88), 0.1), ((1.0, 0.78, 0.34), 0.25), ((0.8, 0.5, 0.3), 0.8),
    )  # fmt: skip
    for number, (color, roughness) in enumerate(coats):
        row, column = divmod(number, 4)
        x, z = (column - 1.5) * 0.62 + (0.15 if row else -0.05), -0.35 + 0.7 * row
        metal = paint(color, roughness, 1.0)
        if number in (2, 5):
            made.add(Torus(radius=0.18, tube=0.08, segments=ROUND), name=f"ring{number}", position=(x, 0.08, z),
                     material=metal)  # fmt: skip
        elif number == 7:
            made.add(Box(size=(0.35, 0.35, 0.35)), name="cube", position=(x, 0.175, z), rotation=(0, 35, 0),
                     material=metal)  # fmt: skip
        else:
            made.add(Sphere(radius=0.24, segments=ROUND), name=f"ball{number}", position=(x, 0.24, z), material=metal)
    return made


def thin_wall(folder: Path, side: int) -> Scene:
    """Return a closed room that a wall of 2 cm parts: a lamp in its left half, its right half lit round the end."""
    made = Scene((side, side), frames=1)
    made.camera = Camera(position=(0.25, 1.5, 2.45), look_at=(0.05, 1.05, -1.0), fov=72)
    walls = dict.fromkeys(("ceiling", "front", "back", "left", "right"), matte(0.75, 0.75, 0.72))
    room(made, (-3.0, 0.0, -2.5), (3.0, 2.6, 2.5), walls | {"floor": matte(0.5, 0.42, 0.35)})
    slab(made, "thin", (-0.01, 0.0, -2.5), (0.01, 2.6, 0.0), matte(0.75, 0.75, 0.72))
    ceiling_lamp(made, (-1.7, 2.6, -0.8), (0.8, 0.8), 25.0, _WARM)
    ball = Sphere(radius=0.4, segments=ROUND)
    made.add(ball, name="lit", position=(-1.3, 0.4, -0.6), material=paint((0.7, 0.2, 0.15), 0.3))
    made.add(ball, name="dark", position=(1.2, 0.4, -0.7), material=paint((0.2, 0.4, 0.7), 0.3))
    return made


def emissive(folder: Path, side: int) -> Scene:
    """Return a room that only things in it light: a globe and a tube."""
    made = Scene((side, side), frames=1)
    made.camera = Camera(position=(0.0, 1.5, 2.4), look_at=(0.0, 1.1, -1.0), fov=65)
    plain = matte(0.7, 0.7, 0.7)
    walls = dict.fromkeys(("ceiling", "front", "back"), plain) | {"left": _GREEN, "right": _RED}
    room(made, (-2.5, 0.0, -2.5), (2.5, 2.8, 2.5), walls | {"floor": paint((0.5, 0.45, 0.4), 0.4)})
    globe = Material(base_color=(0.8, 0.8, 0.8), emission=_WARM, emission_strength=14.0)
    tube = Material(base_color=(0.8, 0.8, 0.8), emission=(0.4, 0.7, 1.0), emission_strength=10.0)
    made.add(Sphere(radius=0.2, segments=64), name="globe", position=(-0.5, 2.1, -1.2), material=globe)
    made.add(Capsule(radius=0.05, height=1.2, segments=32), name="tube", position=(1.6, 1.0, -1.9), material=tube)
    _table(made, (0.0, 0.0, -0.9))
    return made


def objects(folder: Path, side: int) -> Scene:
    """Return 200 things of chance shape, size, turn and material on a checked floor under sun and sky."""
    made = Scene((side, side), frames=1)
    made.camera = Camera(position=(0.0, 6.0, 10.5), look_at=(0.0, 0.2, 0.4), fov=40)
    made.environment = day()
    made.add(Sun(direction=(0.5, -1.0, -0.6), illuminance=5.0), name="sun")
    made.add(Plane(size=(24, 24)), name="floor", material=paint((0.9, 0.9, 0.9), 0.7, texture=checks(folder)))
    chance = generator(7, "truth", "objects")
    shapes = (
        Sphere(radius=0.3), Box(size=(0.5, 0.5, 0.5)), Torus(radius=0.25, tube=0.1),
        Cylinder(radius=0.22, height=0.6), Cone(radius=0.3, height=0.6), Capsule(radius=0.15, height=0.4),
    )  # fmt: skip
    for number in range(200):
        row, column = divmod(number, 20)
        x, z = np.array([(column - 9.5) * 0.62, (row - 5.0) * 0.95]) + chance.uniform(-0.12, 0.12, 2)
        scale = float(chance.uniform(0.6, 1.1))
        metallic = float(chance.random() < 0.3)
        red, green, blue = (0.4 * metallic + (0.9 - 0.4 * metallic) * chance.random(3)).tolist()
        made.add(
            shapes[int(chance.integers(len(shapes)))],
            name=f"thing{number:03d}",
            position=(float(x), 0.4 * scale, float(z)),
            rotation=tuple(chance.uniform(0, 360, 3).tolist()),
            scale=scale,
            material=paint((red, green, blue), float(chance.uniform(0.2, 1.0)), metallic),
        )
    return made


def street(folder: Path, side: int) -> Scene:
    """Return the town of ``scenes/street.yaml``, without the light that stands in for what its walls send back."""
    wanted = {"video.size": [side * 16 // 9 // 2 * 2, side], "lights.bounce": None}
    return load_scene(scenes() / "street.yaml", overrides=wanted)


FULL_SCENES = {
    "cornell": Stand(cornell),
    "window": Stand(window, effort=4),
    "outdoor": Stand(outdoor),
    "metals": Stand(metals),
    "thin_wall": Stand(thin_wall, effort=4),
    "emissive": Stand(emissive, effort=2),
    "objects": Stand(objects),
    "street": Stand(street, effort=4, frame=72),
}
