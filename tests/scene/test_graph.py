"""Building a scene in Python: names, paths, keys, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from diorama.errors import SceneError
from diorama.geometry.primitives import box
from diorama.scene.asset_tree import Asset, AssetNode, AssetPart
from diorama.scene.flatten import DEFAULT_MATERIAL
from diorama.scene.graph import Scene, load_scene
from diorama.scene.sample import compiled, shot, snapshot
from diorama.scene.schema import Box, Camera, Cone, Environment, Key, Material, Place, Point, Sphere, Spot, Sun, Video
from diorama.scene.schema import Node as NodeSpec


@pytest.fixture
def scene() -> Scene:
    made = Scene(size=(64, 48), fps=12, duration=1, seed=3)
    made.camera = Camera(position=(0, 0, 5))
    return made


def car() -> Asset:
    nodes = (
        AssetNode("body", -1, (0.0, 1.0, 0.0)),
        AssetNode("wheel", 0, (0.5, -0.5, 0.0), scale=(2.0, 2.0, 2.0)),
        AssetNode("axle", 0),
    )
    return Asset(nodes, (AssetPart(0, box(), DEFAULT_MATERIAL), AssetPart(1, box((1, 2, 3)), DEFAULT_MATERIAL)))


def test_names_are_made_from_things_and_stay_unique(scene: Scene) -> None:
    names = [scene.add(thing).name for thing in (Sphere(), Sphere(), Box(), None, Sun(), Sphere(), car(), box())]
    assert names == ["sphere", "sphere_2", "box", "group", "sun", "sphere_3", "asset", "mesh"]
    assert scene.add("models/#taxi.v2.glb", name=None).name == "taxi.v2"
    assert scene.add(Sphere(), name="ball").add(Sphere()).path == "ball/sphere"
    assert scene["ball/sphere"].path == "ball/sphere"
    assert [node.path for node in scene.walk()][-2:] == ["ball", "ball/sphere"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ball", "nodes: expected a name that no sibling has, got 'ball'"),
        ("a/b", "nodes: expected a text as name, without '/', spaces around it or '#' in front, got 'a/b'"),
        ("#a", "nodes: expected a text as name, without '/', spaces around it or '#' in front, got '#a'"),
        ("", "nodes: expected a text as name, without '/', spaces around it or '#' in front, got ''"),
    ],
)
def test_bad_names_are_refused(scene: Scene, name: str, message: str) -> None:
    scene.add(Sphere(), name="ball")
    with pytest.raises(SceneError) as raised:
        scene.add(Sphere(), name=name)
    assert str(raised.value) == message
    assert list(scene.nodes) == ["ball"]


def test_an_unknown_path_suggests_the_nearest(scene: Scene) -> None:
    scene.add(None, name="car").add(None, name="wheel_fl")
    with pytest.raises(SceneError) as raised:
        scene["car/wheel_fr"]
    assert str(raised.value) == "expected the path of a node, got 'car/wheel_fr'; did you mean 'car/wheel_fl'?"


def test_every_kind_of_value_takes_keys(scene: Scene) -> None:
    ball = scene.add(Sphere(), name="ball")
    lamp = scene.add(Spot(), name="lamp")
    eye = scene.add(Camera(), name="eye")
    scene.camera = eye
    ball.keys("position", {0: (0, 0, 0), "12f": (0, 2, 0)}, ease="in_quad")
    ball.keys("rotation", [{"t": 0, "v": (0, 0, 0)}, {"t": 1, "v": (0, 360, 0), "ease": "linear"}])
    ball.keys("scale", {0: 1, 1: 3}, interpolation="step")
    ball.keys("material.roughness", {0: 0, 1: 1})
    lamp.keys("light.intensity", {0: 0, 1: 8}, extrapolate="linear")
    lamp.keys("light.outer_angle", [Key(0, 30), Key(1, 50)])
    lamp.keys("light.direction", {0: (0, -1, 0), 1: (1, 0, 0)})
    eye.keys("camera.fov", {0: 40, 1: 80})
    ready = compiled(scene)
    now = snapshot(ready, 0.5)
    matrix = now.nodes[ready.stage.node_paths.index("ball")]
    np.testing.assert_allclose(matrix[:3, 3], [0, 0.5, 0])
    np.testing.assert_allclose(matrix[:3, :3], np.diag([-1, 1, -1]), atol=1e-12)
    assert now.materials.roughness == pytest.approx([0.5])
    assert now.lights.color[0] == pytest.approx([4, 4, 4])
    assert now.lights.outer_angle == pytest.approx([np.deg2rad(40)])
    np.testing.assert_allclose(now.lights.direction[0], np.array([1, -1, 0]) / np.sqrt(2))
    assert now.camera.fy == pytest.approx(24 / np.tan(np.deg2rad(30)))
    assert snapshot(ready, 2.0).lights.color[0] == pytest.approx([16, 16, 16])


@pytest.mark.parametrize(
    ("channel", "keys", "message"),
    [
        ("positon", {0: (0, 0, 0)}, "ball: expected a field, got 'positon'; did you mean 'position'?"),
        ("position", {0: (0, 0)}, "ball.position.keys.0: expected 3 numbers, got (0, 0)"),
        ("position", {}, "ball.position: expected at least one key, got {}"),
        ("light.intensity", {0: 1}, "ball.light: expected something with fields to set 'intensity' on, got None"),
        ("material.roughness", {0: 2}, "ball.material.roughness.keys.0: expected 0 to 1, got 2"),
        ("material.shine", {0: 2}, "ball.material: expected a field, got 'shine'"),
    ],
)
def test_wrong_keys_are_refused_and_change_nothing(
    scene: Scene, channel: str, keys: dict[object, object], message: str
) -> None:
    ball = scene.add(Sphere(), name="ball")
    before, version = ball.spec, scene.version
    with pytest.raises(SceneError) as raised:
        ball.keys(channel, keys)
    assert str(raised.value) == message
    assert ball.spec == before
    assert scene.version == version


def test_a_shared_material_becomes_a_nodes_own_when_a_value_of_it_is_set(scene: Scene) -> None:
    scene = Scene(materials={"paint": Material(base_color=(1, 0, 0), roughness=0.2)})
    scene.camera = Camera()
    scene.add(Sphere(), name="a", material="paint")
    scene.add(Sphere(), name="b", material="paint").set("material.roughness", 0.9)
    materials = snapshot(compiled(scene), 0.0).materials
    np.testing.assert_array_equal(materials.roughness, [0.2, 0.9])
    np.testing.assert_array_equal(materials.base_color, [[1, 0, 0], [1, 0, 0]])


def test_things_that_nothing_can_carry_are_refused(scene: Scene) -> None:
    with pytest.raises(SceneError, match="node: expected a mesh, a model file, a light, a camera or None, got 3"):
        scene.add(3)
    with pytest.raises(SceneError, match=r"group.material: expected a mesh or an asset to go with it, got none"):
        scene.add(None, material=Material())
    with pytest.raises(SceneError, match=r"ball.material: expected a Material or the name of one, got 'x'|got 7"):
        scene.add(Sphere(), name="ball", material=7)
    assert not scene.nodes


def test_inner_nodes_of_an_asset_can_be_reached_moved_and_hung_on(scene: Scene) -> None:
    taxi = scene.add(car(), name="taxi", position=(10, 0, 0), class_name="vehicle")
    scene["taxi/#wheel"].keys("rotation", {0: (0, 0, 0), 1: (0, 0, 180)})
    lamp = scene["taxi/#body"].add(Point(), name="lamp", position=(0, 0, 1))
    assert lamp.path == "taxi/#body/lamp"
    taxi.add(Sphere(), name="driver", material=Material())
    now = snapshot(compiled(scene), 0.5)
    paths = compiled(scene).stage.node_paths
    assert paths == ("taxi", "taxi/#axle", "taxi/#body", "taxi/#body/lamp", "taxi/#wheel", "taxi/driver")
    np.testing.assert_allclose(now.nodes[4][:3, 3], [10.5, 0.5, 0])
    np.testing.assert_allclose(now.nodes[4][:3, :3], [[0, -2, 0], [2, 0, 0], [0, 0, 2]], atol=1e-12)
    np.testing.assert_allclose(now.lights.position[0], [10, 1, 1])
    labels = compiled(scene).stage.labels
    assert [(label.path, label.class_name, label.class_id) for label in labels] == [("taxi", "vehicle", 1)]
    np.testing.assert_array_equal(now.instances.label, [1, 1, 1])
    with pytest.raises(SceneError) as raised:
        scene["taxi/#whel"]
    assert str(raised.value) == "taxi/#whel: expected a node of the asset, got '#whel'; did you mean '#wheel'?"


def test_a_change_is_seen_by_the_next_shot(scene: Scene) -> None:
    ball = scene.add(Sphere(), name="ball")
    assert shot(scene, 0).current.nodes[0, 0, 3] == 0.0
    ball.set("position", (2, 0, 0))
    assert shot(scene, 0).current.nodes[0, 0, 3] == 2.0
    scene.environment = Environment(color=(1, 2, 3), intensity=2)
    assert shot(scene, 0).current.environment.zenith == (1, 2, 3)
    scene.video = Video(size=(8, 8), frames=5)
    assert (shot(scene, 4).width, scene.frame_count) == (8, 5)


def test_the_camera_may_be_a_node_or_the_only_one_there_is(scene: Scene) -> None:
    scene.camera = None
    with pytest.raises(
        SceneError, match="camera: expected a camera, or the path of one node that carries one, got None"
    ):
        compiled(scene)
    left = scene.add(Camera(position=(1, 0, 0)), name="left")
    assert snapshot(compiled(scene), 0).camera.matrix[0, 3] == 1
    right = scene.add(Camera(position=(2, 0, 0)), name="right")
    with pytest.raises(SceneError, match="got 'left, right'"):
        compiled(scene)
    scene.camera = right
    assert scene.camera == "right"
    assert snapshot(compiled(scene), 0).camera.matrix[0, 3] == 2
    left.set("camera.position", (9, 9, 9))
    scene.camera = "left"
    assert snapshot(compiled(scene), 0).camera.matrix[0, 3] == 9


def test_a_scene_file_and_a_script_give_the_same_shot(tmp_path: Path) -> None:
    file = tmp_path / "ball.yaml"
    file.write_text(
        """
diorama: 1
seed: 7
video: {size: [32, 32], fps: 24, duration: 2}
classes: {toy: 2}
camera: {position: [3, 2, 4], look_at: ball, fov: 45}
lights:
  sun: {type: sun, direction: [-1, -2, -1], illuminance: 3}
nodes:
  ball:
    mesh: {type: sphere, radius: 0.5}
    material: {base_color: [0.8, 0.2, 0.1], roughness: 0.4}
    class: toy
    position: {keys: {0: [0, 2, 0], 1: [0, 0.5, 0]}, ease: out_bounce}
    children:
      hat: {mesh: {type: cone}, position: [0, 1, 0]}
"""
    )
    loaded = load_scene(file)
    made = Scene(size=(32, 32), fps=24, duration=2, seed=7, classes={"toy": 2})
    paint = Material(base_color=(0.8, 0.2, 0.1), roughness=0.4)
    ball = made.add(Sphere(radius=0.5), name="ball", material=paint, class_name="toy")
    ball.keys("position", {0: (0, 2, 0), 1: (0, 0.5, 0)}, ease="out_bounce")
    ball.add(Cone(), name="hat", position=(0, 1, 0))
    made.camera = Camera(position=(3, 2, 4), look_at=ball, fov=45)
    made.add(Sun(direction=(-1, -2, -1), illuminance=3), name="sun")
    assert "sun" in loaded.nodes
    for frame in (0, 17, 47):
        left, right = shot(loaded, frame), shot(made, frame)
        assert left.stage.labels == right.stage.labels
        assert left.stage.node_paths == right.stage.node_paths
        for name in ("nodes", "camera", "lights", "materials", "instances"):
            assert_same(getattr(left.current, name), getattr(right.current, name))


def assert_same(left: object, right: object) -> None:
    for name, value in vars(left).items() if hasattr(left, "__dict__") else [("", left)]:
        np.testing.assert_array_equal(value, getattr(right, name) if name else right)


def test_a_scene_file_moves_inner_nodes_of_an_asset(tmp_path: Path) -> None:
    (tmp_path / "one.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    (tmp_path / "one.yaml").write_text(
        """
diorama: 1
camera: {}
nodes:
  car:
    asset: one.obj
    position: [5, 0, 0]
    children:
      "#one": {position: {keys: {0: [0, 0, 0], 1: [0, 2, 0]}}, children: {lamp: {light: {type: point}}}}
"""
    )
    scene = load_scene(tmp_path / "one.yaml")
    ready = compiled(scene)
    assert ready.stage.node_paths == ("car", "car/#one", "car/#one/lamp")
    assert ready.stage.labels[0].asset == "one.obj"
    np.testing.assert_allclose(snapshot(ready, 0.5).nodes[1:, :3, 3], [[5, 1, 0], [5, 1, 0]])


def test_repeat_makes_a_group_of_copies_as_a_scene_file_does(scene: Scene, tmp_path: Path) -> None:
    place = Place(box=((-2, 0, -2), (2, 3, 2)), gap=0.05)
    made = scene.add(Box(size=(0.5, 0.5, 0.5)), name="toys", repeat=3, place=place, class_name="toy", scale=0.5)
    assert [(child.path, child.spec.class_, child.spec.scale) for child in made.children.values()] == [
        (f"toys/{number}", "toy", (0.5, 0.5, 0.5)) for number in range(3)
    ]
    file = tmp_path / "toys.yaml"
    file.write_text(
        """
diorama: 1
seed: 3
classes: {toy: 1}
camera: {}
nodes:
  toys:
    repeat: 3
    mesh: {type: box, size: [0.5, 0.5, 0.5]}
    class: toy
    scale: 0.5
    place: {box: [[-2, 0, -2], [2, 3, 2]], gap: 0.05}
"""
    )
    loaded = compiled(load_scene(file))
    np.testing.assert_array_equal(snapshot(loaded, 0).nodes, snapshot(compiled(scene), 0).nodes)
    assert [label.path for label in loaded.stage.labels] == ["toys/0", "toys/1", "toys/2"]
    with pytest.raises(SceneError, match=r"more/0: expected a field, got 'colour'"):
        scene.add(Box(), name="more", repeat=2, colour=3)
    with pytest.raises(SceneError, match=r"toys: expected a field that can be set, got 'repeat'"):
        made.set("repeat", 4)
    assert list(scene.nodes) == ["toys"]


def test_a_node_model_brings_its_children_and_takes_fields(scene: Scene) -> None:
    spec = NodeSpec(mesh=Box(), material="paint", children={"inner": NodeSpec(position=(1, 0, 0))})
    node = scene.add(spec, name="outer", position=(0, 5, 0))
    assert (node.material, node.children["inner"].path) == ("paint", "outer/inner")
    assert node.spec.position == (0, 5, 0)
    with pytest.raises(SceneError, match=r"outer.material: expected the name of a material, got 'paint'"):
        compiled(scene)
