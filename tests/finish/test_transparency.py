"""Titles over pictures without a background: what a player composites is what was meant, over any background."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from diorama.color import linear_to_srgb
from diorama.finish import finish
from diorama.finish.text import text_coverage
from diorama.finish.title import title_opacity
from diorama.scene.schema import Finish, Title

HEIGHT, WIDTH = 60, 100
INK = (0.8, 0.3, 0.05)
TITLE = Title(text="Hill", position=(0.5, 0.5), size=0.5, color=INK, start=1, duration=3, fade=0.5)
RANDOM = np.random.default_rng(5)
BACKGROUNDS = {
    "black": np.zeros((HEIGHT, WIDTH, 3)),
    "white": np.full((HEIGHT, WIDTH, 3), 255.0),
    "random": RANDOM.integers(0, 256, (HEIGHT, WIDTH, 3)).astype(float),
}


def drawn():
    """Premultiplied light and its coverage: a third clear, a third opaque, the rest in between."""
    alpha = np.clip(RANDOM.uniform(-1, 2, (HEIGHT, WIDTH)), 0, 1).astype(np.float32)
    return RANDOM.uniform(0, 1, (HEIGHT, WIDTH, 3)).astype(np.float32) * alpha[..., None], alpha


def picture(titles, time=2.0, light=None):
    color, alpha = light or drawn()
    return finish(color, Finish(tone="none", titles=titles), time=time, alpha=alpha)


def composite(image, background):
    """What a player shows: straight alpha, blended as the values stand."""
    cover = image[..., 3:] / 255
    return image[..., :3] * cover + background * (1 - cover)


def cover_of(title, time):
    """How far a title covers each pixel, (H, W, 1): its text in the middle of the picture."""
    text, cover = text_coverage(title.text, title.size * HEIGHT), np.zeros((HEIGHT, WIDTH, 1))
    top, left = (int(np.floor(0.5 * (size - own) + 0.5)) for size, own in zip(cover.shape, text.shape, strict=False))
    cover[top : top + text.shape[0], left : left + text.shape[1], 0] = text * title_opacity(title, time)
    return cover


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("time", [0.9, 1.05, 1.25, 2.0, 3.8])
def test_over_any_background_the_title_lies_on_the_picture(time, background):
    light, behind = drawn(), BACKGROUNDS[background]
    bare, cover = composite(picture((), light=light), behind), cover_of(TITLE, time)
    wanted = bare + (linear_to_srgb(np.array(INK)) * 255 - bare) * cover
    np.testing.assert_allclose(composite(picture((TITLE,), time, light), behind), wanted, rtol=0, atol=1.001)
    assert (time == 0.9) == (not cover.any())


@pytest.mark.parametrize("time", [1.1, 1.25, 2.0])
def test_on_nothing_a_title_is_ink_whose_alpha_is_how_far_it_covers(time):
    nothing = np.zeros((HEIGHT, WIDTH, 3), np.float32), np.zeros((HEIGHT, WIDTH), np.float32)
    image, cover = picture((TITLE,), time, nothing), cover_of(TITLE, time)[..., 0]
    np.testing.assert_allclose(image[..., 3], cover * 255, atol=0.501)
    assert image[..., 3].max() == round(255 * title_opacity(TITLE, time))
    ink = np.floor(linear_to_srgb(np.array(INK)) * 255 + 0.5)
    np.testing.assert_array_equal(image[..., :3], np.where(cover[..., None] > 0, ink, 0))


@pytest.mark.parametrize("time", [1.2, 2.0])
def test_over_a_picture_without_gaps_it_is_the_picture_without_alpha(time):
    color, _ = drawn()
    image = picture((TITLE,), time, (color, np.ones((HEIGHT, WIDTH), np.float32)))
    np.testing.assert_array_equal(image[..., :3], finish(color, Finish(tone="none", titles=(TITLE,)), time=time))
    assert image[..., 3].min() == 255


def test_titles_lie_on_titles():
    """Each is rounded to 8 bits: at most a step for each of them."""
    light, lower = drawn(), TITLE.model_copy(update={"text": "MM", "color": (0, 0, 1), "start": 1.8})
    shown = composite(picture((lower, TITLE), 2.1, light), BACKGROUNDS["random"])
    wanted = composite(picture((), light=light), BACKGROUNDS["random"])
    for title in (lower, TITLE):
        cover = cover_of(title, 2.1)
        wanted = wanted + (linear_to_srgb(np.array(title.color)) * 255 - wanted) * cover
    np.testing.assert_allclose(shown, wanted, rtol=0, atol=2.002)


@settings(deadline=None, max_examples=50)
@given(hnp.arrays(np.float32, (HEIGHT, WIDTH), elements=st.floats(0, 1, width=32)), st.floats(1, 4))
def test_a_title_only_adds_to_alpha(alpha, time):
    light = np.zeros((HEIGHT, WIDTH, 3), np.float32), alpha
    assert np.all(picture((TITLE,), time, light)[..., 3] >= picture((), time, light)[..., 3])
