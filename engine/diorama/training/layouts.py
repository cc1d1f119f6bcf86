"""Where things stand: every layout fills a scene and says what a camera can look at.

All of them leave the half space z > ``reach`` in front of the things free for the camera.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from numpy.random import Generator

from diorama.scene.graph import Scene
from diorama.scene.schema import Box, Capsule, Cone, Cylinder, Material, Plane, Sphere, Torus
from diorama.training.movement import Movement

Paint: TypeAlias = Callable[[], Material]
"""Makes the next material."""


@dataclass(frozen=True)
class Place:
    """What a layout offers: a point to look at, metres around it that things take, and how far off a camera stands."""

    focus: tuple[float, float, float]
    reach: float
    distance: tuple[float, float]


Layout: TypeAlias = Callable[[Scene, Generator, Paint, Movement], Place]


def scatter(scene: Scene, random: Generator, paint: Paint, move: Movement) -> Place:
    """Put shapes of all kinds on a floor."""
    _floor(scene, paint)
    for number in range(int(random.integers(6, 14))):
        x, z = random.uniform(-2.2, 2.2, 2)
        size = float(random.uniform(0.3, 1.1))
        shape, rest = _shape(random)
        node = scene.add(
            shape,
            name=f"thing_{number}",
            material=paint(),
            position=(x, rest * size, z),
            rotation=(0, random.uniform(0, 360), 0),
            scale=size,
        )
        if number < 3:
            move(node, random)
    return Place((0, 0.4, 0), 2.5, (3.5, 6))


def corner(scene: Scene, random: Generator, paint: Paint, move: Movement) -> Place:
    """Furnish the corner of a room: two walls, a floor, a shelf, boxes and balls."""
    _floor(scene, paint, 8)
    scene.add(Box(size=(8, 3, 0.1)), name="back", material=paint(), position=(0, 1.5, -1.6))
    scene.add(Box(size=(0.1, 3, 8)), name="side", material=paint(), position=(-1.8, 1.5, 2))
    scene.add(Box(size=(1.6, 0.06, 0.4)), name="shelf", material=paint(), position=(0.4, 1.1, -1.35))
    for number in range(int(random.integers(3, 8))):
        x, z = random.uniform(-1.4, 1.6), random.uniform(-1.2, 1.0)
        size = float(random.uniform(0.3, 0.8))
        shape, rest = _shape(random)
        node = scene.add(shape, name=f"thing_{number}", material=paint(), position=(x, rest * size, z), scale=size)
        if number < 2:
            move(node, random)
    return Place((-0.2, 0.6, -0.4), 1.8, (3, 5))


def stacks(scene: Scene, random: Generator, paint: Paint, move: Movement) -> Place:
    """Pile up boxes and drums, each layer turned a little."""
    _floor(scene, paint)
    for pile in range(int(random.integers(2, 5))):
        x, z, top = (*random.uniform(-1.6, 1.6, 2), 0.0)
        for level in range(int(random.integers(2, 6))):
            width, height = random.uniform(0.3, 0.8), random.uniform(0.15, 0.5)
            drum = random.random() < 0.3
            shape = Cylinder(radius=width / 2, height=height, segments=24) if drum else Box(size=(width, height, width))
            node = scene.add(
                shape,
                name=f"pile_{pile}_{level}",
                material=paint(),
                position=(x, top + height / 2, z),
                rotation=(0, random.uniform(0, 90), 0),
            )
            top += height
        move(node, random)
    return Place((0, 0.7, 0), 2.2, (3.5, 5.5))


def poles(scene: Scene, random: Generator, paint: Paint, move: Movement) -> Place:
    """Raise thin poles and stretch wires between them, a few pixels wide or less."""
    _floor(scene, paint)
    thickness = float(random.uniform(0.008, 0.03))
    for number in range(int(random.integers(5, 12))):
        x, z = random.uniform(-2, 2, 2)
        height = float(random.uniform(0.8, 2.2))
        scene.add(
            Cylinder(radius=thickness, height=height, segments=12),
            name=f"pole_{number}",
            material=paint(),
            position=(x, height / 2, z),
            rotation=(random.uniform(-20, 20), 0, random.uniform(-20, 20)),
        )
    for number in range(int(random.integers(2, 6))):
        scene.add(
            Cylinder(radius=thickness * 0.6, height=4, segments=8),
            name=f"wire_{number}",
            material=paint(),
            position=(0, random.uniform(0.5, 1.8), random.uniform(-1.5, 1.5)),
            rotation=(0, random.uniform(-30, 30), 90 + random.uniform(-10, 10)),
        )
    for number in range(3):
        size = float(random.uniform(0.4, 0.9))
        x, z = random.uniform(-1.5, 1.5, 2)
        shape, rest = _shape(random)
        move(
            scene.add(shape, name=f"thing_{number}", material=paint(), position=(x, rest * size, z), scale=size), random
        )
    return Place((0, 0.8, 0), 2.2, (3.5, 5.5))


def blocks(scene: Scene, random: Generator, paint: Paint, move: Movement) -> Place:
    """Lay out a grid of towers of unlike height, seen from above like a model of a town."""
    _floor(scene, paint)
    for column in range(4):
        for row in range(4):
            height, width = random.uniform(0.2, 2.0), random.uniform(0.4, 0.85)
            scene.add(
                Box(size=(width, height, width)),
                name=f"tower_{column}_{row}",
                material=paint(),
                position=(column * 1.1 - 1.65, height / 2, row * 1.1 - 1.65),
            )
    ball = scene.add(Sphere(radius=0.2, segments=32), name="ball", material=paint(), position=(0, 0.2, 2.3))
    move(ball, random)
    return Place((0, 0.6, 0), 2.5, (4.5, 7))


def street(scene: Scene, random: Generator, paint: Paint, move: Movement) -> Place:
    """Build a street of houses with lamp posts, a wire across, and boxes that drive."""
    _floor(scene, paint, 40)
    for side in (-1, 1):
        for number in range(4):
            height, depth = random.uniform(1.5, 3.5), random.uniform(1.6, 2.2)
            scene.add(
                Box(size=(1.6, height, depth)),
                name=f"house_{side + 1}_{number}",
                material=paint(),
                position=(side * 2.4, height / 2, 1.2 - 2.3 * number),
            )
            scene.add(
                Cylinder(radius=0.025, height=1.6, segments=12),
                name=f"post_{side + 1}_{number}",
                material=paint(),
                position=(side * 1.35, 0.8, 2.2 - 2.3 * number),
            )
    wire = Cylinder(radius=0.012, height=3.2, segments=8)
    scene.add(wire, name="wire", material=paint(), position=(0, 1.6, -0.1), rotation=(0, 0, 88))
    for number in range(3):
        size = (0.5, 0.35, 0.9)
        car = scene.add(
            Box(size=size), name=f"car_{number}", material=paint(), position=(number * 0.7 - 0.7, 0.2, -2.0 * number)
        )
        move(car, random)
    return Place((0, 0.8, -1.5), 2.5, (4.0, 5.5))


def fence(scene: Scene, random: Generator, paint: Paint, move: Movement) -> Place:
    """Set up a fence of thin pickets and rails, with trees of cones and balls behind it."""
    _floor(scene, paint)
    pickets, thickness = int(random.integers(14, 26)), float(random.uniform(0.02, 0.05))
    for number in range(pickets):
        x = 5.0 * (number / (pickets - 1) - 0.5)
        scene.add(
            Box(size=(thickness, 0.8, thickness)), name=f"picket_{number}", material=paint(), position=(x, 0.4, 0.8)
        )
    for number, height in enumerate((0.25, 0.65)):
        scene.add(Box(size=(5, 0.03, 0.02)), name=f"rail_{number}", material=paint(), position=(0, height, 0.84))
    for number in range(int(random.integers(3, 7))):
        x, z = random.uniform(-2, 2), random.uniform(-2, 0.3)
        size = float(random.uniform(0.7, 1.4))
        trunk = Cylinder(radius=0.05, height=0.8, segments=12)
        crown = Cone(radius=0.4, height=1.0, segments=24) if random.random() < 0.5 else Sphere(radius=0.4, segments=32)
        tree = scene.add(name=f"tree_{number}", position=(x, 0, z), scale=size)
        tree.add(trunk, name="trunk", material=paint(), position=(0, 0.4, 0))
        move(tree.add(crown, name="crown", material=paint(), position=(0, 1.0, 0)), random)
    return Place((0, 0.6, 0), 2.2, (3.0, 5.0))


def arcade(scene: Scene, random: Generator, paint: Paint, move: Movement) -> Place:
    """Stand columns under a roof on steps, with rings and capsules between them."""
    _floor(scene, paint)
    for step in range(3):
        width = 5.2 - 0.4 * step
        size = (width, 0.12, 3.2 - 0.4 * step)
        scene.add(Box(size=size), name=f"step_{step}", material=paint(), position=(0, 0.06 + 0.12 * step, -0.4))
    columns = int(random.integers(3, 6))
    for number in range(columns):
        for row, z in enumerate((-1.2, 0.4)):
            scene.add(
                Cylinder(radius=0.15, height=1.6, segments=24),
                name=f"column_{number}_{row}",
                material=paint(),
                position=(3.6 * (number / (columns - 1) - 0.5), 1.16, z),
            )
    scene.add(Box(size=(4.4, 0.25, 2.3)), name="roof", material=paint(), position=(0, 2.08, -0.4))
    for number in range(3):
        shape = (
            Torus(radius=0.3, tube=0.1, segments=32) if number % 2 else Capsule(radius=0.15, height=0.5, segments=24)
        )
        x, z = random.uniform(-1.5, 1.5), random.uniform(-1.0, 1.6)
        move(scene.add(shape, name=f"thing_{number}", material=paint(), position=(x, 0.8, z)), random)
    return Place((0, 0.9, 0), 2.4, (3.5, 5.5))


def _floor(scene: Scene, paint: Paint, size: float = 24) -> None:
    scene.add(Plane(size=(size, size)), name="floor", material=paint())


def _shape(random: Generator) -> tuple[Any, float]:
    """Return a shape about one metre in size, and the height of its middle when it stands on the floor."""
    shapes = (
        (Box(), 0.5),
        (Sphere(radius=0.5, segments=32), 0.5),
        (Cylinder(radius=0.4, height=1, segments=32), 0.5),
        (Cone(radius=0.5, height=1, segments=32), 0.5),
        (Torus(radius=0.4, tube=0.12, segments=32), 0.12),
        (Capsule(radius=0.25, height=0.5, segments=24), 0.5),
    )
    return shapes[int(random.integers(len(shapes)))]
