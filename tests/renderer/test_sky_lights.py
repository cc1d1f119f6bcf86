"""Pieces of the sky as lights: together they are the ambient term, one by one they cast shadows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from renderer.light_probe import AMBIENT, DIRECT, Bench, probe, sky
from shots import Thing, lights

from diorama.geometry.primitives import plane
from diorama.gl.device import Device
from diorama.scene.shot import SKY, SUN
from diorama.transform import compose

WHITE = {"zenith": (1.0, 1.0, 1.0), "horizon": (1.0, 1.0, 1.0), "ground": (1.0, 1.0, 1.0)}


def directions(count: int) -> np.ndarray:
    """Return unit directions spread evenly over the sphere (Fibonacci)."""
    number = np.arange(count) + 0.5
    y, turn = 1 - 2 * number / count, number * np.pi * (1 + 5**0.5)
    level = np.sqrt(1 - y * y)
    return np.stack([level * np.cos(turn), y, level * np.sin(turn)], axis=1)


@pytest.mark.parametrize("energy", ["conserving", "gltf"])
def test_a_sky_in_pieces_is_the_ambient_term(bench: Bench, device: Device, energy: str) -> None:
    surface = {
        "normal": (0.6, 0.0, 0.8),
        "color": (0.8, 0.5, 0.2),
        "roughness": [0.1, 0.6, 1.0],
        "metallic": [0.0, 0.5, 1.0],
        "occlusion": 0.7,
    }
    bench.light(environment=sky(**WHITE), energy=energy)
    whole = probe(device, AMBIENT, 3, **surface)
    pieces = [
        {"kind": SKY, "direction": d, "color": (4 * np.pi / 400,) * 3, "casts_shadow": False} for d in directions(400)
    ]
    bench.light(lights(*pieces), replace(sky(**WHITE), diffuse=False), energy=energy)
    mirrored, scattered = probe(device, AMBIENT, 3, **surface), probe(device, DIRECT, 3, **surface)
    np.testing.assert_allclose(mirrored + scattered, whole, rtol=0.01, atol=1e-3)
    assert (mirrored < whole)[:2].all()


def test_a_piece_of_the_sky_has_no_highlight(bench: Bench, device: Device) -> None:
    straight = {"direction": (0, 0, -1), "color": (1, 1, 1), "casts_shadow": False}
    found = []
    for kind in (SKY, SUN):
        bench.light(lights({"kind": kind, **straight}), sky(diffuse=False))
        found.append(probe(device, DIRECT, 1, color=(0, 0, 0), roughness=0.3)[0, 0])
    assert found[0] == 0.0
    assert found[1] > 0.1


def test_it_casts_shadows_like_a_sun(bench: Bench, device: Device) -> None:
    roof = Thing(plane((2, 2)), compose((0, 1, -5), (0, 0, 0, 1), (1, 1, 1)))
    floor = Thing(plane((20, 20)), compose((0, -1, -5), (0, 0, 0, 1), (1, 1, 1)))
    bench.light(lights({"kind": SKY, "direction": (0, -1, 0)}), sky(diffuse=False), things=[roof, floor])
    lit = probe(device, DIRECT, 2, position=[(0, -1, -5), (2, -1, -5)], normal=(0, 1, 0), view=(0, 1, 0), specular=0.0)
    np.testing.assert_allclose(lit[:, 0], [0.0, 1 / np.pi], atol=1e-5)
