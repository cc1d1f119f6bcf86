"""Meshes from OBJ, PLY and STL files, read by trimesh.

The only file opened is the one named, and for OBJ the material library that the caller hands in.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from diorama.errors import AssetError, expected
from diorama.geometry.build import build_mesh
from diorama.geometry.crease import mesh_with_creases
from diorama.geometry.mesh import Mesh
from diorama.geometry.obj_text import checked_obj
from diorama.geometry.ply_check import check_ply
from diorama.geometry.stl_check import check_stl, is_binary
from diorama.reading import read_bytes

if TYPE_CHECKING:
    import trimesh

CREASE = math.radians(30.0)
"""Edges that bend by more are sharp in a file that gives no normals."""

_HAS_NORMALS = {
    ".obj": re.compile(rb"^[ \t]*vn\s", re.MULTILINE),
    ".ply": re.compile(rb"\A(?:(?!end_header).)*property\s+\S+\s+nx\s", re.DOTALL),
    ".stl": re.compile(rb"(?!)"),
}


@dataclass(frozen=True, eq=False)
class NamedMesh:
    """One mesh of a file, and the name of its material in the file's library (``""``: none)."""

    mesh: Mesh
    material: str


def read_meshes(path: Path, library: Callable[[str], bytes]) -> list[NamedMesh]:
    """Read the triangle meshes of an OBJ, PLY or STL file.

    ``library`` returns the bytes of the material library that an OBJ file names.
    """
    import trimesh

    suffix = path.suffix.lower()
    data = _checked(read_bytes(path, "file", str(path)), suffix, str(path))
    resolver = _Library(library) if suffix == ".obj" else None
    try:
        # trimesh raises nearly anything on damaged files, and numpy warns of odd numbers in them.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = trimesh.load_scene(BytesIO(data), suffix[1:], resolver=resolver, process=False)
            found = [item for item in loaded.geometry.values() if isinstance(item, trimesh.Trimesh)]
            keep = _HAS_NORMALS[suffix].search(data) is not None
            meshes = [NamedMesh(mesh_of(item, None if keep else CREASE), _material(item)) for item in found]
    except AssetError as error:
        raise AssetError(error.message, place=error.place or str(path)) from error
    except Exception as error:
        raise AssetError(f"expected {suffix[1:].upper()} data: {error}", place=str(path)) from error
    if resolver is not None and resolver.error is not None:
        raise resolver.error
    meshes = [item for item in meshes if len(item.mesh.triangles)]
    if not meshes:
        raise AssetError(expected("triangles", "none"), place=str(path))
    return meshes


def mesh_of(source: trimesh.Trimesh, crease: float | None = None) -> Mesh:
    """Return trimesh's triangles as a mesh; with a ``crease`` (radians) its normals are made anew."""
    positions, triangles = np.asarray(source.vertices, np.float64), np.asarray(source.faces, np.int64)
    if triangles.size and not 0 <= int(triangles.min()) <= int(triangles.max()) < len(positions):
        wrong = int(triangles.min()) if int(triangles.min()) < 0 else int(triangles.max())
        raise AssetError(expected(f"vertex indices from 0 to {len(positions) - 1}", wrong))
    if not np.isfinite(positions).all():
        raise AssetError(expected("finite positions", "NaN or infinity"))
    uvs = getattr(source.visual, "uv", None)
    if uvs is not None:
        # trimesh counts v upward from the picture's lower edge.
        uvs = np.column_stack([uvs[:, 0], 1.0 - uvs[:, 1]]) if len(uvs) == len(positions) else None
    if crease is not None:
        return mesh_with_creases(positions, triangles, crease, uvs)
    return build_mesh(positions, triangles, normals=source.vertex_normals, uvs=uvs)


def _checked(data: bytes, suffix: str, place: str) -> bytes:
    """Return what trimesh is to read, having refused what it would read wrongly.

    Text is made UTF-8, what is none of it replaced: old programs wrote names in other codes.
    """
    if suffix == ".obj":
        return _replaced(checked_obj(data, place))
    if suffix == ".ply":
        check_ply(data, place)
        return data
    check_stl(data, place)
    return data if is_binary(data) else _replaced(data)


def _replaced(text: bytes) -> bytes:
    return text.decode("utf-8", "replace").encode()


def _material(source: trimesh.Trimesh) -> str:
    return str(getattr(getattr(source.visual, "material", None), "name", None) or "")


class _Library(Mapping[str, bytes]):
    """Gives trimesh the names in a material library only: it would open the pictures itself."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        self._read = read
        self.error: AssetError | None = None

    def __getitem__(self, key: str) -> bytes:
        """Return a library of the same names without any values."""
        try:
            text = self._read(key)
        except AssetError as error:
            # trimesh drops what a resolver raises; the caller raises it again.
            self.error = error
            raise
        names = re.findall(rb"^[ \t]*newmtl[ \t]+\S.*$", text, re.MULTILINE)
        return _replaced(b"\n".join(names))

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0
