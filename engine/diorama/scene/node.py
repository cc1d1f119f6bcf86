"""One node of a scene under construction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from diorama.animation.track import Extrapolation, Interpolation
from diorama.errors import SceneError, expected
from diorama.geometry.mesh import Mesh
from diorama.scene.asset_tree import Asset
from diorama.scene.edit import carried_by, unknown, with_fields, with_value
from diorama.scene.models import asset_of
from diorama.scene.schema import Keys, Material
from diorama.scene.schema import Node as NodeSpec
from diorama.scene.schema.check import BadValueError
from diorama.scene.schema.names import check_name

Thing: TypeAlias = Any
"""A mesh, light or camera model, the path of a model file, a :class:`Mesh`, an :class:`Asset`, or None."""


DEEPEST = 256
"""How many levels of nodes there may be below one another."""


class Owner(Protocol):
    """What a node asks of its scene."""

    @property
    def fps(self) -> float:
        """Frames a second, which give times such as ``"12f"`` their meaning."""

    @property
    def materials(self) -> Mapping[str, Material]:
        """The shared materials by name."""

    def changed(self) -> None:
        """Take note that what was compiled is out of date."""


class Node:
    """A place in the tree: ``spec`` says where it is and what it carries, ``children`` hang on it.

    ``material`` is a material of its own or the name of a shared one. ``geometry`` is a mesh or an
    asset that a program made, in place of ``spec.mesh`` or ``spec.asset``. A child of an asset whose
    name starts with ``#`` is the node of that name inside the asset: the fields set on it
    replace the asset's own. Fields of ``spec`` are set by :meth:`set`; there are no other attributes.
    """

    __slots__ = ("__weakref__", "_geometry", "_material", "_owner", "children", "name", "parent", "spec")

    def __init__(self, owner: Owner, parent: Node | None, name: str, spec: NodeSpec) -> None:
        self._owner, self.parent, self.name = owner, parent, name
        self._material: Material | str | None = spec.material
        self.spec = spec.model_copy(update={"material": None, "children": {}})
        self._geometry: Mesh | Asset | None = None
        self.children: dict[str, Node] = {}

    def __repr__(self) -> str:
        return f"Node({self.path!r})"

    @property
    def path(self) -> str:
        """Names from the root down, joined by ``/``: how scene files and labels call this node."""
        return self.name if self.parent is None else f"{self.parent.path}/{self.name}"

    @property
    def material(self) -> Material | str | None:
        """A material of the node's own, the name of a shared one, or None."""
        return self._material

    @material.setter
    def material(self, value: Material | str | None) -> None:
        self._material = _material(self, value)
        self._owner.changed()

    @property
    def geometry(self) -> Mesh | Asset | None:
        """A mesh or an asset that a program made."""
        return self._geometry

    @geometry.setter
    def geometry(self, value: Mesh | Asset | None) -> None:
        self._geometry = value
        self._owner.changed()

    def belongs_to(self, owner: Owner) -> bool:
        """Whether the node is part of this scene."""
        return self._owner is owner

    def add(self, thing: Thing = None, *, name: str | None = None, **fields: Any) -> Node:
        """Add a node that carries ``thing`` below this one; see :meth:`diorama.Scene.add`."""
        return attach(self._owner, self, self.children, thing, name, fields)

    def set(self, channel: str, value: Any) -> Node:
        """Set a field, such as ``position`` or ``material.base_color``; return this node.

        Children are added, and copies made, by :meth:`add` alone. A shared material becomes this
        node's own when a value of it is set.
        """
        path = channel.split(".")
        if path[0] in ("children", "repeat"):
            raise SceneError(expected("a field that can be set", path[0]), place=self.path)
        if path[0] != "material":
            self.spec = with_value(self.spec, path, value, self.path)
        elif len(path) == 1:
            self.material = value
        else:
            own = resolve(self.material, self._owner.materials, f"{self.path}.material") or Material()
            self.material = with_value(own, path[1:], value, f"{self.path}.material")
        self._owner.changed()
        return self

    def keys(
        self,
        channel: str,
        keys: Mapping[Any, Any] | Sequence[Any],
        *,
        ease: str = "linear",
        interpolation: Interpolation = "linear",
        extrapolate: Extrapolation = "hold",
    ) -> Node:
        """Animate a field: ``keys`` are ``{time: value}`` or ``[{t, v, ease}, ...]``; return this node.

        ``channel`` is ``position``, ``rotation``, ``scale``, or a value of what the node carries, such
        as ``light.intensity``, ``camera.fov`` or ``material.base_color``. Times are seconds or ``"12f"``.
        """
        try:
            made = Keys(keys, ease, interpolation, extrapolate, fps=self._owner.fps)
        except SceneError as error:
            raise SceneError(error.message, place=f"{self.path}.{channel}") from None
        return self.set(channel, made)

    def inside(self, name: str) -> Node:
        """Return the child that stands for the asset's inner node ``#name``, made when first asked for."""
        if name not in self.children:
            check_inner(self, self.asset, name)
            self.children[name] = Node(self._owner, self, name, NodeSpec())
            self._owner.changed()
        return self.children[name]

    @property
    def asset(self) -> Asset | None:
        """The asset that this node carries, read from its file where it names one."""
        if isinstance(self.geometry, Asset):
            return self.geometry
        return None if self.spec.asset is None else asset_of(self.spec.asset)

    @property
    def is_asset(self) -> bool:
        """Whether this node carries an asset, with inner nodes of its own."""
        return self.spec.asset is not None or isinstance(self.geometry, Asset)

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, parents first."""
        yield self
        for child in self.children.values():
            yield from child.walk()


def attach(
    owner: Owner, parent: Node | None, siblings: dict[str, Node], thing: Thing, name: str | None, fields: dict[str, Any]
) -> Node:
    """Make a node that carries ``thing`` among ``siblings``; without a ``name`` it is called after the thing."""
    if parent is not None and parent.path.count("/") + 2 > DEEPEST:
        raise SceneError(f"expected at most {DEEPEST} levels of nodes, got more", place=parent.path)
    given = {"class" if field == "class_name" else field: value for field, value in fields.items()}
    if isinstance(thing, NodeSpec):
        chosen = _name(name, "node", siblings, parent)
        node = _adopted(owner, parent, chosen, with_fields(thing, given, chosen) if given else thing)
    else:
        carried, geometry, hint = carried_by(thing, name or "node")
        chosen = _name(name, hint, siblings, parent)
        if given.get("repeat") is not None and thing is not None:
            node = _copies(owner, parent, chosen, thing, given)
        else:
            node = _made(owner, parent, chosen, geometry, {**carried, **given})
    siblings[chosen] = node
    owner.changed()
    return node


def _made(owner: Owner, parent: Node | None, name: str, geometry: Mesh | Asset | None, fields: dict[str, Any]) -> Node:
    material = fields.pop("material", None)
    node = Node(owner, parent, name, NodeSpec())
    node.geometry = geometry
    node.spec = with_fields(NodeSpec(), fields, node.path)
    if material is not None:
        node.material = material
    return node


def _copies(owner: Owner, parent: Node | None, name: str, thing: Thing, fields: dict[str, Any]) -> Node:
    """Make a group of ``repeat`` nodes called "0" to "n-1" that each carry ``thing``, as a scene file does."""
    group = _made(owner, parent, name, None, {key: fields.pop(key) for key in ("repeat", "place") if key in fields})
    for number in range(group.spec.repeat or 0):
        attach(owner, group, group.children, thing, str(number), fields)
    return group


def _adopted(owner: Owner, parent: Node | None, name: str, spec: NodeSpec) -> Node:
    node = Node(owner, parent, name, spec)
    for child, inner in spec.children.items():
        node.children[child] = _adopted(owner, node, _new_name(child, node.children, node), inner)
    return node


def check_inner(node: Node, asset: Asset | None, name: str) -> None:
    """Refuse the ``name`` of an inner node that ``asset``, which ``node`` carries, does not have."""
    names = [] if asset is None else [f"#{inner.name}" for inner in asset.nodes]
    if name not in names:
        raise SceneError(unknown("a node of the asset", name, dict.fromkeys(names)), place=f"{node.path}/{name}")


def resolve(material: Material | str | None, shared: Mapping[str, Material], place: str) -> Material | None:
    """Return the material that ``material`` is or names; ``SceneError`` suggests the nearest name."""
    if not isinstance(material, str):
        return material
    if material not in shared:
        raise SceneError(unknown("the name of a material", material, shared), place=place)
    return shared[material]


def _material(node: Node, value: Any) -> Material | str | None:
    place = f"{node.path}.material"
    if not isinstance(value, Material | str | None):
        raise SceneError(expected("a Material or the name of one", value), place=place)
    if value is not None and node.spec.mesh is None and node.geometry is None and node.spec.asset is None:
        raise SceneError("expected a mesh or an asset to go with it, got none", place=place)
    return value


def _name(name: str | None, hint: str, siblings: Mapping[str, Node], parent: Node | None) -> str:
    return _free_name(hint, siblings) if name is None else _new_name(name, siblings, parent)


def _free_name(hint: str, siblings: Mapping[str, Node]) -> str:
    if hint not in siblings:
        return hint
    number = 2
    while f"{hint}_{number}" in siblings:
        number += 1
    return f"{hint}_{number}"


def _new_name(name: str, siblings: Mapping[str, Node], parent: Node | None) -> str:
    place = "nodes" if parent is None else parent.path
    inner = isinstance(name, str) and name.startswith("#") and parent is not None and parent.is_asset
    try:
        if not inner:
            check_name(name)
    except BadValueError as error:
        raise SceneError(error.message, place=place) from None
    if name in siblings:
        raise SceneError(expected("a name that no sibling has", name), place=place)
    return name
