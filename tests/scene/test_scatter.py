"""Scatter: apart by the gap, keyed by seed and path, untouched by anything outside its group."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from diorama.errors import SceneError
from diorama.geometry.primitives import box as box_mesh
from diorama.scene.graph import Scene
from diorama.scene.sample import compiled, snapshot
from diorama.scene.schema import Box, Camera, Place, Point, Sphere
from diorama.scene.schema import Node as NodeSpec
from diorama.transform import transform_points

Floats = NDArray[np.float64]
ROOM = ((-2.0, 0.0, -2.0), (2.0, 3.0, 2.0))


def group(count: int, size: float = 0.5, gap: float = 0.05, avoid: tuple[str, ...] = (), turn: float = 0) -> NodeSpec:
    children = {
        str(number): NodeSpec(mesh=Box(size=(size, size, size)), rotation=(turn * number, turn * number, 0))
        for number in range(count)
    }
    return NodeSpec(repeat=count, place=Place(box=ROOM, gap=gap, avoid=avoid), children=children)


def scene_of(seed: int = 0, **nodes: NodeSpec) -> Scene:
    scene = Scene(seed=seed)
    scene.camera = Camera()
    for name, node in nodes.items():
        scene.add(node, name=name)
    return scene


def boxes(scene: Scene, below: str) -> tuple[Floats, Floats]:
    """World boxes by brute force: every vertex of every mesh at or below a path."""
    ready = compiled(scene)
    now = snapshot(ready, 0.0)
    low, high = [], []
    for node, mesh in zip(now.instances.node, now.instances.mesh, strict=True):
        if f"{ready.stage.node_paths[node]}/".startswith(f"{below}/"):
            points = transform_points(now.nodes[node], ready.stage.meshes[mesh].positions)
            low.append(points.min(axis=0))
            high.append(points.max(axis=0))
    return np.array(low), np.array(high)


def positions(scene: Scene, below: str) -> Floats:
    ready = compiled(scene)
    rows = [row for row, path in enumerate(ready.stage.node_paths) if path.startswith(f"{below}/")]
    return snapshot(ready, 0.0).nodes[rows, :3, 3]


def place_of(scene: Scene, path: str) -> Floats:
    ready = compiled(scene)
    return snapshot(ready, 0.0).nodes[ready.stage.node_paths.index(path), :3, 3]


def distance(left: tuple[Floats, Floats], right: tuple[Floats, Floats]) -> float:
    """The largest distance between two boxes along an axis; negative where they overlap."""
    return float(np.maximum(left[0] - right[1], right[0] - left[1]).max())


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 2**31), gap=st.floats(0, 0.3), turn=st.floats(0, 40))
def test_every_pair_is_apart_by_the_gap_and_inside_the_box(seed: int, gap: float, turn: float) -> None:
    scene = scene_of(seed, toys=group(8, gap=gap, turn=turn))
    low, high = boxes(scene, "toys")
    for a, b in combinations(range(8), 2):
        assert distance((low[a], high[a]), (low[b], high[b])) >= gap - 1e-9
    where = positions(scene, "toys")
    assert (where >= ROOM[0]).all()
    assert (where <= ROOM[1]).all()
    assert len(np.unique(where, axis=0)) == 8


def test_many_are_apart_too() -> None:
    """Enough for the octree to be rebuilt several times."""
    scene = scene_of(1, toys=group(600, size=0.12, gap=0.02))
    low, high = boxes(scene, "toys")
    apart = np.maximum(low[:, None] - high[None], low[None] - high[:, None]).max(axis=2)
    np.fill_diagonal(apart, 1.0)
    assert apart.min() >= 0.02 - 1e-9


def test_nothing_outside_the_group_moves_it_and_other_seeds_do() -> None:
    alone = positions(scene_of(5, toys=group(6)), "toys")
    crowd = scene_of(5, a=group(9), toys=group(6), zoo=NodeSpec(mesh=Sphere(radius=3)))
    np.testing.assert_array_equal(positions(crowd, "toys"), alone)
    np.testing.assert_array_equal(positions(scene_of(5, toys=group(12)), "toys")[[0, 1, 4, 5, 6, 7]], alone)
    assert not np.isclose(positions(scene_of(6, toys=group(6)), "toys"), alone).any(axis=1).any()
    assert not np.isclose(positions(crowd, "a")[:6], alone).any(axis=1).any()


def test_copies_are_put_down_in_their_order_so_that_more_move_none() -> None:
    few, many = scene_of(5, toys=group(9, size=0.9)), scene_of(5, toys=group(11, size=0.9))
    paths = [f"toys/{number}" for number in range(9)]
    assert compiled(many).stage.node_paths.index("toys/10") < compiled(many).stage.node_paths.index("toys/2")
    for scene in (few, many):
        assert set(paths) < set(compiled(scene).stage.node_paths)
    np.testing.assert_array_equal(*(np.array([place_of(scene, path) for path in paths]) for scene in (few, many)))


def test_avoid_keeps_clear_of_a_subtree_wherever_it_ends_up() -> None:
    pillar = NodeSpec(position=(0, 0, 0), children={"top": NodeSpec(mesh=Box(size=(2, 6, 2)))})
    scene = scene_of(2, toys=group(10, gap=0.1, avoid=("pillar", "early")), pillar=pillar, early=group(5))
    low, high = boxes(scene, "toys")
    for path in ("pillar", "early"):
        for other in zip(*boxes(scene, path), strict=True):
            assert all(distance(mine, other) >= 0.1 - 1e-9 for mine in zip(low, high, strict=True))
    np.testing.assert_array_equal(positions(scene, "early"), positions(scene_of(2, early=group(5)), "early"))


def test_what_touches_the_floor_does_not_overlap_it() -> None:
    floor = NodeSpec(mesh=Box(size=(9, 1, 9)), position=(0, -0.5, 0))
    flat = Place(box=((-2, 0.25, -2), (2, 0.25, 2)), avoid=("floor",))
    toys = NodeSpec(repeat=2, place=flat, children={n: NodeSpec(mesh=Box(size=(0.5, 0.5, 0.5))) for n in "01"})
    low, _ = boxes(scene_of(toys=toys, floor=floor), "toys")
    np.testing.assert_allclose(low[:, 1], 0.0, atol=1e-12)


def test_the_box_is_in_the_parents_space_and_groups_nest() -> None:
    inner = NodeSpec(mesh=Box(size=(0.2, 0.2, 0.2)), place=Place(box=((3, 0, 0), (3, 0, 0))))
    outer = NodeSpec(place=Place(box=((0, 10, 0), (1, 11, 1))), rotation=(0, 90, 0), children={"inner": inner})
    ready = compiled(scene_of(outer=outer))
    nodes = snapshot(ready, 0.0).nodes
    np.testing.assert_allclose(nodes[1, :3, 3] - nodes[0, :3, 3], [0, 0, -3], atol=1e-12)
    assert 10 <= nodes[0, 1, 3] <= 11


def test_gaps_are_metres_of_the_world_in_a_turned_and_scaled_parent() -> None:
    yard = NodeSpec(rotation=(0, 65, 20), scale=0.5, position=(9, 1, 0), children={"toys": group(10, gap=0.1)})
    low, high = boxes(scene_of(4, yard=yard), "yard/toys")
    for a, b in combinations(range(10), 2):
        assert distance((low[a], high[a]), (low[b], high[b])) >= 0.1 - 1e-9


def test_children_without_meshes_are_placed_too() -> None:
    lamps = NodeSpec(
        repeat=3, place=Place(box=ROOM, gap=0.5), children={str(n): NodeSpec(light=Point()) for n in range(3)}
    )
    lights = snapshot(compiled(scene_of(lamps=lamps)), 0.0).lights.position
    assert len(np.unique(lights, axis=0)) == 3


def test_a_made_mesh_is_placed_by_its_own_box() -> None:
    scene = scene_of()
    for name in "ab":
        place = Place(box=ROOM, avoid=("a",) if name == "b" else ())
        scene.add(box_mesh((1.5, 1.5, 1.5)), name=name, place=place)
    assert distance(*(tuple(side[0] for side in boxes(scene, name)) for name in "ab")) >= 0


def test_no_room_is_one_error_and_circles_of_avoidance_are_named() -> None:
    with pytest.raises(SceneError) as raised:
        compiled(scene_of(toys=group(3, size=9)))
    assert str(raised.value) == "toys/1.place: expected room in the box for all of its group, got none in 1000 tries"
    with pytest.raises(SceneError, match="a: expected constraints without a circle, got a -> b -> a"):
        compiled(scene_of(a=group(1, avoid=("b",)), b=group(1, avoid=("a",))))
