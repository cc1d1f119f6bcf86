"""From a tree of nodes to a list of rows sorted by path, the inner nodes of assets among them."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from typing import Any

from diorama.errors import SceneError
from diorama.geometry.mesh import Mesh
from diorama.material.pbr import PbrMaterial
from diorama.scene.asset_tree import AssetNode
from diorama.scene.edit import unknown, with_fields
from diorama.scene.graph import Scene
from diorama.scene.loaded import Loaded
from diorama.scene.node import Node, check_inner, resolve
from diorama.scene.schema import Camera, Material
from diorama.scene.schema.lights import LightSource
from diorama.scene.schema.motion import Follow, Orbit

DEFAULT_MATERIAL = PbrMaterial()
"""What a mesh without a material, or under one, starts from."""

CAMERA = "camera"
"""The path of what the scene's own camera hangs on."""


@dataclass
class Part:
    """Something drawn: a mesh, the material it comes with, and the one that a node lays over it."""

    mesh: Mesh
    base: PbrMaterial
    over: Material | None
    place: str


@dataclass
class Row:
    """One transform of the scene.

    ``position``, ``rotation`` (degrees, or a quaternion) and ``scale`` are values or keys; ``node`` is
    the node that says so, None for one that only an asset has. ``parts`` are drawn if ``visible``.
    """

    path: str
    parent: str | None
    position: Any = (0.0, 0.0, 0.0)
    rotation: Any = (0.0, 0.0, 0.0)
    scale: Any = (1.0, 1.0, 1.0)
    node: Node | None = None
    look_at: Any = None
    orbit: Orbit | None = None
    follow: Follow | None = None
    visible: bool = True
    parts: list[Part] = field(default_factory=list)

    @property
    def labelled_by_default(self) -> bool:
        """Whether the row is a labelled instance where nothing says otherwise."""
        return self.node is not None and (bool(self.parts) or self.node.is_asset)


@dataclass
class Carried:
    """A light or a camera, and the row of its own that places it in the space of its node."""

    thing: Camera | LightSource
    row: Row


def flatten(scene: Scene, loaded: Loaded) -> tuple[list[Row], list[Carried]]:
    """Return the rows of all nodes sorted by path, and what lights and cameras they carry in that order.

    The scene's own camera comes last, on a row at :data:`CAMERA`. Meshes and assets are ``loaded``.
    """
    nodes = scene.nodes.values()
    rows = sorted((row for node in nodes for row in _rows(scene, loaded, node, None, True)), key=_path)
    carried = [_carry(thing, row.path, row.path) for row in rows if row.node for thing in _things(row.node)]
    if isinstance(scene.camera, Camera):
        carried.append(_carry(scene.camera, CAMERA, None))
    return rows, carried


def _path(row: Row) -> str:
    return row.path


def _things(node: Node) -> list[Camera | LightSource]:
    return [thing for thing in (node.spec.light, node.spec.camera) if thing is not None]


def _carry(thing: Camera | LightSource, path: str, parent: str | None) -> Carried:
    """Give a light or a camera its own row; one that shines to all sides, or along a direction, is not turned."""
    row = Row(path, parent)
    row.look_at = getattr(thing, "look_at", None)
    row.position = getattr(thing, "position", row.position)
    if isinstance(thing, Camera):
        row.rotation, row.orbit, row.follow = thing.rotation, thing.orbit, thing.follow
    return Carried(thing, row)


def _rows(scene: Scene, loaded: Loaded, node: Node, parent: str | None, visible: bool) -> Iterator[Row]:
    """Yield the rows of ``node``, of the asset that it carries, and of all below."""
    spec, path = node.spec, node.path
    row = Row(path, parent, spec.position, spec.rotation, spec.scale, node, spec.look_at, spec.orbit, spec.follow)
    row.visible = visible and spec.visible
    over = resolve(node.material, scene.materials, f"{path}.material")
    mesh = loaded.mesh(node)
    if mesh is not None:
        row.parts.append(Part(mesh, DEFAULT_MATERIAL, over, f"{path}.material"))
    yield row
    if spec.materials and not node.is_asset:
        raise SceneError("expected an asset to go with it, got none", place=f"{path}.materials")
    if node.is_asset:
        yield from _asset_rows(scene, loaded, node, over, row.visible)
    for name, child in node.children.items():
        if not (node.is_asset and name.startswith("#")):
            yield from _rows(scene, loaded, child, path, row.visible)


def _asset_rows(scene: Scene, loaded: Loaded, node: Node, over: Material | None, visible: bool) -> Iterator[Row]:
    asset = loaded.asset(node)
    for name in node.children:
        if name.startswith("#"):
            check_inner(node, asset, name)
    rows: list[Row] = []
    for inner in asset.nodes:
        name = f"#{inner.name}"
        above = rows[inner.parent] if inner.parent >= 0 else None
        row = _inner_row(inner, f"{node.path}/{name}", above.path if above else node.path, node.children.get(name))
        row.visible = row.visible and (above.visible if above else visible)
        rows.append(row)
    overs = _overs(node, over, {part.material.name for part in asset.parts})
    for part in asset.parts:
        rows[part.node].parts.append(Part(part.mesh, part.material, *overs[part.material.name]))
    yield from rows
    for row in rows:
        for child in row.node.children.values() if row.node else ():
            yield from _rows(scene, loaded, child, row.path, row.visible)


def _overs(node: Node, over: Material | None, names: Set[str]) -> dict[str, tuple[Material | None, str]]:
    """Return what goes over each of an asset's materials, by name, and the place that errors name."""
    named = node.spec.materials
    for name in named:
        if name not in names:
            wanted = unknown("the name of a material of the asset", name, dict.fromkeys(sorted(names)))
            raise SceneError(wanted, place=f"{node.path}.materials")
    made: dict[str, tuple[Material | None, str]] = dict.fromkeys(names, (over, f"{node.path}.material"))
    for name, own in named.items():
        fields = {field: getattr(own, field) for field in own.model_fields_set}
        place = f"{node.path}.materials.{name}"
        made[name] = (own if over is None else with_fields(over, fields, place), place)
    return made


def _inner_row(inner: AssetNode, path: str, parent: str, over: Node | None) -> Row:
    """Return the row of an asset's node, with what a node of the scene sets over it."""
    row = Row(path, parent, inner.translation, inner.rotation, inner.scale, over)
    if over is None:
        return row
    spec = over.spec
    for name in ("position", "rotation", "scale"):
        if name in spec.model_fields_set:
            setattr(row, name, getattr(spec, name))
    row.look_at, row.orbit, row.follow, row.visible = spec.look_at, spec.orbit, spec.follow, spec.visible
    return row
