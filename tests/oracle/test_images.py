"""Pictures as the oracle reads them, against numpy: bilinear, repeating, decoded."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from diorama.color import srgb_to_linear
from diorama.material.pbr import Image
from diorama.oracle.backend import mi
from diorama.oracle.images import NONE, Images

Floats = NDArray[np.float64]


def picture(width: int, height: int, space: str, seed: int) -> Image:
    return Image(np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8), space)


PICTURES = [picture(5, 3, "srgb", 1), picture(1, 1, "linear", 2), picture(8, 7, "linear", 3)]


def bilinear(image: Image, uv: Floats) -> Floats:
    """(N, 3) linear values at ``uv`` (N, 2), where (0, 0) is the upper left corner of row 0."""
    values = image.pixels[..., :3] / 255.0
    values = srgb_to_linear(values) if image.space == "srgb" else values
    height, width = values.shape[:2]
    place = uv * (width, height) - 0.5
    first = np.floor(place).astype(int)
    across, down = (place - first).T[..., None]

    def texel(right: int, below: int) -> Floats:
        return values[(first[:, 1] + below) % height, (first[:, 0] + right) % width]

    upper = texel(0, 0) * (1 - across) + texel(1, 0) * across
    lower = texel(0, 1) * (1 - across) + texel(1, 1) * across
    return upper * (1 - down) + lower * down


def read(number: int, uv: Floats) -> Floats:
    lanes = mi.Int32(np.full(len(uv), number, np.int32))
    place = mi.Point2f(uv.T.astype(np.float32))
    return np.array(Images(PICTURES).color(lanes, place, mi.Bool(True))).T


@pytest.mark.parametrize("number", range(len(PICTURES)))
def test_values_between_texels_and_beyond_the_border(number: int) -> None:
    uv = np.random.default_rng(5).uniform(-2.0, 3.0, (500, 2))
    np.testing.assert_allclose(read(number, uv), bilinear(PICTURES[number], uv), atol=2e-5)


def test_the_middle_of_a_texel_is_the_texel() -> None:
    """Row 0 is on top, v runs down; a half of sRGB is 0.214 linear."""
    pixels = np.array([[[0, 0, 0, 0], [128, 64, 255, 0]], [[255, 0, 0, 0], [0, 255, 0, 0]]], np.uint8)
    made, lanes = Images([Image(pixels, "srgb")]), mi.Int32([0, 0, 0])
    found = np.array(made.color(lanes, mi.Point2f([0.25, 0.75, 0.25], [0.25, 0.25, 0.75]), mi.Bool(True))).T
    wanted = [[0, 0, 0], [0.2158605, 0.0512695, 1.0], [1, 0, 0]]
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_no_picture_is_white() -> None:
    np.testing.assert_array_equal(read(NONE, np.zeros((3, 2))), 1.0)
