import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.errors import OptionError
from diorama.finish import finish
from diorama.finish.text import text_coverage
from diorama.finish.title import title_opacity
from diorama.scene.schema import Finish, Keys, Title

BLACK = np.zeros((120, 200, 3), np.float32)


def shown(time=1.0, background=BLACK, **fields):
    return finish(background, Finish(tone="none", titles=(Title(text="Hill", **fields),)), time=time)


def centre(image):
    weight = image[..., 1].astype(float)
    rows, columns = np.mgrid[0 : image.shape[0], 0 : image.shape[1]] + 0.5
    return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()


@pytest.mark.parametrize(
    ("time", "opacity"), [(0.9, 0), (1, 0), (1.25, 0.5), (1.5, 1), (3, 1), (3.75, 0.5), (4, 0), (9, 0)]
)
def test_a_title_fades_in_and_out(time, opacity):
    assert title_opacity(Title(text="x", start=1, duration=3, fade=0.5), time) == pytest.approx(opacity)


def test_without_a_duration_it_stays_and_without_a_fade_it_jumps():
    assert title_opacity(Title(text="x", fade=0.5), 1e5) == 1
    cut = Title(text="x", start=1, duration=1, fade=0)
    assert [title_opacity(cut, time) for time in (0.999, 1, 1.999, 2)] == [0, 1, 1, 0]


@settings(deadline=None, max_examples=100)
@given(st.floats(-1, 10), st.floats(0.01, 5), st.floats(0, 3))
def test_opacity_is_a_share(time, duration, fade):
    assert 0 <= title_opacity(Title(text="x", start=1, duration=duration, fade=fade), time) <= 1


def test_opacity_scales_the_ink():
    full, half = shown(time=1.0), shown(time=0.25)
    np.testing.assert_array_less(np.abs(half.astype(float) - full / 2.0), 0.51)


def test_colour_is_linear_light_encoded_as_srgb():
    assert shown(size=0.5, color=(0.2158605, 1, 0)).reshape(-1, 3).max(axis=0).tolist() == [128, 255, 0]


def test_it_is_blended_over_the_picture_and_touches_nothing_else():
    grey = np.full_like(BLACK, 0.5)
    with_title, without = shown(background=grey), finish(grey, Finish(tone="none"))
    rows, columns = np.nonzero((with_title != without).any(axis=2))
    assert with_title.min() >= without.min()
    assert 120 * 0.85 - 8 <= rows.min() < rows.max() <= 120 * 0.85 + 8
    assert 70 < columns.min() < columns.max() < 130


def test_position_is_the_middle_of_the_text():
    coverage = text_coverage("HH", 40)
    rows, columns = np.nonzero(coverage > 0.5)
    assert columns.min() + columns.max() + 1 == pytest.approx(coverage.shape[1], abs=3)
    assert rows.min() + rows.max() + 1 == pytest.approx(coverage.shape[0], abs=8)
    symmetric = finish(BLACK, Finish(titles=(Title(text="HIH", position=(0.25, 0.5)),)), time=1.0)
    assert centre(symmetric)[0] == pytest.approx(0.25 * 200, abs=1)
    np.testing.assert_allclose(
        centre(shown(position=(0.6, 0.4))) - centre(shown(position=(0.4, 0.6))), [40, -24], atol=1e-6
    )


def test_a_moving_title_moves_by_fractions_of_a_pixel():
    path = Keys({0: (0.5, 0.5), 1: (0.55, 0.6)})
    moved = [centre(shown(time=10 + 0, position=Keys({0: (0.5, 0.5)})))]
    moved += [centre(shown(time=time, position=path, fade=0)) - moved[0] for time in (0.0, 0.13, 0.5, 1.0)]
    np.testing.assert_allclose(moved[1:], [[0, 0], [1.3, 1.56], [5, 6], [10, 12]], atol=0.02)


@pytest.mark.parametrize("position", [(-1, 0.5), (2, 2), (0.5, -0.9), (0.0, 0.0), (1.0, 1.0)])
def test_it_may_leave_the_picture(position):
    whole = shown(size=0.3, position=(0.5, 0.5)).astype(float).sum()
    part = shown(size=0.3, position=position).astype(float).sum()
    assert part < 0.6 * whole


def test_lines_are_as_high_as_asked_and_stack():
    one, three = text_coverage("H", 30), text_coverage("H\nH\nH", 30)
    assert three.shape[0] == 90
    for row in range(3):
        np.testing.assert_array_equal(three[30 * row : 30 * row + 30], one)


def test_characters_that_the_font_lacks_are_refused():
    with pytest.raises(OptionError, match="expected characters that the built-in font has, got '日'"):
        text_coverage("a日", 20)


def test_enormous_texts_are_refused():
    with pytest.raises(OptionError, match="expected a smaller or shorter text"):
        text_coverage("W" * 1000, 1000)


def test_the_cache_does_not_grow_without_bound():
    for size in range(10, 100):
        text_coverage("a", float(size))
    assert text_coverage.cache_info().currsize <= 32
