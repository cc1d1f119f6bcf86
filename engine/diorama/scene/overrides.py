"""Values written over those of a file: ``--set path=value`` and the columns of a data row.

A path is dotted: ``camera.fov``, ``nodes.ball.position.0``; within ``nodes`` a node may also go
by its own path, ``nodes.car/wheel_fl.scale``. Text is read as YAML. Null deletes.

A field need not be in the file, but a name must: only a whole node, light or material may be new.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from diorama.errors import OptionError, expected
from diorama.scene.schema.check import nearest
from diorama.scene.schema.model import Spec
from diorama.scene.schema.scene import SceneSpec
from diorama.scene.source import DEEPEST, parse_value
from diorama.scene.tree import Mark, Source, Tree, error_at, marked

ROW_NAMES = ("id",)
"""Columns of a data row that name the row and write nothing."""

MOST_NAMES = 5
"""How many of the names there are a message lists."""

_ITEM = re.compile("[0-9]{1,9}")
_THINGS = {"params": "parameter", "classes": "class", "lights": "light", "materials": "material", "nodes": "node"}
_DECLARED = ("parameter", "class")
"""Nothing can use one of these unless the files know it, so a new one is a slip."""

_SECTIONS = tuple(name for name in SceneSpec.model_fields if name not in ("drawn", "sources", "assets"))


def override(tree: Tree, settings: Mapping[str, Any] | Iterable[str]) -> Tree:
    """Return ``tree`` with ``path: value`` pairs, or texts ``path=value``, written into it in order.

    The name of a parameter alone is a path too.
    """
    known = _parameters(tree)
    for path, value in _pairs(settings):
        tree = _write(tree, f"params.{path}" if path in known else path, _value(f"--set {path}", value))
    return tree


def override_row(tree: Tree, row: Mapping[str, Any]) -> Tree:
    """Return ``tree`` with a data row written into it: each column is a parameter or a path."""
    known = _parameters(tree)
    for name, value in row.items():
        if name in ROW_NAMES and name not in known:
            continue
        path = f"params.{name}" if name in known else str(name)
        if path.split(".")[0] not in _SECTIONS:
            wanted = f"expected a parameter or a path in the scene, got {name!r}"
            raise OptionError(f"{wanted}{nearest(str(name), sorted(known))}", place="params")
        tree = _write(tree, path, _value(f"params {name}", value))
    return tree


def _parameters(tree: Tree) -> set[str]:
    params = tree.get("params")
    return set(params.value) if params is not None and params.is_map else set()


def _pairs(settings: Mapping[str, Any] | Iterable[str]) -> Iterable[tuple[str, Any]]:
    if isinstance(settings, Mapping):
        return [(str(path), value) for path, value in settings.items()]
    pairs = []
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals or not path:
            raise OptionError(expected("path=value", setting), place="--set")
        pairs.append((path, value))
    return pairs


def _value(name: str, value: Any) -> Tree:
    source = Source(name)
    if isinstance(value, str):
        return parse_value(value, source)
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    return marked(value, Mark(source))


def _write(tree: Tree, path: str, value: Tree) -> Tree:
    steps = path.split(".")
    if steps[0] not in _SECTIONS:
        message = f"expected a path in the scene, got {path!r}{nearest(steps[0], [*_SECTIONS, *_parameters(tree)])}"
        raise OptionError(message, place="--set")
    if steps[0] == "nodes" and len(steps) > 1 and "/" in steps[1]:
        steps[1:2] = "/children/".join(steps[1].split("/")).split("/")
    if len(steps) > DEEPEST:
        raise OptionError(f"expected a path of at most {DEEPEST} steps, got {len(steps)}", place="--set")
    return _written(tree, steps, value, path)


def _written(tree: Tree, steps: list[str], value: Tree, path: str, above: tuple[str, ...] = ()) -> Tree:
    """Return ``tree``, to which the keys ``above`` lead, with ``value`` at the end of ``steps``."""
    if not steps:
        return Tree(value.value, value.mark, tree.key or value.key)
    if tree.is_list:
        return _written_item(tree, steps, value, path, above)
    if not tree.is_map and tree.value is not None:
        raise error_at(value.mark, path, expected("a path to a value in a mapping or a list", tree.value))
    entries = dict(tree.value or {})
    key, rest = _key(entries, steps)
    if thing := _thing(above):
        whole = not rest and (value.is_map or isinstance(value.value, Spec))
        _check_name(thing, str(key), entries, whole=whole, at=value)
    below = entries.get(key, Tree(None, value.mark, value.mark))
    made = _written(below, rest, value, path, (*above, str(key)))
    if made.value is None:
        entries.pop(key, None)
    else:
        entries[key] = made
    return tree.with_value(entries)


def _written_item(tree: Tree, steps: list[str], value: Tree, path: str, above: tuple[str, ...]) -> Tree:
    if not _ITEM.fullmatch(steps[0]) or int(steps[0]) >= len(tree.value):
        raise error_at(value.mark, path, expected(f"an item of 0 to {len(tree.value) - 1} of the list", steps[0]))
    items = list(tree.value)
    items[int(steps[0])] = _written(items[int(steps[0])], steps[1:], value, path, (*above, steps[0]))
    return tree.with_value(items)


def _thing(above: tuple[str, ...]) -> str:
    """Return what the keys of the mapping at ``above`` are names of; nothing where they are fields.

    A node's own ``materials`` are fields here: their names are those of its asset.
    """
    if len(above) == 1:
        return _THINGS.get(above[0], "")
    return "node" if above[-1:] == ("children",) and not _thing(above[:-1]) else ""


def _check_name(thing: str, name: str, entries: Mapping[Any, Tree], *, whole: bool, at: Tree) -> None:
    """Refuse the name of a thing that is not there, unless it is a ``whole`` one that may be new.

    What is in an asset, ``#name``, is not known before it is loaded. A null is there only as a parameter.
    """
    known = [str(key) for key, entry in entries.items() if thing == "parameter" or entry.value is not None]
    if name in known or name.startswith("#") or (whole and thing not in _DECLARED):
        return
    listed = ", ".join(known[:MOST_NAMES]) or "there is none"
    more = f" and {len(known) - MOST_NAMES} more" if len(known) > MOST_NAMES else ""
    wanted = expected(f"the name of a {thing} ({listed}{more})", name)
    raise OptionError(f"{wanted}{nearest(name, known)}", place=str(at.mark))


def _key(entries: Mapping[Any, Tree], steps: list[str]) -> tuple[Any, list[str]]:
    """Split off the key that the steps begin with: the longest there is, since names may hold dots."""
    by_text = {str(key): key for key in entries}
    for length in range(len(steps), 0, -1):
        name = ".".join(steps[:length])
        if name in by_text:
            return by_text[name], steps[length:]
    return steps[0], steps[1:]
