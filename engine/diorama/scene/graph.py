"""A scene to build and change: nodes in a tree, made of the same models as a scene file.

It only holds and checks what it is told; :mod:`diorama.scene.compile` turns it into flat arrays
when the first shot is asked for, and again after a change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from diorama.errors import SceneError, expected
from diorama.scene.edit import unknown, with_fields
from diorama.scene.load import load_spec
from diorama.scene.node import Node, Thing, attach
from diorama.scene.schema import Camera, Environment, Finish, Fog, Material, SceneSpec, Video


class Scene:
    """A tree of nodes, a camera, an environment, the air, and what is filmed of them.

    ``size`` (width, height) in pixels; ``duration`` in seconds or ``frames`` (two seconds without
    either); ``shutter`` is the fraction of a frame's time for which it is open. ``spec`` holds all
    but the nodes, as a scene file would state it: seed, video, classes, materials, camera,
    environment, fog, finish, and what loading drew and read.
    """

    __slots__ = ("__weakref__", "nodes", "spec", "version")

    def __init__(
        self,
        size: tuple[int, int] = (512, 512),
        fps: float = 24.0,
        duration: float | None = None,
        frames: int | None = None,
        *,
        seed: int = 0,
        shutter: float = 0.0,
        energy: Literal["conserving", "gltf"] = "conserving",
        classes: Mapping[str, int] | None = None,
        materials: Mapping[str, Material] | None = None,
    ) -> None:
        video = Video(size=size, fps=fps, duration=duration, frames=frames, shutter=shutter)
        self.spec = SceneSpec(
            seed=seed, energy=energy, video=video, classes=dict(classes or {}), materials=dict(materials or {})
        )
        self.nodes: dict[str, Node] = {}
        self.version = 0
        """How often the scene has been changed."""

    @classmethod
    def from_spec(cls, spec: SceneSpec) -> Scene:
        """Build the scene that a loaded scene file describes; its ``lights`` become nodes too."""
        scene = cls()
        scene.spec = spec.model_copy(update={"nodes": {}, "lights": {}})
        for name, node in spec.nodes.items():
            scene.add(node, name=name)
        for name, light in spec.lights.items():
            if name in scene.nodes:
                raise SceneError(expected("a name that no node has", name), place=f"lights.{name}")
            scene.add(light, name=name)
        return scene

    def add(self, thing: Thing = None, *, name: str | None = None, parent: Node | None = None, **fields: Any) -> Node:
        """Add a node that carries ``thing`` (None: a group) below ``parent``, and return it.

        ``thing`` is a mesh, light or camera model, the path of a model file, a ``Mesh`` or an
        ``Asset``. Without a ``name`` the node is called after it: ``sphere``, ``sphere_2``. ``fields``
        are ``position`` (metres), ``rotation`` (degrees, or a quaternion), ``scale``, ``material``,
        ``class_name``, ``look_at``, ``orbit``, ``follow``, ``place``, ``instance`` and ``visible``; with
        ``repeat`` the node is a group of so many copies, called ``"0"``, ``"1"`` and so on.
        """
        siblings = self.nodes if parent is None else self._own(parent).children
        return attach(self, parent, siblings, thing, name, fields)

    def __getitem__(self, path: str) -> Node:
        """Return the node at ``path``, such as ``car/wheel_fl`` or ``car/#InnerNodeOfTheAsset``."""
        node: Node | None = None
        siblings = self.nodes
        if not isinstance(path, str):
            raise SceneError(expected("the path of a node", path))
        for name in path.split("/"):
            if name not in siblings and name.startswith("#") and node is not None and node.is_asset:
                node = node.inside(name)
            elif name in siblings:
                node = siblings[name]
            else:
                raise SceneError(unknown("the path of a node", path, {found.path: found for found in self.walk()}))
            siblings = node.children
        assert node is not None
        return node

    def walk(self) -> Iterator[Node]:
        """Yield every node, parents first."""
        for node in self.nodes.values():
            yield from node.walk()

    def changed(self) -> None:
        """Take note that what was compiled is out of date."""
        self.version += 1

    @property
    def seed(self) -> int:
        """The seed of every random choice in the scene."""
        return self.spec.seed

    @property
    def fps(self) -> float:
        """Frames a second."""
        return self.spec.video.fps

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the video in pixels."""
        return self.spec.video.size

    @property
    def frame_count(self) -> int:
        """The number of frames, round(duration · fps)."""
        return self.spec.video.frame_count

    @property
    def materials(self) -> Mapping[str, Material]:
        """The shared materials by name."""
        return self.spec.materials

    @property
    def camera(self) -> Camera | str | None:
        """The camera, the path of the node that carries it, or None where just one node does."""
        return self.spec.camera

    @camera.setter
    def camera(self, camera: Camera | Node | str | None) -> None:
        self._set("camera", self._own(camera).path if isinstance(camera, Node) else camera)

    @property
    def environment(self) -> Environment | None:
        """The light from infinity; None is darkness."""
        return self.spec.environment

    @environment.setter
    def environment(self, environment: Environment | None) -> None:
        self._set("environment", environment)

    @property
    def fog(self) -> Fog | None:
        """What is in the air; None is clear air."""
        return self.spec.fog

    @fog.setter
    def fog(self, fog: Fog | None) -> None:
        self._set("fog", fog)

    @property
    def finish(self) -> Finish:
        """What happens to light on its way to the picture, and what lies on top."""
        return self.spec.finish

    @finish.setter
    def finish(self, finish: Finish) -> None:
        self._set("finish", finish)

    @property
    def video(self) -> Video:
        """Size, frame rate, length and shutter."""
        return self.spec.video

    @video.setter
    def video(self, video: Video) -> None:
        self._set("video", video)

    def _own(self, node: Node) -> Node:
        if not isinstance(node, Node) or not node.belongs_to(self):
            raise SceneError(expected("a node of this scene", node), place="scene")
        return node

    def _set(self, name: str, value: object) -> None:
        self.spec = with_fields(self.spec, {name: value}, "scene")
        self.changed()


def load_scene(
    path: str | Path,
    *,
    params: Mapping[str, Any] | None = None,
    seed: int | None = None,
    overrides: Mapping[str, Any] | None = None,
    assets: Sequence[str | Path] = (),
) -> Scene:
    """Read a scene file; ``params`` and ``overrides`` set values of it, ``assets`` are more folders of assets."""
    return Scene.from_spec(load_spec(path, params=params, seed=seed, overrides=overrides, roots=assets))
