"""The meshes that a node can carry: basic shapes standing along +Y around their origin, or a file."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from pydantic import Tag, model_validator

from diorama.scene.schema.check import mistake
from diorama.scene.schema.model import Spec, at_place, by_type, tag
from diorama.scene.schema.numbers import Number, Vec2, Vec3, Vector
from diorama.scene.schema.values import File, Length

MODEL_SUFFIXES = (".glb", ".gltf", ".obj", ".ply", ".stl")
"""The files that ``asset`` and ``mesh`` take."""

_SIDE = Length.__metadata__[0]  # type: ignore[attr-defined]

Segments: TypeAlias = Annotated[int, Number(3, 1024, "segments", whole=True, animated=False)]
ModelFile: TypeAlias = Annotated[str, File("a model file", MODEL_SUFFIXES)]


class Plane(Spec):
    """A rectangle of ``size`` (along X, along Z) in metres, facing +Y."""

    type: Literal["plane"] = "plane"
    size: Annotated[Vec2, Vector(2, _SIDE, animated=False)] = (1.0, 1.0)


class Box(Spec):
    """A box of ``size`` along X, Y, Z in metres."""

    type: Literal["box"] = "box"
    size: Annotated[Vec3, Vector(3, _SIDE, animated=False)] = (1.0, 1.0, 1.0)


class Sphere(Spec):
    """A sphere of ``segments`` meridians and half as many parallels."""

    type: Literal["sphere"] = "sphere"
    radius: Length = 0.5
    segments: Segments = 64


class Cylinder(Spec):
    """A cylinder along Y with flat caps."""

    type: Literal["cylinder"] = "cylinder"
    radius: Length = 0.5
    height: Length = 1.0
    segments: Segments = 64


class Cone(Spec):
    """A cone along Y, its tip at the top."""

    type: Literal["cone"] = "cone"
    radius: Length = 0.5
    height: Length = 1.0
    segments: Segments = 64


class Torus(Spec):
    """A ring around Y: ``radius`` to the middle of the tube, ``tube`` the radius of the tube."""

    type: Literal["torus"] = "torus"
    radius: Length = 0.5
    tube: Length = 0.2
    segments: Segments = 64

    @model_validator(mode="after")
    def _tube_fits(self) -> Torus:
        if self.tube >= self.radius:
            raise at_place(mistake(f"less than the radius {self.radius:g}", self.tube, "tube"))
        return self


class Capsule(Spec):
    """A cylinder of ``height`` between two half spheres."""

    type: Literal["capsule"] = "capsule"
    radius: Length = 0.5
    height: Length = 1.0
    segments: Segments = 64


class MeshFile(Spec):
    """The triangles of a file, without its materials; ``asset`` on a node brings those too."""

    type: Literal["file"] = "file"
    file: ModelFile


Shape: TypeAlias = Annotated[
    Annotated[Plane, Tag(tag("plane"))]
    | Annotated[Box, Tag(tag("box"))]
    | Annotated[Sphere, Tag(tag("sphere"))]
    | Annotated[Cylinder, Tag(tag("cylinder"))]
    | Annotated[Cone, Tag(tag("cone"))]
    | Annotated[Torus, Tag(tag("torus"))]
    | Annotated[Capsule, Tag(tag("capsule"))]
    | Annotated[MeshFile, Tag(tag("file"))],
    by_type(lambda value: "file" if "file" in value else None),
]
"""Any mesh; in a file ``type`` names the kind, and ``file`` alone means a mesh file."""
