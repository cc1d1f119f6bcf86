from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from shots import Thing, make_shot

from diorama.geometry.mesh import Mesh
from diorama.labels import Labeller, PoseLabeller, Poses
from diorama.scene.shot import CameraState
from diorama.transform import compose, transform_points


def mesh_between(low, high) -> Mesh:
    """A mesh whose vertices are the two corners of a box."""
    return Mesh(
        positions=np.array([low, high, low], np.float32),
        normals=np.tile(np.float32([0, 1, 0]), (3, 1)),
        uvs=np.zeros((3, 2), np.float32),
        tangents=np.tile(np.float32([1, 0, 0, 1]), (3, 1)),
        triangles=np.array([[0, 1, 2]], np.uint32),
    )


CORNERS = (-1, -2, -3), (1, 2, 4)
BOX = mesh_between(*CORNERS)
VIEW = CameraState(np.eye(4), 50.0, 50.0, 32.0, 24.0, 0.1)


def shot_of(nodes, things=(), paths=("a",), labels=("a",)):
    """Things on moving nodes, whose neighbours in time are 0.1 s away."""
    return make_shot(things, VIEW, size=(64, 48), step=0.1, nodes=nodes, paths=paths, labels=labels)


def still(matrix):
    return [np.array(matrix)] * 3


def poses(shot):
    return PoseLabeller(shot.stage).poses(shot)


def of(matrix):
    count = len(matrix)
    return Poses(np.array(matrix), *np.zeros((3, count, 3)))


@settings(deadline=None, max_examples=100)
@given(
    st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(lambda q: np.linalg.norm(q) > 0.1),
    st.lists(st.floats(0.01, 100), min_size=3, max_size=3),
)
def test_rotation_and_scale_come_back_from_the_matrix(quaternion, scale):
    quaternion = np.array(quaternion) / np.linalg.norm(quaternion)
    found = of([compose([1, 2, 3], quaternion, scale)])
    np.testing.assert_allclose(found.position, [[1, 2, 3]])
    np.testing.assert_allclose(found.scale, [scale], rtol=1e-9)
    assert found.quaternion[0, 3] >= 0
    assert abs(np.dot(found.quaternion[0], quaternion)) == pytest.approx(1)


def test_position_quaternion_and_scale_rebuild_mirrored_matrices():
    matrix = compose([[1, 2, 3]], Rotation.from_euler("xyz", [[0.2, 1, -2]]).as_quat(), [[1, -2, 3]])
    found = of(matrix)
    np.testing.assert_allclose(compose(found.position, found.quaternion, found.scale), matrix, atol=1e-12)


def test_a_vanished_node_has_a_pose_and_no_extent():
    nodes = [compose([1, 2, 3], [0, 0, 0, 1], [0, 0, 0])]
    found = poses(shot_of(still(nodes), [Thing(BOX, label="a")]))
    np.testing.assert_array_equal(found.quaternion, [[0, 0, 0, 1]])
    np.testing.assert_array_equal(found.scale, [[0, 0, 0]])
    np.testing.assert_array_equal(found.corners, np.broadcast_to([1, 2, 3], (1, 8, 3)))


def test_corners_are_those_of_the_turned_mesh_bounds_in_product_order():
    matrix = compose([5, 0, 1], Rotation.from_euler("y", 30, degrees=True).as_quat(), [2, 1, 0.5])
    found = poses(shot_of(still([matrix]), [Thing(BOX, label="a")]))
    local = np.array(list(product(*zip(*CORNERS, strict=True))), float)
    np.testing.assert_allclose(found.corners[0], transform_points(matrix, local), atol=1e-9)


def test_the_box_holds_all_parts_in_the_space_of_the_labelled_node():
    parent = compose([0, 0, 10], Rotation.from_euler("y", 90, degrees=True).as_quat(), [1, 1, 1])
    child = parent @ compose([4, 0, 0], [0, 0, 0, 1], [1, 1, 1])
    part = mesh_between((-1, -1, -1), (1, 1, 1))
    things = [Thing(part, label="car", node=1), Thing(part, label="car", node=0)]
    found = poses(shot_of(still([parent, child]), things, ("car", "car/wheel"), ("car",)))
    np.testing.assert_allclose(found.low, [[-1, -1, -1]], atol=1e-9)
    np.testing.assert_allclose(found.high, [[5, 1, 1]], atol=1e-9)
    np.testing.assert_allclose(found.position, [[0, 0, 10]])


def test_velocity_is_the_central_difference():
    nodes = [[compose([x, 0, 0], [0, 0, 0, 1], [1, 1, 1])] for x in (1.0, 1.5, 3.0)]
    found = poses(shot_of(nodes))
    np.testing.assert_allclose(found.velocity, [[10, 0, 0]])
    np.testing.assert_allclose(found.position, [[1.5, 0, 0]])


def test_labels_without_a_node_of_their_path_take_the_node_that_carries_them():
    nodes = [compose([x, 0, 0], [0, 0, 0, 1], [1, 1, 1]) for x in (1.0, 2.0, 3.0)]
    things = [Thing(BOX, label="x/1", node=2), Thing(BOX, label="x/0", node=1)]
    shot = shot_of(still(nodes), things, ("a", "b", "c"), ("x/0", "x/1"))
    np.testing.assert_allclose(poses(shot).position[:, 0], [2, 3])


def test_unlabelled_things_and_scenes_without_labels_are_fine():
    shot = shot_of(still([np.eye(4)]), [Thing(BOX, labelled=False)], labels=())
    record = Labeller(shot.stage).label(shot, np.zeros((48, 64), np.uint32)).to_json()
    assert record["instances"] == []


def test_the_record_of_a_frame():
    nodes = [compose([x, 0, -5], [0, 0, 0, 1], [1, 1, 1]) for x in (0.0, 9.0)]
    things = [Thing(BOX, label="a", node=0), Thing(BOX, label="b", node=1)]
    shot = shot_of(still(nodes), things, ("a", "b"), ("a", "b"))
    instance = np.zeros((48, 64), np.uint32)
    instance[10:20, 5:64] = 2
    record = Labeller(shot.stage).label(shot, instance).to_json()
    assert record["camera"]["K"] == [[50, 0, 32], [0, 50, 24], [0, 0, 1]]
    assert record["camera"]["camera_to_world"] == np.eye(4).tolist()
    hidden, seen = record["instances"]
    assert (seen["id"], seen["box"], seen["pixels"], seen["truncated"]) == (2, [5, 10, 59, 10], 590, True)
    assert (hidden["id"], hidden["box"], hidden["pixels"], hidden["truncated"]) == (1, None, 0, False)
    assert seen["position"] == [9, 0, -5]
    assert len(hidden["box_3d"]) == 8
    assert "box" not in Labeller(shot.stage).label(shot).to_json()["instances"][0]
