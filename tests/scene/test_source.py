"""YAML 1.2 with places: against JSON (a subset of YAML 1.2), the specification's tables, and hostile input."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.errors import SceneError
from diorama.scene import source
from diorama.scene.source import parse, parse_value, read, scalar
from diorama.scene.tree import Source, Tree, locate, prune

HERE = Source("s.yaml")

PRINTABLE = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=12)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | PRINTABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PRINTABLE, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
@settings(deadline=None, max_examples=150)
def test_json_means_the_same(value: Any) -> None:
    assert parse(json.dumps(value, ensure_ascii=False), HERE).plain() == value


# The examples of YAML 1.2.2, sections 10.2 and 10.3, and the traps of YAML 1.1.
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001), ("1E+3", 1000.0), (".5", 0.5), ("1.", 1.0), ("+12", 12), ("-0", 0), ("0123", 123),
        ("0o17", 15),
        ("0xFf", 255), ("true", True), ("False", False), ("TRUE", True), ("null", None), ("~", None), ("", None),
        ("on", "on"), ("no", "no"), ("yes", "yes"), ("y", "y"), ("tRUE", "tRUE"), ("1_000", "1_000"), ("0b11", "0b11"),
        ("12:30:45", "12:30:45"), ("2001-12-14", "2001-12-14"), ("12f", "12f"), ("1e", "1e"), (".", "."), ("-", "-"),
        ("-.inf", -math.inf), (".Inf", math.inf), ("Infinity", "Infinity"), ("0o8", "0o8"), ("=", "="),
    ],
)  # fmt: skip
def test_core_schema(text: str, value: Any) -> None:
    got = scalar(text)
    assert got == value
    assert type(got) is type(value)
    assert math.isnan(scalar(".NaN"))  # type: ignore[arg-type]


def test_quotes_make_text() -> None:
    tree = parse(
        """{a: "1", b: '#808080', c: "true", d: |-\n   12\n, "1": 2, 1: 3}""".replace(", d: |-\n   12\n", ""), HERE
    )
    assert tree.plain() == {"a": "1", "b": "#808080", "c": "true", "1": 2, 1: 3}
    assert parse("d: |-\n  12\n", HERE).plain() == {"d": "12"}


def test_every_value_knows_its_place() -> None:
    tree = parse("a: 1\nnodes:\n  car: {fov: [3,\n    44]}\n", HERE)
    places = {
        ("a",): (1, 4, 1, 1),
        ("nodes",): (3, 3, 2, 1),
        ("nodes", "car"): (3, 8, 3, 3),
        ("nodes", "car", "fov"): (3, 14, 3, 9),
        ("nodes", "car", "fov", 1): (4, 5, 3, 9),
    }
    for loc, (line, column, key_line, key_column) in places.items():
        mark, path = locate(tree, loc)
        assert (mark.line, mark.column, path) == (line, column, loc)
        if loc[-1] != 1:
            key, _ = locate(tree, loc, at_key=True)
            assert (key.line, key.column) == (key_line, key_column)
    assert locate(tree, ("nodes", "car", "near")) == (tree.value["nodes"].value["car"].mark, ("nodes", "car", "near"))


def test_an_alias_is_what_it_names_at_the_place_of_its_key() -> None:
    tree = parse("a: &x {b: 1}\nc: *x\n", HERE)
    assert tree.plain() == {"a": {"b": 1}, "c": {"b": 1}}
    assert tree.value["c"].key.line == 2


def test_prune_drops_null_entries_but_no_items() -> None:
    assert prune(parse("{a: null, b: [null, {c: ~}], d: {e: ~}}", HERE)).plain() == {"b": [None, {}], "d": {}}


@pytest.mark.parametrize(
    ("text", "value"),
    [("30", 30), ("#808080", "#808080"), ("[1, 2]", [1, 2]), ("", None), ("{uniform: [0, 1]}", {"uniform": [0, 1]})],
)
def test_values_of_options(text: str, value: Any) -> None:
    tree = parse_value(text, Source("--set x"))
    assert tree.plain() == value
    assert str(tree.mark) == "--set x"


def test_a_comment_that_is_no_colour_is_left_alone() -> None:
    assert parse("a: # fade in\nb: #bad\n  1\nc: 2 #808080\nd: #808080x\n", HERE).plain() == {
        "a": None,
        "b": 1,
        "c": 2,
        "d": None,
    }


def bomb(depth: int) -> str:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, depth)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (bomb(30), "expected at most 1000000 values"),
        ("a: &a [*a]", "expected an anchor defined above"),
        ("[" * 100_000, "levels of nesting"),
        ("{a: " * 100_000, "levels of nesting"),
        ("- " * 100_000 + "1", "levels of nesting"),
        ("a: !!python/object/new:os.system [echo]", "without a tag"),
        ("!!str a: 1", "as key"),
        ("a: !include b.yaml", "without a tag"),
        ("%YAML 9.9\n--- 1", "expected YAML"),
        ("a: [1, 2", "expected YAML"),
        ("a: \x00", "expected YAML"),
        ("*a : 1", "as key"),
    ],
)
def test_hostile_text_is_refused(text: str, wanted: str) -> None:
    with pytest.raises(SceneError, match=wanted.replace("(", "\\(")):
        parse(text, HERE)


def test_a_large_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LARGEST_FILE", 2**20)
    (tmp_path / "s.yaml").write_text("a: " + "1" * 2**20)
    with pytest.raises(SceneError, match="expected at most 1 MiB, got a larger file"):
        read(tmp_path / "s.yaml", "s.yaml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match=r"^s.yaml: expected a scene file, got No such file or directory$"):
        read(tmp_path / "s.yaml", "s.yaml")
    with pytest.raises(SceneError, match=r"^s.yaml: expected a scene file, got Is a directory$"):
        read(tmp_path, "s.yaml")


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.decode("latin-1")))
@settings(deadline=None, max_examples=200)
def test_any_text_gives_a_tree_or_one_error(text: str) -> None:
    try:
        assert isinstance(parse(text, HERE), Tree)
    except SceneError as error:
        assert str(error).startswith("s.yaml")
