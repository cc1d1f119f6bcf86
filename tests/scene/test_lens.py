"""The thin lens: its size and focus, the places it is seen from, and what those do to points off the plane of focus."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from diorama.distortion import Distortion
from diorama.errors import SceneError
from diorama.labels.camera import camera_label
from diorama.scene.graph import Scene
from diorama.scene.lens_points import LENS_POINTS, lens_points, pinhole
from diorama.scene.sample import shot
from diorama.scene.schema import Box, Camera
from diorama.scene.shot import CameraState

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 360, 200
CENTRE = np.array([0.5, 0.5])


def filmed(*, shutter: float = 0.0, **fields: object) -> Scene:
    scene = Scene(size=(WIDTH, HEIGHT), fps=10, frames=10, shutter=shutter)
    scene.camera = Camera(**fields)  # type: ignore[arg-type]
    return scene


def state(**fields: object) -> CameraState:
    return shot(filmed(**fields), 0).current.camera


def seen(camera: CameraState, point: Floats) -> Floats:
    return camera_label(camera).project(point)


def test_the_opening_is_the_focal_length_over_the_f_number() -> None:
    made = state(focal_length=50, sensor_width=36, aperture=2.5, focus_distance=3)
    assert made.aperture == pytest.approx(0.05 / 2.5 / 2) and made.focus == 3
    small = state(fov=40, sensor_width=9, aperture=4, focus_distance=3)
    assert small.aperture == pytest.approx(small.fx / WIDTH * 0.009 / 4 / 2)
    fixed = state(intrinsics={"fx": 500, "fy": 480, "cx": 170, "cy": 90}, aperture=4, focus_distance=3)
    assert fixed.aperture == pytest.approx(500 / WIDTH * 0.036 / 8)
    assert state().aperture == 0.0


def test_stops_and_focus_can_be_keyed() -> None:
    keyed = filmed(aperture={"keys": {0: 2, 1: 4}}, focus_distance={"keys": {0: 1, 1: 3}}, focal_length=40)
    middle = shot(keyed, 5).current.camera
    assert middle.aperture == pytest.approx(0.04 / 3 / 2) and middle.focus == pytest.approx(2.0)


def test_focus_follows_a_node_along_the_cameras_axis() -> None:
    scene = filmed(position=(0, 0, 5), rotation=(0, 90, 0), aperture=2, focus_on="car")
    scene.add(Box(), name="car", position=(-4, 7, 2)).keys("position", {0: (-4, 7, 2), 1: (-24, 9, 0)})
    found = [shot(scene, frame).current.camera.focus for frame in (0, 5)]
    assert found == pytest.approx([4.0, 14.0])


def test_what_is_behind_the_camera_cannot_be_in_focus() -> None:
    scene = filmed(aperture=2, focus_on="car")
    scene.add(Box(), name="car", position=(0, 0, 3))
    wanted = r"camera\.focus_on: expected a node in front of the camera, got one 3 metres behind it at"
    with pytest.raises(SceneError, match=wanted):
        shot(scene, 0)


@given(
    distance=st.floats(0.3, 100), focus=st.floats(0.3, 100), stops=st.floats(0.7, 22), focal=st.floats(10, 200),
    x=st.floats(-1, 1), y=st.floats(-1, 1),
)  # fmt: skip
def test_a_point_out_of_focus_is_a_circle_of_confusion(
    distance: float, focus: float, stops: float, focal: float, x: float, y: float
) -> None:
    """By Gauss's lens equation: the sensor is where the plane of focus is sharp, the point is sharp elsewhere."""
    camera = state(focal_length=focal, aperture=stops, focus_distance=focus)
    point = np.array([x * distance, y * distance, -distance])
    angles = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    rim = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    spots = np.array([seen(pinhole(camera, place, CENTRE), point) for place in rim])
    sensor = focal * 1e-3
    power = 1.0 / focus + 1.0 / sensor
    sharp_at = 1.0 / (power - 1.0 / distance)
    circle = abs(sharp_at - sensor) / abs(sharp_at) * (focal / stops) * 1e-3
    pixels = circle / 0.036 * WIDTH
    off = np.linalg.norm(spots - seen(camera, point), axis=1)
    np.testing.assert_allclose(2.0 * off, pixels, rtol=1e-6, atol=1e-6)


def test_a_place_of_the_pixel_is_what_its_centre_shows_elsewhere() -> None:
    camera = state(aperture=2, focus_distance=3)
    point = np.array([0.3, 0.2, -3.0])
    moved = seen(pinhole(camera, np.array([0.7, -0.2]), np.array([0.9, 0.25])), point) - seen(camera, point)
    np.testing.assert_allclose(moved, [-0.4, 0.25], atol=1e-9)


@given(st.integers(2, 64), st.integers(0, 1000), st.integers(0, 1000))
def test_lens_points_fill_lens_time_and_pixel_evenly(count: int, seed: int, frame: int) -> None:
    points = lens_points(count, seed, frame)
    middles = (np.arange(count) + 0.5) / count
    np.testing.assert_allclose(points.time, middles)
    for side in points.pixel.T:
        np.testing.assert_allclose(np.sort(side), middles)
    np.testing.assert_allclose(np.sort((points.disc**2).sum(axis=1)), middles)
    assert np.abs(points.disc.mean(axis=0)).max() < 1.5 / np.sqrt(count)


def test_lens_and_time_are_not_tied_together() -> None:
    points = lens_points(64, 0, 3)
    early = points.time < 0.5
    for value in (*points.disc.T, (points.disc**2).sum(axis=1), *points.pixel.T):
        assert abs(np.corrcoef(value, points.time)[0, 1]) < 0.3
        assert 0.35 < (value[early] > np.median(value)).mean() < 0.65


def test_every_frame_has_its_own_points_and_always_the_same() -> None:
    same, other = lens_points(16, 3, 5), lens_points(16, 3, 6)
    np.testing.assert_array_equal(same.disc, lens_points(16, 3, 5).disc)
    assert not np.allclose(same.disc, other.disc) and not np.allclose(same.pixel, other.pixel)


def test_an_open_shutter_is_seen_through_the_open_lens() -> None:
    open_both = filmed(shutter=0.5, aperture=2, focus_distance=3)
    made = shot(open_both, 2, 8)
    times = [one.time for _, one in made.shutter]
    assert made.spread and len(times) == 8 * LENS_POINTS and times == sorted(times)
    assert len(set(times)) == 8
    assert {len({id(s.instances) for _, s in made.shutter if s.time == time}) for time in times} == {1}
    assert sum(weight for weight, _ in made.shutter) == pytest.approx(1.0)
    assert {one.camera.aperture for _, one in made.shutter} == {0.0}
    whole = shot(open_both, 2, 8, lens=False)
    assert len(whole.shutter) == 8 and not whole.spread and whole.shutter[0][1].camera.aperture > 0.0


def test_labels_are_of_the_lenses_centre() -> None:
    opened, closed = (shot(filmed(**fields), 2, 8) for fields in ({"aperture": 1, "focus_distance": 2}, {}))
    for name in ("previous", "current", "next"):
        one, other = getattr(opened, name).camera, getattr(closed, name).camera
        np.testing.assert_array_equal(one.matrix, other.matrix)
        assert (one.fx, one.fy, one.cx, one.cy) == (other.fx, other.fy, other.cx, other.cy)
    assert not closed.spread and len(shot(filmed(aperture=1, focus_distance=2), 2).shutter) == 1


def test_a_lens_takes_its_numbers_as_opencv_gives_them() -> None:
    four = {"model": "brown_conrady", "coefficients": [-0.1, 0.02, 0.003, -0.004]}
    assert state(distortion=four).distortion == Distortion("brown_conrady", (-0.1, 0.02, 0.003, -0.004, 0.0))
    fish = {"model": "fisheye", "coefficients": [0.1, 0.0, 0.0, 0.0]}
    assert state(distortion=fish, aperture=4, focus_distance=1).distortion == Distortion("fisheye", (0.1, 0, 0, 0))
    assert state().distortion is None


def test_a_lens_that_folds_the_picture_or_sees_too_far_is_refused() -> None:
    folds = {"model": "brown_conrady", "coefficients": [-1.0, 0, 0, 0]}
    with pytest.raises(
        SceneError, match=r"camera\.distortion: expected a lens that shows each place once, got one that"
    ):
        state(fov=90, distortion=folds)
    state(fov=10, distortion=folds)
    wide = {"model": "fisheye", "coefficients": [0, 0, 0, 0]}
    wanted = r"camera\.distortion: expected a fisheye that sees at most 75 degrees off its axis, got 79 in a corner"
    with pytest.raises(SceneError, match=wanted):
        state(focal_length=15, distortion=wide)
    state(focal_length=17, distortion=wide)


def test_a_place_on_a_lens_that_bends_lines_keeps_the_plane_of_focus() -> None:
    lens = {"model": "brown_conrady", "coefficients": [-0.2, 0.05, 0.01, 0.0]}
    camera = state(aperture=0.5, focus_distance=2, distortion=lens)
    point = np.array([0.6, -0.4, -2.0])
    moved = pinhole(camera, np.array([0.6, -0.8]), np.array([0.5, 0.5]))
    assert moved.distortion is not None and (moved.cx, moved.cy) == (camera.cx, camera.cy)
    local = point - moved.matrix[:3, 3]
    plane = np.array([local[0], -local[1]]) / -local[2] + moved.shear
    shown = moved.distortion.bent(plane) * (moved.fx, moved.fy) + (moved.cx, moved.cy)
    np.testing.assert_allclose(shown, seen(camera, point), atol=1e-9)
