"""Which nodes are labelled instances, with which ids and classes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from diorama.errors import SceneError, expected
from diorama.scene.flatten import Row
from diorama.scene.shot import Label

MOST_CLASSES = 65_535
"""The largest class id: the semantic pass is uint16."""


def label_rows(
    rows: Sequence[Row], parents: NDArray[np.int64], classes: Mapping[str, int], files: Mapping[str, str]
) -> tuple[tuple[Label, ...], NDArray[np.int32]]:
    """Return the labelled instances in path order, and of each row (P,) 0 or 1 + the instance it belongs to.

    Each mesh and each asset is an instance unless an ancestor is one; ``instance`` on a node says
    otherwise. ``files`` gives assets the names that a scene file wrote.
    """
    owner = np.full(len(rows), -1, np.int64)
    class_of = [""] * len(rows)
    for index in _parents_first(parents):
        row, parent = rows[index], int(parents[index])
        said = None if row.node is None else row.node.spec.class_
        class_of[index] = said or (class_of[parent] if parent >= 0 else "")
        owner[index] = owner[parent] if parent >= 0 else -1
        if row.visible and _is_instance(row, inside_one=bool(owner[index] >= 0)):
            owner[index] = index
    found = np.flatnonzero(owner == np.arange(len(rows))).tolist()
    ids = class_ids(classes, [class_of[index] for index in found if class_of[index]])
    labels = [
        Label(rows[index].path, class_of[index], ids.get(class_of[index], 0), _asset(rows[index], files))
        for index in found
    ]
    return tuple(labels), np.where(owner >= 0, np.searchsorted(found, owner) + 1, 0).astype(np.int32)


def _parents_first(parents: NDArray[np.int64]) -> list[int]:
    """Return all rows, each after its parent: inner nodes of an asset are not sorted that way."""
    children: dict[int, list[int]] = {}
    for row, parent in enumerate(parents.tolist()):
        children.setdefault(parent, []).append(row)
    order = list(children.get(-1, []))
    for row in order:
        order += children.get(row, [])
    return order


def class_ids(declared: Mapping[str, int], used: Sequence[str]) -> dict[str, int]:
    """Return the ids of all classes: those used but not declared come after the declared, sorted by name."""
    ids = dict(declared)
    number = max(ids.values(), default=0)
    for name in sorted(set(used) - set(ids)):
        number += 1
        if number > MOST_CLASSES:
            raise SceneError(expected(f"class ids up to {MOST_CLASSES}", number), place=f"classes.{name}")
        ids[name] = number
    return ids


def _is_instance(row: Row, *, inside_one: bool) -> bool:
    said = None if row.node is None else row.node.spec.instance
    return (row.labelled_by_default and not inside_one) if said is None else said


def _asset(row: Row, files: Mapping[str, str]) -> str:
    name = "" if row.node is None else row.node.spec.asset or ""
    return files.get(name, name)
