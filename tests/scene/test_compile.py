"""What compiling makes of a scene: instances, labels, classes, materials, lights, lens, sky."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from scipy.spatial.transform import Rotation

from diorama.errors import SceneError
from diorama.geometry.primitives import box, sphere
from diorama.material.pbr import Image, PbrMaterial
from diorama.scene.asset_tree import Asset, AssetNode, AssetPart
from diorama.scene.compile import Compiled
from diorama.scene.graph import Scene
from diorama.scene.labelling import class_ids
from diorama.scene.sample import compiled, shot, snapshot
from diorama.scene.schema import (
    Box,
    Camera,
    Environment,
    Finish,
    Gradient,
    Intrinsics,
    Material,
    MeshFile,
    Point,
    Sphere,
    Spot,
    Sun,
)
from diorama.scene.shot import POINT, SPOT, SUN, Snapshot

PICTURE = Image(np.zeros((2, 2, 4), np.uint8), "srgb", "paint")
PAINT = PbrMaterial("paint", base_color=(0.5, 0.6, 0.7), roughness=0.3, emission=(1, 2, 3), base_color_image=PICTURE)


@pytest.fixture
def scene() -> Scene:
    made = Scene(size=(64, 48))
    made.camera = Camera(position=(0, 0, 5))
    return made


def now(scene: Scene, time: float = 0.0) -> Snapshot:
    return snapshot(compiled(scene), time)


def labelled(ready: Compiled) -> dict[str, list[str]]:
    """The paths of what is drawn, under the path of the instance that it belongs to."""
    found: dict[str, list[str]] = {"": []} | {label.path: [] for label in ready.stage.labels}
    for node, label in zip(ready.drawn.node, ready.drawn.label, strict=True):
        found[ready.stage.labels[label - 1].path if label else ""].append(ready.stage.node_paths[node])
    return found


def test_what_is_a_labelled_instance(scene: Scene) -> None:
    taxi = scene.add(Asset((AssetNode("body"),), (AssetPart(0, box(), PAINT),)), name="taxi")
    taxi.add(Box(), name="sign")
    taxi.add(Sphere(), name="driver", instance=True).add(Sphere(), name="hat")
    scene.add(Box(), name="floor", instance=False).add(Box(), name="rug")
    pair = scene.add(None, name="pair", instance=True)
    pair.add(Box(), name="left")
    pair.add(Box(), name="right")
    scene.add(None, name="group").add(Box(), name="alone")
    scene.add(Box(), name="ghost", visible=False).add(Box(), name="child")
    ready = compiled(scene)
    assert labelled(ready) == {
        "": ["floor"],
        "floor/rug": ["floor/rug"],
        "group/alone": ["group/alone"],
        "pair": ["pair/left", "pair/right"],
        "taxi": ["taxi/#body", "taxi/sign"],
        "taxi/driver": ["taxi/driver", "taxi/driver/hat"],
    }
    assert list(labelled(ready))[1:] == sorted(labelled(ready))[1:]


def test_classes_are_inherited_and_numbered(scene: Scene) -> None:
    scene = Scene(classes={"floor": 7, "toy": 3})
    scene.camera = Camera()
    toys = scene.add(None, name="toys", class_name="toy")
    toys.add(Box(), name="a")
    toys.add(Box(), name="b", class_name="zebra")
    scene.add(Box(), name="c", class_name="ant")
    scene.add(Box(), name="d")
    labels = compiled(scene).stage.labels
    assert [(one.path, one.class_name, one.class_id) for one in labels] == [
        ("c", "ant", 8),
        ("d", "", 0),
        ("toys/a", "toy", 3),
        ("toys/b", "zebra", 9),
    ]
    with pytest.raises(SceneError, match=r"classes.b: expected class ids up to 65535, got 65536"):
        class_ids({"a": 65535}, ["b"])
    assert class_ids({}, list("hgfedcba")) == dict(zip("abcdefgh", range(1, 9), strict=True))


def test_equal_meshes_and_materials_are_shared(scene: Scene) -> None:
    for name in "abc":
        scene.add(Sphere(radius=0.5), name=name, material=Material(roughness=0.1))
    scene.add(sphere(0.5), name="made", material=Material(roughness=0.1))
    scene.add(Sphere(radius=0.6), name="other", material=Material(roughness=0.2))
    ready = compiled(scene)
    np.testing.assert_array_equal(ready.drawn.mesh, [0, 0, 0, 0, 1])
    np.testing.assert_array_equal(ready.drawn.material, [0, 0, 0, 0, 1])
    assert [mesh.bounds[1][0] for mesh in ready.stage.meshes] == pytest.approx([0.5, 0.6])


def test_a_material_on_an_asset_replaces_only_what_it_sets(scene: Scene) -> None:
    asset = Asset((AssetNode("body"),), (AssetPart(0, box(), PAINT), AssetPart(0, sphere(), PbrMaterial("tyre"))))
    scene.add(asset, name="a", material=Material(base_color=(1, 1, 1), emission_strength=2))
    scene.add(asset, name="b", material=Material(emission_strength=2))
    scene.add(asset, name="c")
    ready = compiled(scene)
    materials = now(scene).materials
    rows = ready.drawn.material
    assert materials.base_color[rows[::2]].tolist() == [[1, 1, 1], [0.5, 0.6, 0.7], [0.5, 0.6, 0.7]]
    assert materials.roughness[rows].tolist() == [0.3, 0.5] * 3
    assert materials.emission[rows[::2]].tolist() == [[2, 4, 6], [2, 4, 6], [1, 2, 3]]
    assert ready.stage.images == (PICTURE,)
    assert materials.images[rows].tolist() == [[0, -1, -1, -1, -1], [-1] * 5] * 3


def test_layers_go_over_those_of_an_asset_and_move(scene: Scene) -> None:
    varnished = PbrMaterial("wood", clearcoat=0.25, anisotropy_rotation=45.0, sheen_color=(0.1, 0.2, 0.3), ior=1.7)
    asset = Asset((AssetNode("body"),), (AssetPart(0, box(), varnished),))
    scene.add(asset, name="a", material=Material(clearcoat={"keys": {0: 0.0, 1: 1.0}}, sheen_roughness=0.9))
    scene.add(asset, name="b", material=Material(anisotropy_rotation=90.0))
    materials = snapshot(compiled(scene), 0.5).materials
    assert materials.clearcoat.tolist() == [0.5, 0.25]
    assert materials.anisotropy_rotation.tolist() == [np.pi / 4, np.pi / 2]
    assert materials.sheen_color.tolist() == [[0.1, 0.2, 0.3]] * 2
    assert (materials.sheen_roughness.tolist(), materials.ior.tolist()) == ([0.9, 0.0], [1.7, 1.7])


@pytest.mark.parametrize(
    "field",
    [{"ior": 1.4}, {"specular_color": (1, 0.9, 1)}, {"clearcoat": 0.1}, {"sheen_color": (0, 0.1, 0)},
     {"anisotropy": 0.1}, {"iridescence": 0.1}],
    ids=str,
)  # fmt: skip
def test_only_a_layer_that_is_there_asks_for_the_longer_program(scene: Scene, field: dict[str, object]) -> None:
    """What only says how a layer would be, were it there, does not."""
    scene.add(Sphere(), name="a", material=Material(clearcoat_roughness=0.5, sheen_roughness=0.5, iridescence_ior=2))
    assert not now(scene).materials.coated
    scene.add(Sphere(), name="b", material=Material(**field))
    assert now(scene).materials.coated


def test_materials_go_over_those_of_an_asset_by_name(scene: Scene) -> None:
    asset = Asset((AssetNode("body"),), (AssetPart(0, box(), PAINT), AssetPart(0, sphere(), PbrMaterial("tyre"))))
    named = {"tyre": Material(roughness=0.9)}
    scene.add(asset, name="a", material=Material(metallic=0.5, roughness=0.1), materials=named)
    scene.add(asset, name="b", materials=named)
    rows = compiled(scene).drawn.material
    materials = now(scene).materials
    assert materials.roughness[rows].tolist() == [0.1, 0.9, 0.3, 0.9]
    assert materials.metallic[rows].tolist() == [0.5, 0.5, 0.0, 0.0]


def test_materials_that_fit_no_asset_are_refused(scene: Scene) -> None:
    asset = Asset((AssetNode("body"),), (AssetPart(0, box(), PAINT),))
    node = scene.add(asset, name="a", materials={"pain": Material()})
    with pytest.raises(SceneError, match=r"a\.materials: expected the name of a material .*; did you mean 'paint'"):
        compiled(scene)
    node.geometry = None
    scene.changed()
    with pytest.raises(SceneError, match=r"a\.materials: expected an asset to go with it, got none"):
        compiled(scene)


def test_textures_are_read_with_their_own_coding(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "grey.png"
    PIL.Image.new("RGB", (2, 2), (10, 20, 30)).save(file)
    material = Material(base_color_texture=str(file), normal_texture=str(file), emission_texture=str(file))
    scene.add(Box(), name="a", material=material)
    images = compiled(scene).stage.images
    assert [image.space for image in images] == ["srgb", "linear"]
    assert now(scene).materials.images.tolist() == [[0, -1, 1, -1, 0]]
    assert images[0].pixels[0, 0].tolist() == [10, 20, 30, 255]


def test_a_mesh_file_is_one_mesh_in_the_assets_space(scene: Scene, tmp_path: Path) -> None:
    file = tmp_path / "two.obj"
    file.write_text("o a\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\no b\nv 0 0 5\nv 1 0 5\nv 0 1 5\nf 4 5 6\n")
    scene.add(MeshFile(file=str(file)), name="a", material=Material(base_color=(1, 0, 0)))
    (mesh,) = compiled(scene).stage.meshes
    assert len(mesh.triangles) == 2
    np.testing.assert_array_equal(mesh.bounds, [[0, 0, 0], [1, 1, 5]])


def test_lights_are_placed_and_aimed_in_the_space_of_their_node(scene: Scene) -> None:
    car = scene.add(None, name="car", position=(10, 0, 0), rotation=(0, 90, 0), scale=2)
    spot = Spot(position=(0, 1, -1), direction=(0, 0, -3), intensity=4, color=(1, 0.5, 0), inner_angle=10)
    car.add(spot, name="beam")
    car.add(Point(position=(0, 2, 0), intensity=3), name="lamp")
    scene.add(Sun(look_at=(0, -1, -1), illuminance=2, cast_shadow=False), name="sun")
    scene.add(Spot(position=(0, 5, 0), look_at="car"), name="top")
    lights = now(scene).lights
    assert lights.kind.tolist() == [SPOT, POINT, SUN, SPOT]
    np.testing.assert_allclose(lights.position, [[8, 2, 0], [10, 4, 0], [0, 0, 0], [0, 5, 0]], atol=1e-12)
    half = np.sqrt(0.5)
    toward = np.array([10, -5, 0]) / np.sqrt(125)
    np.testing.assert_allclose(lights.direction[[0, 2, 3]], [[-1, 0, 0], [0, -half, -half], toward], atol=1e-12)
    np.testing.assert_allclose(lights.color, [[4, 2, 0], [3, 3, 3], [2, 2, 2], [1, 1, 1]])
    np.testing.assert_allclose(np.rad2deg(lights.inner_angle[[0, 3]]), [10, 20])
    assert lights.casts_shadow.tolist() == [True, True, False, True]


def test_lenses(scene: Scene) -> None:
    def lens(**fields: object) -> list[float]:
        scene.camera = Camera(**fields)
        camera = now(scene, 0.5).camera
        return [camera.fx, camera.fy, camera.cx, camera.cy]

    assert lens(fov=90) == pytest.approx([24, 24, 32, 24])
    assert lens(focal_length=36, sensor_width=24) == pytest.approx([96, 96, 32, 24])
    assert lens(intrinsics=Intrinsics(fx=50, fy=60, cx=30, cy=20)) == [50, 60, 30, 20]
    assert lens(focal_length={"keys": {0: 18, 1: 36}}) == pytest.approx([48, 48, 32, 24])


def test_a_camera_in_a_scaled_turned_car_stays_rigid(scene: Scene) -> None:
    car = scene.add(None, name="car", position=(1, 2, 3), rotation=(0, 90, 0), scale=(1, 2, 3))
    car.add(Camera(position=(0, 1, 0), rotation=(30, 40, 10), near=0.2), name="eye")
    scene.camera = "car/eye"
    camera = now(scene).camera
    np.testing.assert_allclose(camera.matrix[:3, :3] @ camera.matrix[:3, :3].T, np.eye(3), atol=1e-12)
    assert np.linalg.det(camera.matrix) == pytest.approx(1)
    np.testing.assert_allclose(camera.matrix[:3, 3], [1, 4, 3])
    sheared = Rotation.from_euler("y", 90, degrees=True).as_matrix() @ np.diag([1, 2, 3])
    sheared = sheared @ Rotation.from_euler("xyz", [30, 40, 10], degrees=True).as_matrix()
    toward, up = -sheared[:, 2] / np.linalg.norm(sheared[:, 2]), sheared[:, 1]
    np.testing.assert_allclose(-camera.matrix[:3, 2], toward, atol=1e-12)
    upward = up - (up @ toward) * toward
    np.testing.assert_allclose(camera.matrix[:3, 1], upward / np.linalg.norm(upward), atol=1e-12)
    assert camera.near == 0.2


def test_the_sky(scene: Scene, tmp_path: Path) -> None:
    assert now(scene).environment.horizon == (0, 0, 0)
    sky = Gradient(zenith=(0, 0, 1), horizon={"keys": {0: (0, 0, 0), 1: (1, 1, 1)}}, ground=(0.1, 0.1, 0.1))
    scene.environment = Environment(gradient=sky, rotation=90, extract_sun=False, visible=False)
    shown = now(scene, 0.5).environment
    assert (shown.zenith, shown.horizon, shown.ground) == ((0, 0, 1), (0.5, 0.5, 0.5), (0.1, 0.1, 0.1))
    assert shown.rotation == pytest.approx(np.pi / 2)
    assert (shown.extract_sun, shown.visible, compiled(scene).stage.environment) == (False, False, None)
    file = tmp_path / "sky.png"
    PIL.Image.new("RGB", (4, 2), (255, 255, 255)).save(file)
    scene.environment = Environment(image=str(file), intensity={"keys": {0: 1, 1: 3}})
    np.testing.assert_array_equal(compiled(scene).stage.environment, np.ones((2, 4, 3), np.float32))
    assert now(scene, 0.5).environment.intensity == 2
    assert now(scene).environment.extract_sun


def test_exposure_is_in_stops(scene: Scene) -> None:
    scene.finish = Finish(exposure={"keys": {0: 0, 1: 4}})
    assert shot(scene, 12).exposure == pytest.approx(4.0)


def test_the_camera_adds_its_exposure_to_that_of_the_finish(scene: Scene) -> None:
    scene.finish = Finish(exposure=1)
    scene.camera = Camera(exposure={"keys": {0: 0, 1: 4}})
    assert (shot(scene, 0).exposure, shot(scene, 12).exposure) == pytest.approx((2, 8))


def test_ev100_is_that_of_a_metered_camera(scene: Scene) -> None:
    """Lagarde & de Rousiers 2014: the luminance that is white is 1.2 · 2^EV100."""
    scene.camera = Camera(ev100=15)
    assert shot(scene, 0).exposure * 1.2 * 2**15 == pytest.approx(1)
    scene.camera = Camera(ev100={"keys": {0: 10, 1: 12}})
    scene.finish = Finish(exposure=2)
    assert shot(scene, 12).exposure == pytest.approx(4 / (1.2 * 2**11))
