"""Guides in closed form."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.frame import PASSES, Frame
from diorama.refine.guides import (
    BRIGHTEST,
    ENCODED_MAX,
    GUIDE_CHANNELS,
    GUIDE_PASSES,
    GUIDES,
    decode,
    encode,
    guides,
    instance_edge,
    motion,
    padded,
)


def frame_of(height: int, width: int, **passes: np.ndarray) -> Frame:
    blank = {
        name: np.full(PASSES[name].shape(width, height), PASSES[name].background, PASSES[name].dtype)
        for name in GUIDE_PASSES
    }
    return Frame(0, 0.0, blank | passes)


@given(st.floats(0, 1e6, width=32))
@settings(deadline=None, max_examples=200)
def test_light_comes_back(light: float) -> None:
    back = float(decode(encode(np.float32(light))))
    assert abs(back - light) <= 1e-6 + 1e-5 * light


def test_light_is_encoded_as_said() -> None:
    light = np.array([0.0, 1.0, 17.0, -3.0, np.nan, np.inf, 1e9], np.float32)
    wanted = [0, 1, np.log(273) / np.log(17), 0, 0, ENCODED_MAX, ENCODED_MAX]
    assert np.allclose(encode(light), wanted, atol=1e-6)
    assert encode(light).dtype == np.float32
    assert np.all(np.diff(encode(np.geomspace(1e-4, BRIGHTEST, 1000))) > 0)
    assert np.allclose(decode(np.array([-1.0, 99.0], np.float32)), [0, BRIGHTEST], rtol=1e-5)


def test_guides_of_one_pixel() -> None:
    frame = frame_of(
        1, 1,
        color=np.array([[[0.25, 0.5, 1.0]]], np.float32),
        hidden_sky=np.array([[[0.0, 0.25, 1.5]]], np.float32),
        albedo=np.array([[[0.1, 0.2, 0.3]]], np.float32),
        normal=np.array([[[0.48, 0.64, 0.6]]], np.float32),
        depth=np.array([[3.0]], np.float32),
        material=np.array([[[0.75, 0.5]]], np.float32),
    )  # fmt: skip
    looking_along_x = np.array([[0, 0, -1], [0, 1, 0], [1, 0, 0]])  # camera -Z is world +X
    planes = guides(frame, rotation=looking_along_x, exposure=2.0)
    assert planes.shape == (GUIDE_CHANNELS, 1, 1) == (sum(GUIDES.values()), 1, 1)
    light, shadowed = np.log([9, 17, 33]) / np.log(17), np.log([9, 9, 1]) / np.log(17)
    others = [0.1, 0.2, 0.3, 0.6, 0.64, -0.48, 0.25, 0.75, 0.5, 0]
    assert np.allclose(planes.ravel(), [*light, *shadowed, *others], atol=1e-6)


def test_the_background_is_far_and_has_no_edge() -> None:
    planes = guides(frame_of(3, 4), rotation=np.eye(3), exposure=1.0)
    assert not planes.any()


def test_edges_lie_on_both_sides() -> None:
    ids = np.zeros((4, 5), np.uint32)
    ids[1, 2] = 7
    wanted = [[0, 0, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]]
    assert instance_edge(ids).tolist() == wanted
    assert instance_edge(ids[:1, :1]).tolist() == [[0]]


def test_history_is_valid_where_it_was_seen() -> None:
    flow = np.zeros((2, 3, 2), np.float32)
    flow[0, 0] = -0.6, 0.0  # off the left border
    flow[0, 2] = 0.4, 0.0  # still inside the last pixel
    flow[1, 2] = 0.5, 0.0  # on the border: outside
    flow[1, 0] = 0.0, -1.5  # on the upper border: inside
    flow[1, 1] = np.nan, 0.0
    hidden = np.zeros((2, 3), bool)
    hidden[0, 1] = True
    moved, valid = motion(frame_of(2, 3, flow_backward=flow, occlusion_backward=hidden))
    assert valid.tolist() == [[[0, 0, 1], [1, 0, 0]]]
    assert np.array_equal(moved, np.moveaxis(flow, 2, 0), equal_nan=True)


def test_padding_repeats_the_border() -> None:
    planes = np.arange(2 * 3 * 9, dtype=np.float32).reshape(2, 3, 9)
    wider = padded(planes)
    assert wider.shape == (2, 8, 16)
    assert np.array_equal(wider[:, 2:, :9], np.broadcast_to(planes[:, 2:], (2, 6, 9)))
    assert np.array_equal(wider[:, :3, 8:], np.broadcast_to(planes[:, :, 8:], (2, 3, 8)))
    assert padded(wider) is wider
