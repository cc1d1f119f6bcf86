"""The label gate lets honest light through and stops what contradicts the labels."""

import numpy as np
import pytest

from diorama.refine.gate import DRIFT_MAX, examine

RANDOM = np.random.default_rng(0)
IDS = np.zeros((32, 40), np.uint32)
IDS[4:20, 6:22] = 3
IDS[16:30, 26:38] = 9
RAW = np.where(IDS == 3, 0.8, np.where(IDS == 9, 0.5, 0.2)).astype(np.float32) * np.ones((3, 1, 1), np.float32)


def test_the_same_picture_passes() -> None:
    verdict = examine([RAW], RAW, IDS)
    assert (verdict.drift, verdict.edges, verdict.passed) == (0.0, 1.0, True)


def test_more_or_less_light_and_noise_pass() -> None:
    for light in (RAW * 1.5, RAW * 0.5, RAW + 0.1, RAW + RANDOM.normal(0, 0.02, RAW.shape).astype(np.float32)):
        assert examine([RAW], light, IDS).passed


def test_another_colour_on_one_instance_is_found() -> None:
    tinted = RAW.copy()
    tinted[0][IDS == 9] += 0.3
    verdict = examine([RAW], tinted, IDS)
    assert (verdict.instance, verdict.passed) == (9, False)
    assert verdict.drift == pytest.approx(0.2, abs=1e-6), "0.3 in red is 0.2 from its mean 0.1"


def test_the_background_and_specks_may_change_colour() -> None:
    ids = IDS.copy()
    ids[0, :15] = 5
    tinted = RAW.copy()
    tinted[2][(ids == 0) | (ids == 5)] += 0.4
    assert examine([RAW], tinted, ids).drift <= 1e-6
    ids[0, :16] = 5
    tinted[2][ids == 5] = 0.6
    assert examine([RAW], tinted, ids).drift > DRIFT_MAX


@pytest.mark.parametrize("shift", [(0, 2), (2, 0)])
def test_a_shifted_picture_loses_its_edges(shift: tuple[int, int]) -> None:
    verdict = examine([RAW], np.roll(RAW, shift, axis=(1, 2)), IDS)
    assert verdict.edges < 0.6
    assert not verdict.passed


def test_a_blurred_picture_loses_its_edges() -> None:
    flat = np.full_like(RAW, RAW.mean())
    assert examine([RAW], flat, IDS).edges == 0.0


def test_a_picture_without_instances_passes() -> None:
    verdict = examine([RAW], RAW[::-1] + 0.5, np.zeros_like(IDS))
    assert (verdict.drift, verdict.edges, verdict.passed) == (0.0, 1.0, True)


def test_a_step_that_only_one_of_two_drawn_pictures_shows_may_go() -> None:
    """The sky's shadow on the ground beside a thing may make it as dark as the thing is."""
    dark_ground = np.where(IDS == 0, 0.5, RAW).astype(np.float32)
    assert examine([RAW], dark_ground, IDS).edges < 0.6
    assert examine([RAW, dark_ground], dark_ground, IDS).passed
    assert not examine([RAW, RAW * 0.8], dark_ground, IDS).passed


def test_colour_may_lie_by_either_of_two_drawn_pictures() -> None:
    warm = RAW * np.array([1.0, 0.8, 0.5], np.float32)[:, None, None]
    assert examine([RAW, warm], warm, IDS).drift == 0.0
    assert examine([RAW, RAW], warm, IDS).drift > DRIFT_MAX
