"""The oracle's BSDF: it keeps all light, its three methods tell the same, and a matt one is Mitsuba's own."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray
from oracle.patches import Patches, hemisphere, looking, reflections

from diorama.material.pbr import Image, PbrMaterial
from diorama.oracle.albedo import albedo_terms
from diorama.oracle.backend import mi
from diorama.oracle.bsdf import SMOOTHEST

Floats = NDArray[np.float64]

ROUGHNESS = (0.0, 0.1, 0.2, 0.35, 0.5, 1.0)
VIEWS = (0.0, 60.0, 80.0, 88.0)
COUNT = 100_000


def alpha_of(roughness: float) -> float:
    return max(roughness**2, SMOOTHEST)


def integral(patches: Patches, row: int, view: Floats, grid: tuple[Floats, Floats]) -> Floats:
    """The light returned to ``view`` (1, 3) under light 1 from all sides, (3,)."""
    light, cells = grid
    return cells @ patches.eval(row, np.repeat(view, len(light), axis=0), light)


def bumps() -> Image:
    """A normal map that leans to one side, by 27 degrees."""
    leaning = np.round((np.array([0.4, -0.2, 0.89, 1.0]) * 0.5 + 0.5) * 255.0).astype(np.uint8)
    return Image(np.tile(leaning, (2, 2, 1)), "linear")


MATERIALS = {
    "smooth metal": PbrMaterial(base_color=(0.9, 0.6, 0.3), metallic=1.0, roughness=0.1),
    "rough metal": PbrMaterial(base_color=(0.9, 0.6, 0.3), metallic=1.0, roughness=0.9),
    "smooth dielectric": PbrMaterial(base_color=(0.2, 0.5, 0.8), roughness=0.1),
    "rough dielectric": PbrMaterial(base_color=(0.2, 0.5, 0.8), roughness=0.9),
    "half metal": PbrMaterial(base_color=(0.2, 0.5, 0.8), metallic=0.5, roughness=0.4),
    "matt": PbrMaterial(base_color=(0.2, 0.5, 0.8), specular=0.0, roughness=1.0),
}


PAINT = (0.2, 0.5, 0.8)

LAYERED = {
    "coat": PbrMaterial(base_color=PAINT, roughness=0.7, clearcoat=0.9, clearcoat_roughness=0.3),
    "coated metal": PbrMaterial(base_color=PAINT, metallic=1.0, roughness=0.5, clearcoat=1.0, clearcoat_roughness=0.4),
    "sheen": PbrMaterial(base_color=PAINT, roughness=0.8, sheen_color=(1.0, 0.6, 0.3), sheen_roughness=0.4),
    "brushed": PbrMaterial(base_color=PAINT, metallic=1.0, roughness=0.5, anisotropy=0.7, anisotropy_rotation=30.0),
    "film": PbrMaterial(base_color=PAINT, roughness=0.5, iridescence=1.0),
    "all": PbrMaterial(base_color=PAINT, metallic=0.5, roughness=0.5, clearcoat=0.5, clearcoat_roughness=0.4, ior=1.8,
                       sheen_color=(0.5, 0.5, 0.5), sheen_roughness=0.6, anisotropy=0.4, iridescence=0.5),
}  # fmt: skip


@pytest.mark.parametrize("clearcoat", [0.5, 1.0])
@pytest.mark.parametrize("metallic", [0.0, 1.0])
def test_white_under_a_coat_returns_all_light(metallic: float, clearcoat: float) -> None:
    """Base and coat are as rough as each other, so that one grid of directions serves both."""
    white = [
        PbrMaterial(metallic=metallic, roughness=one, clearcoat=clearcoat, clearcoat_roughness=one) for one in ROUGHNESS
    ]
    patches = Patches(white, conserving=True)
    for (row, roughness), degrees in product(enumerate(ROUGHNESS), VIEWS):
        view = looking(degrees)
        found = integral(patches, row, view, reflections(view, alpha_of(roughness)))
        np.testing.assert_allclose(found, 1.0, atol=0.01, err_msg=f"roughness {roughness}, {degrees} degrees")


@pytest.mark.parametrize("name", ["sheen", "brushed", "film", "all"])
def test_white_below_other_layers_returns_all_light(name: str) -> None:
    fibres = (1.0, 1.0, 1.0) if name == "sheen" else (0.0, 0.0, 0.0)
    white = replace(LAYERED[name], base_color=(1.0, 1.0, 1.0), sheen_color=fibres)
    patches = Patches([white], conserving=True)
    for degrees in (10.0, 50.0, 75.0):
        np.testing.assert_allclose(integral(patches, 0, looking(degrees), hemisphere(300, 600)), 1.0, atol=0.01)


@pytest.mark.parametrize("conserving", [False, True])
@pytest.mark.parametrize("degrees", [10.0, 50.0, 80.0])
def test_draws_of_layered_materials_weigh_what_the_integral_says(degrees: float, *, conserving: bool) -> None:
    patches, view = Patches(list(LAYERED.values()), conserving=conserving), looking(degrees)
    for row, name in enumerate(LAYERED):
        check(patches, row, view, *hemisphere(), name)


@pytest.mark.parametrize("metallic", [0.0, 0.5, 1.0])
def test_white_returns_all_light(metallic: float) -> None:
    """A white furnace without noise, whatever the roughness and the view."""
    patches = Patches([PbrMaterial(metallic=metallic, roughness=roughness) for roughness in ROUGHNESS], conserving=True)
    for (row, roughness), degrees in product(enumerate(ROUGHNESS), VIEWS):
        view = looking(degrees)
        found = integral(patches, row, view, reflections(view, alpha_of(roughness)))
        np.testing.assert_allclose(found, 1.0, atol=0.005, err_msg=f"roughness {roughness}, {degrees} degrees")


def test_white_metal_by_the_letter_of_gltf_is_not_white() -> None:
    """The test above can fail."""
    patches = Patches([PbrMaterial(metallic=1.0, roughness=1.0)], conserving=False)
    assert integral(patches, 0, looking(0.0), hemisphere()).max() < 0.5


@pytest.mark.parametrize("degrees", VIEWS)
def test_the_table_of_albedo_is_the_integral_of_the_lobe(degrees: float) -> None:
    """Metals of reflectance 0 and 1 return b and a + b."""
    roughness = (0.35, 0.7, 1.0)
    metals = [PbrMaterial(metallic=1.0, roughness=one, base_color=(f0,) * 3) for one in roughness for f0 in (0.0, 1.0)]
    patches, view = Patches(metals, conserving=False), looking(degrees)
    for number, one in enumerate(roughness):
        grid = reflections(view, alpha_of(one))
        black, white = (integral(patches, 2 * number + row, view, grid)[0] for row in (0, 1))
        a, b = albedo_terms(float(np.cos(np.radians(degrees))), alpha_of(one))
        np.testing.assert_allclose([a, b], [white - black, black], atol=1e-3)


@pytest.mark.parametrize("conserving", [False, True])
@pytest.mark.parametrize("degrees", [0.0, 50.0, 85.0])
def test_draws_follow_their_density_and_weigh_what_the_integral_says(degrees: float, *, conserving: bool) -> None:
    """Mean weight = integral of eval; share of draws that count, and their mean direction = integrals of pdf."""
    patches, view = Patches(list(MATERIALS.values()), conserving=conserving), looking(degrees)
    for row, (name, material) in enumerate(MATERIALS.items()):
        light, cells = reflections(view, alpha_of(material.roughness))
        check(patches, row, view, light, cells, name)


def test_densities_integrate_to_one_where_no_draw_is_lost() -> None:
    """Smooth, seen from straight above: nothing is drawn below the horizon."""
    chosen = [name for name in MATERIALS if name.startswith("smooth")]
    patches, view = Patches([MATERIALS[name] for name in chosen], conserving=True), looking(0.0)
    for row, name in enumerate(chosen):
        light, cells = reflections(view, alpha_of(MATERIALS[name].roughness))
        density = patches.pdf(row, np.repeat(view, len(light), axis=0), light)
        assert cells @ density == pytest.approx(1.0, abs=1e-3), name


@pytest.mark.parametrize("degrees", [20.0, 70.0])
def test_draws_follow_their_density_under_a_normal_map(degrees: float) -> None:
    material = PbrMaterial(base_color=(0.2, 0.5, 0.8), metallic=0.5, roughness=0.6, normal_image=bumps())
    view = looking(degrees)
    check(Patches([material], conserving=True), 0, view, *hemisphere(), "bumps")


def check(patches: Patches, row: int, view: Floats, light: Floats, cells: Floats, name: str) -> None:
    """Compare 100,000 draws with integrals over ``light``, to five standard errors and 0.3 %."""
    drawn, density, weight = patches.sample(row, np.repeat(view, COUNT, axis=0))
    counts = density > 0.0
    seen = np.concatenate([weight, np.where(counts[:, None], np.hstack([np.ones((COUNT, 1)), drawn]), 0.0)], axis=1)
    views = np.repeat(view, len(light), axis=0)
    pdf = cells * patches.pdf(row, views, light)
    wanted = np.concatenate([cells @ patches.eval(row, views, light), [pdf.sum()], pdf @ light])
    error = np.abs(seen.mean(axis=0) - wanted)
    allowed = 5.0 * seen.std(axis=0) / np.sqrt(COUNT) + 0.003
    assert (error < allowed).all(), f"{name}: {error} of {wanted}, allowed {allowed}"
    at_draws = patches.pdf(row, np.repeat(view, COUNT, axis=0), drawn)
    np.testing.assert_allclose(at_draws[counts], density[counts], rtol=0.02)


def test_matt_is_mitsubas_diffuse() -> None:
    material = PbrMaterial(base_color=(0.2, 0.5, 0.8), specular=0.0, roughness=1.0)
    twin = mi.load_dict({"type": "diffuse", "reflectance": {"type": "rgb", "value": list(material.base_color)}})
    light, _ = hemisphere(20, 40)
    for conserving in (False, True):
        patches, view = Patches([material], conserving=conserving), np.repeat(looking(40.0), len(light), axis=0)
        si = patches.interactions(0, view)
        outgoing = si.to_local(mi.Vector3f(light.T.astype(np.float32)))
        np.testing.assert_allclose(
            patches.eval(0, view, light), np.array(twin.eval(patches.context, si, outgoing)).T, rtol=1e-5
        )


@pytest.mark.parametrize("metallic", [0.0, 1.0])
def test_unlit_reflects_nothing(metallic: float) -> None:
    light, _ = hemisphere(20, 40)
    view = np.repeat(looking(80.0), len(light), axis=0)
    plain, unlit = (Patches([PbrMaterial(metallic=metallic, unlit=one)], conserving=True) for one in (False, True))
    assert plain.eval(0, view, light).min() > 0.0
    np.testing.assert_array_equal(unlit.eval(0, view, light), 0.0)
