"""Building one track: order, checks, tangents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.animation.bank import TrackBank
from diorama.animation.track import smooth_tangents, track
from diorama.errors import SceneError


def test_keys_are_sorted_with_their_values_eases_and_tangents() -> None:
    tangents = np.arange(6.0).reshape(3, 2, 1)
    made = track([2, 0, 1], [20, 0, 10], ease=["in_quad", "linear", "step"], tangents=tangents, interpolation="cubic")
    np.testing.assert_array_equal(made.times, [0, 1, 2])
    np.testing.assert_array_equal(made.values[:, 0], [0, 10, 20])
    assert made.eases == ("linear", "step", "in_quad")
    np.testing.assert_array_equal(made.tangents, tangents[[1, 2, 0]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"times": [], "values": []}, "car: expected at least one key, got none"),
        (
            {"times": [0, 0], "values": [1, 2]},
            "car: expected each key at its own time, in rising order, got [0.0, 0.0]",
        ),
        ({"times": [0, 1], "values": [1, np.inf]}, "car: expected finite times and values, got NaN or infinity"),
        (
            {"times": [0], "values": [1], "interpolation": "cubik"},
            "car: expected one of step, linear, cubic, got 'cubik'",
        ),
        (
            {"times": [0], "values": [1], "extrapolation": "stop"},
            "car: expected one of hold, loop, pingpong, linear, got 'stop'",
        ),
        (
            {"times": [0], "values": [1], "ease": "linaer"},
            "car: expected an easing, got 'linaer'; did you mean 'linear'?",
        ),
        (
            {"times": [0], "values": [[0, 0, 0, 0]], "quaternion": True},
            "car: expected quaternions (x, y, z, w) other than zero, got [[0.0, 0.0, 0.0, 0.0]]",
        ),
        (
            {"times": [0], "values": [1], "tangents": [[[0], [0]]]},
            "car: expected tangents for cubic interpolation, and for no other",
        ),
    ],
)
def test_wrong_tracks_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(SceneError) as raised:
        track(**arguments, place="car")
    assert str(raised.value) == message


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0.05, 3.0), min_size=2, max_size=6), st.floats(-2, 2), st.floats(-2, 2), st.floats(-1, 1))
def test_smooth_tangents_are_exact_for_parabolas_at_inner_keys(
    steps: list[float], a: float, b: float, c: float
) -> None:
    times = np.cumsum(steps)
    tangents = smooth_tangents(times, (a * times**2 + b * times + c)[:, None])
    np.testing.assert_allclose(tangents[1:-1, 0, 0], 2 * a * times[1:-1] + b, atol=1e-9)
    np.testing.assert_array_equal(tangents[:, 0], tangents[:, 1])


def test_a_smooth_track_keeps_a_straight_line_straight() -> None:
    bank = TrackBank([track([0, 1, 4], [[0, 3], [2, 2], [8, -1]], interpolation="cubic")])
    for time in (0.3, 1.0, 2.7):
        np.testing.assert_allclose(bank.sample(time)[0], [2 * time, 3 - time], atol=1e-12)


def test_euler_turns_through_all_angles_and_quaternions_take_the_short_way() -> None:
    bank = TrackBank([track([0, 1], [[0, 0, 0], [0, 2 * np.pi, 0]])])
    angles = [bank.sample(time)[0, 1] for time in np.linspace(0, 1, 9)]
    np.testing.assert_allclose(angles, np.linspace(0, 2 * np.pi, 9), atol=1e-12)

    def about_y(degrees: float) -> list[float]:
        half = np.deg2rad(degrees) / 2
        return [0, np.sin(half), 0, np.cos(half)]

    bank = TrackBank([track([0, 1], [about_y(0), about_y(270)], quaternion=True)])
    np.testing.assert_allclose(bank.sample(0.5)[0], about_y(-45), atol=1e-12)
