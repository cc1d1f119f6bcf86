"""Small scene files with something of everything, for tests that run the whole line."""

from __future__ import annotations

from pathlib import Path

TOYS = """\
diorama: 1
seed: 7
video: {size: [32, 24], fps: 24, frames: 6, shutter: 0.5}
params: {hue: {uniform: [0, 1]}}
classes: {floor: 1, toy: 2}
camera:
  position: {keys: {0: [3, 2, 4], 1: [-3, 2.5, 4]}}
  look_at: [0, 0.4, 0]
  fov: 45
environment: {gradient: {zenith: [0.15, 0.35, 0.75], horizon: [0.6, 0.75, 0.9], ground: [0.2, 0.18, 0.15]}}
lights:
  sun: {type: sun, direction: [-1, -2, -1], illuminance: 3}
  spot: {type: spot, position: [2, 4, 1], look_at: [0, 0, 0], intensity: 30, inner_angle: 10, outer_angle: 25}
materials:
  paint: {base_color: {hsv: [{param: hue}, 0.8, 0.8]}, roughness: {each: {uniform: [0.1, 0.9]}}}
nodes:
  floor: {mesh: {type: plane, size: [20, 20]}, material: {base_color: "#808080", roughness: 0.9}, class: floor}
  ball:
    mesh: {type: sphere, radius: 0.5}
    material: paint
    class: toy
    position: {keys: {0: [0, 2, 0], 0.5: [0, 0.5, 0.6]}, ease: out_bounce}
  toys:
    repeat: 3
    mesh: {type: box, size: [0.4, 0.4, 0.4]}
    material: paint
    class: toy
    place: {box: [[-1.5, 0, -1.5], [1.5, 0.4, 1.5]], gap: 0.05}
"""
"""Draws by chance, scattered toys, two shadows, an open shutter, a moving ball under a moving camera."""


def write_toys(folder: Path, *, frames: int = 6) -> Path:
    """Write the scene file ``toys.yaml`` and return its path."""
    path = folder / "toys.yaml"
    path.write_text(TOYS.replace("frames: 6", f"frames: {frames}"), encoding="utf-8")
    return path
