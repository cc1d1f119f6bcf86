"""World matrices against a naive recursion, and the order of what depends on what."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from diorama.animation.bank import TrackBank
from diorama.animation.track import Track, track
from diorama.errors import SceneError
from diorama.scene.constraints import Follow, Goal, LookAt
from diorama.scene.dependencies import Dependencies
from diorama.scene.hierarchy import Hierarchy, Motion, Rest

Floats = NDArray[np.float64]


def random_track(random: np.random.Generator, width: int, *, quaternion: bool = False) -> Track:
    count = int(random.integers(1, 5))
    values = random.normal(size=(count, width)) + (2.0 if width == 3 else 0.0)
    return track(np.cumsum(random.uniform(0.2, 1.0, count)), values, ease="in_out_sine", quaternion=quaternion)


def random_motion(random: np.random.Generator, count: int) -> Motion:
    def some(width: int) -> dict[int, Track]:
        rows = np.flatnonzero(random.random(count) < 0.4)
        return {int(row): random_track(random, width, quaternion=width == 4) for row in rows}

    euler = some(3)
    turns = {row: made for row, made in some(4).items() if row not in euler}
    return Motion(some(3), euler | turns, some(3))


def naive_local(row: int, rest: Rest, motion: Motion, time: float) -> Floats:
    def value(tracks: dict[int, Track], at_rest: Floats) -> Floats:
        return TrackBank([tracks[row]]).sample(time)[0] if row in tracks else at_rest[row]

    turn = value(motion.rotation, rest.rotation)
    rotation = Rotation.from_quat(turn) if len(turn) == 4 else Rotation.from_euler("xyz", turn)
    local = np.eye(4)
    local[:3, :3] = rotation.as_matrix() @ np.diag(value(motion.scale, rest.scale))
    local[:3, 3] = value(motion.position, rest.position)
    return local


def naive_world(row: int, parents: NDArray[np.int64], rest: Rest, motion: Motion, time: float) -> Floats:
    local = naive_local(row, rest, motion, time)
    return local if parents[row] < 0 else naive_world(int(parents[row]), parents, rest, motion, time) @ local


def random_rest(random: np.random.Generator, count: int) -> Rest:
    turns = random.normal(size=(count, 4))
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    return Rest(random.normal(size=(count, 3)), turns, random.uniform(0.5, 2.0, (count, 3)))


@settings(deadline=None, max_examples=60)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 25))
def test_world_matrices_are_those_of_a_naive_recursion(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    order = random.permutation(count)
    parents = np.full(count, -1)
    for place in range(1, count):
        parents[order[place]] = order[random.integers(0, place)] if random.random() < 0.8 else -1
    rest, motion = random_rest(random, count), random_motion(random, count)
    hierarchy = Hierarchy([str(row) for row in range(count)], parents, rest, motion)
    for time in (0.0, 0.7, -1.0, 5.0):
        world = hierarchy.world(time)
        assert world.shape == (count, 4, 4)
        for row in range(count):
            np.testing.assert_allclose(world[row], naive_world(row, parents, rest, motion, time), atol=1e-9)


def test_only_what_moves_or_hangs_on_it_is_computed_again() -> None:
    parents = np.array([-1, 0, 1, -1, 3])
    motion = Motion({1: track([0, 1], [[0, 0, 0], [1, 0, 0]])}, {}, {})
    rest = random_rest(np.random.default_rng(0), 5)
    look = LookAt(4, Goal(node=2))
    hierarchy = Hierarchy(list("abcde"), parents, rest, motion, [look])
    np.testing.assert_array_equal(hierarchy.moving, [False, True, True, False, True])
    before, after = hierarchy.world(0.0), hierarchy.world(1.0)
    changed = (before != after).any(axis=(1, 2))
    np.testing.assert_array_equal(changed, hierarchy.moving)


def test_a_circle_is_refused_by_name() -> None:
    parents = np.array([-1, 0, -1, 2])
    rest = random_rest(np.random.default_rng(0), 4)
    circle = [Follow(0, target=3), LookAt(2, Goal(node=1))]
    with pytest.raises(SceneError) as raised:
        Hierarchy(["car", "car/seat", "crane", "crane/hook"], parents, rest, Motion({}, {}, {}), circle)
    assert str(raised.value) == (
        "car: expected constraints without a circle, got car -> crane/hook -> crane -> car/seat -> car"
    )


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 30))
def test_ranks_and_reach_against_plain_loops(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    edges = [(int(a), int(b)) for a, b in random.integers(0, count, (2 * count, 2)) if a > b]
    nodes, needed = np.array(edges, np.int64).reshape(-1, 2).T
    order = Dependencies([str(row) for row in range(count)], nodes, needed)
    rank: list[int] = []
    for row in range(count):
        rank.append(1 + max((rank[below] for above, below in edges if above == row), default=-1))
    np.testing.assert_array_equal(order.rank, rank)
    start = int(random.integers(count))
    up, down = {start}, {start}
    for _ in range(count):
        up |= {below for above, below in edges if above in up}
        down |= {above for above, below in edges if below in down}
    assert set(np.flatnonzero(order.upstream([start])).tolist()) == up
    assert set(np.flatnonzero(order.downstream([start])).tolist()) == down
