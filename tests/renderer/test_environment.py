"""Light from the environment against brute-force integrals, its orientation, and the sun taken out of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import OpenImageIO
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from renderer.light_probe import AMBIENT, DIRECT, IRRADIANCE, REFLECTION, SKY, Bench, probe, sky

from diorama.gl.device import Device
from diorama.renderer.lighting import with_sun
from diorama.renderer.sphere_maps import (
    equirectangular_directions,
    equirectangular_solid_angles,
    octahedral_directions,
    reduce_equirectangular,
)
from diorama.renderer.sun_extraction import extract_sun
from diorama.scene.shot import SUN

Floats = NDArray[np.float64]
Picture = NDArray[np.float32]


def directions(count: int, seed: int = 0) -> Floats:
    vectors = np.random.default_rng(seed).normal(size=(count, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def samples_of(picture: NDArray[np.floating]) -> tuple[Floats, Floats, Floats]:
    """Directions (N, 3), radiance (N, 3) and solid angles (N,) of all texels."""
    height, width = picture.shape[:2]
    solid = np.broadcast_to(equirectangular_solid_angles(height, width), (height, width))
    return equirectangular_directions(height, width).reshape(-1, 3), picture.reshape(-1, 3), solid.reshape(-1)


def irradiance_over_pi(picture: NDArray[np.floating], normals: Floats) -> Floats:
    towards, radiance, solid = samples_of(picture)
    return np.maximum(normals @ towards.T, 0) @ (radiance * solid[:, None]) / np.pi


def reflection(picture: NDArray[np.floating], normals: Floats, roughness: float) -> Floats:
    """The GGX-weighted mean of what is seen around each normal when looking along it."""
    towards, radiance, solid = samples_of(picture)
    alpha, found = roughness**2, []
    for normal in normals:
        cosine = towards @ normal
        half = towards + normal
        lobe = (half @ normal) ** 2 / np.maximum((half**2).sum(axis=1), 1e-9)
        weights = np.maximum(cosine, 0) * solid * (alpha / (lobe * (alpha**2 - 1) + 1)) ** 2
        found.append(weights @ radiance / weights.sum())
    return np.array(found)


def cloudy(height: int = 64) -> Picture:
    """A picture with broad structure and different light in all directions."""
    d = equirectangular_directions(height, 2 * height)
    bands = 1 + np.sin(5 * d[..., :1]) * np.cos(4 * d[..., 1:2] + 1) + 0.5 * d[..., 2:]
    return (bands * (1.0, 0.7, 0.4) + np.exp(8 * (d @ (0.6, 0.64, -0.48)) - 7)[..., None]).astype(np.float32)


def load(data: Path, name: str) -> Picture:
    pixels = OpenImageIO.ImageBuf(str(data / "hdri" / name)).get_pixels(OpenImageIO.FLOAT)
    return np.ascontiguousarray(pixels[..., :3])


def test_octahedral_tiles_and_shader_agree(bench: Bench, device: Device) -> None:
    """Every texel of a tile faces where the shader looks it up: the tile reads back as it was computed."""
    picture = cloudy(256)
    bench.light(None, sky(), picture=picture)
    normals = octahedral_directions(32).reshape(-1, 3)
    found = probe(device, IRRADIANCE, len(normals), direction=normals)
    np.testing.assert_allclose(found, irradiance_over_pi(reduce_equirectangular(picture, 64, 128), normals), rtol=2e-3)


def test_the_picture_faces_where_the_stage_says(bench: Bench, device: Device) -> None:
    """Top +Y, centre -Z, right half +X; a turn about +Y moves -Z towards -X."""
    picture = np.zeros((32, 64, 3), np.float32)
    picture[:2], picture[-2:] = (1, 0, 0), (0, 1, 0)
    picture[12:20, 28:36], picture[12:20, 44:52] = (0, 0, 1), (1, 1, 0)
    axes = np.array([(0, 1, 0), (0, -1, 0), (0, 0, -1), (1, 0, 0), (0, 0, 1), (-1, 0, 0)], float)
    colours = [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 0), (0, 0, 0), (0, 0, 0)]
    bench.light(None, sky(), picture=picture)
    np.testing.assert_allclose(probe(device, SKY, 6, direction=axes), colours, atol=1e-3)
    np.testing.assert_allclose(probe(device, REFLECTION, 6, direction=axes, roughness=0.0), colours, atol=1e-3)
    bench.light(None, sky(rotation=np.pi / 2, intensity=3.0), picture=picture)
    turned = [np.multiply(3, c) for c in ((1, 0, 0), (0, 1, 0), (1, 1, 0), (0, 0, 0), (0, 0, 0), (0, 0, 1))]
    np.testing.assert_allclose(probe(device, SKY, 6, direction=axes), turned, atol=1e-3)
    np.testing.assert_allclose(probe(device, REFLECTION, 6, direction=axes, roughness=0.0), turned, atol=1e-3)


def test_the_background_is_as_sharp_as_the_picture(bench: Bench, device: Device) -> None:
    """Every texel's own value at its centre, also at the seam and at the poles."""
    picture = np.random.default_rng(4).uniform(0, 1000, (16, 32, 3)).astype(np.float32)
    bench.light(None, sky(extract_sun=False), picture=picture)
    found = probe(device, SKY, 512, direction=equirectangular_directions(16, 32).reshape(-1, 3))
    np.testing.assert_allclose(found, picture.reshape(-1, 3), rtol=1e-3, atol=2)
    rows = equirectangular_directions(16, 32)[:, 0]
    seam = np.column_stack([np.zeros(16), rows[:, 1], np.sqrt(1 - rows[:, 1] ** 2)])
    across = (picture[:, 0] + picture[:, -1]) / 2
    np.testing.assert_allclose(probe(device, SKY, 16, direction=seam), across, rtol=1e-3, atol=4)


def test_very_bright_pictures_survive_half_floats(bench: Bench, device: Device) -> None:
    picture = np.full((16, 32, 3), 1.0, np.float32)
    picture[4, 5] = 4e6
    bench.light(None, sky(extract_sun=False), picture=picture)
    brightest = equirectangular_directions(16, 32)[4, 5]
    np.testing.assert_allclose(probe(device, SKY, 1, direction=brightest), 4e6, rtol=2e-3)
    assert np.isfinite(probe(device, REFLECTION, 200, direction=directions(200), roughness=0.3)).all()


def test_irradiance_is_the_cosine_integral(bench: Bench, device: Device) -> None:
    picture, normals = cloudy(), directions(200)
    bench.light(None, sky(extract_sun=False), picture=picture)
    error = probe(device, IRRADIANCE, 200, direction=normals) / irradiance_over_pi(picture, normals) - 1
    assert np.abs(error).mean() < 0.003
    assert np.abs(error).max() < 0.02


@pytest.mark.parametrize("roughness", [0.125, 0.25, 0.3, 0.5, 0.6, 0.85, 1.0])
def test_reflections_are_ggx_integrals(bench: Bench, device: Device, roughness: float) -> None:
    picture, normals = cloudy(128), directions(60)
    bench.light(None, sky(extract_sun=False), picture=picture)
    wanted = reflection(picture, normals, roughness)
    error = np.abs(probe(device, REFLECTION, 60, direction=normals, roughness=roughness) - wanted)
    assert (error / wanted.mean()).mean() < 0.01
    assert (error / wanted.mean()).max() < 0.05


@pytest.mark.parametrize("name", ["courtyard_1k.exr", "venice_sunset_1k.hdr", "kiara_1_dawn_1k.hdr"])
def test_real_pictures_light_as_integrals_say(bench: Bench, device: Device, data: Path, name: str) -> None:
    picture, normals = load(data, name), directions(40)
    bench.light(None, sky(), picture=picture)
    small = reduce_equirectangular(extract_sun(picture)[0], 128, 256)
    error = np.abs(probe(device, IRRADIANCE, 40, direction=normals) - irradiance_over_pi(small, normals))
    assert error.mean() / small.mean() < 0.01
    for roughness in (0.35, 0.5, 1.0):
        wanted = reflection(small, normals, roughness)
        found = probe(device, REFLECTION, 40, direction=normals, roughness=roughness)
        assert np.abs(found - wanted).mean() / wanted.mean() < 0.02


@settings(deadline=None, max_examples=10)
@given(st.tuples(*[st.floats(0, 3)] * 9))
def test_a_gradient_is_its_own_picture(bench: Bench, device: Device, values: tuple[float, ...]) -> None:
    """The closed forms of the gradient give what a picture of it gives."""
    zenith, horizon, ground = values[:3], values[3:6], values[6:]
    y = equirectangular_directions(64, 128)[..., 1:2]
    slopes = np.where(y > 0, np.subtract(zenith, horizon), np.subtract(horizon, ground))
    picture, looks = horizon + slopes * y, directions(50)
    bench.light(None, sky(zenith=zenith, horizon=horizon, ground=ground))
    found = probe(device, SKY, 50, direction=looks)
    up = looks[:, 1:2]
    wanted = horizon + np.where(up > 0, np.subtract(zenith, horizon), np.subtract(horizon, ground)) * up
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    found = probe(device, IRRADIANCE, 50, direction=looks)
    np.testing.assert_allclose(found, irradiance_over_pi(picture, looks), atol=0.01)
    for roughness in (0.3, 0.7, 1.0):
        found = probe(device, REFLECTION, 50, direction=looks, roughness=roughness)
        np.testing.assert_allclose(found, reflection(picture, looks, roughness), atol=0.02)


def test_occlusion_darkens_the_environment_only(bench: Bench, device: Device) -> None:
    bench.light(None, sky(zenith=(1,) * 3, horizon=(1,) * 3, ground=(1,) * 3))
    lambert = probe(device, AMBIENT, 1, specular=0.0, occlusion=0.25)
    np.testing.assert_allclose(lambert, 0.25, rtol=1e-5)
    np.testing.assert_allclose(probe(device, AMBIENT, 1, occlusion=0.0), 0.0, atol=1e-6)


# The sun.


def sky_with_sun(centre: Floats, lux: float, height: int = 256) -> Picture:
    """A blue gradient and a disc of half a degree across, blurred over a texel, that gives ``lux``."""
    d = equirectangular_directions(height, 2 * height)
    base = (0.5 + 0.5 * d[..., 1:2]) * (0.3, 0.5, 1.0) + 0.1
    blur = np.radians(0.25) + np.pi / height
    disc = np.clip((blur - np.arccos(np.clip(d @ centre, -1, 1))) * height / np.pi + 0.5, 0, 1)[..., None]
    energy = (disc * equirectangular_solid_angles(height, 2 * height)[..., None]).sum()
    return (base + disc * (lux / energy) * (1.0, 0.9, 0.7)).astype(np.float32)


@settings(deadline=None, max_examples=15)
@given(st.integers(0, 10_000), st.floats(1, 100), st.sampled_from([64, 128, 256]))
def test_a_known_sun_is_found(seed: int, lux: float, height: int) -> None:
    centre = directions(1, seed)[0]
    picture = sky_with_sun(centre, lux, height)
    left, sun = extract_sun(picture)
    assert sun is not None
    assert np.degrees(np.arccos(np.clip(-sun.direction @ centre, -1, 1))) < 0.2 * 256 / height
    np.testing.assert_allclose(sun.illuminance, np.multiply(lux, (1.0, 0.9, 0.7)), rtol=0.01 + 0.05 / lux)
    _energy_is_kept(picture, left, sun.illuminance)
    assert left.max() < 1.5


def _energy_is_kept(picture: Picture, left: Picture, illuminance: Floats) -> None:
    solid = equirectangular_solid_angles(*picture.shape[:2])[..., None]
    np.testing.assert_allclose((left * solid).sum((0, 1)) + illuminance, (picture * solid).sum((0, 1)), rtol=1e-3)


def test_the_sun_of_venice_is_found(data: Path) -> None:
    picture = load(data, "venice_sunset_1k.hdr")
    left, sun = extract_sun(picture)
    assert sun is not None
    _energy_is_kept(picture, left, sun.illuminance)
    assert left.max() < 0.01 * picture.max()
    assert np.degrees(np.arcsin(-sun.direction[1])) == pytest.approx(3.4, abs=0.3)
    assert sun.illuminance[0] > sun.illuminance[2]


@pytest.mark.parametrize(
    "name",
    [
        "courtyard_1k.exr",
        "kiara_1_dawn_1k.hdr",
        "forest_slope_1k.hdr",
        "studio_small_03_1k.hdr",
        "empty_warehouse_01_1k.hdr",
    ],
)
def test_shade_softboxes_and_windows_are_no_sun(data: Path, name: str) -> None:
    picture = load(data, name)
    left, sun = extract_sun(picture)
    assert sun is None
    assert np.array_equal(left, picture)


@pytest.mark.parametrize(("height", "fine", "degrees"), [(128, 8, 2.0), (256, 4, 1.0), (256, 4, 0.1)])
def test_the_radius_of_a_sun_is_that_of_its_disc(height: int, fine: int, degrees: float) -> None:
    """An even disc, averaged over texels that are as large as it; one smaller than the real sun counts as that."""
    centre = np.array((0.48, 0.28, -np.sqrt(1 - 0.48**2 - 0.28**2)))
    inside = equirectangular_directions(fine * height, 2 * fine * height) @ centre > np.cos(np.radians(degrees))
    disc = inside.reshape(height, fine, 2 * height, fine).mean(axis=(1, 3))
    sun = extract_sun(np.repeat(0.1 + 1e4 * disc[..., None], 3, axis=-1))[1]
    assert sun is not None
    assert np.degrees(sun.radius) == pytest.approx(max(degrees, 0.265), rel=0.03)


def test_two_equal_lamps_are_no_sun() -> None:
    one, other = np.array((0.48, 0.6, -0.64)), np.array((-0.8, 0.36, 0.48))
    assert extract_sun(sky_with_sun(one, 5.0))[1] is not None
    assert extract_sun(sky_with_sun(one, 5.0) + sky_with_sun(other, 4.0))[1] is None


def test_a_glow_that_fades_slowly_is_no_sun() -> None:
    angle = np.degrees(np.arccos(np.clip(equirectangular_directions(256, 512) @ (0.6, 0.64, -0.48), -1, 1)))
    glow = 100 * np.exp(-angle / 1.2) + 0.01
    assert extract_sun(np.repeat(glow[..., None], 3, axis=-1))[1] is None
    assert extract_sun(np.repeat(np.where(angle < 0.6, 100, 0.01)[..., None], 3, axis=-1))[1] is not None


@pytest.mark.parametrize("picture", [np.zeros((16, 32, 3)), np.ones((1, 1, 3)), np.full((8, 16, 3), 5.0)])
def test_flat_pictures_have_no_sun(picture: Floats) -> None:
    assert extract_sun(picture)[1] is None


def test_the_extracted_sun_lights_like_the_picture_did(bench: Bench, device: Device) -> None:
    """A diffuse surface gets the same light either way; the sun turns and dims with its picture."""
    centre = np.array((0.48, 0.64, -0.6))
    picture, turn = sky_with_sun(centre, 20.0), 0.7
    turned = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]]) @ centre
    normals = directions(100)
    normals = normals[normals @ turned > 0.2]
    bench.light(None, sky(rotation=turn, intensity=0.5, extract_sun=False), picture=picture)
    whole = probe(device, AMBIENT, len(normals), normal=normals, view=normals, specular=0.0)
    bench.light(None, sky(rotation=turn, intensity=0.5), picture=picture)
    parts = [
        probe(device, what, len(normals), normal=normals, view=normals, specular=0.0) for what in (AMBIENT, DIRECT)
    ]
    np.testing.assert_allclose(parts[0] + parts[1], whole, rtol=0.05)
    assert (parts[1] > parts[0]).any()


def test_the_extracted_sun_is_a_sun_that_casts_shadows(bench: Bench) -> None:
    shot = bench.light(None, sky(rotation=0.3), picture=sky_with_sun(np.array((0.0, 0.6, -0.8)), 10.0))
    sun = extract_sun(shot.stage.environment)[1]
    assert sun is not None
    lights = with_sun(shot.current.lights, sun, shot.current.environment)
    assert lights.kind.tolist() == [SUN]
    assert lights.casts_shadow.tolist() == [True]
    assert lights.size.tolist() == [[sun.radius, sun.radius]]
    np.testing.assert_allclose(np.cross(lights.tangent[0], lights.direction[0]) @ (0, 1, 0), 0.8, atol=0.01)
    np.testing.assert_allclose(lights.direction[0], (0.8 * np.sin(0.3), -0.6, 0.8 * np.cos(0.3)), atol=0.01)
