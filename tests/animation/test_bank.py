"""Sampling many tracks at once against a naive scalar reference, scipy and closed forms."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.interpolate import CubicHermiteSpline
from scipy.spatial.transform import Rotation, Slerp

from diorama.animation.bank import TrackBank
from diorama.animation.easing import EASE_NAMES, EASINGS
from diorama.animation.track import EXTRAPOLATIONS, INTERPOLATIONS, Track, track


def naive(made: Track, time: float) -> NDArray[np.float64]:
    """Sample one track the plain way: one key pair, one branch at a time."""
    times = [float(t) for t in made.times]
    first, last = times[0], times[-1]
    period = last - first
    straight = made.extrapolation == "linear" and made.interpolation != "step" and period > 0
    if made.extrapolation == "loop" and period > 0:
        time = first + (time - first) % period
    elif made.extrapolation == "pingpong" and period > 0:
        phase = (time - first) % (2 * period)
        time = first + (phase if phase <= period else 2 * period - phase)
    elif not straight:
        time = min(max(time, first), last)
    if len(times) == 1 or (time >= last and not straight):
        return made.values[-1]
    row = max(i for i in range(len(times) - 1) if times[i] <= time or i == 0)
    step = times[row + 1] - times[row]
    u = (time - times[row]) / step
    if 0 <= u <= 1:
        u = float(EASINGS[made.eases[row + 1]](u))
    a, b = made.values[row], made.values[row + 1]
    if made.interpolation == "step":
        return a
    if made.interpolation == "cubic":
        value = hermite(made, row, u, step)
        return value / np.linalg.norm(value) if made.quaternion else value
    if made.quaternion:
        b = -b if a @ b < 0 else b
        angle = math.acos(min(a @ b, 1.0))
        if angle < 1e-6:
            return a + u * (b - a)
        return (math.sin((1 - u) * angle) * a + math.sin(u * angle) * b) / math.sin(angle)
    return a + u * (b - a)


def hermite(made: Track, row: int, u: float, step: float) -> NDArray[np.float64]:
    """Evaluate the cubic of glTF 2.0, appendix C.5, as it is printed there."""
    assert made.tangents is not None
    start, end = made.values[row], made.values[row + 1]
    leave, arrive = step * made.tangents[row, 1], step * made.tangents[row + 1, 0]
    over = u - min(max(u, 0.0), 1.0)
    u -= over
    value = (
        (2 * u**3 - 3 * u**2 + 1) * start
        + (u**3 - 2 * u**2 + u) * leave
        + (-2 * u**3 + 3 * u**2) * end
        + (u**3 - u**2) * arrive
    )
    return value + over * (leave if over < 0 else arrive)


@st.composite
def tracks(draw: st.DrawFn, width: int, quaternion: bool) -> Track:
    steps = draw(st.lists(st.sampled_from([0.04, 0.25, 1 / 3, 1.0, 2.5]), min_size=1, max_size=6))
    times = draw(st.floats(-3, 3)) + np.cumsum(steps)
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    return track(
        times,
        random.normal(size=(len(times), width)),
        ease=draw(st.lists(st.sampled_from(EASE_NAMES), min_size=len(times), max_size=len(times))),
        interpolation=draw(st.sampled_from(INTERPOLATIONS)),
        extrapolation=draw(st.sampled_from(EXTRAPOLATIONS)),
        quaternion=quaternion,
    )


@pytest.mark.parametrize(("width", "quaternion"), [(1, False), (3, False), (4, True)])
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_bank_samples_as_each_track_alone(width: int, quaternion: bool, data: st.DataObject) -> None:
    many = data.draw(st.lists(tracks(width, quaternion), min_size=1, max_size=8))
    bank = TrackBank(many)
    keys = [float(t) for made in many for t in made.times]
    for time in [*data.draw(st.lists(st.floats(-9, 9), max_size=4)), *keys[:6]]:
        sampled = bank.sample(time)
        assert sampled.shape == (len(many), width)
        for made, value in zip(many, sampled, strict=True):
            # a wrapped time may land on either side of a key by one rounding, where steps and expo jump
            near = [naive(made, time + shift) for shift in (0.0, -2e-9, 2e-9)]
            if quaternion:
                near = [one * (np.sign(one @ value) or 1.0) for one in near]
            assert min(np.abs(value - one).max() for one in near) < 1e-6 * (1 + np.abs(near[0]).max())


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32), count=st.integers(2, 7))
def test_gltf_cubic_spline_is_scipys_hermite(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.1, 1.0, count))
    values, slopes = random.normal(size=(2, count, 3))
    made = track(times, values, interpolation="cubic", tangents=np.stack([slopes, slopes], axis=1))
    spline = CubicHermiteSpline(times, values, slopes)
    for time in np.linspace(times[0], times[-1], 17):
        np.testing.assert_allclose(TrackBank([made]).sample(time)[0], spline(time), atol=1e-12)


def test_in_and_out_tangents_may_differ() -> None:
    """A corner: leaves the first key at speed 6, arrives at 0, leaves again at -6."""
    tangents = [[[99.0], [6.0]], [[0.0], [-6.0]], [[0.0], [99.0]]]
    bank = TrackBank([track([0, 2, 4], [0, 1, 0], interpolation="cubic", tangents=tangents)])
    for time, row in ((0.5, 0), (2.5, 1)):
        u, start, end, leave = 0.25, [0, 1][row], [1, 0][row], [12.0, -12.0][row]
        value = (2 * u**3 - 3 * u**2 + 1) * start + (u**3 - 2 * u**2 + u) * leave + (3 * u**2 - 2 * u**3) * end
        assert bank.sample(time)[0, 0] == pytest.approx(value, abs=1e-12)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_linear_quaternions_are_scipys_slerp(seed: int) -> None:
    random = np.random.default_rng(seed)
    times = np.cumsum(random.uniform(0.1, 1.0, 4))
    rotations = Rotation.random(4, rng=random)
    signs = random.choice([-1.0, 1.0], (4, 1))
    bank = TrackBank([track(times, rotations.as_quat() * signs, quaternion=True)])
    for time in np.linspace(times[0], times[-1], 11):
        turned = Rotation.from_quat(bank.sample(time)[0])
        assert (turned.inv() * Slerp(times, rotations)(time)).magnitude() < 1e-7


def test_a_key_is_met_exactly_and_equal_keys_do_not_wobble() -> None:
    value = [0.1, 0.7, 1 / 3]
    bank = TrackBank([track([0.1, 0.3, 0.7], [value, value, value], ease="out_elastic")])
    for time in np.linspace(-1, 2, 61):
        np.testing.assert_array_equal(bank.sample(time)[0], value)
    for extrapolation in ("hold", "pingpong"):
        made = track([0.1, 0.3, 0.7], [1 / 3, 0.7, 0.1], extrapolation=extrapolation)
        assert [TrackBank([made]).sample(t)[0, 0] for t in (0.1, 0.3)] == [1 / 3, 0.7]
    assert TrackBank([replace(made, extrapolation="hold")]).sample(0.7)[0, 0] == 0.1


def test_ease_belongs_to_the_interval_that_ends_at_its_key() -> None:
    bank = TrackBank([track([0, 1, 2], [0, 1, 2], ease=["in_quint", "in_quad", "linear"])])
    assert bank.sample(0.5)[0, 0] == pytest.approx(0.25)
    assert bank.sample(1.5)[0, 0] == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("extrapolation", "wanted"),
    [
        ("hold", {-0.5: 0, 1.25: 10, 2.5: 20, 9: 20}),
        ("loop", {-0.5: 15, 2.0: 0, 2.5: 5, 4.5: 5}),
        ("pingpong", {-0.5: 5, 2.5: 15, 4.0: 0, 4.5: 5}),
        ("linear", {-0.5: -5, 2.5: 25, 4.0: 40}),
    ],
)
def test_beyond_the_keys(extrapolation: str, wanted: dict[float, float]) -> None:
    bank = TrackBank([track([0, 1, 2], [0, 10, 20], extrapolation=extrapolation)])
    for time, value in wanted.items():
        assert bank.sample(time)[0, 0] == pytest.approx(value if time != 1.25 else 12.5)


def test_one_track_does_not_touch_its_neighbours() -> None:
    """Keys of neighbours that overlap in time, in both orders, and a lone key between them."""
    many = [track([5, 6], [50, 60]), track([1], [7]), track([0, 10], [0, 100])]
    np.testing.assert_allclose(TrackBank(many).sample(5.5)[:, 0], [55, 7, 55])
    np.testing.assert_allclose(TrackBank(many[::-1]).sample(5.5)[:, 0], [55, 7, 55])
