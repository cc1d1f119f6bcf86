"""The same seed gives the same bytes: in any process, folder and hash order, and for any part of a clip."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
from small_scenes import write_toys

from diorama import PASSES, Frame, Studio, load_scene
from diorama.renderer.output import GpuFrame
from diorama.scene.shot import Shot

SCRIPT = Path(__file__).parent / "pass_hashes.py"


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with Studio("software") as opened:
        yield opened


def hashes(scene: str, cwd: Path, seed: str, frames: tuple[int, int] = (0, 3)) -> list[str]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), scene, *map(str, frames)],
        cwd=cwd,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_processes_hash_seeds_and_working_folders_give_the_same_bytes(tmp_path: Path) -> None:
    scene = write_toys(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    here = hashes("toys.yaml", tmp_path, "0")
    assert len(here) >= 3 * (len(PASSES) - 1)
    assert hashes(str(scene), elsewhere, "4711") == here
    assert len(set(here)) > len(here) / 2, "the passes of a clip that moves are not all alike"


def differing(one: list[Frame], other: list[Frame]) -> set[str]:
    return {
        name
        for a, b in zip(one, other, strict=True)
        for name in a.passes
        if a[name].tobytes() != b[name].tobytes() or a.index != b.index or a.time != b.time
    }


def test_a_part_of_a_clip_is_the_same_as_in_the_whole(studio: Studio, tmp_path: Path) -> None:
    path = write_toys(tmp_path, frames=22)
    passes = [name for name in PASSES if name != "refined" or studio.refined]
    whole = list(studio.frames(load_scene(path), passes=passes))
    part = list(studio.frames(load_scene(path), passes=passes, frames=range(10, 20)))
    assert [frame.index for frame in part] == list(range(10, 20))
    assert differing(whole[10:20], part) == set()
    backwards = list(studio.frames(load_scene(path), passes=passes, frames=[15, 3, 15]))
    assert differing([whole[15], whole[3], whole[15]], backwards) == set()


@pytest.mark.parametrize("half", [0.5, 2.5, 3.5])
def test_a_still_midway_draws_shots_numbered_from_0_to_the_later_frame(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: float
) -> None:
    """What chance draws for a frame goes by its number: none is drawn twice, and none is left out."""
    drawn: list[Shot] = []
    renderer = studio._line.renderer
    draw = renderer.draw

    def watched(taken: Shot, passes: Iterable[str]) -> GpuFrame:
        drawn.append(taken)
        return draw(taken, passes)

    monkeypatch.setattr(renderer, "draw", watched)
    studio.still(load_scene(write_toys(tmp_path)), half / 24, tmp_path / "a.png")
    assert [taken.frame for taken in drawn] == list(range(int(half + 0.5) + 1))
    assert [24 * taken.time for taken in drawn] == pytest.approx(np.arange(-0.5, half + 0.5))


def test_clips_in_turns_on_one_studio_do_not_touch_each_other(studio: Studio, tmp_path: Path) -> None:
    path = write_toys(tmp_path, frames=4)
    passes = ("image", "depth", "flow_forward", "instance")

    def frames(seed: int) -> Iterator[Frame]:
        return studio.frames(load_scene(path, seed=seed), passes=passes)

    turns = list(zip(frames(1), frames(2), strict=True))
    assert differing([one for one, _ in turns], list(frames(1))) == set()
    assert differing([other for _, other in turns], list(frames(2))) == set()


def test_another_seed_is_another_clip(studio: Studio, tmp_path: Path) -> None:
    path = write_toys(tmp_path, frames=2)
    one, other = (list(studio.frames(load_scene(path, seed=seed), passes=("image", "instance"))) for seed in (1, 2))
    assert differing(one, other) == {"image", "instance"}
    assert np.abs(one[0]["image"].astype(int) - other[0]["image"]).mean() > 2
