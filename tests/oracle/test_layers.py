"""The renderer's layered materials against the oracle's, direction by direction: two programs, one definition."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from oracle.patches import Patches, hemisphere, looking
from renderer.light_probe import REFLECTED, Bench, probe
from shots import Thing, camera, lights, make_shot, unit

from diorama.geometry.primitives import sphere
from diorama.gl.device import Device
from diorama.material.pbr import PbrMaterial
from diorama.oracle.path_tracer import DIRECT, trace
from diorama.oracle.stretch import stretched_terms, widths
from diorama.renderer.renderer import Renderer
from diorama.scene.shot import SUN, EnvironmentState
from diorama.transform import compose

Floats = NDArray[np.float64]

PAINT = (0.7, 0.3, 0.1)

SKY = EnvironmentState(1.0, 0.0, (0.3, 0.5, 1.0), (0.8, 0.8, 0.8), (0.25, 0.2, 0.15))

MATERIALS = {
    "ior": PbrMaterial(base_color=PAINT, roughness=0.3, ior=2.4),
    "no ior": PbrMaterial(base_color=PAINT, roughness=0.3, ior=1.0),
    "specular colour": PbrMaterial(base_color=PAINT, roughness=0.4, specular=0.7, specular_color=(30.0, 2.0, 0.5)),
    "coat": PbrMaterial(base_color=PAINT, roughness=0.7, clearcoat=0.8, clearcoat_roughness=0.2),
    "coated metal": PbrMaterial(base_color=PAINT, metallic=1.0, roughness=0.4, clearcoat=1.0, clearcoat_roughness=0.6),
    "sheen": PbrMaterial(base_color=PAINT, roughness=0.8, sheen_color=(0.9, 0.5, 0.2), sheen_roughness=0.5),
    "fine sheen": PbrMaterial(base_color=PAINT, roughness=0.8, sheen_color=(0.9, 0.5, 0.2), sheen_roughness=0.15),
    "stretched": PbrMaterial(base_color=PAINT, metallic=1.0, roughness=0.3, anisotropy=0.6),
    "turned": PbrMaterial(base_color=PAINT, metallic=0.5, roughness=0.5, anisotropy=0.8, anisotropy_rotation=35.0),
    "film": PbrMaterial(base_color=PAINT, roughness=0.3, iridescence=1.0, iridescence_thickness=500.0),
    "film on metal": PbrMaterial(base_color=PAINT, metallic=1.0, roughness=0.4, iridescence=0.7, iridescence_ior=1.8),
    "all": PbrMaterial(
        base_color=PAINT, metallic=0.5, roughness=0.4, ior=1.8, specular_color=(1.0, 0.5, 0.2), clearcoat=0.5,
        clearcoat_roughness=0.3, sheen_color=(0.2, 0.4, 0.6), sheen_roughness=0.6, anisotropy=0.4,
        anisotropy_rotation=70.0, iridescence=0.4,
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def bench(device: Device) -> Iterator[Bench]:
    made = Bench(device)
    yield made
    made.release()


@pytest.mark.parametrize("energy", ["gltf", "conserving"])
@pytest.mark.parametrize("degrees", [0.0, 40.0, 75.0])
def test_renderer_and_oracle_reflect_alike(bench: Bench, device: Device, energy: str, degrees: float) -> None:
    bench.light(energy=energy, layers=True)
    patches, view = Patches(list(MATERIALS.values()), conserving=energy == "conserving"), looking(degrees)
    light, cells = hemisphere(60, 120)
    for row, (name, material) in enumerate(MATERIALS.items()):
        wanted = patches.eval(row, np.repeat(view, len(light), axis=0), light)
        turn = np.radians(material.anisotropy_rotation)
        along = patches.tangent(row) * np.cos(turn) + np.cross((0, 1, 0), patches.tangent(row)) * np.sin(turn)
        found = probe(device, REFLECTED, len(light), normal=(0, 1, 0), view=view[0], direction=light, layers=material,
                      along=along)  # fmt: skip
        high = light[:, 1] > 0.03
        scale = np.abs(wanted[high]).max()
        # what a stretched lobe loses between microfacets is a sum over few directions in the shader
        near = 0.03 if material.anisotropy and energy == "conserving" else 0.006
        np.testing.assert_allclose(found[high], wanted[high], rtol=0.005 + near, atol=0.001 * scale, err_msg=name)
        np.testing.assert_allclose(cells @ found, cells @ wanted, rtol=near, atol=1e-3, err_msg=name)


@pytest.mark.parametrize("name", ["coated metal", "coat", "sheen", "stretched", "film", "all"])
def test_a_ball_under_the_sky_looks_alike(device: Device, name: str) -> None:
    """Sun and gradient on seven parts of a ball, 12 % each and 5 % of the whole.

    Rough metals mirror a sky by the middle of their lobe, sheen takes it as matt surfaces do.
    """
    ball = Thing(sphere(1.0, 64), compose((0, 0, -4), (0, 0, 0, 1), (1, 1, 1)), MATERIALS[name])
    sun = lights({"kind": SUN, "direction": unit((-1.0, -1.2, -0.8)), "color": (3, 3, 3)})
    shot = make_shot([ball], camera(fov=32, size=48), size=(48, 48), light=sun, environment=SKY)
    with Renderer(device, "standard") as renderer, renderer.draw(shot, ["color"]) as drawn:
        ours = renderer.read(drawn)["color"]
    wanted = trace(shot, 128, depth=DIRECT).color
    y, x = np.mgrid[:48, :48] - 23.5
    inside, part = np.hypot(x, y) < 20, np.floor((np.arctan2(y, x) / np.pi + 1.0) * 3.0)
    for number in range(7):
        here = inside & ((np.hypot(x, y) < 9) if number == 6 else (part == number) & (np.hypot(x, y) >= 9))
        np.testing.assert_allclose(ours[here].mean(axis=0), wanted[here].mean(axis=0), rtol=0.12, err_msg=str(number))
    np.testing.assert_allclose(ours[inside].mean(axis=0), wanted[inside].mean(axis=0), rtol=0.05)


def test_the_table_of_stretched_lobes_is_theirs(device: Device) -> None:
    """Between its entries, where the shader sums over few directions."""
    black = [PbrMaterial(metallic=1.0, base_color=(f,) * 3, roughness=0.45, anisotropy=0.7) for f in (0.0, 1.0)]
    patches, light = Patches(black, conserving=True), hemisphere(300, 600)
    view = looking(52.0)
    white = light[1] @ patches.eval(1, np.repeat(view, len(light[0]), axis=0), light[0])
    assert white == pytest.approx([1.0] * 3, abs=0.01)
    along, across = widths(0.45, 0.7)
    assert along == pytest.approx(0.2025 + 0.7975 * 0.49)
    a, b = stretched_terms(np.array([0.6, 0.0, 0.8]), along, across)
    assert 0.5 < a + b < 0.9
