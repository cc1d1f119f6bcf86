"""Pairs: what is rendered for them and how it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from training.clips import clip

from diorama.refine.guides import GUIDES
from diorama.scene.sample import shot
from diorama.training import pairs
from diorama.training.pairs import Bench, Clip, Plan, load_pairs, render_pairs
from diorama.training.recipes import recipe, scene_of, write_textures

PLAN = Plan("test", 2, (5,), side=24, frames=2, samples=4, rivals=True)


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    made = Bench("software")
    yield made
    made.release()


@pytest.fixture(scope="module")
def rendered(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> Clip:
    scene = scene_of(recipe("test", 1, 5), write_textures(tmp_path_factory.mktemp("textures")), (24, 24), 2)
    return bench.clip([shot(scene, frame) for frame in range(2)], 5, 64, rivals=True)


def test_a_clip_holds_what_it_says(rendered: Clip) -> None:
    assert rendered.guides.shape == (2, sum(GUIDES.values()), 24, 24)
    assert rendered.target.shape == (2, 3, 24, 24)
    assert rendered.flow.shape == (2, 2, 24, 24)
    assert set(np.unique(rendered.valid)) <= {0, 1}
    assert np.isfinite(rendered.guides).all()


def test_input_and_target_show_the_same_thing(rendered: Clip) -> None:
    own, wanted = rendered.guides[:, :3].astype(float), rendered.target.astype(float)
    assert np.abs(own - wanted).mean() < 0.25
    assert np.corrcoef(own.ravel(), wanted.ravel())[0, 1] > 0.8
    assert (own - wanted).mean() > 0.0, "the sky is partly hidden, so the target is darker"


def test_more_samples_come_nearer_to_each_other(rendered: Clip) -> None:
    assert rendered.four is not None
    assert rendered.eight is not None
    assert rendered.draft is not None
    own, four, eight = (x.astype(float) for x in (rendered.guides[:, :3], rendered.four, rendered.eight))
    assert np.abs(four - eight).mean() < np.abs(own - eight).mean()


def test_a_clip_comes_back_from_its_file(tmp_path: Path) -> None:
    made = clip(3, rivals=True)
    made.save(tmp_path / "clip.npz")
    again = Clip.load(tmp_path / "clip.npz")
    for field in fields(Clip):
        np.testing.assert_array_equal(getattr(made, field.name), getattr(again, field.name))
    plain = replace(made, draft=None, four=None, eight=None)
    plain.save(tmp_path / "plain.npz")
    assert Clip.load(tmp_path / "plain.npz").draft is None


def test_what_lies_there_is_not_rendered_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(pairs, "ProcessPoolExecutor", forbidden)
    folder = tmp_path / PLAN.folder
    folder.mkdir()
    for number, chosen in enumerate(PLAN.recipes):
        clip(number).save(folder / f"{chosen.name}.npz")
    assert list(render_pairs(PLAN, tmp_path, processes=2)) == [2]
    np.testing.assert_array_equal(load_pairs(PLAN, tmp_path)[1].target, clip(1).target)


def test_another_plan_has_another_folder() -> None:
    others = [replace(PLAN, side=32), replace(PLAN, frames=3), replace(PLAN, samples=8), replace(PLAN, split="train")]
    assert len({PLAN.folder, *(other.folder for other in others)}) == 5


@pytest.mark.slow
def test_processes_render_the_bytes_that_one_does(tmp_path: Path) -> None:
    first, second = (tmp_path / name for name in "ab")
    for work, processes in ((first, 1), (second, 2)):
        work.mkdir()
        assert list(render_pairs(PLAN, work, processes=processes))[-1] == 2
    for a, b in zip(load_pairs(PLAN, first), load_pairs(PLAN, second), strict=True):
        for field in fields(Clip):
            np.testing.assert_array_equal(getattr(a, field.name), getattr(b, field.name))
