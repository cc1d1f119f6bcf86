"""Load a scene file into a :class:`SceneSpec`: read, include, override, draw, check."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from diorama.errors import SceneError, expected
from diorama.scene.expand import expand
from diorama.scene.include import Reader
from diorama.scene.overrides import override, override_row
from diorama.scene.paths import Roots, environment_roots
from diorama.scene.references import problems_of
from diorama.scene.schema import SceneSpec
from diorama.scene.schema.check import BadValueError, Location
from diorama.scene.schema.keys import is_number
from diorama.scene.schema.problem import Problem, problems
from diorama.scene.tree import Mark, Source, Tree, error_at, locate, marked, prune

VERSION = 1
"""The version of scene files that this engine reads."""

MOST_SHOWN = 10
"""How many problems of one scene a message lists."""

FILLED_IN = ("drawn", "sources", "assets")
"""What loading fills in, and a file must not say."""

_FILE_FIELDS = ("asset", "image", "file", "subtitles")


def load_spec(
    path: str | Path,
    *,
    params: Mapping[str, Any] | None = None,
    seed: int | None = None,
    overrides: Mapping[str, Any] | Iterable[str] | None = None,
    roots: Iterable[str | Path] = (),
) -> SceneSpec:
    """Return the scene in the file at ``path``, concrete and checked; ``SceneError`` says what is wrong where.

    ``params`` is a data row that writes parameters or dotted paths, ``overrides`` holds paths and
    values, or texts ``path=value``; ``seed`` replaces the file's. Files that the scene names are
    looked up in its folder, in ``roots``, then in those of ``DIORAMA_ASSETS``.
    """
    path = Path(path)
    try:
        return _loaded(path, params, seed, overrides, roots)
    except RecursionError:
        message = "expected values and params nested less deeply, got more levels than can be followed"
        raise SceneError(message, place=path.as_posix()) from None


def _loaded(
    path: Path,
    params: Mapping[str, Any] | None,
    seed: int | None,
    overrides: Mapping[str, Any] | Iterable[str] | None,
    roots: Iterable[str | Path],
) -> SceneSpec:
    lookup = Roots(path.parent, [*roots, *environment_roots()])
    reader = Reader(lookup)
    tree = reader.read(path, path.as_posix(), path.name)
    tree = override_row(tree, params or {})
    tree = override(tree, overrides or ())
    if seed is not None:
        plain = seed.item() if isinstance(seed, np.generic) else seed
        tree = tree.with_value({**tree.value, "seed": marked(plain, Mark(Source("--seed")))})
    tree = prune(tree)
    _check_head(tree)
    made, drawn = expand(tree, _seed(tree))
    assets: dict[str, str] = {}
    _check_choices(tree, lookup)
    made = _with_files(made, lookup, assets)
    return _validated(made, {"drawn": drawn, "sources": reader.sources, "assets": assets})


def _check_head(tree: Tree) -> None:
    version = tree.get("diorama")
    if version is None:
        raise error_at(tree.mark, "diorama", f"expected 'diorama: {VERSION}', the version of the file, got none")
    if version.value != VERSION or isinstance(version.value, bool):
        raise error_at(version.mark, "diorama", expected(f"version {VERSION}", version.plain()))
    for name in FILLED_IN:
        if (entry := tree.get(name)) is not None:
            raise error_at(entry.key or entry.mark, name, f"expected a known field, got {name!r}")


def _seed(tree: Tree) -> int:
    entry = tree.get("seed")
    if entry is None:
        return 0
    if isinstance(entry.value, bool) or not isinstance(entry.value, int) or not 0 <= entry.value < 2**63:
        raise error_at(entry.mark, "seed", expected("an integer, 0 to 2^63 - 1", entry.plain()))
    return entry.value


def _with_files(tree: Tree, lookup: Roots, assets: dict[str, str], loc: Location = ()) -> Tree:
    """Return ``tree`` with the name of every file replaced by its absolute path, noted in ``assets``."""
    if _names_file(tree, loc):
        found = _found(tree, lookup, loc)
        assets[found] = tree.value
        return tree.with_value(found)
    if not (tree.is_map or tree.is_list):
        return tree
    made = [(key, _with_files(entry, lookup, assets, (*loc, key))) for key, entry in tree.entries()]
    return tree.with_value(dict(made) if tree.is_map else [entry for _, entry in made])


def _check_choices(tree: Tree, lookup: Roots, loc: Location = ()) -> None:
    """Refuse a missing file among choices even where this seed does not choose it."""
    if loc[-1:] == ("choice",):
        for row, option in enumerate(tree.value if tree.is_list else ()):
            if _names_file(option, loc[:-1]):
                _found(option, lookup, (*loc, row))
    for key, entry in tree.entries():
        _check_choices(entry, lookup, (*loc, key))


def _names_file(tree: Tree, loc: Location) -> bool:
    field = str(loc[-1]) if loc and loc[0] != "params" else ""
    return isinstance(tree.value, str) and (field in _FILE_FIELDS or field.endswith("_texture"))


def _found(tree: Tree, lookup: Roots, loc: Location) -> str:
    try:
        return str(lookup.find(tree.value, tree.mark.source.folder))
    except BadValueError as error:
        raise error_at(tree.mark, ".".join(map(str, loc)), error.message) from None


def _validated(tree: Tree, filled_in: Mapping[str, Any]) -> SceneSpec:
    video = tree.get("video")
    rate = video.get("fps") if video is not None else None
    fps = rate.value if rate is not None and is_number(rate.value) and rate.value > 0 else SceneSpec().video.fps
    try:
        spec = SceneSpec.model_validate(tree.plain(), context={"fps": fps})
    except ValidationError as error:
        raise _failure(tree, problems(error)) from None
    found = problems_of(spec)
    if found:
        raise _failure(tree, found)
    return spec.model_copy(update=filled_in)


def _failure(tree: Tree, found: Iterable[Problem]) -> SceneError:
    """Return one error that lists the problems in the order of the text, one a line."""
    located = [(*locate(tree, problem.loc, at_key=problem.at_key), problem.message) for problem in found]
    located.sort(key=lambda entry: (entry[0].source.name, entry[0].line, entry[0].column))
    errors = [error_at(mark, ".".join(map(str, path)), message) for mark, path, message in located]
    rest = [str(error) for error in errors[1:MOST_SHOWN]]
    if len(errors) > MOST_SHOWN:
        rest.append(f"and {len(errors) - MOST_SHOWN} more")
    return SceneError("\n".join([errors[0].message, *rest]), place=errors[0].place)
