"""Whether a PLY file holds what its header says, which trimesh takes on trust.

Both encodings: as many rows as are declared and no more, whole rows, numbers where numbers are
due, finite positions, and no face that refers to a vertex that is not there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.errors import AssetError, expected

_KINDS = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1", "short": "i2", "int16": "i2", "ushort": "u2",
    "uint16": "u2", "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4", "int64": "i8", "uint64": "u8",
    "float": "f4", "float16": "f2", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_COUNTS = {name for name, kind in _KINDS.items() if kind[0] in "iu"}
_END = re.compile(rb"^end_header[ \t]*\r?\n", re.MULTILINE)
_CORNERS = ("vertex_indices", "vertex_index")


@dataclass(frozen=True)
class _Property:
    """One value of a row, or with ``counted`` (the type of its length) a list of values; numpy's type codes."""

    name: str
    kind: str
    counted: str = ""


@dataclass
class _Element:
    """``length`` rows of a kind of thing."""

    name: str
    length: int
    properties: list[_Property] = field(default_factory=list)


def check_ply(data: bytes, place: str) -> None:
    """Raise ``AssetError``, with the line of a file in text, where the data are not what the header says."""
    end = _END.search(data)
    if not data.startswith(b"ply") or end is None:
        raise AssetError(expected("PLY data with a header up to end_header", f"{len(data)} other bytes"), place=place)
    head = data[: end.start()].decode("utf-8", "replace").splitlines()
    elements = _elements(head, place)
    encoding = head[1].lower().split() if len(head) > 1 else []
    if "ascii" in encoding:
        _check_text(data[end.end() :], len(head) + 1, elements, place)
    else:
        _check_binary(data, end.end(), ">" if "binary_big_endian" in encoding else "<", elements, place)


def _elements(head: list[str], place: str) -> list[_Element]:
    elements: list[_Element] = []
    for number, line in enumerate(head, start=1):
        match line.split():
            case ["element", name, length] if length.isdecimal():
                elements.append(_Element(name, int(length)))
            case ["property", kind, name] if elements and kind in _KINDS:
                elements[-1].properties.append(_Property(name, _KINDS[kind]))
            case ["property", "list", counted, kind, name] if elements and counted in _COUNTS and kind in _KINDS:
                elements[-1].properties.append(_Property(name, _KINDS[kind], _KINDS[counted]))
            case ["element" | "property", *_]:
                raise AssetError(expected("an element or a property of PLY", line.strip()), place=f"{place}:{number}")
    return elements


def _check_text(body: bytes, above: int, elements: list[_Element], place: str) -> None:
    lines = body.decode("utf-8", "replace").splitlines()
    vertices, done = _vertices(elements), 0
    for element in elements:
        for row in range(element.length):
            if done == len(lines):
                raise AssetError(expected(f"{element.length} rows of {element.name}", row), place=place)
            _check_row(lines[done], element, vertices, f"{place}:{above + done + 1}")
            done += 1
    for number, line in enumerate(lines[done:], start=above + done + 1):
        if line.strip():
            raise AssetError(expected("no rows beyond those of the header", line), place=f"{place}:{number}")


def _check_row(line: str, element: _Element, vertices: int, where: str) -> None:
    try:
        values = [float(word) for word in line.split()]
    except ValueError:
        raise AssetError(expected(f"numbers in a row of {element.name}", line), place=where) from None
    start = 0
    for one in element.properties:
        # a row that is too short has fewer values than this comes to
        count = values[start] if one.counted and start < len(values) else 0.0
        if not 0 <= count <= len(values):
            raise AssetError(expected(f"the length of {one.name}", count), place=where)
        items = values[start + 1 : start + 1 + int(count)] if one.counted else values[start : start + 1]
        if one.counted and one.name in _CORNERS:
            wrong = [value for value in items if not (0 <= value < vertices and value == int(value))]
            if wrong or len(items) < 3:
                raise _corners_error(wrong, len(items), vertices, where)
        elif element.name == "vertex" and one.name in ("x", "y", "z") and not all(map(isfinite, items)):
            raise AssetError(expected("finite positions", line), place=where)
        start += 1 + int(count)
    if start != len(values):
        raise AssetError(expected(f"{start} numbers in a row of {element.name}", len(values)), place=where)


def _check_binary(data: bytes, start: int, order: str, elements: list[_Element], place: str) -> None:
    vertices = _vertices(elements)
    for element in elements:
        row = _row(data, start, order, element, place)
        there = min((len(data) - start) // max(row.itemsize, 1), element.length)
        rows = np.frombuffer(data, row, there, start) if there and row.itemsize else np.zeros(0, row)
        for number, one in enumerate(element.properties):
            if one.counted and len(rows):
                _check_lists(rows, number, one, element, place)
                if one.name in _CORNERS:
                    _check_corners(rows[f"items{number}"], vertices, place)
        if there < element.length and row.itemsize:
            raise AssetError(expected(f"{element.length} rows of {element.name}", there), place=place)
        start += there * row.itemsize
    if start != len(data):
        raise AssetError(expected("no bytes beyond what the header says", len(data) - start), place=place)


def _row(data: bytes, start: int, order: str, element: _Element, place: str) -> np.dtype[Any]:
    """Return the layout of the rows, taking each list to be as long as it is in the first row."""
    fields: list[Any] = []
    for number, one in enumerate(element.properties):
        if one.counted:
            begin = start + np.dtype(fields).itemsize
            fields.append((f"count{number}", order + one.counted))
            whole = element.length > 0 and start + np.dtype(fields).itemsize <= len(data)
            count = int(np.frombuffer(data, order + one.counted, 1, begin)[0]) if whole else 0
            if not 0 <= count * np.dtype(one.kind).itemsize <= len(data):
                raise AssetError(expected(f"the length of {one.name}", count), place=place)
            fields.append((f"items{number}", order + one.kind, (count,)))
        else:
            fields.append((f"value{number}", order + one.kind))
    return np.dtype(fields)


def _check_lists(rows: NDArray[Any], number: int, one: _Property, element: _Element, place: str) -> None:
    counts = rows[f"count{number}"]
    other = np.flatnonzero(counts != counts[:1])
    if len(other):
        wanted = f"{one.name} of {int(counts[0])} items in all rows of {element.name}, as in the first"
        raise AssetError(expected(wanted, f"{int(counts[other[0]])} in row {int(other[0])}"), place=place)


def _check_corners(corners: NDArray[Any], vertices: int, where: str) -> None:
    wrong = corners[~((corners >= 0) & (corners < vertices))]
    if len(wrong) or corners.shape[1] < 3:
        raise _corners_error(wrong.tolist(), corners.shape[1], vertices, where)


def _corners_error(wrong: Sequence[float], count: int, vertices: int, where: str) -> AssetError:
    got = wrong[0] if wrong else f"{count} corners"
    return AssetError(expected(f"3 or more vertex indices from 0 to {vertices - 1}", got), place=where)


def _vertices(elements: list[_Element]) -> int:
    return sum(element.length for element in elements if element.name == "vertex")
