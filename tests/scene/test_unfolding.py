"""A few lines of text do not unfold to more than a scene may hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from diorama.errors import SceneError
from diorama.scene.expand import expand
from diorama.scene.include import Reader
from diorama.scene.load import load_spec
from diorama.scene.paths import Roots
from diorama.scene.source import parse
from diorama.scene.tree import Source, unfolded

LONG = f"params: {{long: [{', '.join(['0'] * 2000)}]}}"
MANY = ", ".join(["{param: long}"] * 600)
DOUBLED = ", ".join(f"p{row}: [{{param: p{row + 1}}}, {{param: p{row + 1}}}]" for row in range(40))
NAMED = ", ".join(f"m{row}: {{b: {{param: long}}}}" for row in range(600))


def expanded(text: str) -> None:
    expand(parse(text, Source("s.yaml")), 0)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (f"params: {{{DOUBLED}, p40: 0}}", r"params\.p\d+"),
        (f"{LONG}\nmaterials: {{a: {{b: [{MANY}]}}}}", r"materials\.a\.b"),
        (f"{LONG}\nmaterials: {{{NAMED}}}", "materials"),
        (f"{LONG}\nnodes: {{a: {{x: {{uniform: [{MANY}]}}}}}}", r"nodes\.a\.x\.uniform"),
        (f"{LONG}\nnodes: {{a: {{repeat: [{MANY}]}}}}", r"nodes\.a\.repeat"),
    ],
)
def test_params_put_in_many_times(text: str, place: str) -> None:
    message = rf"^s\.yaml:\d+:\d+: {place}: expected at most 1000000 values, params put in, got more$"
    with pytest.raises(SceneError, match=message):
        expanded(text)


def test_copies_of_a_large_node() -> None:
    message = r"nodes\.a/499\.x: expected at most 1000000 values in all nodes, copies counted, got more"
    with pytest.raises(SceneError, match=message):
        expanded(f"nodes: {{a: {{repeat: 5000, x: [{', '.join(['0'] * 2000)}]}}}}")


def test_nodes_written_one_by_one_count_as_copies_do() -> None:
    nodes = ", ".join(f"n{row}: {{}}" for row in range(60_000))
    with pytest.raises(SceneError, match=r"nodes\.late\.repeat: expected at most 100000 nodes in all, got more"):
        expanded(f"nodes: {{{nodes}, late: {{repeat: 50000}}}}")


def test_a_long_chain_of_params(tmp_path: Path) -> None:
    chain = ", ".join(f"p{row}: {{param: p{row + 1}}}" for row in range(3000))
    file = tmp_path / "s.yaml"
    file.write_text(f"diorama: 1\ncamera: {{}}\nparams: {{{chain}, p3000: 1}}\n")
    with pytest.raises(SceneError) as caught:
        load_spec(file)
    wanted = "expected values and params nested less deeply, got more levels than can be followed"
    assert str(caught.value) == f"{file.as_posix()}: {wanted}"


def test_files_that_are_small_alone_and_large_together(tmp_path: Path) -> None:
    for name in "ab":
        rows = ", ".join(["0"] * 600_000)
        (tmp_path / f"{name}.yaml").write_text(f"params: {{{name}: [{rows}]}}")
    (tmp_path / "s.yaml").write_text("include: [a.yaml, b.yaml]")
    message = r"^s\.yaml:1:19: include\.1: expected at most 1000000 values in all, got more$"
    with pytest.raises(SceneError, match=message):
        Reader(Roots(tmp_path)).read(tmp_path / "s.yaml", "s.yaml", "s.yaml")


def test_shared_values_count_wherever_they_stand() -> None:
    tree = parse("{a: &a [1, 2, {b: 3}], c: [*a, *a]}", Source("s.yaml"))
    assert unfolded(tree, {}) == 1 + 5 + (1 + 5 + 5)
