"""What glTF's extensions put on a surface: closed forms, white furnaces, and a film by its spectrum."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from renderer.light_probe import AMBIENT, DIRECT, REFLECTED, Bench, probe, sky
from shots import lights, unit

from diorama.gl.device import Device
from diorama.material.pbr import PbrMaterial
from diorama.scene.shot import RECTANGLE, SUN

Floats = NDArray[np.float64]

WHITE = sky(zenith=(1.0, 1.0, 1.0), horizon=(1.0, 1.0, 1.0), ground=(1.0, 1.0, 1.0))
COSINES = (0.05, 0.3, 0.7, 1.0)
METAL = PbrMaterial(metallic=1.0, roughness=0.3)


def seen_at(cosine: float) -> Floats:
    return np.array([np.sqrt(1 - cosine**2) * 0.8, np.sqrt(1 - cosine**2) * 0.6, cosine])


def hemisphere(v: Floats, *roughness: float, side: int = 160) -> tuple[Floats, Floats]:
    """Directions around +Z and their weights: as many by the cosine as by a GGX lobe of each roughness."""
    u = (np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) + 0.5) / side
    around = np.stack([np.cos(2 * np.pi * u[:, 1]), np.sin(2 * np.pi * u[:, 1])], axis=-1)
    drawn = [np.column_stack([np.sqrt(u[:, :1]) * around, np.sqrt(1 - u[:, 0])])]
    alphas = [max(one, 0.045) ** 2 for one in roughness]
    for alpha in alphas:
        cos2 = (1 - u[:, :1]) / (1 + (alpha**2 - 1) * u[:, :1])
        h = np.column_stack([np.sqrt(1 - cos2) * around, np.sqrt(cos2)])
        drawn.append(2 * (h @ v)[:, None] * h - v)
    light = np.concatenate(drawn)
    light = light[light[:, 2] > 0]
    h = unit(light + v)
    density = light[:, 2] / np.pi
    for alpha in alphas:
        d = alpha**2 / (np.pi * (h[:, 2] ** 2 * (alpha**2 - 1) + 1) ** 2)
        density += d * h[:, 2] / (4 * np.abs(h @ v))
    return light, 1.0 / (side * side * density)


def furnace(device: Device, material: PbrMaterial, cosine: float, *roughness: float) -> Floats:
    """What ``material`` returns of white light from all sides, (3,)."""
    view = seen_at(cosine)
    light, weights = hemisphere(view, *roughness)
    return weights @ probe(device, REFLECTED, len(light), view=view, direction=light, layers=material)


@pytest.mark.parametrize("metallic", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("clearcoat", [0.0, 0.5, 1.0])
def test_white_furnace_with_a_coat(bench: Bench, device: Device, metallic: float, clearcoat: float) -> None:
    """White returns all light, within 1 %, whatever the roughness of base and coat, from lights and from the sky."""
    bench.light(None, WHITE, layers=True)
    for roughness, coat_roughness, cosine in product((0.0, 0.2, 0.5, 1.0), (0.0, 0.3, 1.0), COSINES):
        coated = PbrMaterial(
            metallic=metallic, roughness=roughness, clearcoat=clearcoat, clearcoat_roughness=coat_roughness
        )
        returned = furnace(device, coated, cosine, roughness, coat_roughness)
        np.testing.assert_allclose(returned, 1.0, atol=0.01, err_msg=str((coated, cosine)))
        np.testing.assert_allclose(
            probe(device, AMBIENT, 1, view=seen_at(cosine), layers=coated), 1.0, atol=0.005, err_msg=str(coated)
        )


@pytest.mark.parametrize("sheen_roughness", [0.2, 0.5, 1.0])
def test_white_furnace_with_sheen(bench: Bench, device: Device, sheen_roughness: float) -> None:
    bench.light(None, WHITE, layers=True)
    woolly = PbrMaterial(roughness=0.6, sheen_color=(1.0, 1.0, 1.0), sheen_roughness=sheen_roughness)
    for cosine in COSINES:
        np.testing.assert_allclose(furnace(device, woolly, cosine, 0.6), 1.0, atol=0.02)
        np.testing.assert_allclose(probe(device, AMBIENT, 1, view=seen_at(cosine), layers=woolly), 1.0, atol=0.005)


@pytest.mark.parametrize("anisotropy", [0.3, 0.7])
def test_white_furnace_of_brushed_metal(bench: Bench, device: Device, anisotropy: float) -> None:
    """Its loss between microfacets is a sum over few directions: within 3 %."""
    bench.light(None, WHITE, layers=True)
    for cosine, roughness in product(COSINES[1:], (0.3, 0.6)):
        brushed = PbrMaterial(metallic=1.0, roughness=roughness, anisotropy=anisotropy)
        wide = np.sqrt(np.sqrt(roughness**2 + (1 - roughness**2) * anisotropy**2))
        np.testing.assert_allclose(furnace(device, brushed, cosine, roughness, float(wide)), 1.0, atol=0.03)


def test_no_layer_adds_light(bench: Bench, device: Device) -> None:
    bench.light(None, WHITE, layers=True)
    for film, coat, fibres in product((0.0, 1.0), (0.0, 1.0), (0.0, 1.0)):
        woolly = PbrMaterial(roughness=0.5, sheen_color=(fibres,) * 3, sheen_roughness=0.3, specular_color=(9, 3, 1))
        full = replace(woolly, clearcoat=coat, clearcoat_roughness=0.4, iridescence=film)
        for cosine in COSINES:
            np.testing.assert_allclose(furnace(device, full, cosine, 0.5, 0.4), 1.0, atol=0.02)


@pytest.mark.parametrize("energy", ["gltf", "conserving"])
def test_layers_that_do_nothing_change_nothing(bench: Bench, device: Device, energy: str) -> None:
    """The program for layered materials, given a plain one, is the plain program."""
    sun = {"kind": SUN, "direction": (0.3, -0.4, -1.0), "color": (3, 2, 1)}
    lamp = {"kind": RECTANGLE, "position": (1, 0, 2), "direction": (-0.4, 0, -1), "size": (0.7, 0.4)}
    bench.light(lights(sun, lamp), WHITE, energy=energy, layers=True)
    plain = PbrMaterial(base_color=(0.8, 0.4, 0.2), metallic=0.3, roughness=0.4, specular=0.8)
    values = {"color": plain.base_color, "metallic": 0.3, "roughness": 0.4, "specular": 0.8}
    for cosine, what in product(COSINES, (REFLECTED, DIRECT, AMBIENT)):
        scene = {"view": seen_at(cosine), "direction": unit((0.2, -0.5, 0.7))}
        layered = probe(device, what, 1, layers=plain, **scene)
        np.testing.assert_allclose(layered, probe(device, what, 1, **values, **scene), rtol=1e-4)


@pytest.mark.parametrize("ior", [1.0, 1.2, 1.5, 2.4])
def test_reflectance_follows_the_index_of_refraction(bench: Bench, device: Device, ior: float) -> None:
    """Fresnel's formula at normal incidence, on black; a white metal tells what the lobe itself is."""
    bench.light(energy="gltf", layers=True)
    glass = PbrMaterial(base_color=(0, 0, 0), roughness=0.3, ior=ior, specular_color=(1.0, 0.5, 0.0))
    found = probe(device, REFLECTED, 1, layers=glass) / probe(device, REFLECTED, 1, layers=METAL)
    np.testing.assert_allclose(found[0], ((ior - 1) / (ior + 1)) ** 2 * np.array([1.0, 0.5, 0.0]), atol=1e-6)


def airy(nanometres: float, film: float, base: float, wavelengths: Floats) -> Floats:
    """The reflectance of a film on a dielectric, all rounds inside it summed, at normal incidence."""
    below = (1 + np.sqrt(base)) / (1 - np.sqrt(base))
    r12, r23 = (1 - film) / (1 + film), (film - below) / (film + below)
    wave = np.exp(4j * np.pi * film * nanometres / wavelengths)
    return np.abs((r12 + r23 * wave) / (1 + r12 * r23 * wave)) ** 2


@pytest.mark.parametrize("film", [1.3, 1.8])
def test_a_film_is_as_bright_as_its_spectrum(bench: Bench, device: Device, film: float) -> None:
    """Luminance under white light: Airy's sum over wavelengths, by the eye's V (Wyman, Sloan and Shirley 2013)."""
    bench.light(energy="gltf", layers=True)
    waves = np.arange(380.0, 780.0)
    eye = 0.821 * np.exp(-0.5 * ((waves - 568.8) * np.where(waves < 568.8, 0.0213, 0.0247)) ** 2)
    eye += 0.286 * np.exp(-0.5 * ((waves - 530.9) * np.where(waves < 530.9, 0.0613, 0.0322)) ** 2)
    whole, brightness = probe(device, REFLECTED, 1, layers=METAL), np.array([0.2126, 0.7152, 0.0722])
    seen = []
    for thickness in (60.0, 120.0, 200.0, 300.0, 450.0):
        base = replace(METAL, base_color=(0.3,) * 3, iridescence=1.0, iridescence_ior=film)
        found = probe(device, REFLECTED, 1, layers=replace(base, iridescence_thickness=thickness)) / whole
        wanted = np.average(airy(thickness, film, 0.3, waves), weights=eye)
        seen.append(wanted)
        assert found[0] @ brightness == pytest.approx(wanted, abs=0.02), thickness
    assert np.ptp(seen) > 0.1  # there is something to tell


def test_a_film_without_thickness_is_none(bench: Bench, device: Device) -> None:
    bench.light(layers=True)
    bare = PbrMaterial(base_color=(0.9, 0.5, 0.1), metallic=1.0, roughness=0.3)
    filmed = replace(bare, iridescence=1.0, iridescence_thickness=0.0)
    found, wanted = (probe(device, REFLECTED, 1, layers=one) for one in (filmed, bare))
    np.testing.assert_allclose(found, wanted, rtol=0.01, atol=0.006 * probe(device, REFLECTED, 1, layers=METAL).max())


def test_a_coat_does_not_follow_the_normal_map(bench: Bench, device: Device) -> None:
    """Its highlight stands where the smooth surface mirrors, the base's where the bumps do."""
    bench.light(layers=True)
    black = PbrMaterial(base_color=(0, 0, 0), specular=0.0, clearcoat=1.0, clearcoat_roughness=0.1)
    view, bent = unit((0.3, 0, 1)), unit((0.5, 0, 1))
    light = unit(np.column_stack([np.linspace(-0.9, 0.9, 181), np.zeros(181), np.ones(181)]))
    found = probe(device, REFLECTED, 181, normal=bent, geometric=(0, 0, 1), view=view, direction=light, layers=black)
    mirrored = 2 * view[2] * np.array([0, 0, 1]) - view
    assert light[found[:, 0].argmax()] == pytest.approx(mirrored, abs=0.02)


def test_highlights_are_drawn_out_along_the_stretch(bench: Bench, device: Device) -> None:
    bench.light(layers=True)
    brushed = replace(METAL, anisotropy=0.8)
    tilts = unit(np.array([(0.4, 0, 1), (0, 0.4, 1)]))
    far, near = probe(device, REFLECTED, 2, direction=tilts, layers=brushed)[:, 0]
    turned = probe(device, REFLECTED, 2, direction=tilts, layers=brushed, along=(0, 1, 0))[:, 0]
    assert far > 4 * near
    np.testing.assert_allclose(turned, [near, far], rtol=1e-5)


@pytest.mark.parametrize("energy", ["gltf", "conserving"])
def test_a_lamp_is_mirrored_by_the_coat(bench: Bench, device: Device, energy: str) -> None:
    """A rectangle's light is the BRDF summed over the rectangle: coat, and sheen as if it came from the middle."""
    lamp = {"kind": RECTANGLE, "position": (0.5, 0.2, 1.5), "direction": (0, 0, -1), "size": (0.4, 0.4),
            "color": (1, 1, 1), "casts_shadow": False}  # fmt: skip
    bench.light(lights(lamp), energy=energy, layers=True)
    side = np.linspace(-0.4, 0.4, 201)[:-1] + 0.002
    x, y = (one.ravel() for one in np.meshgrid(0.5 + side, 0.2 + side))
    towards = np.column_stack([x, y, np.full(len(x), 1.5)])
    distance = np.linalg.norm(towards, axis=1)
    angle = 0.004**2 * (1.5 / distance) / distance**2
    black = PbrMaterial(base_color=(0, 0, 0), specular=0.0)
    coat = replace(black, clearcoat=1.0, clearcoat_roughness=0.4)
    sheen = replace(black, sheen_color=(1, 1, 1), sheen_roughness=0.6)
    for layers, near in ((coat, 0.03), (sheen, 0.1)):
        for cosine in (0.8, 0.95):
            view = seen_at(cosine) * (-1, -1, 1)
            brdf = probe(device, REFLECTED, len(x), view=view, direction=towards / distance[:, None], layers=layers)
            found = probe(device, DIRECT, 1, view=view, layers=layers)
            np.testing.assert_allclose(found[0], angle @ brdf, rtol=near, atol=1e-3)
