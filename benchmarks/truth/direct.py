"""Ten scenes of direct light: every kind of lamp over rough and smooth dielectrics and metals.

Lamps hang above the picture's edge, where nothing stands between them and what they light.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from diorama import (
    Box,
    Camera,
    Cylinder,
    DiscLight,
    Plane,
    Point,
    RectangleLight,
    Scene,
    Sphere,
    SphereLight,
    Spot,
    Sun,
    Torus,
)
from diorama.scene.schema import LightSource
from truth.stage import Stand, checks, paint, slab

ROUND = 192
"""Segments of what is round: so many that no edge's shadow shows on the surface itself."""

_FRONT, _TARGET = (-3.9, 3.3, 2.4), (0.1, 0.3, 0.0)
_WARM, _COOL = (1.0, 0.85, 0.65), (0.7, 0.85, 1.0)
_SUN, _WIDE = (0.55, -1.0, -0.6), (-0.7, -1.0, -0.5)

LAMPS: dict[str, list[LightSource]] = {
    "sun": [Sun(direction=_SUN, illuminance=3.0, angle=0.53)],
    "sun_wide": [Sun(direction=_WIDE, illuminance=3.0, angle=12.0, color=_WARM)],
    "point": [Point(position=_FRONT, intensity=60.0)],
    "bulb": [Point(position=_FRONT, intensity=60.0, radius=0.4, color=_WARM)],
    "spot": [Spot(position=_FRONT, look_at=_TARGET, intensity=120.0, inner_angle=18, outer_angle=34)],
    "spot_bulb": [Spot(position=_FRONT, look_at=_TARGET, intensity=120.0, inner_angle=24, outer_angle=38, radius=0.3)],
    "sphere": [SphereLight(position=(1.9, 3.9, 2.2), radius=0.35, luminance=90.0, color=_COOL)],
    "rectangle": [RectangleLight(position=_FRONT, look_at=_TARGET, size=(1.6, 0.7), luminance=35.0)],
    "disc": [DiscLight(position=(2.0, 3.9, 2.4), look_at=_TARGET, radius=0.6, luminance=35.0, color=_WARM)],
    "several": [
        Sun(direction=_SUN, illuminance=0.8, angle=2.0, color=_COOL),
        Spot(position=(-2.6, 3.8, 2.0), look_at=(-1.0, 0, 0), intensity=30.0, inner_angle=12, outer_angle=24),
        RectangleLight(position=(2.6, 3.8, 2.2), look_at=(1.4, 0, 0), size=(1.0, 1.0), luminance=12.0, color=_WARM),
        SphereLight(position=(0.0, 4.2, 0.6), radius=0.2, luminance=60.0, color=(0.6, 1.0, 0.7)),
        Point(position=(0.2, 3.6, 3.4), intensity=8.0, radius=0.05),
    ],
}
_TEXTURED = ("sun", "spot", "rectangle", "several")


def _build(name: str, folder: Path, side: int) -> Scene:
    made = Scene((side, side), frames=1)
    made.camera = Camera(position=(0.0, 2.2, 6.6), look_at=(0.05, 0.75, -0.3), fov=43)
    texture = checks(folder) if name in _TEXTURED else None
    floor = paint((0.9, 0.9, 0.9) if texture else (0.55, 0.55, 0.55), 0.6, texture=texture)
    made.add(Plane(size=(12, 12)), name="floor", material=floor)
    slab(made, "wall", (-6.0, 0.0, -2.2), (6.0, 4.5, -2.0), paint((0.6, 0.5, 0.42), 0.9))
    _objects(made, texture)
    for number, lamp in enumerate(LAMPS[name]):
        made.add(lamp, name=f"lamp{number}")
    return made


def _objects(made: Scene, texture: Path | None) -> None:
    """Add each pair of rough or smooth and dielectric or metal, and a post and a shelf for their shadows."""
    ball = Sphere(radius=0.6, segments=ROUND)
    made.add(ball, name="smooth_dielectric", position=(-1.75, 0.6, 0.1), material=paint((0.7, 0.12, 0.08), 0.15))
    made.add(ball, name="rough_metal", position=(0.55, 0.6, -0.5), material=paint((0.95, 0.75, 0.4), 0.5, 1.0))
    made.add(
        Torus(radius=0.5, tube=0.2, segments=ROUND),
        name="smooth_metal",
        position=(-0.35, 0.45, 1.15),
        rotation=(35, 20, 0),
        material=paint((0.9, 0.9, 0.92), 0.2, 1.0),
    )
    made.add(
        Box(size=(0.9, 1.1, 0.9)),
        name="rough_dielectric",
        position=(1.75, 0.55, 0.3),
        rotation=(0, 30, 0),
        material=paint((0.15, 0.35, 0.65) if texture is None else (1.0, 1.0, 1.0), 0.8, texture=texture),
    )
    slab(made, "shelf", (-1.9, 1.75, -1.5), (1.1, 1.85, -0.8), paint((0.35, 0.5, 0.3), 0.5))
    made.add(
        Cylinder(radius=0.07, height=2.0, segments=96),
        name="post",
        position=(-0.75, 1.0, -1.0),
        material=paint((0.5, 0.5, 0.5), 0.4),
    )


DIRECT_SCENES = {name: Stand(partial(_build, name), effort=4 if len(lamps) > 1 else 1) for name, lamps in LAMPS.items()}
