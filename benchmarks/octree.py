"""The octree against vectorised numpy brute force, side by side in one run.

    python benchmarks/octree.py [--sizes 1000 10000 100000] [--rounds 30]

Two worlds: `town`, boxes on a ground plane whose area grows with their number, and `cloud`,
boxes in a cube whose volume does. Brute force is the fastest form found: matrix products for
the planes, tiles that stay in the second-level cache for rays and points. It is given the corners
(N, 3), (N, 3) and keeps nothing between calls: one product with corners laid out beforehand as (6, N)
would answer the frustum 1.3 (1,000 boxes) to 1.6 times (10,000) faster than the form here. Each pair of answers is
compared, then both are called in turn; a figure is the fastest of its rounds in milliseconds,
because on a busy machine the threads of a matrix product wait for each other, and a median would
show brute force up to forty times slower than it is. An update moves 1 % of the boxes by up to half a metre
and leaves the octree ready for queries; its rival is building the octree anew.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from diorama.octree import Octree, frustum_planes
from diorama.transform import look_at, perspective

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

QUERIES = 1000
TILE_QUERIES, TILE_BOXES = 16, 4096
BARS = {"frustum": 2.0, "ray": 10.0, "nearest": 10.0, "update": 5.0}
"""How many times faster than its rival each is meant to be."""


@dataclass(frozen=True)
class World:
    """Boxes (N, 3), (N, 3) in metres, the planes of a narrow view, and rays and points among the boxes."""

    name: str
    low: Floats
    high: Floats
    planes: Floats
    points: Floats
    directions: Floats


class Row(NamedTuple):
    """One line of the table: milliseconds of both, and a remark."""

    world: str
    boxes: int
    name: str
    rival: float
    octree: float
    remark: str


def make_world(name: str, count: int) -> World:
    """Scatter ``count`` boxes of roughly 0.2 to 5 m; the camera stands in their midst."""
    random = np.random.default_rng(count)
    size = np.exp(random.normal(-0.3, 0.7, (count, 1))) * random.uniform(0.5, 1.5, (count, 3))
    if name == "town":
        half = 2.0 * np.sqrt(count)
        centre = random.uniform(-half, half, (count, 3))
        centre[:, 1] = size[:, 1] / 2.0
        centre[0], size[0] = (0.0, -0.05, 0.0), (2.0 * half, 0.1, 2.0 * half)
        points = random.uniform((-half, 0.0, -half), (half, 2.0, half), (QUERIES, 3))
        directions = random.normal(size=(QUERIES, 3)) * (1.0, 0.1, 1.0)
        eye = np.array([0.0, 1.7, 0.0])
    else:
        half = 2.0 * np.cbrt(count)
        centre = random.uniform(-half, half, (count, 3))
        points, directions = random.uniform(-half, half, (QUERIES, 3)), random.normal(size=(QUERIES, 3))
        eye = np.zeros(3)
    return World(name, centre - size / 2.0, centre + size / 2.0, narrow_view(eye), points, directions)


def narrow_view(eye: Floats) -> Floats:
    """Return the planes of a camera of 20 by 20 degrees at ``eye`` that looks along the ground."""
    rotation = look_at(eye, eye + np.array([1.0, 0.0, 0.3]))
    view = np.eye(4)
    view[:3, :3], view[:3, 3] = rotation.T, -rotation.T @ eye
    focal = 128.0 / np.tan(np.radians(10.0))
    return frustum_planes(perspective(focal, focal, 128.0, 128.0, 256, 256, 0.1) @ view)


def brute_frustum(low: Floats, high: Floats, planes: Floats) -> Ints:
    """Test the corner that reaches furthest inward of every box against every plane."""
    inward = np.maximum(planes[:, :3], 0.0) @ high.T + np.minimum(planes[:, :3], 0.0) @ low.T
    return np.flatnonzero((inward >= -planes[:, 3:]).all(axis=0))


def brute_rays(low: Floats, high: Floats, origins: Floats, directions: Floats) -> tuple[Ints, Floats]:
    """Slab-test every ray against every box; the first box of each ray and the metres to it."""
    inverse = np.linalg.norm(directions, axis=1, keepdims=True) / directions
    lows, highs = np.ascontiguousarray(low.T), np.ascontiguousarray(high.T)
    first, distance = np.full(len(origins), -1, np.int64), np.full(len(origins), np.inf)
    for rays, boxes in tiles(len(origins), len(low)):
        enter, leave = np.zeros(1), np.full(1, np.inf)
        for axis in range(3):
            origin, scale = origins[rays, axis, None], inverse[rays, axis, None]
            one, two = lows[axis, boxes] - origin, highs[axis, boxes] - origin
            one *= scale
            two *= scale
            enter = np.maximum(enter, np.minimum(one, two))
            leave = np.minimum(leave, np.maximum(one, two, out=two))
        enter[enter > leave] = np.inf
        keep_least(enter, rays, boxes, first, distance)
    return first, distance


def brute_nearest(low: Floats, high: Floats, points: Floats) -> tuple[Ints, Floats]:
    """Measure from every point to every box; the nearest box of each point and the metres to it."""
    lows, highs = np.ascontiguousarray(low.T), np.ascontiguousarray(high.T)
    first, squared = np.full(len(points), -1, np.int64), np.full(len(points), np.inf)
    for rows, boxes in tiles(len(points), len(low)):
        total = np.zeros(1)
        for axis in range(3):
            point = points[rows, axis, None]
            outside = lows[axis, boxes] - point
            np.maximum(outside, point - highs[axis, boxes], out=outside)
            np.maximum(outside, 0.0, out=outside)
            outside *= outside
            total = np.add(outside, total, out=outside)
        keep_least(total, rows, boxes, first, squared)
    return first, np.sqrt(squared)


def tiles(queries: int, boxes: int) -> Iterator[tuple[slice, slice]]:
    """Cut all pairs of a query and a box into tiles that fit the cache."""
    for start in range(0, queries, TILE_QUERIES):
        for begin in range(0, boxes, TILE_BOXES):
            yield slice(start, start + TILE_QUERIES), slice(begin, begin + TILE_BOXES)


def keep_least(values: Floats, rows: slice, boxes: slice, first: Ints, least: Floats) -> None:
    """Fold the least of each row of a tile into ``first`` and ``least``."""
    best = values.argmin(axis=1)
    value = values[np.arange(len(best)), best]
    less = np.flatnonzero(value < least[rows])
    first[rows.start + less], least[rows.start + less] = boxes.start + best[less], value[less]


def fastest(rounds: int, rival: Callable[[], Any], ours: Callable[[], Any]) -> tuple[float, float]:
    """Call both in turn; the least milliseconds of each, the first round left out."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for call, times in zip((rival, ours), spent, strict=True):
            start = time.perf_counter()
            call()
            times.append((time.perf_counter() - start) * 1e3)
    return min(spent[0][1:]), min(spent[1][1:])


def measure(world: World, rounds: int) -> Iterator[Row]:
    """Compare the answers, then time frustum, rays, nearest and update in one world."""
    low, high, count = world.low, world.high, len(world.low)
    octree, few = Octree(low, high), max(3, rounds * 1000 // count)

    found = octree.frustum(world.planes)
    assert (found == brute_frustum(low, high, world.planes)).all()
    times = fastest(rounds * 10, lambda: brute_frustum(low, high, world.planes), lambda: octree.frustum(world.planes))
    remark = f"{len(found)} in view, {octree.counters.visited / count:.1%} of the boxes visited"
    yield Row(world.name, count, "frustum", *times, remark)

    hits, truth = octree.ray(world.points, world.directions), brute_rays(low, high, world.points, world.directions)
    visited = octree.counters.visited / QUERIES
    assert (hits.first == truth[0]).all() and np.allclose(hits.distance, truth[1])
    times = fastest(
        few,
        lambda: brute_rays(low, high, world.points, world.directions),
        lambda: octree.ray(world.points, world.directions),
    )
    yield Row(
        world.name, count, "ray", *times, f"{QUERIES} rays, {len(hits.ids)} hits, {visited:.0f} boxes visited each"
    )

    near = octree.nearest(world.points)
    visited = octree.counters.visited / QUERIES
    assert np.allclose(near.distances[:, 0], brute_nearest(low, high, world.points)[1])
    times = fastest(few, lambda: brute_nearest(low, high, world.points), lambda: octree.nearest(world.points))
    yield Row(world.name, count, "nearest", *times, f"{QUERIES} points, {visited:.0f} boxes visited each")

    yield Row(world.name, count, "update", *update_times(world, octree, rounds * 3), f"{count // 100} boxes moved")


def update_times(world: World, octree: Octree, rounds: int) -> tuple[float, float]:
    """Time a rebuild and an update that moves 1 % of the boxes there and back."""
    random = np.random.default_rng(1)
    ids = np.sort(random.choice(len(octree), len(octree) // 100, replace=False))
    shift = random.uniform(-0.5, 0.5, (len(ids), 3))
    corners = [(world.low[ids] + way * shift, world.high[ids] + way * shift) for way in (1.0, 0.0)]
    calls = iter(range(2 * rounds + 2))
    return fastest(
        rounds, lambda: Octree(world.low, world.high), lambda: octree.update(ids, *corners[next(calls) % len(corners)])
    )


def show(row: Row) -> None:
    """Print one line of the table."""
    ratio, bar = row.rival / row.octree, BARS[row.name]
    print(
        f"{row.world:5} {row.boxes:7} {row.name:8} {row.rival:10.3f} {row.octree:10.3f} {ratio:8.1f}x "
        f"{bar:5.0f}x {'yes' if ratio >= bar else 'no':4} {row.remark}",
        flush=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10000, 100000])
    parser.add_argument("--rounds", type=int, default=30)
    arguments = parser.parse_args()
    np.ones(1 << 21).sum()  # Once a large block was freed, the allocator keeps memory for both sides.
    print(
        f"{'world':5} {'boxes':>7} {'what':8} {'rival ms':>10} {'octree ms':>10} {'faster':>9} {'bar':>6} {'met':4} how"
    )
    for name in ("town", "cloud"):
        for count in arguments.sizes:
            for row in measure(make_world(name, count), arguments.rounds):
                show(row)
