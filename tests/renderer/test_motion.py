"""Flow and occlusion against what projective geometry says they must be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import trimesh
from renderer.conftest import Draw
from shots import Thing, camera, make_shot

from diorama.geometry.primitives import box, plane, sphere
from diorama.scene.shot import CameraState
from diorama.transform import compose, euler_to_quaternion, transform_points

IDENTITY, ONE = (0, 0, 0, 1), (1, 1, 1)
UPRIGHT = euler_to_quaternion([np.pi / 2, 0, 0])
SIZE = 96


def project(view: CameraState, points: np.ndarray) -> np.ndarray:
    """Pixel positions (..., 2) of world points (..., 3), float64."""
    local = (points - view.matrix[:3, 3]) @ view.matrix[:3, :3]
    return np.stack(
        [view.cx - view.fx * local[..., 0] / local[..., 2], view.cy + view.fy * local[..., 1] / local[..., 2]], -1
    )


def expected_flow(frame, view: CameraState, other: CameraState, now: np.ndarray, then: np.ndarray) -> np.ndarray:
    """Flow of the points of a rigid body that goes from ``now`` to ``then``, from exact pixel centres."""
    normal, point = now[:3, 1] / np.linalg.norm(now[:3, 1]), now[:3, 3]
    x, y = np.meshgrid(np.arange(SIZE) + 0.5, np.arange(SIZE) + 0.5)
    local = np.stack([(x - view.cx) / view.fx, -(y - view.cy) / view.fy, -np.ones_like(x)], axis=-1)
    along = local @ view.matrix[:3, :3].T
    eye = view.matrix[:3, 3]
    world = eye + along * (((point - eye) @ normal) / (along @ normal))[..., None]
    moved = transform_points(then @ np.linalg.inv(now), world)
    return project(other, moved) - np.stack([x, y], axis=-1)


@pytest.mark.parametrize("far", [0.0, 5000.0])
@pytest.mark.parametrize("turns", [False, True])
def test_flow_of_a_moving_plane_under_a_moving_camera(draw: Draw, turns: bool, far: float) -> None:
    offset = np.array([far, 0, -far])
    now = compose(offset + np.array([0, 0, -3]), UPRIGHT, ONE)
    spin = euler_to_quaternion([np.pi / 2 + 0.1, 0.12, 0.2]) if turns else UPRIGHT
    after = compose(offset + np.array([0.1, -0.05, -2.8]), spin, ONE)
    before = compose(offset + np.array([-0.1, 0.1, -3.3]), UPRIGHT, ONE)
    view = camera(offset, offset + np.array([0, 0, -3]), size=SIZE)
    later = camera(offset + np.array([0.05, 0.1, 0.2]), offset + np.array([0.1, 0, -3]), size=SIZE)
    earlier = camera(offset + np.array([-0.05, 0, 0]), offset + np.array([-0.2, 0, -3]), size=SIZE, fov=50)
    thing = Thing(plane((2, 2)), now, previous=before, next=after)
    shot = make_shot([thing], view, size=(SIZE, SIZE), before=earlier, after=later)
    frame = draw(shot, "flow_forward", "flow_backward", "instance")
    seen = frame["instance"] > 0
    assert seen.mean() > 0.3
    for name, other, then in (("flow_forward", later, after), ("flow_backward", earlier, before)):
        wanted = expected_flow(frame, view, other, now, then)
        assert np.abs(wanted[seen]).max() > 1.0
        np.testing.assert_allclose(frame[name][seen], wanted[seen], atol=0.01)


def test_what_stands_still_has_no_flow_at_all(draw: Draw) -> None:
    things = [Thing(sphere(), compose([0.2, 0.1, -3], UPRIGHT, ONE)), Thing(box(), compose([1, 0, -5], IDENTITY, ONE))]
    frame = draw(make_shot(things, camera((1, 2, 3), (0, 0, -3))), "flow_forward", "flow_backward")
    assert not frame["flow_forward"].any() and not frame["flow_backward"].any()


def test_the_background_flows_as_a_point_at_infinity(draw: Draw) -> None:
    view, later = camera(size=SIZE), camera((7, -3, 2), (7.1, -2.8, 1), size=SIZE)
    frame = draw(make_shot([], view, size=(SIZE, SIZE), after=later), "flow_forward", "flow_backward")
    x, y = np.meshgrid(np.arange(SIZE) + 0.5, np.arange(SIZE) + 0.5)
    local = np.stack([(x - view.cx) / view.fx, -(y - view.cy) / view.fy, -np.ones_like(x)], axis=-1)
    infinite = replace(later, matrix=np.block([[later.matrix[:3, :3], np.zeros((3, 1))], [np.zeros(3), 1.0]]))
    wanted = project(infinite, local) - np.stack([x, y], axis=-1)
    np.testing.assert_allclose(frame["flow_forward"], wanted, atol=0.01)
    assert not frame["flow_backward"].any()


def test_a_plane_passing_behind_another_is_occluded_exactly_there(draw: Draw) -> None:
    front = Thing(plane((1, 1)), compose([0, 0, -2], UPRIGHT, ONE))
    step = 0.4
    back = Thing(
        plane((0.8, 0.8)), compose([-1.2, 0, -4], UPRIGHT, ONE), next=compose([-1.2 + step, 0, -4], UPRIGHT, ONE)
    )
    view = camera(size=SIZE, fov=60)
    frame = draw(
        make_shot([front, back], view, size=(SIZE, SIZE)), "occlusion_forward", "occlusion_backward", "instance"
    )
    assert not frame["occlusion_backward"].any()
    ys, xs = np.nonzero(frame["instance"] == 2)
    arrives = (xs + 0.5 - view.cx) / view.fx * 4 + step
    edge = -0.5 * 2.0
    margin = 1.0 / view.fx * 4
    hidden = frame["occlusion_forward"][ys, xs]
    assert hidden[arrives > edge + margin].all() and not hidden[arrives < edge - margin].any()
    assert hidden.any() and not hidden.all()
    assert not frame["occlusion_forward"][frame["instance"] == 1].any()
    assert not frame["occlusion_forward"][frame["instance"] == 0].any()


def test_background_that_gets_covered_is_occluded(draw: Draw) -> None:
    low, high = (compose([0, y, -4], UPRIGHT, ONE) for y in (0.0, 0.5))
    frame = draw(
        make_shot([Thing(plane((0.8, 0.8)), low, previous=high)], camera(size=SIZE, fov=60), size=(SIZE, SIZE)),
        "occlusion_forward", "occlusion_backward", "instance",
    )  # fmt: skip
    above = draw(make_shot([Thing(plane((0.8, 0.8)), high)], camera(size=SIZE, fov=60), size=(SIZE, SIZE)), "instance")
    empty = frame["instance"] == 0
    assert not frame["occlusion_forward"].any()
    assert (frame["occlusion_backward"][empty] == (above["instance"][empty] == 1)).all()


def test_what_leaves_the_picture_is_occluded(draw: Draw) -> None:
    goes = Thing(plane((1, 1)), compose([0, 0, -2], UPRIGHT, ONE), next=compose([1.2, 0, -2], UPRIGHT, ONE))
    view = camera(size=SIZE)
    frame = draw(make_shot([goes], view, size=(SIZE, SIZE)), "occlusion_forward", "instance", "flow_forward")
    ys, xs = np.nonzero(frame["instance"])
    lands = xs + 0.5 + frame["flow_forward"][ys, xs, 0]
    assert (frame["occlusion_forward"][ys, xs] == (lands >= SIZE)).all()


def test_a_thing_behind_the_other_camera_is_occluded(draw: Draw) -> None:
    wall = Thing(plane((50, 50)), compose([0, 0, -2], UPRIGHT, ONE))
    shot = make_shot([wall], camera(), after=camera((0, 0, -3), (0, 0, -9)))
    frame = draw(shot, "occlusion_forward", "flow_forward")
    assert frame["occlusion_forward"].all() and np.isfinite(frame["flow_forward"]).all()


def test_a_curved_surface_does_not_hide_itself(draw: Draw) -> None:
    ball = Thing(sphere(0.5, 96), compose([0, 0, -3], IDENTITY, ONE), next=compose([0.05, 0.02, -2.95], IDENTITY, ONE))
    view = camera(size=SIZE, fov=25)
    frame = draw(make_shot([ball], view, size=(SIZE, SIZE)), "occlusion_forward", "instance", "normal")
    inner = (frame["instance"] == 1) & (frame["normal"][..., 2] > 0.3)
    assert inner.sum() > 2000 and not frame["occlusion_forward"][inner].any()


def test_occlusion_agrees_with_ray_casting(draw: Draw) -> None:
    things = [
        Thing(box((1, 1, 1)), compose([0.3, 0, -4], UPRIGHT, ONE), next=compose([0.0, 0.2, -4], UPRIGHT, ONE)),
        Thing(sphere(0.4, 64), compose([-0.3, 0.1, -3], IDENTITY, ONE), next=compose([0.1, 0.1, -3], IDENTITY, ONE)),
        Thing(plane((8, 8)), compose([0, -1, -4], IDENTITY, ONE)),
    ]
    view, later = camera((0, 0.5, 0), (0, 0, -4), size=SIZE), camera((0.2, 0.5, 0), (0.1, 0, -4), size=SIZE)
    frame = draw(make_shot(things, view, size=(SIZE, SIZE), after=later), "surface", "occlusion_forward")
    meshes, points, sees = [], np.full((SIZE, SIZE, 3), np.nan), frame["surface"][..., 0]
    for row, thing in enumerate(things):
        world = transform_points(thing.matrix("next"), thing.mesh.positions)
        meshes.append(trimesh.Trimesh(world, thing.mesh.triangles, process=False))
        own = frame["surface"][sees == row + 1]
        b = own[:, 2:].astype(np.uint32).view(np.float32).astype(float)
        corners = world[thing.mesh.triangles[own[:, 1] - 1]]
        weights = np.stack([1 - b.sum(1), b[:, 0], b[:, 1]], axis=-1)
        points[sees == row + 1] = (corners * weights[..., None]).sum(axis=1)
    seen = sees > 0
    eye = later.matrix[:3, 3]
    along = points[seen] - eye
    distance = np.linalg.norm(along, axis=1)
    everything = trimesh.util.concatenate(meshes)
    tree, rays, _ = everything.ray.intersects_location(
        np.tile(eye, (len(along), 1)), along / distance[:, None], multiple_hits=False
    )
    nearest = np.full(len(along), np.inf)
    np.minimum.at(nearest, rays, np.linalg.norm(tree - eye, axis=1))
    pixels = project(later, points[seen])
    outside = ((pixels < 0) | (pixels >= SIZE)).any(axis=1)
    wanted = outside | (nearest < distance * (1 - 1e-3))
    assert 0.02 < wanted.mean() < 0.5
    assert (frame["occlusion_forward"][seen] != wanted).mean() < 0.01
