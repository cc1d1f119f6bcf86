import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from diorama.labels import boxes

PICTURES = hnp.arrays(np.uint32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 4))


def brute_force(instance):
    found = []
    for number in sorted(set(instance.ravel().tolist()) - {0}):
        rows, columns = np.nonzero(instance == number)
        x, y, right, down = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
        cut = x == 0 or y == 0 or right == instance.shape[1] or down == instance.shape[0]
        found.append((number, [x, y, right - x, down - y], len(rows), cut))
    return found


def rows_of(seen):
    return list(zip(seen.ids.tolist(), seen.boxes.tolist(), seen.pixels.tolist(), seen.truncated.tolist(), strict=True))


@settings(deadline=None, max_examples=200)
@given(PICTURES)
def test_boxes_are_those_of_brute_force(instance):
    assert rows_of(boxes(instance)) == brute_force(instance)


def test_a_box_is_half_open_and_starts_at_its_first_pixel():
    instance = np.zeros((6, 8), np.uint32)
    instance[2:4, 3:6] = 7
    assert rows_of(boxes(instance)) == [(7, [3, 2, 3, 2], 6, False)]


def test_thousands_of_scattered_ids():
    instance = np.random.default_rng(5).integers(0, 5000, (120, 160)).astype(np.uint32)
    assert rows_of(boxes(instance)) == brute_force(instance)


def test_large_ids_and_an_empty_picture():
    instance = np.zeros((3, 4), np.uint32)
    assert len(boxes(instance)) == 0
    instance[1, 1] = 2**32 - 1
    assert rows_of(boxes(instance)) == [(2**32 - 1, [1, 1, 1, 1], 1, False)]


def test_a_picture_in_another_memory_order_gives_the_same():
    instance = np.random.default_rng(1).integers(0, 4, (7, 5)).astype(np.uint32)
    other = np.asfortranarray(instance)
    assert rows_of(boxes(other)) == rows_of(boxes(instance))
