"""Pictures over the picture: where, how large, when, and blended as straight alpha in sRGB."""

import numpy as np
import pytest
from PIL import Image

from diorama.errors import AssetError
from diorama.finish import finish
from diorama.finish.checked import check_finish
from diorama.scene.schema import Finish, Keys, Overlay

BLACK = np.zeros((100, 160, 3), np.float32)


@pytest.fixture
def logo(tmp_path):
    """Left half red, right half clear white, 40 x 20 pixels."""
    pixels = np.zeros((20, 40, 4), np.uint8)
    pixels[:, :20] = 200, 20, 10, 255
    pixels[:, 20:] = 255, 255, 255, 0
    Image.fromarray(pixels).save(tmp_path / "logo.png")
    return tmp_path / "logo.png"


def shown(logo, time=1.0, background=BLACK, alpha=None, **fields):
    return finish(background, Finish(tone="none", overlays=(Overlay(image=logo, **fields),)), time=time, alpha=alpha)


def test_at_its_own_size_on_whole_pixels_it_is_copied(logo):
    image = shown(logo, size=0.2, position=(0.5, 0.5))
    np.testing.assert_array_equal(image[40:60, 60:79], np.broadcast_to([200, 20, 10], (20, 19, 3)))
    image[40:60, 60:81] = 0
    assert image.max() == 0


def test_what_is_clear_neither_covers_nor_lends_its_colour(logo):
    grey = np.full_like(BLACK, 0.2)
    image, plain = shown(logo, background=grey, size=0.2), finish(grey, Finish(tone="none"))
    np.testing.assert_array_equal(image[40:60, 81:], plain[40:60, 81:])
    edge = image[50, 78:82].astype(int)
    low, high = np.minimum(plain[0, 0], [200, 20, 10]), np.maximum(plain[0, 0], [200, 20, 10])
    assert ((edge >= low) & (edge <= high)).all()


@pytest.mark.parametrize("size", [0.03, 0.11, 0.5, 0.7037])
def test_however_large_it_covers_its_area_around_its_position(logo, size):
    image = shown(logo, size=Keys({0: size}), position=(0.45, 0.52))[..., 0] / 200
    assert image.sum() == pytest.approx((100 * size) ** 2, rel=0.02)
    rows, columns = np.mgrid[0:100, 0:160] + 0.5
    middle = (image * columns).sum() / image.sum(), (image * rows).sum() / image.sum()
    np.testing.assert_allclose(middle, [0.45 * 160 - 50 * size, 52], atol=0.15)


def test_a_moving_one_moves_by_fractions_of_a_pixel(logo):
    path = Keys({0: (0.5, 0.5), 1: (0.55, 0.6)})
    columns = np.arange(160) + 0.5

    def middle(time):
        weight = shown(logo, time=time, position=path, size=0.2)[..., 0].astype(float).sum(axis=0)
        return (weight * columns).sum() / weight.sum()

    np.testing.assert_allclose([middle(t) - middle(0) for t in (0.05, 0.3, 0.61)], [0.4, 2.4, 4.88], atol=0.03)


def test_opacity_and_fading_scale_it_in_srgb(logo):
    white = np.ones_like(BLACK)
    faint = shown(logo, time=1.0, background=white, opacity=Keys({0: 0, 2: 1}), fade=2, size=0.2)
    wanted = 255 + (np.array([200, 20, 10]) - 255) * 0.25
    np.testing.assert_allclose(faint[50, 65], wanted, atol=0.51)


def test_it_is_there_in_its_time_only(logo):
    seen = [shown(logo, time=time, start=1, duration=2).max() > 0 for time in (0.99, 1, 2.99, 3)]
    assert seen == [False, True, True, False]


def test_over_nothing_it_is_itself(logo):
    image = shown(logo, alpha=np.zeros((100, 160), np.float32), size=0.2, opacity=0.5)
    np.testing.assert_array_equal(image[50, 65], [200, 20, 10, 128])
    assert image[50, 90, 3] == 0


@pytest.mark.parametrize("position", [(-1, 0.5), (2, 2), (0.5, -0.5)])
def test_it_may_leave_the_picture(logo, position):
    assert shown(logo, size=0.5, position=position).max() == 0


def test_it_lies_below_titles_and_above_the_tone_curve(logo):
    settings = Finish(tone="agx", exposure=3, contrast=2, overlays=(Overlay(image=logo, size=0.2),))
    np.testing.assert_array_equal(finish(BLACK, settings)[50, 65], [200, 20, 10])


def test_a_file_that_is_no_picture_is_named_before_anything_is_drawn(tmp_path):
    (tmp_path / "a.png").write_text("no picture")
    with pytest.raises(AssetError, match=r"a\.png: expected a picture \(PNG, .*\), got '10 other bytes'"):
        check_finish(Finish(overlays=(Overlay(image=tmp_path / "a.png"),)))
    with pytest.raises(AssetError, match=r"b\.png: expected a readable picture: No such file"):
        check_finish(Finish(overlays=(Overlay(image=tmp_path / "b.png"),)))
