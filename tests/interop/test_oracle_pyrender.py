"""The oracle itself against closed forms: a tilted plane's depth, a sphere's disc and depth, ids, axes."""

from __future__ import annotations

import numpy as np
from oracle_pyrender import render_depth

from diorama.geometry.primitives import plane, sphere
from diorama.transform import compose, euler_to_quaternion, look_at, transform_points

WIDTH, HEIGHT = 96, 64
LENS = (90.0, 80.0, 44.0, 35.0)
IDENTITY = np.eye(4)


def _rays() -> np.ndarray:
    """Directions (H, W, 3) through the pixel centres, of length 1 along -Z."""
    fx, fy, cx, cy = LENS
    x, y = np.meshgrid((np.arange(WIDTH) + 0.5 - cx) / fx, (np.arange(HEIGHT) + 0.5 - cy) / fy)
    return np.stack([x, -y, -np.ones_like(x)], axis=-1)


def test_depth_of_a_tilted_plane_is_the_rays_meeting_with_it() -> None:
    matrix = compose((0.2, -0.1, -5.0), euler_to_quaternion((np.radians(50.0), 0.2, 0.1)), (40.0, 1.0, 40.0))
    depth, ids = render_depth([plane()], [matrix], IDENTITY, LENS, WIDTH, HEIGHT)
    normal, point = matrix[:3, 1], matrix[:3, 3]
    wanted = (point @ normal) / (_rays() @ normal)
    seen = (wanted > 0.1) & (wanted < 20.0)
    assert seen.mean() > 0.5
    assert (ids[seen] == 1).all()
    np.testing.assert_allclose(depth[seen], wanted[seen], rtol=2e-4)


def test_a_sphere_covers_its_disc_at_its_depth() -> None:
    centre, radius = np.array([0.3, 0.2, -4.0]), 1.0
    matrix = compose(centre, (0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0))
    depth, ids = render_depth([sphere(radius, 256)], [matrix], IDENTITY, LENS, WIDTH, HEIGHT)
    rays = _rays()
    squared = np.sum(rays * rays, axis=-1)
    half = rays @ centre
    discriminant = half**2 - squared * (centre @ centre - radius**2)
    assert (ids[discriminant > 0.3] == 1).all()
    assert (ids[discriminant < -0.3] == 0).all()
    assert np.isinf(depth[ids == 0]).all()
    inner = discriminant > 2.0
    wanted = (half[inner] - np.sqrt(discriminant[inner])) / squared[inner]
    np.testing.assert_allclose(depth[inner], wanted, rtol=5e-4)


def test_camera_matrix_and_ids_place_each_thing_where_it_is_seen() -> None:
    eye = np.array([2.0, 3.0, 4.0])
    camera = np.eye(4)
    camera[:3, :3], camera[:3, 3] = look_at(eye, (0.0, 0.5, 0.0)), eye
    centres = np.array([[0.0, 0.5, 0.0], [1.0, 0.2, -0.5], [-0.8, 1.0, 0.3]])
    matrices = [compose(centre, (0.0, 0.0, 0.0, 1.0), (1.0, 1.0, 1.0)) for centre in centres]
    depth, ids = render_depth([sphere(0.1)] * 3, matrices, camera, np.radians(50.0), WIDTH, HEIGHT)
    local = transform_points(np.linalg.inv(camera), centres)
    focal = HEIGHT / 2.0 / np.tan(np.radians(25.0))
    columns = WIDTH / 2.0 + focal * local[:, 0] / -local[:, 2]
    rows = HEIGHT / 2.0 - focal * local[:, 1] / -local[:, 2]
    for row, (x, y) in enumerate(zip(columns, rows, strict=True)):
        assert ids[int(y), int(x)] == row + 1
        where = np.argwhere(ids == row + 1) + 0.5
        np.testing.assert_allclose(where.mean(axis=0), (y, x), atol=0.6)
        np.testing.assert_allclose(depth[int(y), int(x)], -local[row, 2] - 0.1, atol=0.03)
