"""glTF 2.0 models (.gltf, .glb) at rest: the nodes of the file's scene, their meshes and materials.

Skins, morph targets and animations are left at rest in this version, and noted.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from diorama.errors import AssetError, expected
from diorama.geometry.mesh import Mesh
from diorama.scene.asset_tree import Asset, AssetNode, AssetPart
from diorama.scene.gltf_file import GltfFile
from diorama.scene.gltf_json import JsonObject
from diorama.scene.gltf_material import SHOWN, MaterialReader
from diorama.scene.gltf_mesh import read_primitive
from diorama.transform import IDENTITY_QUATERNION

_READ = frozenset(
    {
        *SHOWN,
        "KHR_texture_transform",
        "KHR_mesh_quantization",
    }
)
_UNSEEN = frozenset({"VRM", "KHR_xmp", "KHR_xmp_json_ld"})
"""What describes a model, a person's limbs or its author, and changes nothing of how it looks at rest."""

MAX_PARTS = 2**18
"""How many primitives one model may draw, counted once for each node that shows them."""

_IDENTITY = tuple(float(value) for value in np.eye(4).reshape(-1))


def load_gltf(path: Path) -> Asset:
    """Read a model; ``AssetError`` names the file and the place in its JSON that is wrong.

    A node without a name is called ``node_<index>``; a second one of a name gets its index too,
    and a ``/`` becomes ``_``, so that each can be addressed.
    """
    file = GltfFile(path)
    _check_extensions(file)
    order = _walk(file)
    nodes = _nodes(file, order)
    parts = _parts(file, order)
    if not parts:
        raise AssetError(expected("triangles to draw", "none"), place=str(path))
    if file.root.children("animations"):
        file.note("animations are not played")
    return Asset(nodes, parts, tuple(file.notes))


def _check_extensions(file: GltfFile) -> None:
    for index, name in enumerate(file.root.texts("extensionsRequired")):
        if name not in _READ:
            wanted = f"one of {', '.join(sorted(_READ))}"
            raise file.root.error(f"extensionsRequired[{index}]", wanted, name)
    for name in file.root.texts("extensionsUsed"):
        if name not in _READ | _UNSEEN:
            file.note(f"{name} is not shown")


def _walk(file: GltfFile) -> list[tuple[int, int]]:
    """Return (node index, row of its parent or -1) of the scene's nodes, parents first."""
    scenes = file.root.children("scenes")
    if not scenes:
        raise file.root.error("scenes", "at least one scene")
    scene = scenes[max(file.root.reference("scene", scenes), 0)]
    scene.text("name")
    order: list[tuple[int, int]] = []
    seen: set[int] = set()
    waiting = [(node, -1) for node in reversed(scene.integers("nodes", len(file.nodes)))]
    while waiting:
        node, parent = waiting.pop()
        if node in seen:
            raise file.nodes[node].error("", "a node with one parent", "one that is reached twice")
        seen.add(node)
        row = len(order)
        order.append((node, parent))
        children = file.nodes[node].integers("children", len(file.nodes))
        waiting += [(child, row) for child in reversed(children)]
    return order


def _nodes(file: GltfFile, order: list[tuple[int, int]]) -> tuple[AssetNode, ...]:
    taken: set[str] = set()
    nodes = []
    for index, parent in order:
        entry = file.nodes[index]
        name = entry.text("name").replace("/", "_") or f"node_{index}"
        name = f"{name}_{index}" if name in taken else name
        taken.add(name)
        if "EXT_mesh_gpu_instancing" in entry.child("extensions"):
            file.note(f"{entry.path}: drawn once, EXT_mesh_gpu_instancing is not shown")
        nodes.append(_from_matrix(entry, name, parent) if "matrix" in entry else _from_trs(entry, name, parent))
    return tuple(nodes)


def _from_trs(entry: JsonObject, name: str, parent: int) -> AssetNode:
    tx, ty, tz = entry.numbers("translation", (0.0, 0.0, 0.0))
    sx, sy, sz = entry.numbers("scale", (1.0, 1.0, 1.0))
    rotation = np.array(entry.numbers("rotation", IDENTITY_QUATERNION))
    length = float(np.linalg.norm(rotation))
    if not 0.9 < length < 1.1:
        raise entry.error("rotation", "a quaternion of length 1")
    x, y, z, w = (float(value) for value in rotation / length)
    return AssetNode(name, parent, (tx, ty, tz), (x, y, z, w), (sx, sy, sz))


def _from_matrix(entry: JsonObject, name: str, parent: int) -> AssetNode:
    """Take a column-major matrix apart; one with shear or projection is refused, as glTF does."""
    matrix = np.array(entry.numbers("matrix", _IDENTITY)).reshape(4, 4).T
    try:
        return AssetNode.from_matrix(name, parent, matrix)
    except ValueError as error:
        raise entry.error("matrix", str(error)) from error


def _parts(file: GltfFile, order: list[tuple[int, int]]) -> tuple[AssetPart, ...]:
    """Return a part for each drawn primitive of each node; nodes with one mesh share its parts' meshes."""
    materials = MaterialReader(file)
    ready: dict[int, list[tuple[Mesh, int]]] = {}
    parts: list[AssetPart] = []
    for row, (node, _) in enumerate(order):
        index = file.nodes[node].reference("mesh", file.meshes)
        if index < 0:
            continue
        if index not in ready:
            ready[index] = _mesh(file, file.meshes[index], materials)
        if len(parts) + len(ready[index]) > MAX_PARTS:
            raise AssetError(expected(f"at most {MAX_PARTS} drawn primitives", "more"), place=file.nodes[node].place())
        parts += [AssetPart(row, mesh, materials.read(material).pbr) for mesh, material in ready[index]]
    return tuple(parts)


def _mesh(file: GltfFile, entry: JsonObject, materials: MaterialReader) -> list[tuple[Mesh, int]]:
    """Return the drawn primitives of one mesh, each with the index of its material."""
    drawn = []
    primitives = entry.children("primitives")
    if not primitives:
        raise entry.error("primitives", "at least one primitive")
    for primitive in primitives:
        material = primitive.reference("material", file.materials)
        mesh = read_primitive(file, primitive, materials.read(material))
        if mesh is not None:
            drawn.append((mesh, material))
    return drawn
