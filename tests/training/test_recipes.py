"""Scenes to learn from and to be judged by."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from diorama.geometry.mesh import Mesh
from diorama.scene.sample import shot
from diorama.scene.shot import Shot
from diorama.training.recipes import Recipe, recipe, scene_of, write_textures
from diorama.training.splits import SPLITS, TEST, TRAIN

FIELDS = ("layouts", "lightings", "moves", "patterns")


@pytest.fixture(scope="module")
def textures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_textures(tmp_path_factory.mktemp("textures"))


def arrays(taken: Shot) -> list[np.ndarray]:
    now = taken.current
    return [
        now.instances.transform,
        now.materials.base_color,
        now.lights.position,
        now.lights.direction,
        now.camera.matrix,
    ]


@pytest.mark.parametrize("field", FIELDS)
def test_nothing_that_is_judged_by_was_learned_from(field: str) -> None:
    learned, judged = getattr(TRAIN, field), getattr(TEST, field)
    assert not set(learned) & set(judged)
    assert not set(learned.values()) & set(judged.values())


@pytest.mark.parametrize("split", SPLITS)
def test_a_recipe_makes_the_same_scene_every_time(split: str, textures: dict[str, Path]) -> None:
    first, again = (shot(scene_of(recipe(split, 4, 9), textures, (32, 32), 6), 3) for _ in range(2))
    for a, b in zip(arrays(first), arrays(again), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("split", SPLITS)
def test_seeds_and_numbers_make_other_scenes(split: str, textures: dict[str, Path]) -> None:
    cameras = {
        shot(scene_of(recipe(split, number, seed), textures, (32, 32), 6), 0).current.camera.matrix.tobytes()
        for number, seed in product((0, 1, 2), (1, 2))
    }
    assert len(cameras) == 6


CASES = [
    (split, layout, lighting, move)
    for split, own in SPLITS.items()
    for number, (layout, lighting) in enumerate(product(own.layouts, own.lightings))
    for move in [list(own.moves)[number % len(own.moves)]]
]


@pytest.mark.parametrize(("split", "layout", "lighting", "move"), CASES)
def test_every_layout_and_lighting_gives_a_lit_scene_in_view(
    split: str, layout: str, lighting: str, move: str, textures: dict[str, Path]
) -> None:
    taken = shot(scene_of(Recipe(split, 0, 3, layout, lighting, move), textures, (32, 32), 6), 2)
    now, eye = taken.current, taken.current.camera.matrix[:3, 3]
    assert eye[1] > 0.1
    for low, high in world_boxes(taken):
        assert not ((eye > low) & (eye < high)).all(), "the camera is inside of something"
    sky = now.environment
    assert len(now.lights) > 0 or max(sky.zenith) * sky.intensity > 0.1


def world_boxes(taken: Shot) -> list[tuple[np.ndarray, np.ndarray]]:
    instances = taken.current.instances
    boxes = []
    for matrix, row in zip(instances.transform, instances.mesh, strict=True):
        mesh: Mesh = taken.stage.meshes[row]
        points = mesh.positions @ matrix[:3, :3].T + matrix[:3, 3]
        boxes.append((points.min(axis=0), points.max(axis=0)))
    return boxes


def test_few_clips_hold_every_pair_of_layout_and_lighting() -> None:
    for split, own in SPLITS.items():
        wanted = set(product(own.layouts, own.lightings))
        made = [recipe(split, number, 0) for number in range(len(wanted))]
        assert {(one.layout, one.lighting) for one in made} == wanted


def test_textures_repeat_without_a_seam(textures: dict[str, Path]) -> None:
    for name, path in textures.items():
        pixels = np.asarray(Image.open(path)).astype(float)
        seam = np.abs(pixels[:, 0] - pixels[:, -1]).mean()
        inside = np.abs(np.diff(pixels, axis=1)).mean(axis=(0, 2)).max()
        assert seam <= inside + 1, name


def test_textures_are_written_once(textures: dict[str, Path]) -> None:
    path = textures["clouds-0"]
    before = path.stat().st_mtime_ns
    write_textures(path.parent)
    assert path.stat().st_mtime_ns == before
