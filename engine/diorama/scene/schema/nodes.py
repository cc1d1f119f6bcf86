"""Nodes: the tree of things in a scene, each with a place and what it carries."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

from pydantic import Field, StrictBool, model_validator

from diorama.scene.schema.camera import Camera, check_motion
from diorama.scene.schema.check import BadValueError, Check, inside, mistake
from diorama.scene.schema.lights import LightSource
from diorama.scene.schema.material import Material
from diorama.scene.schema.model import MODEL, NAME, NAME_OR_MODEL, Spec, at_place
from diorama.scene.schema.motion import Follow, Orbit
from diorama.scene.schema.names import Named
from diorama.scene.schema.numbers import Number, Vec3, Vector, list_schema
from diorama.scene.schema.shapes import ModelFile, Shape
from diorama.scene.schema.values import Aim, Factors, NodePath, Position, Text, Turn

MOST_COPIES = 100_000
"""How many nodes a scene may have in all, and so how often one may be repeated."""


class _Corners(Check):
    """Two opposite corners of a box in metres, the lower one first."""

    _corner = Vector(3, Number(-1e7, 1e7, "metres"), animated=False)

    def _check(self, value: Any, fps: float | None) -> tuple[Vec3, Vec3]:
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise mistake("two corners [[x, y, z], [x, y, z]]", value)
        made = []
        for row, corner in enumerate(value):
            with inside(row):
                x, y, z = self._corner.one(corner)
            made.append((x, y, z))
        low, high = made
        if not all(a <= b for a, b in zip(low, high, strict=True)):
            raise mistake("the lower corner first", value)
        return low, high

    def _json_schema(self) -> dict[str, Any]:
        return list_schema(self._corner._schema(), 2, 2)


class Place(Spec):
    """Put a node at random inside ``box`` (parent space), ``gap`` metres from its group and from all in ``avoid``."""

    box: Annotated[tuple[Vec3, Vec3], _Corners()]
    gap: Annotated[float, Number(0, 1e7, "metres", animated=False)] = 0.0
    avoid: tuple[NodePath, ...] = ()


MaterialOrName: TypeAlias = Annotated[
    Annotated[str, Text("the name of a material or a material"), NAME] | Annotated[Material, MODEL],
    NAME_OR_MODEL,
]


ClassName: TypeAlias = Annotated[str, Text("the name of a class")]


class Node(Spec):
    """A place in the tree that may carry a mesh, an asset, a light or a camera, and children.

    ``position``, ``rotation`` and ``scale`` lead to the parent's space; ``look_at``, ``orbit`` and
    ``follow`` stand in their stead, ``place`` chooses a position by chance. ``material`` is a name
    in ``materials`` or a material; a node's own ``materials`` go over those of its asset by their
    names, and over ``material``; ``instance`` says whether this is a labelled instance of its
    own (by default each mesh or asset is, unless an ancestor is).

    A node with ``repeat: n`` keeps ``repeat`` and ``place``; all else has moved to its children
    "0" to "n-1", which ``place`` then puts down one by one, apart from each other. A child called
    ``#name`` is the node of that name inside the asset: what is set on it replaces the asset's own.
    """

    mesh: Shape | None = None
    asset: ModelFile | None = None
    light: LightSource | None = None
    camera: Camera | None = None
    material: MaterialOrName | None = None
    materials: Annotated[dict[str, Material], Named()] = Field(default_factory=dict)
    class_: Annotated[ClassName | None, Field(alias="class")] = None
    position: Position = (0.0, 0.0, 0.0)
    rotation: Turn = (0.0, 0.0, 0.0)
    scale: Factors = (1.0, 1.0, 1.0)
    look_at: Aim | None = None
    orbit: Orbit | None = None
    follow: Follow | None = None
    place: Place | None = None
    repeat: Annotated[int, Number(0, MOST_COPIES, "copies", whole=True, animated=False)] | None = None
    instance: StrictBool | None = None
    visible: StrictBool = True
    children: Annotated[dict[str, Node], Named(inner=True)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _consistent(self) -> Node:
        check_motion(self)
        if self.mesh is not None and self.asset is not None:
            raise at_place(BadValueError("expected mesh or asset, got both", "asset"))
        if self.material is not None and self.mesh is None and self.asset is None:
            raise at_place(BadValueError("expected a mesh or an asset to go with it, got none", "material"))
        if self.materials and self.mesh is not None:
            raise at_place(BadValueError("expected an asset to go with it, got a mesh", "materials"))
        if self.asset is None and (inner := [name for name in self.children if name.startswith("#")]):
            raise at_place(BadValueError("expected an asset that it is part of, got none", "children", inner[0]))
        return self


Nodes: TypeAlias = Annotated[dict[str, Node], Named()]
"""Nodes by name, unique among siblings."""

Node.model_rebuild()
