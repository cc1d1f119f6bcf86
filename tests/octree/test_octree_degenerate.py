"""Nothing, points, copies, giants, far places, and what is plainly wrong."""

from __future__ import annotations

import numpy as np
import pytest

from diorama.errors import OptionError
from diorama.octree import Octree

PLANES = np.array([[1.0, 0, 0, 1e3]])


def ask_everything(octree: Octree) -> None:
    """All queries around the origin, with rays along the axes."""
    octree.frustum(PLANES)
    octree.box((-1, -1, -1), (1, 1, 1))
    octree.sphere((0, 0, 0), 1.0)
    octree.ray(np.zeros((3, 3)), np.eye(3))
    octree.nearest(np.zeros((2, 3)), 3)
    octree.overlap_pairs(0.1)


def test_an_empty_octree_answers_with_nothing():
    octree = Octree(np.zeros((0, 3)), np.zeros((0, 3)))
    ask_everything(octree)
    assert len(octree) == 0 and len(octree.frustum(PLANES)) == 0 and octree.overlap_pairs().shape == (0, 2)
    hits = octree.ray((0, 0, 0), (0, 0, 1))
    assert hits.first.tolist() == [-1] and hits.distance.tolist() == [np.inf] and len(hits.ids) == 0
    assert octree.nearest((0, 0, 0), 2).ids.tolist() == [[-1, -1]]
    assert len(Octree([], [])) == 0


def test_no_rays_and_no_points():
    octree = Octree(np.zeros((5, 3)), np.ones((5, 3)))
    assert octree.ray(np.zeros((0, 3)), np.zeros((0, 3))).first.shape == (0,)
    assert octree.nearest(np.zeros((0, 3)), 2).ids.shape == (0, 2)


def test_points_are_boxes_too():
    points = np.array([[0.0, 0, 0], [3, 0, 0], [3, 0, 0]])
    octree = Octree(points, points)
    assert octree.box((3, 0, 0), (3, 0, 0)).tolist() == [1, 2]
    assert octree.ray((-1, 0, 0), (5, 0, 0)).ids.tolist() == [0, 1, 2]
    assert octree.nearest((2, 0, 0), 3).ids.tolist() == [[1, 2, 0]]
    assert octree.overlap_pairs().tolist() == []


def test_a_ray_that_runs_in_a_face_meets_it():
    octree = Octree([[0, 0, 0], [0, 1, 0]], [[4, 0, 4], [4, 3, 4]])
    for height, met in [(0.0, [0]), (-1e-9, []), (1e-9, []), (1.0, [1]), (3.0, [1]), (3.0 + 1e-9, [])]:
        for way in (1.0, -1.0):
            assert octree.ray((2 - 9 * way, height, 2), (way, 0, 0)).ids.tolist() == met
            assert octree.ray((2 - 9 * way, height, 2), (way, 0, 1e-3)).ids.tolist() == met
        assert octree.ray((-1, height, 4), (1, 0, 0)).ids.tolist() == met
        assert octree.ray((-1, height, 4 + 1e-9), (1, 0, 0)).ids.tolist() == []


def test_twenty_thousand_copies_of_one_box():
    count = 20_000
    octree = Octree(np.zeros((count, 3)), np.ones((count, 3)))
    assert len(octree.frustum(PLANES)) == count
    assert octree.nearest((0.5, 0.5, 0.5), 3).ids.tolist() == [[0, 1, 2]]
    assert octree.ray((-1, 0.5, 0.5), (1, 0, 0)).first.tolist() == [0]
    octree.update([7], [[50.0, 0, 0]], [[51.0, 1, 1]])
    assert octree.box((49, 0, 0), (52, 1, 1)).tolist() == [7]
    assert octree.nearest((0.5, 0.5, 0.5), 8).ids.tolist() == [[0, 1, 2, 3, 4, 5, 6, 8]]


def test_copies_overlap_in_every_pair():
    octree = Octree(np.zeros((700, 3)), np.ones((700, 3)))
    left, right = np.triu_indices(700, 1)
    assert (octree.overlap_pairs() == np.stack([left, right], axis=1)).all()


def test_giants_and_far_places():
    low = np.array([[-1e9, -1, -1e9], [1e9, 1e9, 1e9], [-1e9, -1e9, -1e9], [0, 0, 0]])
    high = np.array([[1e9, 0, 1e9], [1e9 + 1, 1e9 + 1, 1e9 + 1], [-1e9 + 1, -1e9 + 1, -1e9 + 1], [1, 1, 1]])
    octree = Octree(low, high)
    ask_everything(octree)
    assert octree.ray((0.5, 9, 0.5), (0, -1, 0)).ids.tolist() == [0, 3]
    assert octree.box((9e8, 9e8, 9e8), (2e9, 2e9, 2e9)).tolist() == [1]
    assert octree.nearest((-1e9, -1e9, -1e9 - 5)).ids.tolist() == [[2]]
    assert octree.nearest((-1e9, -1e9, -1e9 - 5)).distances.tolist() == [[5.0]]


def test_the_largest_and_smallest_numbers_pass_without_a_warning():
    low = np.array([[-9e29, -9e29, -9e29], [1e-300, 0, 0], [5e-324, -5e-324, 0]])
    octree = Octree(low, np.maximum(low, [[9e29], [1e-300], [1.0]]))
    ask_everything(octree)
    assert octree.ray((0, 0, 0), (1e-200, 0, 1e-300)).first.tolist() == [0]
    assert octree.nearest((9e29, 0, 0)).ids.tolist() == [[0]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e31])
def test_a_number_that_is_none_is_named_with_its_row(bad):
    low, high = np.zeros((4, 3)), np.ones((4, 3))
    high[2, 1] = bad
    with pytest.raises(OptionError, match=r"^high: expected finite coordinates below 1e30 in row 2, got \[1.0, "):
        Octree(low, high)
    octree = Octree(np.zeros((4, 3)), np.ones((4, 3)))
    with pytest.raises(OptionError, match=r"^low: expected finite"):
        octree.update([1], [[bad, 0, 0]], [[1, 1, 1]])
    for question in (
        lambda: octree.nearest((0, bad, 0)),
        lambda: octree.ray((0, 0, bad), (1, 0, 0)),
        lambda: octree.ray((0, 0, 0), (bad, 0, 0)),
        lambda: octree.sphere((bad, 0, 0), 1.0),
        lambda: octree.box((0, 0, 0), (0, bad, 0)),
    ):
        with pytest.raises(OptionError, match="expected finite"):
            question()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda o: Octree([[0, 0, 0]], [[1, -1, 1]]), "low, high: expected low <= high in row 0"),
        (lambda o: Octree([[0, 0, 0]], [[1, 1, 1], [2, 2, 2]]), "high: expected 1 corners, as many as in low, got 2"),
        (lambda o: Octree(np.zeros((2, 2)), np.zeros((2, 2))), r"low: expected an array of shape \(N, 3\)"),
        (lambda o: o.update([4], [[0, 0, 0]], [[1, 1, 1]]), "ids: expected ids from 0 to 3, got 4"),
        (lambda o: o.update([-1], [[0, 0, 0]], [[1, 1, 1]]), "ids: expected ids from 0 to 3, got -1"),
        (lambda o: o.update([1, 9, 2], np.zeros((3, 3)), np.ones((3, 3))), "ids: expected ids from 0 to 3, got 9"),
        (lambda o: o.update([1.0], [[0, 0, 0]], [[1, 1, 1]]), "ids: expected a one-dimensional array of integers"),
        (
            lambda o: o.update([1, 3, 1], np.zeros((3, 3)), np.ones((3, 3))),
            "ids: expected every id once, got '1 twice'",
        ),
        (
            lambda o: o.update([1, 2], np.zeros((1, 3)), np.ones((1, 3))),
            "low: expected 2 boxes, one for each id, got 1",
        ),
        (lambda o: o.frustum(np.zeros((2, 3))), r"planes: expected finite planes of shape \(P, 4\)"),
        (lambda o: o.frustum([[np.nan, 0, 0, 1]]), "planes: expected finite planes"),
        (lambda o: o.box((1, 0, 0), (0, 1, 1)), "low, high: expected low <= high in row 0"),
        (lambda o: o.box((0, 0), (1, 1)), "low: expected 3 coordinates"),
        (lambda o: o.sphere((0, 0, 0), -1.0), "radius: expected a finite radius of at least 0, got -1.0"),
        (lambda o: o.sphere((0, 0, 0), np.nan), "radius: expected a finite radius"),
        (lambda o: o.ray((0, 0, 0), (0, 0, 0)), "direction: expected a direction that is not 0 in row 0"),
        (lambda o: o.ray(np.zeros((2, 3)), np.eye(3)), "direction: expected 2 directions, one for each origin, got 3"),
        (lambda o: o.nearest((0, 0, 0), 0), "k: expected at least 1, got 0"),
        (lambda o: o.overlap_pairs(-0.1), "gap: expected a finite gap of at least 0, got -0.1"),
    ],
)
def test_what_is_wrong_is_said(call, message):
    with pytest.raises(OptionError, match=f"^{message}"):
        call(Octree(np.zeros((4, 3)), np.ones((4, 3))))


def test_a_refused_update_changes_nothing():
    octree = Octree(np.zeros((2, 3)), np.ones((2, 3)))
    with pytest.raises(OptionError):
        octree.update([0, 1], [[0, 0, 0], [5, 5, 5]], [[1, 1, 1], [4, 4, 4]])
    assert octree.box((0, 0, 0), (9, 9, 9)).tolist() == [0, 1] and octree.box((3, 3, 3), (9, 9, 9)).tolist() == []
