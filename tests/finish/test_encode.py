import numpy as np

from diorama.color import linear_to_srgb, srgb_to_linear
from diorama.finish.encode import encode_srgb

ONE = int(np.float32(1).view(np.uint32))


def reference(light):
    return np.floor(linear_to_srgb(light.astype(np.float64)) * 255 + 0.5)


def test_all_codes_come_back():
    codes = np.arange(256)
    np.testing.assert_array_equal(encode_srgb(srgb_to_linear(codes / 255).astype(np.float32)), codes)


def test_every_float_near_a_rounding_threshold_is_rounded_correctly():
    """The code is a step function of the light: where all its steps are right, all of it is."""
    near = srgb_to_linear((np.arange(255) + 0.5) / 255).astype(np.float32).view(np.uint32)
    bits = near[:, None] + np.arange(-64, 65)
    light = bits.astype(np.uint32).view(np.float32)
    np.testing.assert_array_equal(encode_srgb(light), reference(light))


def test_every_cell_of_the_table_is_right_at_both_ends_and_inside():
    starts = np.arange(0, ONE, 1 << 13, dtype=np.uint32)
    for offset in (0, 1, 4095, 8191):
        light = np.minimum(starts + offset, ONE).astype(np.uint32).view(np.float32)
        np.testing.assert_array_equal(encode_srgb(light), reference(light))


def test_values_outside_are_clipped_and_the_shape_is_kept():
    light = np.array([[-0.0, -1, -1e-40], [1, 1.5, 1e30]], np.float32)
    np.testing.assert_array_equal(encode_srgb(light), [[0, 0, 0], [255, 255, 255]])


def test_strided_light_is_encoded_in_its_own_order():
    light = np.linspace(0, 1, 60, dtype=np.float32).reshape(4, 5, 3)
    np.testing.assert_array_equal(encode_srgb(light[::-1, ::2, 1:]), reference(light[::-1, ::2, 1:]))
