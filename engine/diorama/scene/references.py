"""Check what in a scene refers to something else in it: nodes, materials, classes, the camera."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diorama.errors import expected
from diorama.scene.schema import Camera, Node, SceneSpec
from diorama.scene.schema.check import Location, nearest
from diorama.scene.schema.problem import Problem

CAMERA = "camera"
"""The path of the node that the section ``camera`` stands for; those in ``lights`` go by their names."""


class References:
    """The names in a scene; ``problems`` yields what refers to none of them."""

    def __init__(self, spec: SceneSpec) -> None:
        self._spec = spec
        self._nodes = dict(_walk(spec.nodes, ("nodes",), ""))
        self._paths = [*self._nodes, *spec.lights, *([CAMERA] if isinstance(spec.camera, Camera) else [])]
        self._known = set(self._paths)

    def problems(self) -> Iterator[Problem]:
        """Yield every problem, in the order of the scene."""
        yield from self._doubled_names()
        yield from self._camera()
        for name, light in self._spec.lights.items():
            yield from self._targets(light, ("lights", name), name)
        if isinstance(self._spec.camera, Camera):
            yield from self._targets(self._spec.camera, ("camera",), CAMERA)
        for path, (loc, node) in self._nodes.items():
            yield from self._node(path, loc, node)

    def _doubled_names(self) -> Iterator[Problem]:
        for name in self._spec.lights:
            if name in self._spec.nodes:
                yield Problem(("nodes", name), f"expected another name, got {name!r}, which is a light's", at_key=True)
        if isinstance(self._spec.camera, Camera):
            for section in ("nodes", "lights"):
                if CAMERA in getattr(self._spec, section):
                    yield Problem((section, CAMERA), "expected another name, got 'camera', which is the camera's", True)

    def _camera(self) -> Iterator[Problem]:
        given = self._spec.camera
        cameras = [path for path, (_, node) in self._nodes.items() if node.camera is not None]
        if given is None and len(cameras) != 1:
            got = ", ".join(cameras[:5]) or "none"
            yield Problem(("camera",), f"expected a camera, here or on just one node, got {got}")
        if isinstance(given, str) and given not in cameras:
            yield Problem(
                ("camera",), f"{expected('the path of a node with a camera', given)}{nearest(given, cameras)}"
            )

    def _node(self, path: str, loc: Location, node: Node) -> Iterator[Problem]:
        yield from self._targets(node, loc, path)
        for part in ("light", "camera"):
            if (carried := getattr(node, part)) is not None:
                yield from self._targets(carried, (*loc, part), path)
        if isinstance(node.material, str) and node.material not in self._spec.materials:
            yield _unknown("a material", node.material, self._spec.materials, (*loc, "material"))
        if node.class_ is not None and node.class_ not in self._spec.classes:
            yield _unknown("a class", node.class_, self._spec.classes, (*loc, "class"))
        if node.place is not None:
            for row, name in enumerate(node.place.avoid):
                yield from self._target(name, (*loc, "place", "avoid", row), path)

    def _targets(self, carrier: Any, loc: Location, path: str) -> Iterator[Problem]:
        """Check ``look_at``, ``focus_on``, ``orbit`` and ``follow`` of a node, a camera or a light."""
        for name in ("look_at", "focus_on"):
            yield from self._target(getattr(carrier, name, None), (*loc, name), path)
        if isinstance(carrier, Node | Camera):
            if carrier.orbit is not None:
                yield from self._target(carrier.orbit.target, (*loc, "orbit", "target"), path)
            if carrier.follow is not None:
                yield from self._target(carrier.follow.target, (*loc, "follow", "target"), path)

    def _target(self, target: Any, loc: Location, path: str) -> Iterator[Problem]:
        if not isinstance(target, str):
            return
        node, inner, _ = (target, "", "") if target in self._known else target.partition("/#")
        if node not in self._known:
            yield _unknown("the path of a node", target, self._paths, loc)
        elif inner and (node not in self._nodes or self._nodes[node][1].asset is None):
            yield Problem(loc, expected("a part of a node with an asset", target))
        elif f"{node}/".startswith(f"{path}/"):
            yield Problem(loc, expected("a node other than itself and those within it", target))


def problems_of(spec: SceneSpec) -> list[Problem]:
    """Return every reference in ``spec`` that leads nowhere; the ``#name`` of an asset's part is not looked into."""
    return list(References(spec).problems())


def _walk(nodes: dict[str, Node], loc: Location, above: str) -> Iterator[tuple[str, tuple[Location, Node]]]:
    for name, node in nodes.items():
        yield above + name, ((*loc, name), node)
        yield from _walk(node.children, (*loc, name, "children"), f"{above}{name}/")


def _unknown(wanted: str, name: str, known: Any, loc: Location) -> Problem:
    return Problem(loc, f"{expected(wanted, name)}{nearest(name, known)}")
