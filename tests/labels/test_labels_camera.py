from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from diorama.distortion import Distortion
from diorama.labels import camera_label
from diorama.scene.shot import CameraState
from diorama.transform import perspective


def camera(fx=400.0, fy=380.0, cx=300.0, cy=250.0):
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_euler("xyz", [0.3, -0.8, 0.1]).as_matrix()
    matrix[:3, 3] = (1, 2, 3)
    return CameraState(matrix, fx, fy, cx, cy, 0.1)


def test_k_holds_the_intrinsics_in_pixels():
    np.testing.assert_array_equal(camera_label(camera()).K, [[400, 0, 300], [0, 380, 250], [0, 0, 1]])


def test_a_point_straight_ahead_is_at_the_principal_point():
    state = camera()
    ahead = state.matrix[:3, 3] - 5 * state.matrix[:3, 2]
    np.testing.assert_allclose(camera_label(state).project(ahead), [300, 250])


def test_up_is_up_and_right_is_right():
    label = camera_label(CameraState(np.eye(4), 100.0, 100.0, 50.0, 40.0, 0.1))
    np.testing.assert_allclose(label.project(np.array([[1, 0, -2.0], [0, 1, -2.0]])), [[100, 40], [50, -10]])


def test_projection_agrees_with_the_renderers_matrix():
    state, (width, height) = camera(), (640, 480)
    local = np.random.default_rng(4).uniform([-3, -3, -9], [3, 3, -1], (50, 3))
    world = local @ state.matrix[:3, :3].T + state.matrix[:3, 3]
    projection = perspective(state.fx, state.fy, state.cx, state.cy, width, height, state.near)
    clip = np.column_stack([local, np.ones(50)]) @ projection.T
    pixels = (clip[:, :2] / clip[:, 3:] + 1) / 2 * (width, height)
    np.testing.assert_allclose(camera_label(state).project(world), pixels, atol=1e-9)


def test_opencv_extrinsics_look_along_plus_z():
    state = camera()
    label = camera_label(state)
    ahead = np.append(state.matrix[:3, 3] - 5 * state.matrix[:3, 2], 1)
    assert label.world_to_opencv @ ahead == pytest.approx([0, 0, 5, 1])
    assert np.linalg.det(label.world_to_opencv) == pytest.approx(1)


def test_the_label_knows_the_lens():
    assert "distortion" not in camera_label(camera()).to_json()
    lens = Distortion("brown_conrady", (-0.2, 0.1, 0.01, 0.02, 0.0))
    label = camera_label(replace(camera(), distortion=lens))
    record = label.to_json()
    assert record["distortion"] == {"model": "brown_conrady", "coefficients": [-0.2, 0.1, 0.01, 0.02, 0.0]}
    plane = np.array([[0.3, -0.2], [0.0, 0.0]])
    local = np.array([[0.3, 0.2, -1.0], [0.0, 0.0, -1.0]]) * 4
    world = local @ label.camera_to_world[:3, :3].T + label.camera_to_world[:3, 3]
    np.testing.assert_allclose(label.project(world), lens.bent(plane) * (400, 380) + (300, 250), atol=1e-9)
