"""Includes: files merged beneath the one that names them.

Mappings merge key by key, the later wins, null deletes. What is one value though it is spelled
as a mapping (a draw, keys, a colour, a thing of another ``type``) is replaced as a whole.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from diorama.scene.draws import is_draw
from diorama.scene.paths import Roots
from diorama.scene.schema.check import BadValueError
from diorama.scene.schema.keys import is_time
from diorama.scene.source import MOST_VALUES, parse, read_text
from diorama.scene.tree import Source, Tree, error_at, unfolded

MOST_INCLUDES = 256
"""How many files a scene may read in all."""


class Reader:
    """Reads a scene file and all that it includes.

    ``sources`` collects the SHA-256 of each, by its name relative to the scene file's folder.
    """

    def __init__(self, roots: Roots) -> None:
        self._roots = roots
        self._open: list[Path] = []
        self._steps = 0
        self.sources: dict[str, str] = {}

    def read(self, path: Path, name: str, short: str) -> Tree:
        """Return the tree of the file at ``path`` over those it includes, without ``include``.

        It is called ``name`` in messages and ``short`` in ``sources``.
        """
        text = read_text(path, name)
        self.sources[short] = sha256(text.encode()).hexdigest()
        tree = parse(text, Source(name, path.parent))
        if not tree.is_map:
            raise error_at(tree.mark, "", f"expected a mapping that begins with 'diorama: 1', got {_kind(tree)}")
        listed = tree.get("include")
        if listed is None or listed.value is None:
            return tree.without("include")
        if not listed.is_list:
            raise error_at(listed.mark, "include", f"expected a list of files, got {listed.plain()!r}")
        self._open.append(path.resolve())
        below = Tree({}, tree.mark)
        for row, entry in enumerate(listed.value):
            below = merge(below, self._included(entry, f"include.{row}", name, short))
            if unfolded(below, {}) > MOST_VALUES:
                raise error_at(entry.mark, f"include.{row}", f"expected at most {MOST_VALUES} values in all, got more")
        self._open.pop()
        return merge(below, tree.without("include"))

    def _included(self, entry: Tree, place: str, name: str, short: str) -> Tree:
        self._steps += 1
        if self._steps > MOST_INCLUDES:
            raise error_at(entry.mark, place, f"expected at most {MOST_INCLUDES} includes, got more")
        try:
            path = self._roots.find(entry.plain(), entry.mark.source.folder)
        except BadValueError as error:
            raise error_at(entry.mark, place, error.message) from None
        if path in self._open:
            raise error_at(entry.mark, place, f"expected a file that does not include this one, got {entry.value!r}")
        return self.read(path, *((Path(above).parent / entry.value).as_posix() for above in (name, short)))


def merge(base: Tree, over: Tree) -> Tree:
    """Lay ``over`` on ``base``; a null hides what is below and is pruned when all files are merged."""
    if not (base.is_map and over.is_map) or _is_value(base) or _is_value(over) or _types_differ(base, over):
        return over
    entries = dict(base.value)
    for key, entry in over.value.items():
        entries[key] = merge(entries[key], entry) if key in entries else entry
    return over.with_value(entries)


def _is_value(tree: Tree) -> bool:
    """Whether a mapping spells one value; told by its shape, since a node may bear any name."""
    if "keys" in tree.value:
        keys = tree.value["keys"]
        return keys.is_list or (keys.is_map and all(is_time(key) for key in keys.value))
    return is_draw(tree) or (set(tree.value) == {"hsv"} and tree.value["hsv"].is_list)


def _types_differ(base: Tree, over: Tree) -> bool:
    before, after = base.get("type"), over.get("type")
    return before is not None and after is not None and not after.is_map and before.value != after.value


def _kind(tree: Tree) -> str:
    if tree.value is None:
        return "nothing"
    return "a list" if tree.is_list else repr(tree.value)
