"""The tree of values that a scene file spells, each of which knows its file, line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from diorama.errors import SceneError
from diorama.scene.schema.check import Location

Scalar: TypeAlias = "str | int | float | bool | None"


@dataclass(frozen=True)
class Source:
    """Where text came from: its name in messages, and the folder beside which its files lie, if any."""

    name: str
    folder: Path | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a source; line and column count from 1, line 0 means the source as a whole."""

    source: Source
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source.name}:{self.line}:{self.column}" if self.line else self.source.name


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A scalar, a list of trees or a dict of trees by key; ``key`` is where the key before it stands."""

    value: Any
    mark: Mark
    key: Mark | None = None

    @property
    def is_map(self) -> bool:
        """Whether this is a mapping."""
        return isinstance(self.value, dict)

    @property
    def is_list(self) -> bool:
        """Whether this is a list."""
        return isinstance(self.value, list)

    def get(self, name: str) -> Tree | None:
        """Return the entry ``name`` of a mapping; None where there is none, or no mapping."""
        return self.value.get(name) if isinstance(self.value, dict) else None

    def entries(self) -> Iterator[tuple[Any, Tree]]:
        """Yield the keys or indices of a mapping or list, and what lies there."""
        if isinstance(self.value, dict):
            yield from self.value.items()
        elif isinstance(self.value, list):
            yield from enumerate(self.value)

    def with_value(self, value: Any) -> Tree:
        """Return another value at the same place."""
        return replace(self, value=value)

    def with_key(self, holder: Tree) -> Tree:
        """Return the same value in the place of ``holder``."""
        return replace(self, key=holder.key)

    def without(self, *names: str) -> Tree:
        """Return a mapping less some of its entries."""
        return self.with_value({name: entry for name, entry in self.value.items() if name not in names})

    def plain(self) -> Any:
        """Return plain Python values without marks."""
        if isinstance(self.value, dict):
            return {key: entry.plain() for key, entry in self.value.items()}
        if isinstance(self.value, list):
            return [entry.plain() for entry in self.value]
        return self.value


def marked(value: Any, mark: Mark) -> Tree:
    """Return plain Python values as a tree, all of it at ``mark``."""
    if isinstance(value, Mapping):
        return Tree({key: marked(entry, mark) for key, entry in value.items()}, mark, mark)
    if isinstance(value, list | tuple):
        return Tree([marked(entry, mark) for entry in value], mark, mark)
    return Tree(value, mark, mark)


def prune(tree: Tree) -> Tree:
    """Drop every entry of a mapping that is null."""
    if tree.is_list:
        return tree.with_value([prune(entry) for entry in tree.value])
    if tree.is_map:
        return tree.with_value({key: prune(entry) for key, entry in tree.value.items() if entry.value is not None})
    return tree


Counts: TypeAlias = "dict[int, tuple[int, Any]]"
"""How many values each mapping or list unfolds to, by its ``id``; kept beside it, so that no other gets that."""


def unfolded(tree: Tree, known: Counts) -> int:
    """Return how many values ``tree`` holds, counting what stands in several places at each of them.

    ``known`` collects the counts of the mappings and lists met: shared ones are walked once.
    """
    if not (tree.is_map or tree.is_list):
        return 1
    if id(tree.value) not in known:
        known[id(tree.value)] = 1 + sum(unfolded(entry, known) for _, entry in tree.entries()), tree.value
    return known[id(tree.value)][0]


def locate(tree: Tree, loc: Location, *, at_key: bool = False) -> tuple[Mark, Location]:
    """Return the mark of what ``loc`` leads to, and ``loc`` without the steps that the text does not have.

    Where the last step is missing from the text, the mark is that of what should have held it.
    """
    here, path = tree, list[int | str]()
    for number, step in enumerate(loc):
        found = _step(here, step)
        if found is None:
            if number == len(loc) - 1:
                path.append(step)
            continue
        path.append(step)
        here = found
    return (here.key if at_key and here.key else here.mark), tuple(path)


def _step(tree: Tree, step: int | str) -> Tree | None:
    if isinstance(tree.value, list):
        return tree.value[step] if isinstance(step, int) and step < len(tree.value) else None
    if isinstance(tree.value, dict):
        direct: Tree | None = tree.value.get(step)
        if direct is None:
            direct = next((entry for key, entry in tree.value.items() if str(key) == str(step)), None)
        return direct
    return None


def error_at(mark: Mark, path: str, message: str) -> SceneError:
    """Return the error ``file:line:column: path: message``."""
    return SceneError(message, place=f"{mark}: {path}" if path else str(mark))
