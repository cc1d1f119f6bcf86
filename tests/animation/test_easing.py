"""Easings against closed forms, symmetries and their ends."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.animation.easing import EASE_NAMES, EASINGS, ease_id, easing
from diorama.errors import SceneError

FAMILIES = ["sine", "quad", "cubic", "quart", "quint", "expo", "circ", "back", "elastic", "bounce"]

CLOSED_FORMS = {
    "in_sine": lambda u: 1 - math.cos(u * math.pi / 2),
    "out_sine": lambda u: math.sin(u * math.pi / 2),
    "in_out_sine": lambda u: -(math.cos(math.pi * u) - 1) / 2,
    "out_quad": lambda u: 1 - (1 - u) ** 2,
    "in_out_cubic": lambda u: 4 * u**3 if u < 0.5 else 1 - (-2 * u + 2) ** 3 / 2,
    "in_quart": lambda u: u**4,
    "out_quint": lambda u: 1 - (1 - u) ** 5,
    "in_expo": lambda u: 0 if u == 0 else 2 ** (10 * u - 10),
    "out_expo": lambda u: 1 if u == 1 else 1 - 2 ** (-10 * u),
    "in_circ": lambda u: 1 - math.sqrt(1 - u * u),
    "out_circ": lambda u: math.sqrt(1 - (u - 1) ** 2),
    "in_back": lambda u: 2.70158 * u**3 - 1.70158 * u**2,
    "out_back": lambda u: 1 + 2.70158 * (u - 1) ** 3 + 1.70158 * (u - 1) ** 2,
    "in_out_back": lambda u: (
        ((2 * u) ** 2 * (3.5949095 * 2 * u - 2.5949095)) / 2
        if u < 0.5
        else ((2 * u - 2) ** 2 * (3.5949095 * (u * 2 - 2) + 2.5949095) + 2) / 2
    ),
    "out_elastic": lambda u: 1 if u == 1 else 2 ** (-10 * u) * math.sin((u * 10 - 0.75) * 2 * math.pi / 3) + 1,
    "in_out_elastic": lambda u: (
        -(2 ** (20 * u - 10) * math.sin((20 * u - 11.125) * 2 * math.pi / 4.5)) / 2
        if 0 < u < 0.5
        else u
        if u in (0, 1)
        else 2 ** (-20 * u + 10) * math.sin((20 * u - 11.125) * 2 * math.pi / 4.5) / 2 + 1
    ),
}


def bounce(u: float) -> float:
    for edge, centre, floor in [(1, 0, 0), (2, 1.5, 0.75), (2.5, 2.25, 0.9375)]:
        if u < edge / 2.75:
            return 7.5625 * (u - centre / 2.75) ** 2 + floor
    return 7.5625 * (u - 2.625 / 2.75) ** 2 + 0.984375


def test_every_family_comes_in_three_and_linear_is_row_zero() -> None:
    named = [f"{side}_{family}" for side in ("in", "out", "in_out") for family in FAMILIES]
    assert set(EASE_NAMES) == {"linear", "step", *named}
    assert EASE_NAMES[0] == "linear"


@pytest.mark.parametrize("name", EASE_NAMES)
def test_ends(name: str) -> None:
    assert EASINGS[name](0.0) == pytest.approx(0.0, abs=1e-12)
    assert EASINGS[name](1.0) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_closed_form(name: str) -> None:
    amounts = np.linspace(0.0, 1.0, 41)
    np.testing.assert_allclose(EASINGS[name](amounts), [CLOSED_FORMS[name](u) for u in amounts], atol=1e-12)


def test_bounce_is_penners() -> None:
    amounts = np.linspace(0.0, 1.0, 201)
    np.testing.assert_allclose(EASINGS["out_bounce"](amounts), [bounce(u) for u in amounts], atol=1e-12)


@pytest.mark.parametrize("family", FAMILIES)
@settings(deadline=None, max_examples=20)
@given(amount=st.floats(1e-6, 0.5))
def test_out_is_in_turned_around_and_in_out_is_symmetric(family: str, amount: float) -> None:
    assert EASINGS[f"out_{family}"](amount) == pytest.approx(1 - EASINGS[f"in_{family}"](1 - amount), abs=1e-12)
    both = EASINGS[f"in_out_{family}"]
    assert both(amount) + both(1 - amount) == pytest.approx(1.0, abs=1e-7)


def test_step_waits_for_the_end() -> None:
    np.testing.assert_array_equal(EASINGS["step"]([0.0, 0.999999, 1.0]), [0.0, 0.0, 1.0])


def test_arrays_keep_their_shape() -> None:
    amounts = np.random.default_rng(0).uniform(size=(3, 4))
    for name in EASE_NAMES:
        together = EASINGS[name](amounts)
        alone = [[float(EASINGS[name](u)) for u in row] for row in amounts]
        np.testing.assert_allclose(together, alone, rtol=1e-14, atol=1e-15)


def test_an_unknown_name_suggests_the_nearest() -> None:
    with pytest.raises(SceneError) as raised:
        ease_id("out_bouce", place="nodes.ball.position")
    assert str(raised.value) == ("nodes.ball.position: expected an easing, got 'out_bouce'; did you mean 'out_bounce'?")
    assert easing("in_quad")(0.5) == 0.25
