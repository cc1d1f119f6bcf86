"""The demo is a plausible street in every seed: nothing runs into anything, wheels roll, light fits the picture."""

from collections.abc import Iterator
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from scenes.contacts import Pair, World, triangles_meet
from scipy.spatial.transform import Rotation

from diorama import Scene, Studio, load_scene, resources

STREET = resources.scenes() / "street.yaml"
SEEDS = range(2, 12)
"""Ten streets other than the one in the file."""
DRIVING = ("leading", "oncoming", "second", "crossing", "returning")
WHEELS = ("#wheel_frontLeft", "#wheel_frontRight", "#wheel_backLeft", "#wheel_backRight")
CLEARANCE = 0.5
"""Metres that the camera keeps from every surface."""


@cache
def world_of(seed: int | None = None) -> World:
    return World(load_scene(STREET, seed=seed))


def is_intended(world: World, pair: Pair) -> bool:
    """Whether things may touch: all stand on the ground, but cars stay off the pavement."""
    labels = [world.labels[number - 1] for number in pair]
    if not any(label.class_name == "ground" for label in labels):
        return False
    return {"pavement"} != {label.path for label in labels if label.class_name == "ground"} or not any(
        label.class_name == "vehicle" for label in labels
    )


def overlaps(world: World, times: list[float]) -> Iterator[tuple[float, str, str]]:
    """Yield when which instances overlap; a pair that stands still is looked at once."""
    seen = set()
    for time in times:
        now = world.at(time)
        low, high = world.instance_boxes(now)
        for pair in world.box_pairs(now):
            rows = [number - 1 for number in pair]
            key = (pair, low[rows].tobytes(), high[rows].tobytes())
            if key in seen or is_intended(world, pair):
                continue
            seen.add(key)
            names = [world.labels[row].path for row in rows]
            if "pavement" in names:
                found = triangles_meet(*(world.instance(now, number) for number in pair))
            else:
                found = world.overlap(now, *pair)
            if found:
                yield (time, *names)


def test_nothing_overlaps_at_any_time() -> None:
    world = world_of()
    assert list(overlaps(world, world.times)) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_another_seed_is_another_street_and_as_sound(seed: int) -> None:
    world, default = world_of(seed), world_of()
    assert world.compiled.stage.labels != default.compiled.stage.labels, "other models stand there"
    assert list(overlaps(world, world.times[::24])) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_another_seed_is_sound_in_every_frame(seed: int) -> None:
    world = world_of(seed)
    assert list(overlaps(world, world.times)) == []
    assert min(world.clearance(world.at(time), 2 * CLEARANCE) for time in world.times) >= CLEARANCE


def off_the_ground(world: World, time: float) -> dict[str, float]:
    """Return what is more than 3 cm above the ground or below it, and how far; the skyline, far away, may be 6 cm."""
    ground = [number for number, label in enumerate(world.labels, 1) if label.class_name == "ground"]
    heights = world.heights(world.at(time), ground)
    assert len(heights) > 90
    named = {world.labels[number - 1].path: height for number, height in heights.items()}
    return {path: height for path, height in named.items() if abs(height) > (0.061 if "skyline" in path else 0.031)}


@pytest.mark.parametrize("seed", [None, *SEEDS])
def test_everything_stands_on_the_ground(seed: int | None) -> None:
    """What touches the ground is no overlap, so nothing else would tell that a house has sunk into it."""
    world = world_of(seed)
    assert [found for time in world.times[::71] if (found := off_the_ground(world, time))] == []


@pytest.mark.parametrize(
    ("path", "place", "node", "height"),
    [
        ("parked/left_1", [-4.7, -0.05, 5], "car", -0.05),
        ("parked/right_1", [4.7, 0.04, 1], "car", 0.04),
        ("right_near/plot_2", [-9.15, -0.5, 0], "house", -0.5),
    ],
)
def test_what_has_sunk_or_hovers_is_off_the_ground(path: str, place: list[float], node: str, height: float) -> None:
    moved = World(load_scene(STREET, overrides={f"nodes.{path}.position": place}))
    assert off_the_ground(moved, 0.0) == {f"{path}/{node}": pytest.approx(height, abs=1e-3)}


def test_all_seeds_differ() -> None:
    drawn = [load_scene(STREET, seed=seed).spec.drawn for seed in SEEDS]
    assert len({repr(sorted(values.items())) for values in drawn}) == len(SEEDS)


def test_the_camera_keeps_away_from_every_surface() -> None:
    world = world_of()
    assert min(world.clearance(world.at(time), 2 * CLEARANCE) for time in world.times) >= CLEARANCE


@pytest.mark.parametrize("car", DRIVING)
def test_wheels_roll_without_slipping(car: str) -> None:
    """The point of a rolling wheel that touches the road stands still; the road is at y = 0."""
    world, step = world_of(), 1e-4
    paths = list(world.compiled.stage.node_paths)
    for wheel in WHEELS:
        row = paths.index(f"{car}/{wheel}")
        for time in world.times[1::7]:
            before, now, after = (world.at(time + offset).nodes[row] for offset in (-step, 0.0, step))
            radius = radius_of(world, row, time)
            assert radius == pytest.approx(now[1, 3], abs=2e-3), "it stands on the road"
            velocity = (after[:3, 3] - before[:3, 3]) / (2 * step)
            spin = turn(before, after).as_rotvec() / (2 * step)
            assert np.linalg.norm(velocity) > 5, "it drives"
            slip = velocity + np.cross(spin, [0, -radius, 0])
            assert np.linalg.norm(slip) < 2e-3 * np.linalg.norm(velocity)


@pytest.mark.parametrize("car", DRIVING)
def test_wheels_have_turned_as_far_as_the_car_has_gone(car: str) -> None:
    world = world_of()
    paths = list(world.compiled.stage.node_paths)
    row = paths.index(f"{car}/{WHEELS[0]}")
    poses = np.array([world.at(time).nodes[row] for time in world.times])
    gone = np.linalg.norm(np.diff(poses[:, :3, 3], axis=0), axis=1).sum()
    turns = [turn(before, after).magnitude() for before, after in pairwise(poses)]
    assert max(turns) < np.pi, "less than half a turn a frame, else the angle is not known"
    assert sum(turns) == pytest.approx(gone / radius_of(world, row, 0.0), rel=2e-3)


def turn(before: np.ndarray, after: np.ndarray) -> Rotation:
    """Return the rotation from one pose to another; wheels on one side are mirrored, which cancels."""
    axes, turned = (pose[:3, :3] / np.linalg.norm(pose[:3, :3], axis=0) for pose in (before, after))
    return Rotation.from_matrix(turned @ axes.T)


def radius_of(world: World, row: int, time: float) -> float:
    """Return the largest distance in metres of the wheel's corners from its axle, the node's own X."""
    now = world.at(time)
    corners = world.triangles(now, np.flatnonzero(now.instances.node == row)).reshape(-1, 3)
    matrix = now.nodes[row]
    axle = matrix[:3, 0] / np.linalg.norm(matrix[:3, 0])
    arms = corners - matrix[:3, 3]
    return float(np.linalg.norm(arms - np.outer(arms @ axle, axle), axis=1).max())


def clipped(picture: np.ndarray) -> float:
    """Return the share of pixels with a channel at its upper end or with none above its lower end."""
    return float(((picture == 255).any(axis=2) | (picture == 0).all(axis=2)).mean())


def small(seed: int | None = None) -> Scene:
    return load_scene(STREET, seed=seed, overrides={"video.size": [320, 180]})


def test_hardly_a_pixel_is_clipped() -> None:
    with Studio("software", preset="draft", refine=False) as studio:
        pictures = [frame["image"] for frame in studio.frames(small(), frames=(0, 36, 90, 143))]
    assert [share for share in map(clipped, pictures) if share >= 0.01] == []
    assert all(picture.std() > 30 for picture in pictures), "there is something to see"


def test_hardly_a_refined_pixel_is_clipped() -> None:
    scene = load_scene(STREET, overrides={"video.size": [160, 90]})
    with Studio("software") as studio:
        assert studio.refined
        *_, frame = studio.frames(scene, frames=range(4))
    assert clipped(frame["image"]) < 0.01
    assert frame["image"].std() > 30


@pytest.mark.slow
def test_hardly_a_pixel_is_clipped_in_any_street() -> None:
    with Studio("software", refine=False) as studio:
        for seed in SEEDS:
            shares = [clipped(frame["image"]) for frame in studio.frames(small(seed), frames=range(0, 144, 16))]
            assert max(shares) < 0.01, seed


def test_assets_are_few_all_used_and_credited() -> None:
    folder = resources.scenes() / "assets"
    files = {file.relative_to(folder.parent).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert sum((folder.parent / file).stat().st_size for file in files) <= 6_000_000
    scenes = "\n".join(file.read_text("utf-8") for file in folder.parent.glob("*.yaml"))
    assert [file for file in sorted(files) if file not in scenes] == []
    credits = (folder / "CREDITS.md").read_text("utf-8")
    assert [entry.name for entry in folder.iterdir() if f"`{entry.name}" not in credits] == ["CREDITS.md"]
