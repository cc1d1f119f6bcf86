"""From pyrender: what its scene holds, and where."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from oracle_pyrender import require_pyrender

# pyrender's own imports warn, so it runs in a process of its own.
PROGRAM = """
import numpy as np
import pytest
from diorama.errors import AssetError
from diorama.interop import from_pyrender, import_pyrender
from diorama.scene.schema import Point, Spot, Sun
from diorama.transform import compose, euler_to_quaternion

pyrender = import_pyrender()
scene = pyrender.Scene(ambient_light=(0.1, 0.2, 0.3))
picture = np.zeros((2, 1, 3), np.uint8)
picture[0] = (255, 0, 0)
paint = pyrender.MetallicRoughnessMaterial(
    name="paint", baseColorFactor=(0.1, 0.2, 0.3, 1.0), metallicFactor=0.4, roughnessFactor=0.6,
    emissiveFactor=(1.0, 2.0, 3.0), doubleSided=True,
    baseColorTexture=pyrender.Texture(source=picture, source_channels="RGB"),
    metallicRoughnessTexture=pyrender.Texture(source=np.full((1, 1, 3), (9, 8, 7), np.uint8), source_channels="RGB"),
)
positions = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], float)
primitive = pyrender.Primitive(positions, normals=[[0, 0, 1.0]] * 3, texcoord_0=np.array([[0, 0], [1, 0], [0, 1.0]]),
                               indices=np.array([[0, 1, 2]]), material=paint, mode=4)
pose = compose((1, 2, 3), euler_to_quaternion((0.1, 0.2, 0.3)), (2, 2, 2))
parent = scene.add(pyrender.Mesh([primitive]), name="tri", pose=pose)
poses = np.stack([np.eye(4), compose((5, 0, 0), (0, 0, 0, 1), (1, 1, 1))])
many = pyrender.Primitive(positions, normals=[[0, 0, 1.0]] * 3, material=paint, mode=4, poses=poses)
scene.add(pyrender.Mesh([many]), name="many", parent_node=parent)
scene.add(pyrender.Mesh([primitive], is_visible=False), name="hidden")
scene.add(pyrender.PerspectiveCamera(yfov=0.8, znear=0.3), pose=pose)
down = compose((0, 9, 0), euler_to_quaternion((-np.pi / 2, 0, 0)), (1, 1, 1))
scene.add(pyrender.DirectionalLight((1, 0.5, 0.25), 3.0), name="a", pose=down)
scene.add(pyrender.PointLight((1, 1, 1), 4.0), name="b", pose=down)
scene.add(pyrender.SpotLight((1, 1, 1), 5.0, innerConeAngle=0.2, outerConeAngle=0.4), name="c", pose=down)

found = from_pyrender(scene)
nodes, parts = found.asset.nodes, found.asset.parts
assert [node.name for node in nodes] == ["many_0", "many_0_0", "many_0_1", "tri_1"], nodes
matrices = found.asset.node_matrices()
np.testing.assert_allclose(matrices[3], pose, atol=1e-9)
np.testing.assert_allclose(matrices[2], pose @ poses[1], atol=1e-9)
assert [part.node for part in parts] == [1, 2, 3]
mesh, material = parts[2].mesh, parts[2].material
assert mesh.positions.tolist() == positions.tolist()
assert mesh.uvs.tolist() == [[0, 1], [1, 1], [0, 0]]
np.testing.assert_allclose(material.base_color, (0.1, 0.2, 0.3), atol=1e-6)
np.testing.assert_allclose((material.metallic, material.roughness, *material.emission), (0.4, 0.6, 1, 2, 3), atol=1e-6)
assert material.name == "paint" and material.double_sided
assert material.base_color_image.pixels[:, 0].tolist() == [[255, 0, 0, 255], [0, 0, 0, 255]]
assert material.metallic_roughness_image.pixels[0, 0, 1:3].tolist() == [8, 7]
camera = found.camera
np.testing.assert_allclose(camera.position, (1, 2, 3), atol=1e-9)
np.testing.assert_allclose(compose(camera.position, camera.rotation, (2, 2, 2)), pose, atol=1e-9)
np.testing.assert_allclose((camera.fov, camera.near), (np.degrees(0.8), 0.3), atol=1e-9)
sun, point, spot = found.lights.values()
assert isinstance(sun, Sun) and isinstance(point, Point) and isinstance(spot, Spot)
np.testing.assert_allclose(sun.direction, (0, -1, 0), atol=1e-9)
assert (sun.color, sun.illuminance, point.intensity, spot.intensity) == ((1.0, 0.5, 0.25), 3.0, 4.0, 5.0)
np.testing.assert_allclose(point.position, (0, 9, 0), atol=1e-9)
np.testing.assert_allclose((spot.inner_angle, spot.outer_angle), np.degrees((0.2, 0.4)), atol=1e-9)
np.testing.assert_allclose(found.environment.color, (0.1, 0.2, 0.3))
assert not found.environment.visible

for wrong in ("no scene", pyrender.Scene()):
    with pytest.raises(AssetError, match="expected a "):
        from_pyrender(wrong)
scene.remove_node(scene.main_camera_node)
scene.add(pyrender.IntrinsicsCamera(10, 20, 30, 40), pose=np.eye(4))
pinhole = from_pyrender(scene).camera.intrinsics
assert (pinhole.fx, pinhole.fy, pinhole.cx, pinhole.cy) == (10, 20, 30, 40)
scene.remove_node(scene.main_camera_node)
scene.add(pyrender.OrthographicCamera(1, 1), pose=np.eye(4))
with pytest.raises(AssetError, match="camera: expected a perspective or intrinsics camera"):
    from_pyrender(scene)
"""


def test_a_scene_arrives_whole() -> None:
    require_pyrender()
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", PROGRAM], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_pyrender_is_not_imported_before_it_is_asked_for() -> None:
    program = "import sys, diorama.interop\nprint([name for name in ('pyrender', 'trimesh') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert not hasattr(np, "infty")
