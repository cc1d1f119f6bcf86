"""Draws: their ranges and distributions against scipy, and what each of them refuses is in the bad scenes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from diorama.rng import generator
from diorama.scene.draws import is_draw, number_drawn, row_drawn
from diorama.scene.tree import Mark, Source, marked

MANY = 2000


def drawn(kind: str, arguments: Any, clip: Any = None) -> NDArray[np.float64]:
    return np.array([number_drawn(kind, arguments, clip, generator(3, f"n/{n}", kind)) for n in range(MANY)])


@pytest.mark.parametrize(
    ("kind", "arguments", "distribution"),
    [
        ("uniform", [-2, 3], stats.uniform(-2, 5)),
        ("log_uniform", [0.01, 100], stats.loguniform(0.01, 100)),
        ("normal", [5, 2], stats.norm(5, 2)),
    ],
)
def test_continuous_draws_follow_their_distribution(kind: str, arguments: list[float], distribution: Any) -> None:
    assert stats.kstest(drawn(kind, arguments), distribution.cdf).pvalue > 0.01


def test_normal_is_clipped_to_its_limits() -> None:
    values = drawn("normal", [0, 1], [-1, 0.5])
    assert values.min() == -1
    assert values.max() == 0.5
    assert np.mean(values == 0.5) == pytest.approx(stats.norm.sf(0.5), abs=0.03)


def test_integer_reaches_both_ends_alike() -> None:
    values, counts = np.unique(drawn("integer", [-1, 2]), return_counts=True)
    assert values.tolist() == [-1, 0, 1, 2]
    assert stats.chisquare(counts).pvalue > 0.01
    assert type(number_drawn("integer", [3.0, 3.0], None, generator(0, "", ""))) is int


def test_bernoulli_is_a_truth_value_of_its_probability() -> None:
    assert drawn("bernoulli", 0.3).mean() == pytest.approx(0.3, abs=0.03)
    assert number_drawn("bernoulli", 1, None, generator(0, "", "")) is True
    assert not any(drawn("bernoulli", 0))


@pytest.mark.parametrize("weights", [None, [1, 0, 3], [1e-300, 0, 1e300]])
def test_rows_follow_their_weights(weights: list[float] | None) -> None:
    rows = [row_drawn(3, weights, generator(2, f"n/{n}", "choice")) for n in range(MANY)]
    expected = np.array([1, 1, 1] if weights is None else weights) / (3 if weights is None else sum(weights))
    assert np.bincount(rows, minlength=3) / MANY == pytest.approx(expected, abs=0.04)


ENDS = st.floats(-1e6, 1e6)


@given(ENDS, ENDS, st.integers(0, 2**32))
@settings(deadline=None, max_examples=60)
def test_draws_stay_within_their_ends(one: float, other: float, seed: int) -> None:
    low, high = sorted((one, other))
    assert low <= number_drawn("uniform", [low, high], None, generator(seed, "a", "b")) <= high
    low, high = abs(low) + 1e-6, abs(low) + 1e-6 + (high - low)
    assert low <= number_drawn("log_uniform", [low, high], None, generator(seed, "a", "b")) <= high


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"uniform": [0, 1]}, True),
        ({"choice": [1], "weights": [1]}, True),
        ({"param": "x"}, True),
        ({"each": {"each": {"param": "x"}}}, True),
        ({"uniform": {"mesh": 1}}, False),
        ({"each": {"mesh": 1}}, False),
        ({"each": {"uniform": [0, 1]}, "other": {}}, False),
        ({"mesh": {"type": "sphere"}}, False),
        ([1], False),
    ],
)
def test_draws_are_told_by_their_shape(value: Any, result: bool) -> None:
    assert is_draw(marked(value, Mark(Source("s")))) is result
