import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.finish import finish
from diorama.finish.bloom import Bloom as Glow
from diorama.scene.schema import Bloom, Finish, Keys


def point(height, width, row, column, light=(1000.0, 500.0, 20.0)):
    color = np.zeros((height, width, 3), np.float32)
    color[row, column] = light
    return color


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 40), st.integers(0, 40), st.floats(0.01, 1), st.floats(1, 20), st.integers(0, 1), st.integers(0, 1)
)
def test_light_is_moved_neither_made_nor_lost(row, column, strength, radius, odd_height, odd_width):
    color = point(256 + odd_height, 256 + odd_width, 108 + row, 108 + column)
    stays, glow = Glow(strength, radius).split(color)
    total = color.sum(axis=(0, 1), dtype=float)
    np.testing.assert_allclose((stays + glow).sum(axis=(0, 1), dtype=float), total, rtol=1e-5)
    np.testing.assert_allclose(glow.sum(axis=(0, 1), dtype=float), strength * total, rtol=1e-5)
    assert min(stays.min(), glow.min()) >= 0


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 31), st.integers(0, 31))
def test_glow_is_centred_on_its_source(row, column):
    glow = Glow(1, 16).split(point(256, 256, 112 + row, 112 + column))[1][..., 0].astype(float)
    middle = [(glow.sum(axis=1 - axis) * (np.arange(256))).sum() / glow.sum() for axis in (0, 1)]
    np.testing.assert_allclose(middle, [112 + row, 112 + column], atol=1e-3)


def test_glow_of_a_source_in_the_middle_is_symmetric():
    color = np.zeros((128, 128, 3), np.float32)
    color[63:65, 63:65] = 100
    glow = Glow(1, 20).split(color)[1]
    for mirrored in (glow[::-1], glow[:, ::-1], glow.swapaxes(0, 1)):
        np.testing.assert_allclose(glow, mirrored, rtol=1e-4, atol=1e-6)


def test_it_falls_off_smoothly_as_the_square_of_the_distance():
    glow = Glow(1, 256).split(point(1024, 1024, 512, 512))[1][512, 512:, 0]
    assert (np.diff(glow) <= 1e-7 * glow.max()).all()
    slope = np.diff(np.log(glow[[8, 16, 32, 64]])) / np.log(2)
    np.testing.assert_allclose(slope, -2, atol=0.35)


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (37, 90), (128, 128)])
def test_a_plain_surface_stays_plain(size):
    stays, glow = Glow(0.4, 30).split(np.full((*size, 3), 2.5, np.float32))
    np.testing.assert_allclose(stays + glow, 2.5, rtol=1e-6)


def test_what_is_below_the_threshold_keeps_its_light():
    color = point(64, 64, 32, 32)
    color += np.float32(0.9)
    stays, _ = Glow(0.5, 10, threshold=1.0).split(color)
    np.testing.assert_array_equal(stays[:8, :8], color[:8, :8])
    luminance = color[32, 32] @ [0.2126, 0.7152, 0.0722]
    np.testing.assert_allclose(stays[32, 32], color[32, 32] * (1 - 0.5 * (luminance - 1) / luminance), rtol=1e-5)
    assert Glow(0.5, 10, threshold=1e6).split(color)[1].max() == 0


def test_a_larger_radius_spreads_further_and_without_a_jump():
    color = point(256, 256, 128, 128)
    far = [Glow(1, radius).split(color)[1][128, 160, 0] for radius in np.geomspace(8, 128, 200)]
    assert far[-1] > 10 * far[0]
    assert np.abs(np.diff(far)).max() < 0.05 * max(far)


def test_no_strength_changes_no_byte_and_keys_drive_it():
    color = np.random.default_rng(1).random((40, 50, 3), np.float32) * 3
    plain = finish(color, Finish())
    np.testing.assert_array_equal(finish(color, Finish(bloom=Bloom(strength=0))), plain)
    rising = Finish(bloom=Bloom(strength=Keys({0: 0, 1: 0.5})))
    np.testing.assert_array_equal(finish(color, rising, time=0), plain)
    np.testing.assert_array_equal(finish(color, rising, time=1), finish(color, Finish(bloom=Bloom(strength=0.5))))
    assert (finish(color, rising, time=1) != plain).any()


def test_light_that_is_not_finite_stays_where_it_is():
    color = point(64, 64, 10, 10, (np.inf, np.nan, -1))
    image = finish(color, Finish(bloom=Bloom(strength=0.01, radius=0.1)))
    assert image[10, 10, 0] == 255
    assert image[50:, 50:].max() < 255


def over(image, background):
    cover = image[..., 3:] / 255
    return image[..., :3] * cover + background * (1 - cover)


def test_on_a_clear_background_glow_is_seen_over_black_as_in_the_picture():
    color, alpha = point(64, 64, 32, 32, (80, 60, 30)), np.zeros((64, 64), np.float32)
    alpha[32, 32] = 1
    settings_ = Finish(bloom=Bloom(strength=0.3, radius=0.2))
    image = finish(color, settings_, alpha=alpha)
    np.testing.assert_allclose(over(image, 0), finish(color, settings_), atol=1.5)
    assert 0 < image[32, 40, 3] < 255


def test_over_a_picture_without_gaps_glow_is_that_of_the_picture_without_alpha():
    color = np.random.default_rng(2).random((40, 50, 3), np.float32) * 4
    settings_ = Finish(bloom=Bloom(strength=0.3, radius=0.2), tone="agx")
    image = finish(color, settings_, alpha=np.ones((40, 50), np.float32))
    np.testing.assert_array_equal(image[..., :3], finish(color, settings_))
    assert image[..., 3].min() == 255
