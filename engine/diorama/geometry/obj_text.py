"""The text of an OBJ file, checked line by line and put into the one spelling that trimesh reads.

trimesh passes over what it cannot read, takes index 0 for 1 and lets backward references count
from the end of the file: all of that would be a wrong mesh without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from math import isfinite

from diorama.errors import AssetError, expected

_LEAST = {b"v": 3, b"vt": 1, b"vn": 3}
"""How many numbers a line of each kind has at least."""

_MOST = {b"v": 3, b"vt": 2, b"vn": 3}
"""How many of them are read: what follows is a weight or a colour."""

_KINDS = (b"v", b"vt", b"vn")
"""What the parts of a corner ``1/2/3`` count."""

_NAMES = (b"usemtl", b"mtllib")


def checked_obj(data: bytes, place: str) -> bytes:
    """Return the lines of an OBJ file that make triangles and name materials.

    ``AssetError`` names the line where numbers are missing or not finite, or an index leads nowhere.
    Faces of fewer than three corners show nothing and are left out.
    """
    made: list[bytes] = []
    corners = _Corners()
    for number, line in _lines(data):
        key, _, rest = line.replace(b"\t", b" ").partition(b" ")
        where = f"{place}:{number}"
        if key in _LEAST:
            made.append(key + b" " + _numbers(key, rest.partition(b"#")[0].split(), where))
            corners.counts[key] += 1
        elif key == b"f":
            face = corners.face(rest.partition(b"#")[0].split(), where)
            made += [face] if face.count(b" ") > 2 else []
        elif key in _NAMES:
            made.append(key + b" " + line[len(key) :].strip())
    corners.check_largest()
    return b"\n".join(made) + b"\n"


class _Corners:
    """The corners of faces: references to vertices, texture coordinates and normals."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(_KINDS, 0)
        self._largest = dict.fromkeys(_KINDS, (0, ""))

    def face(self, corners: list[bytes], where: str) -> bytes:
        """Return the line of a face, all references counted from the start of the file, from 1."""
        return b" ".join([b"f", *[self._corner(corner, where) for corner in corners]])

    def check_largest(self) -> None:
        """Refuse references beyond the last vertex; forward ones are allowed.

        So are those to coordinates or normals of which the file has none: some programs write them.
        """
        for kind, (value, where) in self._largest.items():
            if value > self.counts[kind] and (self.counts[kind] or kind == b"v"):
                raise AssetError(expected(f"an index of {kind.decode()} up to {self.counts[kind]}", value), place=where)

    def _corner(self, corner: bytes, where: str) -> bytes:
        parts = corner.split(b"/")
        if len(parts) > len(_KINDS) or not parts[0]:
            raise AssetError(
                expected("a corner v, v/vt, v//vn or v/vt/vn", corner.decode("utf-8", "replace")), place=where
            )
        named = zip(_KINDS, parts, strict=False)
        return b"/".join([self._index(kind, part, where) if part else b"" for kind, part in named])

    def _index(self, kind: bytes, word: bytes, where: str) -> bytes:
        try:
            value = int(word)
        except ValueError:
            value = 0
        if value < 0:
            value += self.counts[kind] + 1
        if value < 1:
            wanted = f"an index of {kind.decode()} from 1, or from -1 to -{self.counts[kind]}"
            raise AssetError(expected(wanted, word.decode("utf-8", "replace")), place=where)
        if value > self._largest[kind][0]:
            self._largest[kind] = value, where
        return b"%d" % value


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not empty with their numbers, from 1; one that ends in a backslash goes on."""
    begun, first = b"", 0
    for number, line in enumerate(BytesIO(data), start=1):
        text = begun + line.strip()
        if text.endswith(b"\\"):
            begun, first = text[:-1] + b" ", first or number
        elif text:
            yield first or number, text
            begun, first = b"", 0


def _numbers(key: bytes, words: list[bytes], where: str) -> bytes:
    """Return the numbers of a line that are read, all of them finite."""
    chosen = words[: _MOST[key]]
    try:
        fits = len(chosen) >= _LEAST[key] and all(map(isfinite, map(float, chosen)))
    except ValueError:
        fits = False
    # Python takes 1_0 for a number, which no other program does
    if not fits or any(b"_" in word for word in chosen):
        got = b" ".join(words).decode("utf-8", "replace")
        raise AssetError(expected(f"{_LEAST[key]} finite number(s) after {key.decode()}", got), place=where)
    return b" ".join(chosen + [b"0"] * (_MOST[key] - len(chosen)))
