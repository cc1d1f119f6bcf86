"""What a script may get wrong is refused where it is written, not ignored."""

from __future__ import annotations

from typing import Any

import pytest

from diorama.errors import SceneError
from diorama.scene.graph import Scene
from diorama.scene.node import Node
from diorama.scene.sample import shot
from diorama.scene.schema import Camera, Environment, Material, Sphere


def test_attributes_that_do_not_exist_cannot_be_set() -> None:
    scene = Scene()
    ball = scene.add(Sphere(), name="ball")
    with pytest.raises(AttributeError, match="enviroment"):
        scene.enviroment = Environment(color=(1, 1, 1))  # type: ignore[attr-defined]
    with pytest.raises(AttributeError, match="position"):
        ball.position = (1, 2, 3)  # type: ignore[attr-defined]


def test_a_material_that_is_assigned_is_checked_and_seen() -> None:
    scene = Scene()
    scene.camera = Camera()
    ball, group = scene.add(Sphere(), name="ball"), scene.add(name="group")
    for roughness in (0.25, 0.75):
        ball.material = Material(roughness=roughness)
        assert shot(scene, 0).current.materials.roughness[0] == roughness
    with pytest.raises(SceneError, match=r"^ball\.material: expected a Material or the name of one, got 5$"):
        ball.material = 5  # type: ignore[assignment]
    with pytest.raises(SceneError, match=r"^group\.material: expected a mesh or an asset to go with it, got none$"):
        group.material = Material()


@pytest.mark.parametrize("stranger", ["ball", 5, Scene().add(Sphere(), name="ball")])
def test_nodes_of_other_scenes_are_no_parents_and_no_cameras(stranger: Any) -> None:
    scene = Scene()
    scene.add(Sphere(), name="ball")
    with pytest.raises(SceneError, match=r"^scene: expected a node of this scene, got "):
        scene.add(Sphere(), parent=stranger)
    if isinstance(stranger, Node):
        with pytest.raises(SceneError, match=r"^scene: expected a node of this scene, got "):
            scene.camera = stranger


@pytest.mark.parametrize("name", [5, b"ball", 1.5, "\ud800"])
def test_names_are_texts(name: Any) -> None:
    with pytest.raises(SceneError, match=r"^nodes: expected a text as name"):
        Scene().add(Sphere(), name=name)


def test_nodes_are_not_nested_without_end() -> None:
    node = Scene().add()
    for _ in range(255):
        node = node.add()
    with pytest.raises(SceneError, match=r"expected at most 256 levels of nodes, got more$"):
        node.add()
