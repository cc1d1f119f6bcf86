import numpy as np
import pytest

from diorama.color import linear_to_srgb
from diorama.errors import OptionError
from diorama.finish import finish
from diorama.finish.tone import neutral
from diorama.scene.schema import Finish, Keys


def light(height=70, width=33):
    rng = np.random.default_rng(3)
    return (rng.random((height, width, 3)) ** 3 * 4).astype(np.float32)


def quantised(linear):
    return np.floor(linear_to_srgb(linear.astype(np.float64)) * 255 + 0.5).astype(np.uint8)


def test_without_a_tone_curve_light_is_clipped_and_encoded():
    color = light()
    np.testing.assert_array_equal(finish(color, Finish(tone="none")), quantised(color))


def test_the_neutral_curve_is_the_default_and_blocks_of_rows_leave_no_trace():
    color = light()
    np.testing.assert_array_equal(finish(color, Finish()), quantised(neutral(color)))


def test_exposure_is_in_stops():
    color = light()
    np.testing.assert_array_equal(
        finish(color, Finish(tone="none", exposure=-2)), finish(color / 4, Finish(tone="none"))
    )


def test_exposure_follows_its_keys():
    color, settings = light(), Finish(exposure=Keys({0: 0, 2: 4}))
    np.testing.assert_array_equal(finish(color, settings, time=0.5), finish(color * 2, Finish()))


@pytest.mark.parametrize("tone", ["neutral", "none"])
def test_what_is_not_a_finite_light_is_black_or_white(tone):
    color = np.array([[[np.nan] * 3, [-1] * 3, [np.inf] * 3, [3e38] * 3]], np.float32)
    np.testing.assert_array_equal(finish(color, Finish(tone=tone, exposure=9))[0, :, 0], [0, 0, 255, 255])


def test_the_light_is_left_as_it_was():
    color = light()
    before = color.copy()
    finish(color, Finish(exposure=1))
    np.testing.assert_array_equal(color, before)


def test_other_shapes_are_refused():
    with pytest.raises(OptionError, match=r"expected light of shape \(H, W, 3\), got \(4, 4\)"):
        finish(np.zeros((4, 4), np.float32), Finish())
