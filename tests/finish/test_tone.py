import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.finish.tone import BRIGHTEST, clip_light, neutral

LIGHT = st.floats(0, 1e4, width=32)


def published(color):
    """The specification in PBR_Neutral/README.md of KhronosGroup/ToneMapping, for one colour in float64."""
    c = np.asarray(color, np.float64)
    f90, ks, kd = 0.04, 0.8 - 0.04, 0.15
    x = c.min()
    f = x - x * x / (4 * f90) if x <= 2 * f90 else f90
    p = (c - f).max()
    if p <= ks:
        return c - f
    pn = 1 - (1 - ks) ** 2 / (p + 1 - 2 * ks)
    g = 1 / (kd * (p - pn) + 1)
    return (c - f) * pn / p * g + pn * (1 - g)


def one(*color):
    return neutral(np.array([[color]], np.float32))[0, 0]


@settings(deadline=None, max_examples=300)
@given(st.tuples(LIGHT, LIGHT, LIGHT))
def test_it_is_the_published_formula(color):
    np.testing.assert_allclose(one(*color), published(color), atol=2e-6)


def test_dense_and_special_values_are_the_published_formula():
    steps = np.array([0, 0.01, 0.08, 0.0800001, 0.4, 0.76, 0.8, 0.8000001, 1, 3, 1e3], np.float32)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 1, 3)
    np.testing.assert_allclose(neutral(grid)[:, 0], [published(c[0]) for c in grid], atol=2e-6)


def test_a_base_colour_under_white_light_comes_out_as_chosen():
    base = np.array([0.7, 0.3, 0.1])
    np.testing.assert_allclose(one(*(base + 0.04)), base, atol=1e-6)


def test_the_result_stays_in_range_and_brighter_light_is_never_darker():
    grey = np.geomspace(1e-4, float(BRIGHTEST), 4001, dtype=np.float32)
    result = neutral(np.repeat(grey[:, None, None], 3, axis=2))[:, 0, 0]
    assert result.min() >= 0
    assert result.max() <= 1
    assert (np.diff(result) >= -1e-6).all()


def test_very_bright_saturated_light_goes_white():
    assert one(0, 0, BRIGHTEST).min() > 0.9999


def test_no_light_is_infinite_negative_or_nan():
    np.testing.assert_array_equal(
        clip_light(np.array([np.nan, -1, -np.inf, np.inf, 0.5], np.float32)), np.float32([0, 0, 0, 1e6, 0.5])
    )
