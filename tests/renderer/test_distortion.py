"""Pictures and labels through lenses that bend lines: rays, outlines, flow and occlusion against formulas."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from renderer.conftest import Draw
from shots import Thing, camera, make_shot

from diorama.distortion import Distortion
from diorama.geometry.primitives import box, plane, sphere
from diorama.labels.camera import camera_label
from diorama.renderer.renderer import PRESETS
from diorama.renderer.view import straight_view
from diorama.scene.shot import CameraState, EnvironmentState
from diorama.transform import compose, euler_to_quaternion

Floats = NDArray[np.float64]

WIDTH, HEIGHT = 120, 80
IDENTITY, ONE = (0, 0, 0, 1), (1, 1, 1)
LENSES = {
    "barrel": (Distortion("brown_conrady", (-0.3, 0.1, 0.01, -0.02, -0.01)), 70.0),
    "pincushion": (Distortion("brown_conrady", (0.3, 0.1, 0.0, 0.0, 0.02)), 80.0),
    "fisheye": (Distortion("fisheye", (0.02, -0.01, 0.003, 0.0)), 60.0),
}


@pytest.fixture(params=LENSES)
def view(request: pytest.FixtureRequest) -> CameraState:
    """A camera at (1.5, 2.2, 3.5) that looks at (0, 0.5, 0) through one of the lenses, off its centre."""
    distortion, focal = LENSES[request.param]
    pinhole = camera((1.5, 2.2, 3.5), (0, 0.5, 0), width=WIDTH, size=HEIGHT)
    return replace(pinhole, fx=focal, fy=focal * 1.1, cx=55.0, distortion=distortion)


def rays(view: CameraState, fine: int = 1) -> Floats:
    """The directions (H, W, 3) in the world of all pixels' centres, or of ``fine`` x ``fine`` places in each."""
    x, y = np.meshgrid((np.arange(WIDTH * fine) + 0.5) / fine, (np.arange(HEIGHT * fine) + 0.5) / fine)
    assert view.distortion is not None
    bent = np.stack([(x - view.cx) / view.fx, (y - view.cy) / view.fy], axis=-1)
    straight = view.distortion.straight(bent)
    np.testing.assert_allclose(view.distortion.bent(straight), bent, atol=1e-9)
    local = np.stack([straight[..., 0], -straight[..., 1], np.full_like(x, -1.0)], axis=-1)
    return local @ view.matrix[:3, :3].T


def centres() -> Floats:
    return np.stack(np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5), axis=-1)


def test_every_pixel_shows_what_projects_to_its_centre(draw: Draw, view: CameraState) -> None:
    things = [Thing(plane((9, 9)), np.eye(4)), Thing(box(), compose((0, 0.5, 0), IDENTITY, ONE))]
    frame = draw(make_shot(things, view, size=(WIDTH, HEIGHT)), "position", "depth", "distance", "instance")
    seen = frame["instance"] > 0
    assert seen.mean() > 0.5 and (frame["instance"] == 2).mean() > 0.01
    world = frame["position"][seen].astype(float) + view.matrix[:3, 3]
    np.testing.assert_allclose(camera_label(view).project(world), centres()[seen], atol=2e-3)
    along = rays(view)[seen]
    np.testing.assert_allclose(frame["depth"][seen][:, None] * along, frame["position"][seen], rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(frame["distance"][seen], frame["depth"][seen] * np.linalg.norm(along, axis=1), rtol=1e-5)


def sphere_cover(view: CameraState, centre: Floats, radius: float, fine: int) -> NDArray[np.bool_]:
    """Which rays meet a sphere."""
    along = rays(view, fine)
    along /= np.linalg.norm(along, axis=-1, keepdims=True)
    to = centre - view.matrix[:3, 3]
    return np.asarray(to @ to - (along @ to) ** 2 < radius**2)


@pytest.mark.parametrize("segments", [48, 400])
def test_the_outline_of_a_sphere_is_where_the_lens_shows_it(draw: Draw, view: CameraState, segments: int) -> None:
    """Slivers too, of which the pinhole sees few: the area between the outlines over their length, in pixels.

    Through a pinhole four samples a pixel give 0.09 of it, and labels nothing.
    """
    centre, radius = np.array([0.9, 1.2, 1.0]), 0.6
    ball = Thing(sphere(radius, segments), compose(centre, IDENTITY, ONE))
    exact = sphere_cover(view, centre, radius, 8).reshape(HEIGHT, 8, WIDTH, 8).mean(axis=(1, 3))
    assert exact[1:-1, 1:-1].sum() > 300
    length = 2.0 * np.sqrt(np.pi * exact.sum())
    frame = draw(make_shot([ball], view, size=(WIDTH, HEIGHT)), "alpha", "instance", preset="standard")
    assert np.abs(frame["alpha"] - exact).sum() / length < 0.11
    assert abs(frame["alpha"].sum() - exact.sum()) / length < 0.04
    hard = sphere_cover(view, centre, radius, 1)
    assert (hard != (frame["instance"] > 0)).sum() / length < 0.12


def test_edges_of_large_triangles_are_exact(draw: Draw, view: CameraState) -> None:
    """A board whose edges lie anywhere between texels: every centre sees it or not as its own ray says."""
    turn = euler_to_quaternion([np.pi / 2, 0, 0.3])
    board = compose((0.1, 0.7, 0.5), turn, ONE)
    frame = draw(make_shot([Thing(plane((1.7, 1.1)), board)], view, size=(WIDTH, HEIGHT)), "instance")
    own = np.linalg.inv(board)
    eye, along = own[:3, :3] @ view.matrix[:3, 3] + own[:3, 3], rays(view) @ own[:3, :3].T
    there = eye + along * (-eye[1] / along[..., 1])[..., None]
    inside = np.minimum(0.85 - np.abs(there[..., 0]), 0.55 - np.abs(there[..., 2]))
    sure = np.abs(inside) > 1e-4
    assert sure.mean() > 0.99 and (inside > 0).sum() > 400
    np.testing.assert_array_equal((frame["instance"] > 0)[sure], (inside > 0)[sure])


def test_flow_ends_where_the_lens_shows_the_point(draw: Draw, view: CameraState) -> None:
    now, then = (compose(place, IDENTITY, ONE) for place in ((0, 0.5, 0), (0.1, 0.55, 0.1)))
    later = replace(view, matrix=camera((1.4, 2.2, 3.4), (0.1, 0.5, 0)).matrix)
    shot = make_shot([Thing(box(), now, next=then, previous=now)], view, size=(WIDTH, HEIGHT), after=later)
    frame = draw(shot, "flow_forward", "flow_backward", "position", "instance", "occlusion_backward")
    seen = frame["instance"] > 0
    world = frame["position"][seen].astype(float) + view.matrix[:3, 3] + then[:3, 3] - now[:3, 3]
    wanted = camera_label(later).project(world) - centres()[seen]
    assert seen.sum() > 200 and np.abs(wanted).max() > 1.0
    np.testing.assert_allclose(frame["flow_forward"][seen], wanted, atol=5e-3)
    assert not frame["flow_backward"].any()
    assert not frame["occlusion_backward"].any()


def test_what_leaves_the_picture_is_occluded_and_flows_outward(draw: Draw, view: CameraState) -> None:
    """Far outside, the formula of a barrel turns back: it must not bring points back into view."""
    here, gone = compose((0, 0.5, 0), IDENTITY, ONE), compose(view.matrix[:3, 0] * 30.0, IDENTITY, ONE)
    frame = draw(
        make_shot([Thing(box(), here, next=gone)], view, size=(WIDTH, HEIGHT)),
        "flow_forward", "occlusion_forward", "instance",
    )  # fmt: skip
    seen = frame["instance"] > 0
    assert frame["occlusion_forward"][seen].all()
    assert (frame["flow_forward"][seen][:, 0] + centres()[seen][:, 0] > WIDTH).all()


@pytest.mark.parametrize("preset", PRESETS)
def test_the_sky_is_seen_along_the_true_rays(draw: Draw, preset: str, view: CameraState) -> None:
    sky = EnvironmentState(1.0, 0.0, (1, 0, 0), (0, 1, 0), (0, 0, 1))
    color = draw(make_shot([], view, size=(WIDTH, HEIGHT), environment=sky), "color", preset=preset)["color"]
    along = rays(view)
    up = along[..., 1] / np.linalg.norm(along, axis=-1)
    wanted = np.stack([np.clip(up, 0, 1), 1 - np.abs(up), np.clip(-up, 0, 1)], axis=-1)
    np.testing.assert_allclose(color, wanted, atol=0.02)


def test_a_lens_that_bends_nothing_is_a_pinhole(draw: Draw) -> None:
    pinhole = camera((1.5, 2.2, 3.5), (0, 0.5, 0), width=WIDTH, size=HEIGHT)
    things = [Thing(plane((9, 9)), np.eye(4)), Thing(sphere(), compose((0, 0.5, 0), IDENTITY, ONE))]
    names = ("color", "instance", "depth", "normal")
    bare = Distortion("brown_conrady", (0.0,) * 5)
    one, other = (
        draw(make_shot(things, lens, size=(WIDTH, HEIGHT)), *names, preset="standard")
        for lens in (pinhole, replace(pinhole, distortion=bare))
    )
    same = one["instance"] == other["instance"]
    assert same.mean() > 0.997
    np.testing.assert_allclose(one["depth"][same], other["depth"][same], rtol=1e-4)


def test_the_pinhole_behind_a_lens_sees_at_least_as_finely(view: CameraState) -> None:
    pinhole, width, height = straight_view(view, WIDTH, HEIGHT, finer=2)
    along = rays(view) @ view.matrix[:3, :3]
    plane_x, plane_y = along[..., 0] / -along[..., 2], along[..., 1] / along[..., 2]
    x, y = plane_x * pinhole.fx + pinhole.cx, plane_y * pinhole.fy + pinhole.cy
    assert x.min() > 1 and y.min() > 1 and x.max() < width - 1 and y.max() < height - 1
    assert np.diff(x, axis=1).min() > 1.9 and np.diff(y, axis=0).min() > 1.9
