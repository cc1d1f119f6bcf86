"""Lights over time: what their sizes become in the world, which way they lie, and how soft their shadows may be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

import diorama
from diorama.errors import SceneError
from diorama.scene.graph import Scene, load_scene
from diorama.scene.sample import compiled, snapshot
from diorama.scene.schema import (
    Camera,
    DiscLight,
    LightSource,
    Node,
    Point,
    RectangleLight,
    Sphere,
    SphereLight,
    Spot,
    Sun,
)
from diorama.scene.shot import DISC, POINT, RECTANGLE, SPHERE, SPOT, SUN, LightBatch

angles = st.tuples(*[st.floats(-180, 180)] * 3)
factors = st.tuples(*[st.floats(0.1, 10)] * 3)
components = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 0.01)
sides = st.tuples(st.floats(0.01, 100), st.floats(0.01, 100))


@pytest.fixture
def scene() -> Scene:
    return empty()


def empty() -> Scene:
    made = Scene(size=(64, 48), duration=2)
    made.camera = Camera(position=(0, 0, 5))
    return made


def lights(scene: Scene, time: float = 0.0) -> LightBatch:
    return snapshot(compiled(scene), time).lights


def linear(rotation: tuple[float, ...], scale: tuple[float, ...]) -> np.ndarray:
    return Rotation.from_euler("xyz", rotation, degrees=True).as_matrix() @ np.diag(scale)


@pytest.mark.parametrize(
    ("light", "kind", "color", "size"),
    [
        (Sun(illuminance=3), SUN, 3, (np.radians(0.265),) * 2),
        (Sun(illuminance=3, angle=10), SUN, 3, (np.radians(5),) * 2),
        (Sun(angle=0), SUN, 1, (0, 0)),
        (Point(intensity=4), POINT, 4, (0, 0)),
        (Point(intensity=4, radius=0.2), POINT, 4, (0.2, 0.2)),
        (Spot(intensity=5, radius=0.3), SPOT, 5, (0.3, 0.3)),
        (SphereLight(radius=0.25, luminance=6), SPHERE, 6, (0.25, 0.25)),
        (RectangleLight(size=(3, 0.5), luminance=7), RECTANGLE, 7, (1.5, 0.25)),
        (DiscLight(radius=2, luminance=8), DISC, 8, (2, 2)),
    ],
)
def test_units(scene: Scene, light: LightSource, kind: int, color: float, size: tuple[float, float]) -> None:
    scene.add(light.model_copy(update={"color": (1.0, 0.5, 0.25)}), name="lamp")
    scene.add(light.model_copy(update={"cast_shadow": False}), name="shadowless")
    found = lights(scene)
    assert found.kind.tolist() == [kind, kind]
    np.testing.assert_allclose(found.color[0], [color, color / 2, color / 4])
    np.testing.assert_allclose(found.size, [size, size])
    assert found.casts_shadow.tolist() == [True, False]


@settings(deadline=None, max_examples=40)
@given(angles, factors, sides)
def test_a_rectangle_lies_where_its_node_would_put_its_corners(
    rotation: tuple[float, ...], scale: tuple[float, ...], size: tuple[float, float]
) -> None:
    """Both scaled and turned; the corners are those of a drawn rectangle in the node's XY plane."""
    scene = empty()
    light = RectangleLight(position=(1, 2, 3), direction=(0, 0, -1), size=size)
    scene.add(light, name="lamp", rotation=rotation, scale=scale, position=(4, 5, 6))
    found = lights(scene)
    matrix, corner = linear(rotation, scale), np.array([size[0] / 2, size[1] / 2, 0])
    np.testing.assert_allclose(found.position[0], matrix @ [1, 2, 3] + [4, 5, 6])
    width, height = matrix @ (corner * [1, 0, 0]), matrix @ (corner * [0, 1, 0])
    np.testing.assert_allclose(found.size[0, 0] * found.tangent[0], width, atol=1e-9)
    across = np.cross(found.tangent[0], found.direction[0])
    np.testing.assert_allclose(np.abs(found.size[0, 1] * (across @ height)), height @ height, rtol=1e-9)
    np.testing.assert_allclose(found.direction[0], -matrix[:, 2] / np.linalg.norm(matrix[:, 2]), atol=1e-9)


def test_what_shines_down_scales_along_x_and_z_of_its_node(scene: Scene) -> None:
    group = scene.add(None, name="group", rotation=(0, 90, 0), scale=(2, 3, 5))
    group.add(RectangleLight(size=(1, 1)), name="a")
    group.add(DiscLight(radius=1), name="b")
    found = lights(scene)
    np.testing.assert_allclose(found.size, [[1, 2.5], [np.sqrt(10)] * 2])
    np.testing.assert_allclose(found.direction, [[0, -1, 0]] * 2, atol=1e-12)
    np.testing.assert_allclose(found.tangent[0], [0, 0, -1], atol=1e-12)


@settings(deadline=None, max_examples=40)
@given(angles, factors, angles, factors)
def test_round_lights_keep_volume_and_area_of_their_scale(
    outer: tuple[float, ...], outer_scale: tuple[float, ...], inner: tuple[float, ...], inner_scale: tuple[float, ...]
) -> None:
    """Also where one scale shears the other."""
    scene = empty()
    group = scene.add(None, name="group", rotation=outer, scale=outer_scale)
    lamp = group.add(None, name="lamp", rotation=inner, scale=inner_scale)
    for light in (DiscLight(radius=0.5, direction=(0, 0, 1)), Point(radius=0.5), SphereLight(radius=0.5)):
        lamp.add(light)
    size = lights(scene).size
    assert (size[:, 0] == size[:, 1]).all()
    matrix = linear(outer, outer_scale) @ linear(inner, inner_scale)
    volume = np.prod(outer_scale) * np.prod(inner_scale)
    lengths = np.linalg.norm(matrix[:, :2], axis=0)
    np.testing.assert_allclose(size[0, 0] ** 2, 0.25 * lengths.prod(), rtol=1e-9)
    np.testing.assert_allclose(size[1:, 0] ** 3, 0.125 * volume, rtol=1e-9)


@settings(deadline=None, max_examples=60)
@given(components, angles, factors, angles, factors)
def test_the_tangent_is_a_unit_vector_across_the_direction(
    direction: tuple[float, ...], outer: tuple[float, ...], stretch: tuple[float, ...], inner: tuple[float, ...],
    scale: tuple[float, ...],
) -> None:  # fmt: skip
    scene = empty()
    lamp = scene.add(None, name="a", rotation=outer, scale=stretch).add(None, name="b", rotation=inner, scale=scale)
    for light in (Sun(direction=direction), RectangleLight(direction=direction), SphereLight()):
        lamp.add(light)
    found = lights(scene)
    np.testing.assert_allclose(np.linalg.norm(found.tangent, axis=1), 1, atol=1e-12)
    np.testing.assert_allclose(np.sum(found.tangent * found.direction, axis=1), 0, atol=1e-9)


@pytest.mark.parametrize(
    ("direction", "tangent"),
    [((0, -1, 0), (1, 0, 0)), ((0, 1, 0), (-1, 0, 0)), ((0, 0, -2), (1, 0, 0)), ((1, 0, 0), (0, 0, 1))],
)
def test_the_width_is_level_and_to_the_right_as_a_camera_looks(
    scene: Scene, direction: tuple[float, ...], tangent: tuple[float, ...]
) -> None:
    scene.add(RectangleLight(direction=direction), name="along")
    scene.add(RectangleLight(look_at=direction), name="at")
    np.testing.assert_allclose(lights(scene).tangent, [tangent, tangent], atol=1e-12)


def test_what_looks_at_something_scales_along_its_own_width_and_height(scene: Scene) -> None:
    scene.add(Sphere(), name="ball", position=(0, 0, -4))
    group = scene.add(None, name="group", rotation=(0, 0, 50), scale=(2, 3, 5))
    group.add(RectangleLight(look_at="ball", size=(1, 1)), name="lamp")
    found = lights(scene)
    np.testing.assert_allclose(found.direction, [[0, 0, -1]], atol=1e-12)
    np.testing.assert_allclose(found.tangent, [[1, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(found.size, [[1, 1.5]])


def test_sizes_follow_keys(scene: Scene) -> None:
    scene.add(SphereLight(), name="a").keys("light.radius", {0: 1, 1: 3})
    scene.add(RectangleLight(), name="b").keys("light.size", {0: (1, 2), 1: (3, 2)})
    scene.add(Sun(), name="c").keys("light.angle", {0: 2, 1: 4})
    scene.add(Point(), name="d").keys("light.radius", {0: 0, "24f": 0.4})
    scene.add(DiscLight(), name="e").keys("light.luminance", {0: 0, 1: 10})
    scene.add(RectangleLight(size=(4, 4)), name="f").keys("light.direction", {0: (1, 0, 0), 1: (-1, 0, 0)})
    found = lights(scene, 0.5)
    angle = np.radians(1.5)
    np.testing.assert_allclose(
        found.size, [[2, 2], [1, 1], [angle, angle], [0.2, 0.2], [0.5, 0.5], [2, 2]]
    )  # fmt: skip
    np.testing.assert_allclose(found.color[4], [5, 5, 5])
    # keys led the direction through zero
    np.testing.assert_allclose([found.direction[5], found.tangent[5]], [[0, -1, 0], [1, 0, 0]], atol=1e-12)


def test_keys_and_scales_that_pass_through_zero_leave_some_surface(scene: Scene) -> None:
    scene.add(DiscLight(), name="a").keys("light.radius", {0: 1, 1: 1e-6}, ease="out_back")
    scene.add(RectangleLight(), name="b").keys("scale", {0: -1, 1: 1})
    scene.add(Point(radius=1), name="c").keys("scale", {0: -1, 1: 1})
    scene.add(Point(), name="d").keys("light.radius", {0: 1, 1: 0}, ease="out_back")
    found = [lights(scene, time).size for time in (0.5, 0.8)]
    assert (found[1][0] == 1e-6).all()
    assert (found[0][1] == 1e-6).all()
    assert (found[0][2] == 0).all()
    assert (found[1][3] == 0).all()
    np.testing.assert_allclose(found[1][1], [0.3, 0.3])


def test_a_size_beyond_measure_is_refused(scene: Scene) -> None:
    group = scene.add(None, name="group", scale=1e5)
    group.add(DiscLight(radius=1e7), name="small")
    lamp = group.add(None, name="lamp", scale=1e5)
    lights(scene)
    lamp.add(DiscLight(radius=1e7), name="big")
    with pytest.raises(SceneError, match=r"^group/lamp/big\.light: expected a size up to 1e\+15 metres, got more$"):
        lights(scene)


def test_a_file_and_python_make_the_same_lights(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("""
diorama: 1
camera: {position: [0, 0, 5]}
lights:
  a: {type: sphere, radius: 0.2, luminance: 50}
  b: {type: rectangle, position: [0, 3, 0], look_at: ball, size: [2, 1], color: "#ff8000"}
  c: {type: disc, radius: 0.3, cast_shadow: false}
  d: {type: sun, angle: 2}
nodes:
  ball: {mesh: {type: sphere, radius: 0.4}, light: {type: sphere, radius: 0.5}}
""")
    scene.add(Node(mesh=Sphere(radius=0.4), light=SphereLight(radius=0.5)), name="ball")
    scene.add(diorama.SphereLight(radius=0.2, luminance=50), name="a")
    scene.add(diorama.RectangleLight(position=(0, 3, 0), look_at="ball", size=(2, 1), color="#ff8000"), name="b")
    scene.add(diorama.DiscLight(radius=0.3, cast_shadow=False), name="c")
    scene.add(Sun(angle=2), name="d")
    loaded = load_scene(file)
    assert {name: node.spec for name, node in loaded.nodes.items()} == {n: m.spec for n, m in scene.nodes.items()}
    np.testing.assert_array_equal(lights(loaded).size, lights(scene).size)
    assert lights(loaded).kind.tolist() == [SPHERE, RECTANGLE, SPHERE, DISC, SUN]


def test_what_a_light_looks_at_must_be_there(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("diorama: 1\ncamera: {}\nlights: {lamp: {type: disc, look_at: bal}}\nnodes: {ball: {}}\n")
    with pytest.raises(SceneError, match=r"s\.yaml:3:38: lights\.lamp\.look_at: .*; did you mean 'ball'"):
        load_scene(file)
