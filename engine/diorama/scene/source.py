"""Read YAML 1.2 into a tree whose values remember where they stand.

The core schema of YAML 1.2 (section 10.3): ``1e-3`` is a number, ``on`` and ``no`` are texts.
Tags, merge keys, duplicate keys and several documents are refused, as is whatever grows
without bound: large files, deep nesting, aliases that multiply.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from diorama.errors import SceneError, expected
from diorama.scene.tree import Mark, Source, Tree, error_at

LARGEST_FILE = 16 * 2**20
"""The most bytes of a scene file."""

MOST_VALUES = 1_000_000
"""The most values of a scene file, each counted as often as aliases repeat it."""

DEEPEST = 128
"""How deep mappings and lists may be nested."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_OCTAL, _HEX = re.compile(r"0o[0-7]{1,64}"), re.compile(r"0x[0-9a-fA-F]{1,64}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORDS: dict[str, bool | float | None] = (
    dict.fromkeys(("", "~", "null", "Null", "NULL"))
    | dict.fromkeys(("true", "True", "TRUE"), True)
    | dict.fromkeys(("false", "False", "FALSE"), False)
    | {f"{sign}{word}": float(f"{sign}inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")}
    | dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan"))
)
_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_BARE_COLOUR = re.compile(r"\s*#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})(?![0-9a-zA-Z])")


def read(path: Path, name: str) -> Tree:
    """Read the file at ``path``, called ``name`` in messages; ``SceneError`` if it is not a scene's YAML."""
    return parse(read_text(path, name), Source(name, path.parent))


def read_text(path: Path, name: str) -> str:
    """Return the text of a file of bounded size; ``SceneError`` if it cannot be read."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise SceneError(f"expected a scene file, got {error.strerror or error}", place=name) from None
    except ValueError as error:
        raise SceneError(f"expected the name of a scene file: {error}", place=repr(name)) from None
    if len(data) > LARGEST_FILE:
        raise SceneError(f"expected at most {LARGEST_FILE >> 20} MiB, got a larger file", place=name)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SceneError(f"expected UTF-8 text, got byte 0x{data[error.start]:02x}", place=name) from None


def parse(text: str, source: Source) -> Tree:
    """Parse one YAML document; an empty one is null."""
    try:
        return _Builder(text, source).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = f"expected YAML: {error.problem}{_colour_hint(text)}"
        raise error_at(Mark(source, line, column), "", message) from None
    except UnicodeEncodeError as error:
        got = text[error.start]
        raise error_at(Mark(source), "", expected("text of Unicode characters", got)) from None
    except yaml.YAMLError as error:
        reason = getattr(error, "reason", None) or str(error)
        raise error_at(Mark(source), "", f"expected YAML: {reason}") from None


def parse_value(text: str, source: Source) -> Tree:
    """Parse what follows ``--set path=`` or stands in a column: any YAML value; ``#`` begins a colour."""
    if text.startswith("#"):
        return Tree(text, Mark(source), Mark(source))
    try:
        return _moved(parse(text, source), Mark(source))
    except SceneError as error:
        raise SceneError(error.message, place=source.name) from None


def scalar(text: str) -> str | int | float | bool | None:
    """Return what a plain scalar means in YAML 1.2's core schema."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text) or _HEX.fullmatch(text):
        return int(text, 0)
    return float(text) if _FLOAT.fullmatch(text) else text


class _Builder:
    """Builds the tree from the events of the parser, counting as it goes."""

    def __init__(self, text: str, source: Source) -> None:
        self._text, self._source = text, source
        self._events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
        self._anchors: dict[str, tuple[Tree, int]] = {}
        self._count = 0

    def document(self) -> Tree:
        next(self._events)
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return Tree(None, Mark(self._source, 1, 1))
        tree = self._value(next(self._events), 0)
        next(self._events)
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            raise self._error(following, "expected one document, got another")
        return tree

    def _value(self, event: Any, depth: int) -> Tree:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag is not None:
            raise self._error(event, f"expected a value without a tag, got {event.tag!r}")
        before = self._count
        self._add(1, event)
        if depth > DEEPEST:
            raise self._error(event, f"expected at most {DEEPEST} levels of nesting, got more")
        if isinstance(event, yaml.ScalarEvent):
            tree = Tree(self._scalar(event), self._mark(event))
        elif isinstance(event, yaml.SequenceStartEvent):
            tree = Tree(self._list(depth), self._mark(event))
        else:
            tree = Tree(self._map(depth), self._mark(event))
        if event.anchor is not None:
            self._anchors[event.anchor] = tree, self._count - before
        return tree

    def _alias(self, event: Any) -> Tree:
        if event.anchor not in self._anchors:
            raise self._error(event, f"expected an anchor defined above, got {'*' + event.anchor!r}")
        tree, size = self._anchors[event.anchor]
        self._add(size, event)
        return tree

    def _list(self, depth: int) -> list[Tree]:
        items = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, depth + 1))
        return items

    def _map(self, depth: int) -> dict[Any, Tree]:
        entries: dict[Any, Tree] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event)
            if key in entries:
                raise self._error(event, f"expected each key once, got {key!r} again (first at {entries[key].key})")
            tree = self._value(next(self._events), depth + 1)
            entries[key] = Tree(tree.value, tree.mark, self._mark(event))
        return entries

    def _key(self, event: Any) -> Any:
        if not isinstance(event, yaml.ScalarEvent) or event.tag is not None:
            raise self._error(event, "expected a name or a number as key, got a list, a mapping, an alias or a tag")
        if event.value == "<<" and event.implicit[0]:
            raise self._error(event, "expected a name, got '<<' (merge keys are YAML 1.1; use include)")
        self._add(1, event)
        key = self._scalar(event)
        if key is None or isinstance(key, bool):
            raise self._error(event, f"expected a name or a number as key, got {event.value!r} (quote it)")
        return key

    def _scalar(self, event: Any) -> Any:
        if not event.implicit[0]:
            return event.value
        if event.value == "" and self._colour_follows(event):
            raise self._error(event, 'expected a quoted colour such as "#808080", got a comment: # begins one')
        return scalar(event.value)

    def _colour_follows(self, event: Any) -> bool:
        mark = event.end_mark
        return mark.line < len(self._lines) and bool(_BARE_COLOUR.match(self._lines[mark.line], mark.column))

    @cached_property
    def _lines(self) -> list[str]:
        return _BREAK.split(self._text)

    def _add(self, count: int, event: Any) -> None:
        self._count += count
        if self._count > MOST_VALUES:
            raise self._error(event, f"expected at most {MOST_VALUES} values, aliases expanded, got more")

    def _mark(self, event: Any) -> Mark:
        return Mark(self._source, event.start_mark.line + 1, event.start_mark.column + 1)

    def _error(self, event: Any, message: str) -> SceneError:
        return error_at(self._mark(event), "", message)


def _colour_hint(text: str) -> str:
    for number, line in enumerate(text.split("\n"), 1):
        if match := re.search(r"[:,\[]\s+(#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3}))(?![0-9a-zA-Z])", line):
            return f' (in line {number}, write "{match[1]}" in quotes: # begins a comment)'
    return ""


def _moved(tree: Tree, mark: Mark) -> Tree:
    """Return ``tree`` with every mark replaced by ``mark``."""
    if tree.is_map:
        return Tree({key: _moved(entry, mark) for key, entry in tree.value.items()}, mark, mark)
    if tree.is_list:
        return Tree([_moved(entry, mark) for entry in tree.value], mark, mark)
    return Tree(tree.value, mark, mark)
