"""The whole of a scene, concrete: nothing left to draw, include or repeat."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, model_validator

from diorama.scene.schema.camera import Camera
from diorama.scene.schema.check import BadValueError, mistake
from diorama.scene.schema.environment import Environment
from diorama.scene.schema.finish import Finish
from diorama.scene.schema.fog import Fog
from diorama.scene.schema.lights import LightSource
from diorama.scene.schema.material import Material
from diorama.scene.schema.model import MODEL, NAME, NAME_OR_MODEL, Spec, at_place
from diorama.scene.schema.names import Named
from diorama.scene.schema.nodes import Nodes
from diorama.scene.schema.numbers import Number, Vector
from diorama.scene.schema.values import Text, Time

LARGEST_SIDE = 16_384
"""The most pixels along one side of a video."""

MOST_FRAMES = 1_000_000
"""The most frames of a clip."""

_SIDE = Number(1, LARGEST_SIDE, "pixels", whole=True, animated=False)


class Video(Spec):
    """What is filmed: ``size`` (width, height) in pixels, and ``duration`` in seconds or ``frames``.

    ``shutter`` is the fraction of a frame's time for which the shutter is open, centred on the
    frame; 0 freezes motion.
    """

    size: Annotated[tuple[int, int], Vector(2, _SIDE, animated=False)] = (512, 512)
    fps: Annotated[float, Number(0.001, 1000, "frames a second", animated=False)] = 24.0
    duration: Annotated[float, Time(0.0, above=True)] | None = None
    frames: Annotated[int, Number(1, MOST_FRAMES, "frames", whole=True, animated=False)] | None = None
    shutter: Annotated[float, Number(0, 1, "of a frame", animated=False)] = 0.0

    @property
    def frame_count(self) -> int:
        """How many frames there are; two seconds of them where neither ``frames`` nor ``duration`` is given."""
        return self.frames or max(round((2.0 if self.duration is None else self.duration) * self.fps), 1)

    @model_validator(mode="after")
    def _bounded(self) -> Video:
        if self.frames is not None and self.duration is not None:
            raise at_place(BadValueError("expected duration or frames, got both", "frames"))
        if self.frame_count > MOST_FRAMES:
            raise at_place(mistake(f"at most {MOST_FRAMES} frames", self.frame_count, "duration"))
        return self


ClassId = Annotated[int, Number(1, 65_535, whole=True, animated=False)]


CameraOrPath: TypeAlias = Annotated[
    Annotated[str, Text("a camera or the path of a node with one"), NAME] | Annotated[Camera, MODEL],
    NAME_OR_MODEL,
]


class SceneSpec(Spec):
    """A scene as a file states it.

    ``camera`` is a camera, the path of a node that carries one, or None where just one node does.
    ``drawn`` holds every value that was drawn, by its dotted path; ``sources`` the SHA-256 of every
    scene file read, by its name; ``assets`` the names as written of the files that the scene uses,
    by their absolute path. The last three are filled in by :func:`diorama.scene.load.load_spec`.
    """

    diorama: Literal[1] = 1
    seed: Annotated[int, Number(0, 2**63 - 1, whole=True, animated=False)] = 0
    energy: Literal["conserving", "gltf"] = "conserving"
    video: Video = Field(default_factory=Video)
    params: Annotated[dict[str, Any], Named()] = Field(default_factory=dict)
    classes: Annotated[dict[str, ClassId], Named()] = Field(default_factory=dict)
    camera: CameraOrPath | None = None
    environment: Environment | None = None
    fog: Fog | None = None
    lights: Annotated[dict[str, LightSource], Named()] = Field(default_factory=dict)
    materials: Annotated[dict[str, Material], Named()] = Field(default_factory=dict)
    nodes: Nodes = Field(default_factory=dict)
    finish: Finish = Field(default_factory=Finish)
    drawn: dict[str, Any] = Field(default_factory=dict)
    sources: dict[str, str] = Field(default_factory=dict)
    assets: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _distinct_classes(self) -> SceneSpec:
        seen: dict[int, str] = {}
        for name, number in self.classes.items():
            if number in seen:
                raise at_place(mistake(f"an id other than that of {seen[number]!r}", number, "classes", name))
            seen[number] = name
        return self
