import numpy as np
import pytest

from diorama.finish import finish
from diorama.finish.lens import parted, parted_cover, vignette
from diorama.scene.schema import Finish


@pytest.mark.parametrize("loss", [0.1, 0.5, 0.9])
def test_a_vignette_is_cos4_of_the_angle_that_loses_so_much_in_the_corner(loss):
    """The tangent grows with the distance; at half of it half the corner's tangent counts."""
    share = vignette(301, 401, loss)[..., 0]
    corner = np.arccos((1 - loss) ** 0.25)
    for row, column in [(150, 200), (150, 400), (0, 200), (75, 100), (0, 0)]:
        distance = np.hypot(row - 150, column - 200) / np.hypot(150.5, 200.5)
        angle = np.arctan(np.tan(corner) * distance)
        np.testing.assert_allclose(share[row, column], np.cos(angle) ** 4, rtol=1e-5)
    assert share[150, 200] == 1
    np.testing.assert_allclose(share, share[::-1, ::-1], rtol=1e-6)


def ramp(height=101, width=81):
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    return np.stack([rows, columns, rows + columns], axis=-1)


def test_colours_part_by_the_scale_around_the_middle():
    """On a ramp bilinear sampling is exact: the value tells from where it was taken."""
    shift, color = 0.02, ramp()
    result = parted(color, shift)
    rows, columns = np.mgrid[0:101, 0:81] - np.array([50, 40])[:, None, None]
    inside = slice(4, -4), slice(4, -4)
    np.testing.assert_allclose(result[..., 0][inside], (50 + rows / (1 + shift))[inside], atol=1e-4)
    np.testing.assert_array_equal(result[..., 1], color[..., 1])
    np.testing.assert_allclose(result[..., 2][inside], (90 + (rows + columns) / (1 - shift))[inside], atol=1e-4)


def test_parting_makes_no_light_brighter_or_darker_than_its_neighbours():
    color = np.zeros((60, 60, 3), np.float32)
    color[10:12, 50] = 1e6
    result = parted(color, 0.03)
    assert result.min() == 0
    assert result.max() <= 1e6


@pytest.mark.parametrize("size", [(1, 1), (1, 7), (2, 2)])
def test_the_smallest_pictures_have_a_lens_too(size):
    color = np.full((*size, 3), 0.5, np.float32)
    np.testing.assert_allclose(parted(color, 0.1), color)


def test_a_colour_seen_through_coverage_is_no_brighter_than_it_was():
    """Premultiplied light and its coverage part together: straight light stays within what it was."""
    alpha = np.zeros((64, 64), np.float32)
    alpha[5:30, 34:60] = np.random.default_rng(0).random((25, 26), np.float32)
    light = alpha[..., None] * np.float32([0.8, 0.5, 0.3])
    covered = parted_cover(alpha, 0.05)
    assert (parted(light, 0.05) <= covered[..., None] * np.float32([0.8, 0.5, 0.3]) + 1e-6).all()
    assert (covered >= alpha).all()


def test_the_finish_applies_both_and_none_changes_no_byte():
    color = np.random.default_rng(5).random((40, 50, 3), np.float32)
    np.testing.assert_array_equal(finish(color, Finish(vignette=0, chromatic_aberration=0)), finish(color, Finish()))
    wanted = finish(parted(color, 0.01) * vignette(40, 50, 0.4), Finish())
    np.testing.assert_array_equal(finish(color, Finish(vignette=0.4, chromatic_aberration=0.01)), wanted)
