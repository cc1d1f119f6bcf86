"""The clear sky against photons followed one by one, another model, published figures and what must hold of any sky."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from material.light_walk import diffuse_share
from numpy.typing import NDArray

from diorama.color import LUMINANCE
from diorama.material.atmosphere import TOP, Air, clear_air, densities, sunlight, to_nits
from diorama.material.clear_sky import LOWEST_SUN, clear_sky, sun_illuminance
from diorama.material.scattering import look
from diorama.renderer.sphere_maps import equirectangular_directions, equirectangular_solid_angles

Floats = NDArray[np.float64]

ROWS = 64
SOIL = (0.2, 0.2, 0.2)
MITSUBA_NITS = 683.0 * 106.857
"""Its red, green and blue are watts, weighted by the CIE's curves over the integral of the middle one."""

BANDS = len(clear_air(2.0).molecules)


def falling(picture: NDArray[np.floating]) -> Floats:
    """The lux (3,) on level ground under a picture."""
    height = len(picture)
    weights = equirectangular_solid_angles(height, 2 * height) * np.maximum(
        equirectangular_directions(height, 2 * height)[..., 1], 0.0
    )
    return np.asarray((picture * weights[..., None]).sum(axis=(0, 1)))


def direct(elevation: float, turbidity: float) -> Floats:
    """The lux (3,) of the sun on level ground."""
    return sun_illuminance(elevation, turbidity) * max(float(np.sin(np.radians(elevation))), 0.0)


@pytest.mark.parametrize("scale", [(0, 8.0), (1, 1.2)])
def test_air_towards_the_sun_is_as_long_as_chapman_says(scale: tuple[int, float]) -> None:
    """Straight up one column; along the horizon sqrt(pi x / 2) (1 + 3 / 8x) of them, x radii a scale height."""
    part, height = scale
    extinction = np.zeros((3, 1))
    extinction[part] = 0.01
    # just above the horizon, so that the whole of the disc is seen
    share = sunlight(extinction, np.zeros(2), np.array([1.0, 0.0]))[:, 0]
    x = 6371.0 / height
    grazing = np.sqrt(np.pi * x / 2.0) * (1.0 + 3.0 / (8.0 * x))
    assert -np.log(share[0]) / 0.01 == pytest.approx(1.0, rel=2e-3)
    assert -np.log(2.0 * share[1]) / 0.01 == pytest.approx(grazing, rel=2e-3)  # half of the disc is up


def test_each_part_of_the_air_adds_up_to_one_column() -> None:
    altitude = np.linspace(0.0, TOP, 200_001)
    np.testing.assert_allclose(np.trapezoid(densities(altitude), altitude, axis=0), 1.0, rtol=1e-4)


def test_without_absorption_light_is_scattered_or_comes_through() -> None:
    """From all sides alike light shines on air that only scatters: the eye sees as much of it everywhere."""
    pure = Air(clear_air(2.0).molecules, np.zeros(BANDS), np.zeros(BANDS))
    sights = look(pure, np.array(0.05), np.array([-0.9, -0.01, 0.0, 0.02, 0.5, 1.0]), 40)
    np.testing.assert_allclose(sights.scattered.sum(axis=(-3, -2)) + sights.through, 1.0, rtol=1e-12)
    assert sights.ground.tolist() == [True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("elevation", "turbidity", "ground"), [(60, 1, 0.0), (60, 3, 0.3), (30, 3, 0.2), (20, 8, 0.2), (60, 8, 0.2)]
)
def test_the_light_of_the_sky_is_that_of_photons_followed_one_by_one(
    elevation: int, turbidity: float, ground: float
) -> None:
    """However often they are scattered, and whatever the ground throws back up; in flat layers, which are alike."""
    sun = float(np.sin(np.radians(elevation)))
    walked = diffuse_share(clear_air(turbidity), sun, ground, ((0.5, 0.5), (0.5, 0.8)), 20_000, seed=1)
    sky = falling(clear_sky(elevation, turbidity, (ground,) * 3, 2 * ROWS))
    np.testing.assert_allclose(sky, to_nits(walked), rtol=0.05)


def test_the_sun_above_the_air_is_as_bright_as_measured() -> None:
    """The luminous solar constant is 128 to 134 klx, after different spectra."""
    assert 128e3 < to_nits(np.ones(BANDS)) @ LUMINANCE < 134e3


@pytest.mark.parametrize("elevation", [10, 20, 35, 60])
def test_clear_days_are_as_bright_as_the_handbook_says(elevation: int) -> None:
    """IES Lighting Handbook, clear days: the sun 127.5 exp(-0.21 / sin h) klx, the sky 0.8 + 15.5 sqrt(sin h)."""
    sine = np.sin(np.radians(elevation))
    assert sun_illuminance(elevation, 2.0) @ LUMINANCE == pytest.approx(127.5e3 * np.exp(-0.21 / sine), rel=0.1)
    sky = falling(clear_sky(elevation, 2.0, SOIL, ROWS)) @ LUMINANCE
    assert sky == pytest.approx(800 + 15.5e3 * np.sqrt(sine), rel=0.15)


def test_twilight_is_as_dim_as_measured() -> None:
    """About 700 lx at sunset and 3.4 lx at the end of civil twilight, by a factor of 2."""
    assert 350 < (falling(clear_sky(0.0, 2.0, SOIL, ROWS)) + direct(0.0, 2.0)) @ LUMINANCE < 1400
    assert 1.7 < falling(clear_sky(LOWEST_SUN, 2.0, SOIL, ROWS)) @ LUMINANCE < 6.8
    assert sun_illuminance(-1.0, 2.0).tolist() == [0, 0, 0]


def test_the_zenith_is_blue_and_the_low_sun_orange() -> None:
    red, green, blue = clear_sky(45.0, 2.0, SOIL, ROWS)[0, 0]
    assert blue > 1.3 * green > 1.3 * 1.2 * red
    red, green, blue = sun_illuminance(5.0, 2.0)
    assert red > 1.7 * green and green > 3 * blue
    noon = sun_illuminance(90.0, 2.0)
    assert noon.max() < 1.6 * noon.min()


@pytest.fixture
def mitsuba() -> Iterator[Any]:
    """Mitsuba in a variant that needs no LLVM; afterwards in the one that it was in."""
    module = pytest.importorskip("mitsuba", reason="the other model of the sky is Mitsuba's")
    before = module.variant()
    module.set_variant("scalar_rgb")
    yield module
    if before is not None:
        module.set_variant(before)


@pytest.mark.parametrize(("elevation", "turbidity"), [(60, 2.0), (35, 2.0), (35, 3.0), (20, 3.0)])
def test_the_dome_is_that_of_hosek_and_wilkie(mitsuba: Any, elevation: int, turbidity: float) -> None:
    """Their fit of 2012 to path tracing, of another haze than ours: alike away from sun and horizon, and as bright."""
    high, level = float(np.sin(np.radians(elevation))), float(np.cos(np.radians(elevation)))
    rows = slice(2, ROWS // 2 - 5, 6), slice(None, None, 8)
    towards, ours = equirectangular_directions(ROWS, 2 * ROWS)[rows], clear_sky(elevation, turbidity, SOIL, ROWS)[rows]
    away = towards @ (0.0, high, -level) < np.cos(np.radians(20))
    theirs = mitsuba.load_dict(
        {"type": "sunsky", "turbidity": turbidity, "albedo": 0.2, "sun_scale": 0.0, "sun_direction": [0.0, level, high]}
    )
    surface, found = mitsuba.SurfaceInteraction3f(), []
    for x, y, z in towards[away].tolist():
        surface.wi = mitsuba.Vector3f(-x, z, -y)  # its +Z is up
        found.append(list(theirs.eval(surface)))
    wanted, got = np.array(found) * MITSUBA_NITS, ours[away].astype(np.float64)
    ratio = (got @ LUMINANCE) / (wanted @ LUMINANCE)
    assert 0.8 < np.median(ratio) < 1.2
    assert ratio.min() > 0.55 and ratio.max() < 1.85
    share, wanted_share = (colors / colors.sum(axis=1, keepdims=True) for colors in (got, wanted))
    np.testing.assert_allclose(share, wanted_share, atol=0.12)


@settings(max_examples=25)
@given(st.floats(-6, 90), st.floats(1, 10), st.tuples(*[st.floats(0, 1)] * 3))
def test_any_sky(elevation: float, turbidity: float, ground: tuple[float, float, float]) -> None:
    """Finite, never negative, the same on both sides of the sun; and what it keeps is less than what comes."""
    picture = clear_sky(elevation, turbidity, ground, 16)
    assert picture.shape == (16, 32, 3) and picture.dtype == np.float32
    assert np.isfinite(picture).all() and (picture >= 0).all() and picture[0].max() > 0
    np.testing.assert_array_equal(picture, picture[:, ::-1])
    total = falling(picture) + direct(elevation, turbidity)
    if elevation > 2:
        kept = total * (1.0 - np.array(ground))
        assert (kept < to_nits(np.ones(BANDS)) * np.sin(np.radians(elevation))).all()


@settings(max_examples=15)
@given(st.floats(-6, 88), st.floats(0.2, 2), st.floats(1, 10))
def test_a_lower_sun_is_a_darker_day(elevation: float, step: float, turbidity: float) -> None:
    days = [
        falling(clear_sky(one, turbidity, SOIL, 16)) + direct(one, turbidity) for one in (elevation, elevation + step)
    ]
    assert days[0] @ LUMINANCE < days[1] @ LUMINANCE
    assert sun_illuminance(elevation, turbidity) @ LUMINANCE <= sun_illuminance(elevation + step, turbidity) @ LUMINANCE


@pytest.mark.parametrize("elevation", [60.0, 10.0, 0.0, -5.0])
def test_nothing_is_banded(elevation: float) -> None:
    """Across any three texels of the sky, away from the sun, light bends by less than one step of 8 bits."""
    light = np.log(clear_sky(elevation, 2.0, SOIL, 512)[:240, :384] @ LUMINANCE)
    assert np.abs(np.diff(light, 2, axis=0)).max() < 1 / 128
    assert np.abs(np.diff(light, 2, axis=1)).max() < 1 / 128


def test_the_sun_is_where_it_is_said_to_be() -> None:
    picture = clear_sky(30.0, 3.0, SOIL, 180) @ LUMINANCE
    row, column = np.unravel_index(int(np.argmax(picture)), picture.shape)
    assert abs(row + 0.5 - 60) <= 2 and column in (179, 180)


def test_the_ground_is_a_surface_in_that_light() -> None:
    """Straight down it shines with its reflectance times what falls on it, over pi."""
    ground = (0.1, 0.3, 0.5)
    picture = clear_sky(40.0, 2.0, ground, 2 * ROWS)
    lit = np.array(ground) * (falling(picture) + direct(40.0, 2.0)) / np.pi
    np.testing.assert_allclose(picture[-1].mean(axis=0), lit, rtol=0.03)
