import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.color import LUMINANCE
from diorama.finish import finish
from diorama.finish.grade import adaptation, contrasted, saturated, white_balance
from diorama.finish.primaries import D65, REC709, REC2020, xyz_of
from diorama.scene.schema import Finish, Keys, WhiteBalance

COLOR = np.random.default_rng(4).random((20, 30, 3), np.float32) * 2
# CIE 15: daylight of a correlated colour temperature, as CIE xy.
DAYLIGHT = {5003: (0.34567, 0.35850), 5503: (0.33242, 0.34743), 7504: (0.29902, 0.31485)}


def seen(chromaticity):
    """Light of a chromaticity and luminance 1 as linear Rec.709."""
    return np.linalg.solve(REC709, xyz_of(chromaticity))


def test_primaries_give_the_published_matrices():
    """IEC 61966-2-1 and ITU-R BT.2087-0, to their four digits."""
    srgb = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    np.testing.assert_allclose(REC709, srgb, atol=6e-5)
    wider = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    np.testing.assert_allclose(np.linalg.solve(REC2020, REC709), wider, atol=6e-5)


def test_adaptation_is_bradfords():
    """From D50 to D65 as Lindbloom prints it, from XYZ of ASTM E308 rather than from chromaticities."""
    published = [
        [0.9555766, -0.0230393, 0.0631636],
        [-0.0282895, 1.0099416, 0.0210077],
        [0.0122982, -0.0204830, 1.3299098],
    ]
    np.testing.assert_allclose(adaptation((0.34567, 0.35850), (0.31271, 0.32902)), published, atol=2e-4)


@pytest.mark.parametrize(("kelvin", "chromaticity"), DAYLIGHT.items())
def test_daylight_of_the_temperature_comes_out_white(kelvin, chromaticity):
    light = white_balance(kelvin, 0) @ seen(chromaticity)
    np.testing.assert_allclose(light / light.mean(), 1, atol=0.02)
    assert np.ptp(seen(chromaticity)) > 0.1


def test_a_lower_temperature_makes_the_picture_bluer_and_tint_takes_green_out():
    warm, cool = white_balance(4000, 0) @ np.ones(3), white_balance(9000, 0) @ np.ones(3)
    assert warm[2] > 1.3 > 0.9 > warm[0]
    assert cool[0] > 1 > cool[2]
    tinted = white_balance(6504, 50) @ np.ones(3)
    assert tinted[1] < min(tinted[0], tinted[2])


def test_daylight_is_the_default_and_changes_nothing():
    np.testing.assert_allclose(white_balance(6504, 0), np.eye(3), atol=1e-12)
    assert xyz_of(D65)[1] == 1
    plain = finish(COLOR, Finish())
    np.testing.assert_array_equal(finish(COLOR, Finish(white_balance=WhiteBalance())), plain)
    turning = Finish(white_balance=WhiteBalance(temperature=Keys({0: 6504, 1: 3200})))
    np.testing.assert_array_equal(finish(COLOR, turning), plain)
    assert (finish(COLOR, turning, time=1) != plain).any()


@settings(deadline=None, max_examples=100)
@given(st.floats(1500, 15000), st.floats(-150, 150))
def test_every_white_balance_keeps_the_luminance_of_the_light_that_becomes_white(kelvin, tint):
    """Its inverse takes white back to that light, which has luminance 1 as white has."""
    given_light = np.linalg.solve(white_balance(kelvin, tint), np.ones(3))
    assert np.isfinite(given_light).all()
    np.testing.assert_allclose(REC709[1] @ given_light, 1, atol=1e-9)


def test_contrast_scales_stops_around_mid_grey():
    stops = np.array([[-3, 0, 2.5]], np.float32)
    np.testing.assert_allclose(contrasted(0.18 * 2**stops, 1.5), 0.18 * 2 ** (1.5 * stops), rtol=1e-5)
    np.testing.assert_allclose(contrasted(COLOR, 0), 0.18, rtol=1e-6)


def test_saturation_keeps_luminance():
    np.testing.assert_allclose(saturated(COLOR, 1.7) @ LUMINANCE, COLOR @ LUMINANCE, rtol=1e-5)
    grey = saturated(COLOR, 0)
    np.testing.assert_allclose(grey, np.repeat((COLOR @ LUMINANCE)[..., None], 3, axis=2), rtol=1e-5)
    np.testing.assert_allclose(saturated(COLOR, 2) - grey, 2 * (COLOR - grey), atol=1e-5)


@pytest.mark.parametrize("fields", [{"contrast": 10}, {"saturation": 10}, {"contrast": 10, "saturation": 10}])
def test_extreme_grades_of_extreme_light_stay_pictures(fields):
    color = np.array([[[np.inf, 0, np.nan], [1e30, 1, 0], [0, 0, 0]]], np.float32)
    image = finish(color, Finish(tone="none", **fields))
    assert image[0, 0, 0] == 255
    assert image[0, 2].max() == 0


def test_grades_in_the_finish_are_those_functions_and_one_is_none():
    wanted = finish(saturated(contrasted(COLOR, 1.2), 0.5), Finish())
    np.testing.assert_array_equal(finish(COLOR, Finish(contrast=1.2, saturation=0.5)), wanted)
    np.testing.assert_array_equal(finish(COLOR, Finish(contrast=1, saturation=1)), finish(COLOR, Finish()))
