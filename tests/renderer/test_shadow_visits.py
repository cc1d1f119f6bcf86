"""How much of a big world each shadow map looks at: counted, never timed."""

from __future__ import annotations

import numpy as np
import pytest
from octree import brute
from renderer.light_probe import sky
from shots import camera

from diorama.geometry.primitives import box
from diorama.octree import Octree
from diorama.renderer.shadow_views import (
    MAX_CASCADES,
    Boxes,
    Casters,
    Receivers,
    ShadowView,
    camera_planes,
    spot_view,
    sun_views,
)
from diorama.renderer.sky_pieces import SkyPieces, even_points, raised
from diorama.scene.shot import CameraState, InstanceBatch, Stage

COUNT, SIDE = 100_000, 256
PIECES = 200


class Town:
    """A hundred thousand boxes on two square kilometres and the ground beneath them, 500 of them in view."""

    def __init__(self) -> None:
        random = np.random.default_rng(11)
        size = np.exp(random.normal(-0.3, 0.7, (COUNT, 3)))
        centre = random.uniform(-700, 700, (COUNT, 3)) * (1, 0, 1) + size * (0, 0.5, 0)
        size[0], centre[0] = (1500.0, 0.1, 1500.0), 0.0
        transform = np.tile(np.eye(4), (COUNT, 1, 1))
        transform[:, range(3), range(3)], transform[:, :3, 3] = size, centre
        none = np.zeros(COUNT, np.int32)
        self.low, self.high = centre - size / 2, centre + size / 2
        boxes = Boxes(Stage((box((1, 1, 1)),), (), (), ()), InstanceBatch(transform, none, none, none, none))
        self.octree = Octree(self.low, self.high)
        self.camera: CameraState = camera((500, 1.7, 500), (700, 1, 640), fov=17, size=SIDE)
        self.seen = self.octree.frustum(camera_planes(self.camera, SIDE, SIDE))
        self.receivers = Receivers(self.camera, SIDE, SIDE, self.seen, boxes)

    def views(self, direction: np.ndarray, size: int, most: int) -> tuple[list[ShadowView], list[int]]:
        """Return the maps of parallel light and how many boxes were visited for each."""
        visited: list[int] = []
        casters = self._counting(visited)
        return sun_views(direction, self.receivers, casters, size, most=most), visited

    def spot(self, position: np.ndarray, direction: np.ndarray, degrees: float) -> tuple[ShadowView | None, list[int]]:
        """Return the map of a spot and how many boxes were visited for it."""
        visited: list[int] = []
        casters = self._counting(visited)
        return spot_view(position, direction, np.radians(degrees), self.receivers, casters, 1024), visited

    def feet(self) -> np.ndarray:
        """Return points (K, 3) at the feet of the boxes, those that lie in view."""
        points = (self.low + self.high)[self.seen[self.seen > 0]] / 2.0 * (1, 0, 1) + (0, 0.06, 0)
        x, y, z = ((points - self.camera.matrix[:3, 3]) @ self.camera.matrix[:3, :3]).T
        half = SIDE / 2.0 / self.camera.fx
        return points[(z < 0) & (np.abs(x) < -z * half) & (np.abs(y) < -z * half)]

    def _counting(self, visited: list[int]) -> Casters:
        def casters(planes: np.ndarray) -> np.ndarray:
            rows = self.octree.frustum(planes)
            visited.append(self.octree.counters.visited)
            return rows

        return casters


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


def test_about_500_are_in_view(town: Town) -> None:
    assert 400 <= len(town.seen) <= 600


@pytest.mark.parametrize("elevation", [5, 15, 40, 90])
def test_each_cascade_of_a_sun_visits_less_than_5_percent(town: Town, elevation: float) -> None:
    for azimuth in np.radians(np.arange(0, 360, 30)):
        high, level = np.sin(np.radians(elevation)), np.cos(np.radians(elevation))
        direction = -np.array([level * np.cos(azimuth), high, level * np.sin(azimuth)])
        views, visited = town.views(direction, 1024, MAX_CASCADES)
        assert len(views) >= 3
        assert max(visited) < 0.05 * COUNT


def test_the_map_of_each_piece_of_the_sky_visits_less_than_5_percent(town: Town) -> None:
    directions = SkyPieces(sky(), None, above=True).sample(even_points(range(PIECES), 3))[0]
    for direction in directions:
        views, visited = town.views(raised(direction), 512, 1)
        assert len(views) == 1
        assert max(visited) < 0.05 * COUNT


@pytest.mark.parametrize(("elevation", "most"), [(6, 1), (20, 4), (60, 4)])
def test_all_that_stands_between_a_seen_point_and_the_light_is_drawn(town: Town, elevation: float, most: int) -> None:
    """The other side of visiting little: rays from the feet of boxes in view meet nothing that no map holds."""
    points = town.feet()
    for azimuth in np.radians((10, 100, 250)):
        high, level = np.sin(np.radians(elevation)), np.cos(np.radians(elevation))
        to_light = np.array([level * np.cos(azimuth), high, level * np.sin(azimuth)])
        views = town.views(-to_light, 4096, most)[0]
        wide = (town.high - town.low).min(axis=1) > max(view.texel for view in views)
        spans = [brute.ray_spans(town.low, town.high, point, to_light) for point in points]
        meets = np.any([enter <= leave for enter, leave in spans], axis=0)
        needed = np.flatnonzero(wide & meets)
        assert len(needed) > 100
        assert len(np.setdiff1d(needed, np.concatenate([view.casters for view in views]))) == 0


SPOTS = {
    "a lamp above the street": ((520, 6, 514), (0, -1, 0), 60),
    "a headlight along the view": ((500, 1, 500), (200, -2, 140), 20),
    "a headlight towards the camera": ((600, 1, 570), (-100, -2, -70), 25),
    "a headlight that looks away": ((560, 1, 542), (-1, -0.02, 0.3), 25),
    "a headlight from beside": ((560, 0.8, 600), (0.1, -0.03, -1), 30),
    "a stage light": ((540, 8, 528), (1, -1, 0.2), 45),
}


@pytest.mark.parametrize("name", SPOTS)
def test_the_map_of_a_spot_visits_less_than_5_percent_and_holds_all_that_stands_between(town: Town, name: str) -> None:
    position, direction, degrees = (np.array(value, float) for value in SPOTS[name])
    direction /= np.linalg.norm(direction)
    view, visited = town.spot(position, direction, float(degrees))
    assert max(visited) < 0.05 * COUNT
    rays = town.feet() - position
    reached = rays[(rays @ direction) > np.linalg.norm(rays, axis=1) * np.cos(np.radians(degrees))]
    needed: set[int] = set()
    for ray in reached:
        enter, leave = brute.ray_spans(town.low, town.high, position, ray)
        needed |= set(np.flatnonzero((enter <= leave) & (enter < np.linalg.norm(ray))).tolist())
    assert len(needed) > 3
    assert view is not None
    assert len(needed - set(view.casters.tolist())) == 0
