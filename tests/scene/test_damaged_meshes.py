"""OBJ, PLY and STL files that are cut short or refer to what is not there: an error that names the place, no mesh."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
import trimesh

from diorama.errors import AssetError
from diorama.scene.asset import load_asset

SQUARE = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\n"
PLY = """ply
format {} 1.0
element vertex 4
property float x
property float y
property float z
element face 2
property list uchar int vertex_indices
end_header
"""
ROWS = "0 0 0\n1 0 0\n1 1 0\n0 1 0\n3 0 1 2\n3 0 2 3\n"
FACET = "facet normal 0 0 1\nouter loop\nvertex 0 0 0\nvertex 1 0 0\nvertex 0 1 0\nendloop\nendfacet\n"


def _binary(faces: tuple[tuple[int, ...], ...] = ((0, 1, 2), (0, 2, 3)), order: str = "<") -> bytes:
    head = PLY.format("binary_little_endian" if order == "<" else "binary_big_endian").encode()
    rows = struct.pack(f"{order}12f", 0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0)
    return head + rows + b"".join(struct.pack(f"{order}B{len(face)}i", len(face), *face) for face in faces)


def _text(rows: str = ROWS) -> bytes:
    return (PLY.format("ascii") + rows).encode()


OBJ = [
    (SQUARE + "f 0 1 2\n", ":5: expected an index of v from 1, or from -1 to -4, got '0'"),
    (SQUARE + "f 1 2 3\nf 1 3 5\n", ":6: expected an index of v up to 4, got 5"),
    (SQUARE + "f -5 2 3\n", ":5: expected an index of v from 1, or from -1 to -4, got '-5'"),
    (SQUARE + "f 1 2 x\n", ":5: expected an index of v from 1, or from -1 to -4, got 'x'"),
    (SQUARE + "f 1 2 /3\n", ":5: expected a corner v, v/vt, v//vn or v/vt/vn, got '/3'"),
    (SQUARE + "vt 0 0\nf 1/1 2/1 3/2\n", ":6: expected an index of vt up to 1, got 2"),
    (SQUARE + "vn 0 0 1\nf 1//1 2//0 3//1\n", ":6: expected an index of vn from 1, or from -1 to -1, got '0'"),
    (SQUARE + "v 0 nan 0\nf 1 2 3\n", ":5: expected 3 finite number(s) after v, got '0 nan 0'"),
    (SQUARE + "v 0 1e999 0\nf 1 2 3\n", ":5: expected 3 finite number(s) after v, got '0 1e999 0'"),
    (SQUARE + "# a\\\nb\n\nv 0 1\nf 1 2 3\n", ":8: expected 3 finite number(s) after v, got '0 1'"),
    (SQUARE + "v 1_0 1 0\nf 1 2 3\n", ":5: expected 3 finite number(s) after v, got '1_0 1 0'"),
]
PLYS = [
    (_text(ROWS[:-8]), ": expected 2 rows of face, got 1"),
    (_text(ROWS[:-3]), ":15: expected 3 or more vertex indices from 0 to 3, got '2 corners'"),
    (_text(ROWS.replace("1 1 0", "1 1")), ":12: expected 3 numbers in a row of vertex, got 2"),
    (_text(ROWS.replace("1 1 0", "1 x 0")), ":12: expected numbers in a row of vertex, got '1 x 0'"),
    (_text(ROWS.replace("1 1 0", "1 inf 0")), ":12: expected finite positions, got '1 inf 0'"),
    (_text(ROWS.replace("0 2 3", "0 2 4")), ":15: expected 3 or more vertex indices from 0 to 3, got 4.0"),
    (_text(ROWS.replace("0 2 3", "0 2 -1")), ":15: expected 3 or more vertex indices from 0 to 3, got -1.0"),
    (_text(ROWS.replace("0 2 3", "0 2 1.5")), ":15: expected 3 or more vertex indices from 0 to 3, got 1.5"),
    (_text(ROWS.replace("3 0 2 3", "4 0 2 3")), ":15: expected 5 numbers in a row of face, got 4"),
    (_text(ROWS + "3 0 1 2\n"), ":16: expected no rows beyond those of the header, got '3 0 1 2'"),
    (_text().replace(b"float z", b"real z"), ":6: expected an element or a property of PLY, got 'property real z'"),
    (_text()[:60], ": expected PLY data with a header up to end_header, got '60 other bytes'"),
    (_binary()[:-1], ": expected 2 rows of face, got 1"),
    (_binary()[:-26], ": expected 2 rows of face, got 0"),
    (_binary()[:-30], ": expected 4 rows of vertex, got 3"),
    (_binary() + b"\0", ": expected no bytes beyond what the header says, got 1"),
    (_binary(((0, 1, 2), (0, 2, 4))), ": expected 3 or more vertex indices from 0 to 3, got 4"),
    (_binary(((0, 1, 2), (0, 2, -1)), ">"), ": expected 3 or more vertex indices from 0 to 3, got -1"),
    (
        _binary(((0, 1, 2), (0, 1, 2, 3))),
        ": expected vertex_indices of 3 items in all rows of face, as in the first, got '4 in row 1'",
    ),
]
STL = [
    (f"solid a\n{FACET}{FACET}".encode(), ":15: expected a last line 'endsolid', got 'endfacet'"),
    (f"solid a\n{FACET}endsolid a\nsolid b\n{FACET}".encode(), ":17: expected a last line 'endsolid', got 'endfacet'"),
    (
        f"solid a\n{FACET.replace('1 0 0', '1 0')}endsolid".encode(),
        ":5: expected 3 finite numbers after vertex, got '1 0'",
    ),
    (f"solid a\n{FACET.replace('1 0 0', '1 x 0')}endsolid".encode(), ":5: expected 3 finite numbers after vertex"),
    (f"solid a\n{FACET.replace('1 0 0', '1 nan 0')}endsolid".encode(), ":5: expected 3 finite numbers after vertex"),
    (
        f"solid a\n{FACET.replace('vertex 1 0 0', '')}endsolid".encode(),
        ":8: expected 3 vertices in a facet, got 2",
    ),
    (trimesh.creation.box().export(file_type="stl")[:-1], ": expected 684 bytes for 12 triangles, got '683 bytes'"),
]
ALL = [("obj", text.encode(), message) for text, message in OBJ]
ALL += [(kind, data, message) for kind, cases in (("ply", PLYS), ("stl", STL)) for data, message in cases]


@pytest.mark.parametrize(("kind", "data", "message"), ALL, ids=[f"{kind}{row}" for row, (kind, *_) in enumerate(ALL)])
def test_what_is_wrong_is_named_by_its_line(tmp_path: Path, kind: str, data: bytes, message: str) -> None:
    path = tmp_path / f"a.{kind}"
    path.write_bytes(data)
    with pytest.raises(AssetError) as caught:
        load_asset(path)
    assert str(caught.value).startswith(f"{path}{message}")


@pytest.mark.parametrize("data", [_text(), _text(ROWS + "\n \n"), _binary(), _binary(order=">")])
def test_whole_ply_files_of_every_encoding_load(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.ply"
    path.write_bytes(data)
    (part,) = load_asset(path).parts
    assert part.mesh.positions[part.mesh.triangles].sum(axis=(0, 1)).tolist() == [3, 3, 0]


@pytest.mark.parametrize("cut", range(0, 100, 7))
def test_a_file_cut_anywhere_does_not_load(tmp_path: Path, cut: int) -> None:
    shape = trimesh.creation.icosphere(1)
    ascii_ply = trimesh.exchange.ply.export_ply(shape, encoding="ascii")
    for kind, data in (
        ("ply", ascii_ply.rstrip()),
        ("ply", trimesh.exchange.ply.export_ply(shape)),
        ("stl", trimesh.exchange.stl.export_stl(shape)),
        ("stl", trimesh.exchange.stl.export_stl_ascii(shape).rstrip().encode()),
    ):
        path = tmp_path / f"a.{kind}"
        # not so late that only a digit of the last number is gone
        path.write_bytes(data[: (len(data) - 8) * cut // 100 + 1])
        with pytest.raises(AssetError):
            load_asset(path)


def test_backward_references_count_from_where_they_stand(tmp_path: Path) -> None:
    more = "".join(f"v {x} {y} 5\n" for x, y in ((0, 0), (2, 0), (0, 2)))
    (tmp_path / "a.obj").write_text(f"{SQUARE}f -4 -3 -2\n{more}f -3 -2 -1\n")
    (part,) = load_asset(tmp_path / "a.obj").parts
    corners = np.sort(part.mesh.positions[part.mesh.triangles], axis=0)
    assert corners[:, :, 2].tolist() == [[0, 0, 0], [5, 5, 5]]


def test_spellings_of_other_programs_are_understood(tmp_path: Path) -> None:
    """Tabs, indents, comments behind values, continued lines, weights, forward references, lost coordinates."""
    text = "f 1/1/1 \\\n 2/2/2 3/3/3 # first\nfoo 1 2\nf 1 2\n  v\t0 0 0 1.0\r\nv 1 0 0 .5 .5 .5 # red\nv 0 1 0\n"
    (tmp_path / "a.obj").write_text(text)
    (part,) = load_asset(tmp_path / "a.obj").parts
    assert part.mesh.positions[part.mesh.triangles].tolist() == [[[0, 0, 0], [1, 0, 0], [0, 1, 0]]]
