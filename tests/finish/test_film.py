"""AgX and ACES against their published formulas in float64, written out here a second time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.color import LUMINANCE
from diorama.finish.film import aces, agx
from diorama.finish.tone import BRIGHTEST

LIGHT = st.floats(0, float(BRIGHTEST), width=32)
BOTH = pytest.mark.parametrize("curve", [agx, aces])

# ITU-R BT.2087-0, from BT.709 to BT.2020.
TO_2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
INSET = np.array(
    [
        [0.856627153315983, 0.0951212405381588, 0.0482516061458583],
        [0.137318972929847, 0.761241990602591, 0.101439036467562],
        [0.11189821299995, 0.0767994186031903, 0.811302368396859],
    ]
)
# three.js r163 and later: the outset as it is used.
OUTSET = np.array(
    [
        [1.1271005818144368, -0.11060664309660323, -0.016493938717834573],
        [-0.1413297634984383, 1.157823702216272, -0.016493938717834257],
        [-0.14132976349843826, -0.11060664309660294, 1.2519364065950405],
    ]
)


def published_agx(color):
    inset = np.maximum(INSET @ TO_2020 @ np.asarray(color, float), 1e-10)
    x = np.clip((np.log2(inset) + 12.47393) / (4.026069 + 12.47393), 0, 1)
    x = 15.5 * x**6 - 40.14 * x**5 + 31.96 * x**4 - 6.868 * x**3 + 0.4298 * x**2 + 0.1191 * x - 0.00232
    return np.clip(np.linalg.inv(TO_2020) @ np.maximum(OUTSET @ x, 0) ** 2.2, 0, 1)


def published_aces(color):
    v = (
        np.array([[0.59719, 0.35458, 0.04823], [0.07600, 0.90834, 0.01566], [0.02840, 0.13383, 0.83777]])
        @ np.asarray(color, float)
        / 0.6
    )
    fitted = (v * (v + 0.0245786) - 0.000090537) / (v * (0.983729 * v + 0.4329510) + 0.238081)
    out = [[1.60475, -0.53108, -0.07367], [-0.10208, 1.10813, -0.00605], [-0.00327, -0.07276, 1.07602]]
    return np.clip(np.array(out) @ fitted, 0, 1)


def one(curve, *color):
    return curve(np.array([[color]], np.float32))[0, 0]


@pytest.mark.parametrize(("curve", "published", "atol"), [(agx, published_agx, 5e-4), (aces, published_aces, 5e-6)])
def test_dense_values_are_the_published_formula(curve, published, atol):
    """AgX's gamut matrices are printed with four digits only, so it is held to those."""
    steps = np.array([0, 1e-4, 0.01, 0.05, 0.18, 0.5, 1, 3, 16, 1e3], np.float32)
    grid = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(-1, 1, 3)
    np.testing.assert_allclose(curve(grid)[:, 0], [published(color[0]) for color in grid], atol=atol)


@pytest.mark.parametrize(
    ("curve", "light", "shown"),
    [
        (agx, 0.18, 0.49673**2.2),
        (agx, 1e5, 0.99858**2.2),
        (agx, 0, 0),
        (aces, 0.18, 0.2131),
        (aces, 1e5, 1),
        (aces, 0, 0),
    ],
)
def test_black_mid_grey_and_white(curve, light, shown):
    """AgX's polynomial at 10 / 16.5 and at 1; ACES' fit of 0.18 / 0.6: 0.3 · 0.3246 / (0.3 · 0.7281 + 0.2381)."""
    np.testing.assert_allclose(one(curve, light, light, light), [shown] * 3, atol=2e-3)


@BOTH
@settings(deadline=None, max_examples=200)
@given(color=st.tuples(LIGHT, LIGHT, LIGHT))
def test_the_result_stays_in_range(curve, color):
    result = one(curve, *color)
    assert np.isfinite(result).all()
    assert result.min() >= 0
    assert result.max() <= 1


@BOTH
def test_grey_stays_grey_and_brighter_is_never_darker(curve):
    grey = np.geomspace(1e-5, float(BRIGHTEST), 4001, dtype=np.float32)
    result = curve(np.repeat(grey[:, None, None], 3, axis=2))[:, 0]
    assert (np.diff(result, axis=0) >= -2e-6).all()
    assert np.ptp(result, axis=1).max() < 1e-3


@BOTH
@settings(deadline=None, max_examples=200)
@given(color=st.tuples(st.floats(0, 50), st.floats(0, 50), st.floats(0, 50)), gain=st.floats(1, 8))
def test_more_of_a_colour_is_no_darker(curve, color, gain):
    darker, brighter = one(curve, *color), one(curve, *(gain * np.array(color)))
    assert brighter @ LUMINANCE >= darker @ LUMINANCE - 1e-3


@BOTH
@pytest.mark.parametrize("color", [(1, 0.05, 0.02), (0.1, 1, 0.05), (0.05, 0.1, 1)])
def test_hue_leads_at_mid_brightness_and_very_bright_colours_fade_towards_white(curve, color):
    leading = int(np.argmax(color))
    mid, bright = one(curve, *(0.3 * np.array(color))), one(curve, *(100 * np.array(color)))
    assert int(np.argmax(mid)) == leading
    assert mid.min() / mid.max() < 0.4
    assert bright.min() / bright.max() > 0.55
