"""The BRDF against closed forms and a numpy transcription of glTF 2.0 appendix B."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from renderer.light_probe import AMBIENT, DIRECT, REFLECTED, Bench, probe, sky
from shots import lights, unit

from diorama.gl.device import Device
from diorama.scene.shot import SUN

WHITE = sky(zenith=(1.0, 1.0, 1.0), horizon=(1.0, 1.0, 1.0), ground=(1.0, 1.0, 1.0))
ROUGHNESS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
COSINES = (0.02, 0.1, 0.3, 0.6, 1.0)

Floats = NDArray[np.float64]


def appendix_b(
    n: Floats, v: Floats, light: Floats, base: Floats, metallic: float, roughness: float, specular: float = 1.0
) -> Floats:
    """BRDF times n·l as glTF 2.0, appendix B.3.5, writes it, with KHR_materials_specular's factor."""
    alpha = max(roughness, 0.045) ** 2
    h = unit(v + light)
    nl, nv, nh, vh = (np.sum(a * b, axis=-1)[..., None] for a, b in ((n, light), (n, v), (n, h), (v, h)))
    f0 = 0.04 * specular * (1 - metallic) + base * metallic
    f90 = specular * (1 - metallic) + metallic
    fresnel = f0 + (f90 - f0) * (1 - np.abs(vh)) ** 5
    d = alpha**2 / (np.pi * (nh**2 * (alpha**2 - 1) + 1) ** 2)
    g = 0.5 / (nl * np.sqrt(nv**2 * (1 - alpha**2) + alpha**2) + nv * np.sqrt(nl**2 * (1 - alpha**2) + alpha**2))
    value = (1 - fresnel) / np.pi * base * (1 - metallic) + fresnel * d * g
    return np.where(nl > 0, value * np.maximum(nl, 0), 0)


def hemisphere(v: Floats, roughness: float, side: int = 200) -> tuple[Floats, Floats]:
    """Directions (N, 3) around +Z and their quadrature weights: half by the cosine, half by the GGX lobe."""
    u = (np.stack(np.meshgrid(np.arange(side), np.arange(side)), axis=-1).reshape(-1, 2) + 0.5) / side
    alpha, phi = max(roughness, 0.045) ** 2, 2 * np.pi * u[:, 1]
    around = np.stack([np.cos(phi), np.sin(phi)], axis=-1)
    by_cosine = np.column_stack([np.sqrt(u[:, :1]) * around, np.sqrt(1 - u[:, 0])])
    cos2 = (1 - u[:, :1]) / (1 + (alpha**2 - 1) * u[:, :1])
    h = np.column_stack([np.sqrt(1 - cos2) * around, np.sqrt(cos2)])
    by_lobe = 2 * (h @ v)[:, None] * h - v
    light = np.concatenate([by_cosine, by_lobe])
    light = light[light[:, 2] > 0]
    h = unit(light + v)
    d = alpha**2 / (np.pi * (h[:, 2] ** 2 * (alpha**2 - 1) + 1) ** 2)
    return light, 1.0 / (side * side * (light[:, 2] / np.pi + d * h[:, 2] / (4 * np.abs(h @ v))))


def furnace(device: Device, cosine: float, roughness: float, metallic: float, specular: float = 1.0) -> float:
    v = np.array([np.sqrt(1 - cosine**2), 0, cosine])
    light, weights = hemisphere(v, roughness)
    f = probe(
        device,
        REFLECTED,
        len(light),
        view=v,
        direction=light,
        roughness=roughness,
        metallic=metallic,
        specular=specular,
    )
    return float((f[:, 0] * weights).sum())


@pytest.mark.parametrize("metallic", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("roughness", ROUGHNESS)
def test_white_furnace(bench: Bench, device: Device, roughness: float, metallic: float) -> None:
    """A white surface returns all light, whatever its roughness, from lights and from the sky."""
    bench.light(None, WHITE, energy="conserving")
    for cosine in COSINES:
        assert furnace(device, cosine, roughness, metallic) == pytest.approx(1.0, abs=0.01)
        view = (np.sqrt(1 - cosine**2), 0, cosine)
        returned = probe(device, AMBIENT, 1, view=view, roughness=roughness, metallic=metallic)
        np.testing.assert_allclose(returned, 1.0, atol=0.005)


@pytest.mark.parametrize("energy", ["gltf", "conserving"])
@pytest.mark.parametrize(("metallic", "specular"), [(0.0, 1.0), (0.3, 0.5), (1.0, 1.0)])
def test_uniform_sky_reflects_as_much_as_the_brdf_integrates_to(
    bench: Bench, device: Device, energy: str, metallic: float, specular: float
) -> None:
    bench.light(None, WHITE, energy=energy)
    for roughness in ROUGHNESS[1:]:
        for cosine in COSINES:
            view = (np.sqrt(1 - cosine**2), 0, cosine)
            ambient = probe(device, AMBIENT, 1, view=view, roughness=roughness, metallic=metallic, specular=specular)
            assert ambient[0, 0] == pytest.approx(furnace(device, cosine, roughness, metallic, specular), rel=0.012)


@pytest.mark.parametrize("energy", ["gltf", "conserving"])
def test_without_specular_a_dielectric_is_lambert(bench: Bench, device: Device, energy: str) -> None:
    direction = unit(np.array([0.4, -0.5, -0.8]))
    bench.light(lights({"kind": SUN, "color": (3.0, 2.0, 1.0), "direction": direction}), energy=energy)
    normals = unit(np.random.default_rng(1).normal(size=(500, 3)))
    view = np.where((normals[:, 2:] > 0), (0, 0, 1.0), (0, 0, -1.0))
    found = probe(device, DIRECT, 500, normal=normals, view=view, color=(0.8, 0.5, 0.2), specular=0.0, roughness=0.4)
    wanted = np.maximum(normals @ -direction, 0)[:, None] * np.array([0.8, 0.5, 0.2]) * (3, 2, 1) / np.pi
    np.testing.assert_allclose(found, wanted, atol=2e-6)


@pytest.mark.parametrize("metallic", [0.0, 0.4, 1.0])
def test_gltf_mode_is_appendix_b(bench: Bench, device: Device, metallic: float) -> None:
    bench.light(energy="gltf")
    random = np.random.default_rng(2)
    v, light = (unit(random.normal(size=(400, 3)) + np.array([0, 0, 1.5])) for _ in range(2))
    v[:, 2], n, base = np.abs(v[:, 2]) + 0.02, np.array([0, 0, 1.0]), np.array([0.8, 0.3, 0.1])
    v = unit(v)
    for roughness in (0.1, 0.4, 1.0):
        wanted = appendix_b(np.broadcast_to(n, v.shape), v, light, base, metallic, roughness, 0.7)
        found = probe(
            device, REFLECTED, 400, view=v, direction=light, color=base,
            metallic=metallic, roughness=roughness, specular=0.7,
        )  # fmt: skip
        np.testing.assert_allclose(found, wanted, rtol=2e-4, atol=1e-6)


def test_gltf_mode_is_reciprocal(bench: Bench, device: Device) -> None:
    bench.light(energy="gltf")
    random = np.random.default_rng(3)
    a, b = (unit(random.normal(size=(300, 3))) for _ in range(2))
    a[:, 2], b[:, 2] = np.abs(a[:, 2]) + 0.05, np.abs(b[:, 2]) + 0.05
    a, b, base = unit(a), unit(b), (0.9, 0.5, 0.2)
    there = probe(device, REFLECTED, 300, view=a, direction=b, color=base, metallic=0.3, roughness=0.3) / b[:, 2:]
    back = probe(device, REFLECTED, 300, view=b, direction=a, color=base, metallic=0.3, roughness=0.3) / a[:, 2:]
    np.testing.assert_allclose(there, back, rtol=1e-3, atol=1e-6)


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(["gltf", "conserving"]),
    st.floats(0, 1),
    st.floats(0, 1),
    st.sampled_from([0.0, 1e-7, 1e-3, 0.5, 1.0]),
    st.sampled_from([0.0, 1e-7, 1e-3, 0.5, 1.0]),
)
def test_no_angle_or_roughness_gives_nan(
    bench: Bench, device: Device, energy: str, roughness: float, metallic: float, nv: float, nl: float
) -> None:
    """Also for mirrors, for grazing light, and for views exactly against the light."""
    bench.light(None, WHITE, energy=energy)
    views = np.array([(np.sqrt(1 - nv * nv), 0, nv), (0, np.sqrt(1 - nv * nv), nv), (0, 0, -1.0), (1, 0, 0)])
    directions = np.array([(-np.sqrt(1 - nl * nl), 0, nl)] * 2 + [(0, 0, 1.0), (-1, 0, 0)])
    for what in (REFLECTED, AMBIENT):
        found = probe(device, what, 4, view=views, direction=directions, roughness=roughness, metallic=metallic)
        assert np.isfinite(found).all()
        assert (found >= 0).all()
