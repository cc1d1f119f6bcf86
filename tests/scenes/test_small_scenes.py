"""Every scene that is shipped loads and draws, needs no file from elsewhere, and shows what it says it shows."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scenes.contacts import World, triangles_meet

from diorama import Frame, Studio, load_scene, resources

SCENES = sorted(resources.scenes().glob("*.yaml"))
TINY = {"video.size": [96, 54]}


@cache
def path(name: str) -> Path:
    return resources.scenes() / f"{name}.yaml"


def test_seven_scenes_are_shipped() -> None:
    assert [file.stem for file in SCENES] == ["hello", "materials", "mist", "orbit", "scatter", "sky", "street"]
    assert len(path("hello").read_text("utf-8").splitlines()) == 10


@pytest.mark.parametrize("file", SCENES, ids=lambda file: file.stem)
def test_a_scene_needs_only_files_beside_it(file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIORAMA_ASSETS", raising=False)
    assets = load_scene(file).spec.assets
    assert all(Path(asset).is_relative_to(resources.scenes().resolve()) for asset in assets)


@pytest.mark.parametrize("file", SCENES, ids=lambda file: file.stem)
def test_a_scene_draws_a_moving_picture(file: Path) -> None:
    scene = load_scene(file, overrides=TINY)
    with Studio("software", preset="draft", refine=False) as studio:
        first, later = (frame["image"].astype(float) for frame in studio.frames(scene, frames=(0, 30)))
    assert first.std() > 15, "it shows something"
    assert abs(first - later).mean() > 1, "something moves"


def test_the_grid_of_materials_has_every_step() -> None:
    scene = load_scene(path("materials"), overrides={"video.size": [320, 180]})
    with Studio("software", preset="draft", refine=False) as studio:
        frame: Frame = next(studio.frames(scene, passes=("material", "instance"), frames=(0,)))
    seen = {tuple(np.round(pair.astype(float), 3).tolist()) for pair in frame["material"][frame["instance"] > 0]}
    assert seen == {(metallic, roughness) for metallic in (0, 0.5, 1) for roughness in (1, 0.75, 0.5, 0.3, 0.15, 0.03)}


def boxes(**options: object) -> dict[str, np.ndarray]:
    """Return the world box (6,) of each labelled instance of the scattered toys."""
    world = World(load_scene(path("scatter"), **options))  # type: ignore[arg-type]
    low, high = world.instance_boxes(world.at(0.0))
    return {label.path: np.concatenate([*corners]) for label, *corners in zip(world.labels, low, high, strict=True)}


@pytest.mark.parametrize("seed", range(1, 6))
def test_scattered_toys_do_not_overlap(seed: int) -> None:
    world = World(load_scene(path("scatter"), seed=seed))
    now = world.at(0.0)
    for pair in world.box_pairs(now):
        names = [world.labels[number - 1].path for number in pair]
        if "table" not in names:
            assert not triangles_meet(*(world.instance(now, number) for number in pair)), names


def test_one_toy_more_moves_no_other_and_a_seed_moves_all() -> None:
    default, more, other = boxes(), boxes(overrides={"nodes.toys.repeat": 61}), boxes(seed=2)
    assert set(more) - set(default) == {"toys/60/toy"}
    assert all(np.array_equal(more[name], box) for name, box in default.items())
    toys = [name for name in default if name.startswith("toys/")]
    assert not any(np.array_equal(other[name], default[name]) for name in toys)


@pytest.mark.parametrize("time", [0.0, 0.7, 3.9])
def test_the_moon_orbits_the_camera_looks_and_the_spot_follows(time: float) -> None:
    world = World(load_scene(path("orbit")))
    now, paths = world.at(time), list(world.compiled.stage.node_paths)
    planet, moon = (now.nodes[paths.index(name)][:3, 3] for name in ("planet", "moon"))
    angle = np.radians(270 * time)
    assert moon - planet == pytest.approx(np.array([1.9 * np.sin(angle), 0.2, 1.9 * np.cos(angle)]))
    towards = planet - now.camera.matrix[:3, 3]
    assert -now.camera.matrix[:3, 2] == pytest.approx(towards / np.linalg.norm(towards))
    spot = int(np.flatnonzero(now.lights.kind == 2)[0])
    beam = moon - now.lights.position[spot]
    assert now.lights.direction[spot] == pytest.approx(beam / np.linalg.norm(beam))
