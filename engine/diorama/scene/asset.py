"""Read a model file of any kind that Diorama knows."""

from __future__ import annotations

from pathlib import Path

from diorama.errors import AssetError, expected
from diorama.scene.asset_tree import Asset, AssetNode, AssetPart

__all__ = ["SUFFIXES", "Asset", "AssetNode", "AssetPart", "load_asset"]

_GLTF = (".glb", ".gltf")
_MESH = (".obj", ".ply", ".stl")
SUFFIXES = _GLTF + _MESH
"""The suffixes that :func:`load_asset` reads."""


def load_asset(path: Path) -> Asset:
    """Read a model (.glb, .gltf, .obj, .ply, .stl); ``AssetError`` names the file and what is wrong."""
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise AssetError(expected(f"a model file ({', '.join(SUFFIXES)})", path.name), place=str(path))
    if not path.is_file():
        raise AssetError(expected("a model file", "nothing there"), place=str(path))
    # Imported on use: a scene without models needs neither Pillow nor trimesh.
    if suffix in _GLTF:
        from diorama.scene.gltf import load_gltf

        return load_gltf(path)
    from diorama.scene.mesh_file import load_mesh_file

    return load_mesh_file(path)
