"""The figures of a comparison on pictures made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from diorama.oracle.comparison import MIDDLE, as_seen, compare, exposure_of, inside_of_things

ALL = np.ones((6, 8), np.uint32)


def test_pixels_count_whose_neighbours_are_one_thing() -> None:
    """Two things side by side below a background: their rims do not count, the picture's own border does."""
    instance = np.zeros((6, 8), np.uint32)
    instance[2:, :4], instance[2:, 4:] = 1, 2
    wanted = np.zeros((6, 8), bool)
    wanted[3:, :3] = wanted[3:, 5:] = True
    np.testing.assert_array_equal(inside_of_things(instance), wanted)
    assert not inside_of_things(np.zeros((4, 4), np.uint32)).any()


def test_equal_pictures_have_no_error() -> None:
    picture = np.random.default_rng(0).uniform(0.1, 1.0, (6, 8, 3))
    same = compare(picture, picture, ALL)
    assert (same.median, same.p95, same.rmse) == (0.0, 0.0, 0.0)
    assert same.psnr > 90.0


def test_relative_errors_by_hand() -> None:
    """|a - b| / (b + 1 % of its mean), channels summed: 10 % too bright on half, exact elsewhere."""
    reference = np.full((6, 8, 3), 0.5)
    picture = reference.copy()
    picture[:4] *= 1.1
    found = compare(picture, reference, ALL)
    np.testing.assert_allclose(found.relative[:4], 0.1 / 1.01)
    np.testing.assert_array_equal(found.relative[4:], 0.0)
    assert found.median == pytest.approx(0.1 / 1.01)
    assert found.rmse == pytest.approx(0.1 * np.sqrt(4 / 6))


def test_percentiles_are_over_what_counts_only() -> None:
    reference = np.ones((6, 8, 3))
    picture = reference.copy()
    instance = ALL.copy()
    instance[:, 0] = 0
    picture[:, :2] = 9.0  # the background and the rim beside it
    assert compare(picture, reference, instance).p95 == 0.0
    picture[:, 2] = 2.0  # one of six columns that count
    found = compare(picture, reference, instance)
    mean = 1.0
    assert found.p95 == pytest.approx(1.0 / (1.0 + 0.01 * mean))
    assert found.median == 0.0


def test_where_nothing_counts_everything_does() -> None:
    found = compare(np.full((2, 2, 3), 2.0), np.ones((2, 2, 3)), np.zeros((2, 2), np.uint32))
    assert found.counted.all() and found.median == pytest.approx(1.0 / 1.01)


def test_the_dark_is_weighed_by_the_mean() -> None:
    """A black pixel of the reference: the error is over 1 % of the mean alone."""
    reference = np.ones((6, 8, 3))
    reference[2, 2] = 0.0
    picture = reference.copy()
    picture[2, 2] = 0.01
    assert compare(picture, reference, ALL).relative[2, 2] == pytest.approx(0.01 / (0.01 * 47 / 48))


def test_one_exposure_brings_the_median_to_the_middle() -> None:
    light = np.full((6, 8, 3), 4.0)
    light[0, 0] = 1000.0
    assert exposure_of(light, np.ones((6, 8), bool)) == pytest.approx(MIDDLE / 4.0)
    assert exposure_of(np.zeros((2, 2, 3)), np.ones((2, 2), bool)) == 1.0


def test_what_is_seen_does_not_depend_on_the_unit_of_light() -> None:
    rng = np.random.default_rng(1)
    reference, picture = rng.uniform(0.1, 1.0, (2, 6, 8, 3))
    one, other = (compare(picture * unit, reference * unit, ALL) for unit in (1.0, 5000.0))
    assert one.psnr == pytest.approx(other.psnr, rel=1e-4)
    assert (one.median, one.rmse) == pytest.approx((other.median, other.rmse))
    np.testing.assert_allclose(one.reference, other.reference, atol=1e-4)


def test_psnr_of_a_known_difference() -> None:
    """Both below where the tone curve begins to bend, so that the difference is one of sRGB values."""
    reference = np.full((6, 8, 3), 0.18)
    picture = reference * 1.2
    found = compare(picture, reference, ALL)
    seen = as_seen(picture, 1.0) - as_seen(reference, 1.0)
    assert np.ptp(seen) < 1e-6 and seen.mean() > 0.02
    assert found.psnr == pytest.approx(-20.0 * np.log10(seen.mean()), abs=1e-3)
    # the neutral curve takes 0.04 off greys (its toe), then sRGB: by hand
    by_hand = 1.055 * np.array([0.216 - 0.04, 0.18 - 0.04]) ** (1 / 2.4) - 0.055
    np.testing.assert_allclose([found.picture.mean(), found.reference.mean()], by_hand, atol=1e-5)
