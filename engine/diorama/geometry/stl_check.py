"""Whether an STL file is whole, which trimesh does not ask of those in text."""

from __future__ import annotations

from math import isfinite

from diorama.errors import AssetError, expected

_HEAD, _TRIANGLE = 84, 50
"""Bytes of the head of a binary file, and of each triangle."""


def is_binary(data: bytes) -> bool:
    """Tell whether a file is as long as its head says; one in text never is."""
    return len(data) == _HEAD + _TRIANGLE * _count(data)


def check_stl(data: bytes, place: str) -> None:
    """Raise ``AssetError`` where a file is cut short or a vertex has no three finite numbers."""
    if is_binary(data):
        return
    if data[:1024].lower().split(maxsplit=1)[:1] != [b"solid"]:
        wanted = f"{_HEAD + _TRIANGLE * _count(data)} bytes for {_count(data)} triangles"
        raise AssetError(expected(wanted, f"{len(data)} bytes"), place=place)
    vertices, number, last = 0, 0, b""
    for number, line in enumerate(data.splitlines(), start=1):
        words = line.lower().split()
        last = words[0] if words else last
        if last == b"vertex" and words:
            _check_vertex(words[1:], f"{place}:{number}")
            vertices += 1
        elif last == b"endfacet" and words:
            if vertices != 3:
                raise AssetError(expected("3 vertices in a facet", vertices), place=f"{place}:{number}")
            vertices = 0
    if last != b"endsolid":
        raise AssetError(expected("a last line 'endsolid'", last.decode("utf-8", "replace")), place=f"{place}:{number}")


def _count(data: bytes) -> int:
    return int.from_bytes(data[_HEAD - 4 : _HEAD], "little")


def _check_vertex(words: list[bytes], where: str) -> None:
    try:
        fits = len(words) == 3 and all(map(isfinite, map(float, words)))
    except ValueError:
        fits = False
    if not fits:
        got = b" ".join(words).decode("utf-8", "replace")
        raise AssetError(expected("3 finite numbers after vertex", got), place=where)
