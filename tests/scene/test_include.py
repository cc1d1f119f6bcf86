"""Includes: the rules of merging in closed form, and where files are found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.errors import SceneError
from diorama.scene.include import Reader, merge
from diorama.scene.paths import Roots
from diorama.scene.tree import Mark, Source, marked, prune

HERE = Mark(Source("s.yaml"))


def merged(base: Any, over: Any) -> Any:
    return prune(merge(marked(base, HERE), marked(over, HERE))).plain()


@pytest.mark.parametrize(
    ("base", "over", "result"),
    [
        ({"a": 1, "b": 2}, {"b": 3, "c": 4}, {"a": 1, "b": 3, "c": 4}),
        ({"a": {"b": {"c": 1, "d": 2}}}, {"a": {"b": {"d": 3}}}, {"a": {"b": {"c": 1, "d": 3}}}),
        ({"a": 1, "b": {"c": 1, "d": 2}}, {"a": None, "b": {"c": None}}, {"b": {"d": 2}}),
        ({"a": 1}, {"b": None}, {"a": 1}),
        ({"a": [1, 2, 3]}, {"a": [4]}, {"a": [4]}),
        ({"a": {"b": 1}}, {"a": 2}, {"a": 2}),
        ({"a": 2}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({"r": {"uniform": [0, 1]}}, {"r": {"normal": [0, 1]}}, {"r": {"normal": [0, 1]}}),
        ({"r": {"choice": [1, 2], "weights": [1, 2]}}, {"r": {"choice": [3]}}, {"r": {"choice": [3]}}),
        ({"r": {"param": "x"}}, {"r": {"each": {"uniform": [0, 1]}}}, {"r": {"each": {"uniform": [0, 1]}}}),
        ({"m": {"choice": [1, 2]}}, {"m": {"type": "box"}}, {"m": {"type": "box"}}),
        ({"c": {"hsv": [0, 1, 1]}}, {"c": {"param": "x"}}, {"c": {"param": "x"}}),
        ({"p": {"keys": {0: 1, 1: 2}, "ease": "step"}}, {"p": {"keys": {0: 5}}}, {"p": {"keys": {0: 5}}}),
        ({"p": {"keys": {"12f": 1}}}, {"p": {"keys": {0: 5}}}, {"p": {"keys": {0: 5}}}),
        ({"m": {"type": "box", "size": 1}}, {"m": {"type": "sphere"}}, {"m": {"type": "sphere"}}),
        ({"m": {"type": "box", "size": 1}}, {"m": {"type": "box", "x": 2}}, {"m": {"type": "box", "size": 1, "x": 2}}),
        # things may bear the names of draws and keep merging
        ({"n": {"normal": {"a": 1}}}, {"n": {"other": {}}}, {"n": {"normal": {"a": 1}, "other": {}}}),
        ({"n": {"keys": {"a": 1}}}, {"n": {"keys": {"b": 2}}}, {"n": {"keys": {"a": 1, "b": 2}}}),
        ({"n": {"each": {"a": 1}}}, {"n": {"each": {"b": 2}}}, {"n": {"each": {"a": 1, "b": 2}}}),
        ({"n": {"type": {"a": 1}}}, {"n": {"type": {"b": 2}}}, {"n": {"type": {"a": 1, "b": 2}}}),
    ],
)
def test_merge_rules(base: Any, over: Any, result: Any) -> None:
    assert merged(base, over) == result


NAMES = st.sampled_from("abcd")
TREES = st.recursive(
    st.integers() | st.lists(st.integers(), max_size=2), lambda t: st.dictionaries(NAMES, t, min_size=1, max_size=3)
)
MAPS = st.dictionaries(NAMES, TREES, max_size=4)


@given(MAPS, MAPS, MAPS)
@settings(deadline=None, max_examples=100)
def test_merge_laws(a: Any, b: Any, c: Any) -> None:
    assert merged(a, a) == a
    assert merged({}, a) == a == merged(a, {})
    above = merged(a, b)
    assert set(above) == set(a) | set(b)
    assert merged(above, b) == above
    for name in b:
        if not isinstance(b[name], dict) or not isinstance(a.get(name), dict):
            assert above[name] == b[name]
    delete = dict.fromkeys(c)
    assert merged(a, delete) == {name: value for name, value in a.items() if name not in c}


def read(folder: Path, name: str = "main.yaml", roots: tuple[Path, ...] = ()) -> tuple[Any, Reader]:
    reader = Reader(Roots(folder, roots))
    return prune(reader.read(folder / name, name, name)).plain(), reader


def test_files_merge_in_order_beneath_the_one_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "main.yaml").write_text("include: [lib/a.yaml, lib/b.yaml]\nx: main\nz: null\n")
    (tmp_path / "lib/a.yaml").write_text("x: a\ny: a\nz: a\nw: a\n")
    (tmp_path / "lib/b.yaml").write_text("include: [c.yaml]\ny: b\n")
    (tmp_path / "lib/c.yaml").write_text("x: c\ny: c\nv: c\nw: null\n")
    tree, reader = read(tmp_path)
    assert tree == {"x": "main", "y": "b", "v": "c"}
    assert list(reader.sources) == ["main.yaml", "lib/a.yaml", "lib/b.yaml", "lib/c.yaml"]
    assert all(len(digest) == 64 for digest in reader.sources.values())


def test_one_file_twice_is_no_circle_but_a_ring_is(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text("include: [a.yaml, b.yaml]\n")
    (tmp_path / "a.yaml").write_text("include: [c.yaml]\na: 1\n")
    (tmp_path / "b.yaml").write_text("include: [c.yaml]\nb: 1\n")
    (tmp_path / "c.yaml").write_text("c: 1\n")
    assert read(tmp_path)[0] == {"a": 1, "b": 1, "c": 1}
    (tmp_path / "c.yaml").write_text("include: [main.yaml]\n")
    with pytest.raises(SceneError, match=r"^c.yaml:1:11: include.0: expected a file that does not include this one"):
        read(tmp_path)


def test_includes_that_multiply_are_stopped(tmp_path: Path) -> None:
    (tmp_path / "main.yaml").write_text("include: [f0.yaml]\n")
    for n in range(30):
        (tmp_path / f"f{n}.yaml").write_text(f"include: [f{n + 1}.yaml, f{n + 1}.yaml]\n")
    (tmp_path / "f30.yaml").write_text("a: 1\n")
    with pytest.raises(SceneError, match="expected at most 256 includes, got more"):
        read(tmp_path)


def test_the_users_roots_serve_includes(tmp_path: Path) -> None:
    (tmp_path / "scene").mkdir()
    (tmp_path / "kit").mkdir()
    (tmp_path / "scene/main.yaml").write_text("include: [kit.yaml]\n")
    (tmp_path / "kit/kit.yaml").write_text("a: 1\n")
    with pytest.raises(SceneError, match="in the scene's folder or an --assets folder, got 'kit"):
        read(tmp_path / "scene")
    assert read(tmp_path / "scene", roots=(tmp_path / "kit",))[0] == {"a": 1}
