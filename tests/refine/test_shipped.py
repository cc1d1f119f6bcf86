"""The refiner that ships: it fits these shaders, needs no torch, and does with its own weights what is promised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from diorama import Scene, Studio, load_scene
from diorama.color import linear_to_srgb
from diorama.finish.tone import clip_light, neutral
from diorama.frame import MADE_FROM_COLOR, PASSES
from diorama.metrics import mse, warp_error
from diorama.refine.checkpoint import DEFAULT, advice, chosen_checkpoint, load
from diorama.refine.guides import motion
from diorama.refine.segments import SEGMENTS, Segments
from diorama.renderer.renderer import PRESETS, REFERENCE, Renderer
from diorama.scene.sample import shot
from diorama.training.recipes import recipe, scene_of, write_textures
from diorama.training.reference import reference_shot

DRAWN = tuple(name for name in PASSES if name not in MADE_FROM_COLOR)
SCENES = Path(__file__).parents[2] / "scenes"
DOCUMENT = Path(__file__).parents[2] / "docs" / "refiner.md"
CLIPS = {
    "hello": (SCENES / "hello.yaml", range(20, 44)),
    "orbit": (SCENES / "orbit.yaml", range(24, 40)),
    "street": (SCENES / "street.yaml", range(20, 76)),
}


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with Studio("software") as opened:
        yield opened


def scene(name: str, width: int, height: int) -> Scene:
    return load_scene(CLIPS[name][0], overrides={"video.size": [width, height]})


def test_it_fits_the_shaders_and_the_preset_that_it_is_used_with() -> None:
    assert advice(load(DEFAULT).config, "standard") == ""


def test_it_refines_pictures_of_its_own_preset_and_no_others_unless_it_is_named() -> None:
    chosen = {preset: chosen_checkpoint(True, preset) for preset in PRESETS}
    assert chosen == {preset: DEFAULT if preset == "standard" else None for preset in PRESETS}
    assert chosen_checkpoint(DEFAULT, "high") == DEFAULT
    assert "trained on preset standard, this is high" in advice(load(DEFAULT).config, "high")


def test_both_of_its_files_are_one_network_of_this_code() -> None:
    pytest.importorskip("torch", reason="no torch: make test-torch")
    from diorama.refine.export import check_export, load_network

    assert check_export(load_network(DEFAULT), load(DEFAULT).model) < 1e-5


def test_its_figures_in_the_documents_are_those_of_its_report() -> None:
    """Of each row of the report that the document repeats, the same numbers."""
    columns = [0, 3, 4, 5, 6, 7]  # all but the worst clip and MSE
    kept = {" | ".join(row[1:][column] for column in columns) for row in rows(DEFAULT / "report.md") if len(row) == 9}
    shown = [" | ".join(row[1:]) for row in rows(DOCUMENT) if len(row) == 7 and row[1] != "PSNR"]
    assert len(shown) == 9
    assert set(shown) <= kept


def rows(path: Path) -> list[list[str]]:
    """Return the cells of all rows of tables in a page of Markdown that hold more than lines."""
    lines = [line for line in path.read_text("utf-8").splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_it_is_small_and_says_how_good_it_is() -> None:
    assert sum(path.stat().st_size for path in DEFAULT.iterdir()) < 1_000_000
    report = (DEFAULT / "report.md").read_text("utf-8")
    assert "The refiner passes all gates." in report
    for name in ("MSE", "SSIM", "warp ratio", "no adversarial term", "taken for a reference", "frozen first frame"):
        assert name in report
    assert len(set(re.findall(r"(\d+): \+\d", report))) >= 3, "a gain for each of three seeds"


def test_pictures_are_refined_by_itself(studio: Studio) -> None:
    assert studio.refined
    assert studio.refiner is not None
    assert studio.refiner.advice == ""


def test_labels_have_the_same_bytes_with_it_and_without() -> None:
    frames = {}
    for refine in (True, False):
        with Studio("software", refine=refine) as opened:
            frames[refine] = list(opened.frames(scene("hello", 96, 64), passes=["image", *DRAWN], frames=range(40, 43)))
    for refined, plain in zip(frames[True], frames[False], strict=True):
        assert refined["image"].tobytes() != plain["image"].tobytes()
        assert all(refined[name].tobytes() == plain[name].tobytes() for name in DRAWN)


def test_shadows_of_the_sky_appear_and_labels_agree(studio: Studio) -> None:
    passes = ["color", "refined", "instance", "normal"]
    for frame in studio.frames(scene("hello", 128, 128), passes=passes, frames=range(40, 44)):
        assert not frame.notes["doubtful"]
        share = frame["refined"].mean(axis=2) / frame["color"].mean(axis=2)
        floor = (frame["normal"][..., 1] > 0.99) & (frame["color"].mean(axis=2) > 0)
        assert share[floor].min() < 0.8, "beneath a thing the floor sees less of the sky"
        assert np.median(share[frame["instance"] == 0]) == pytest.approx(1.0, abs=0.05), "the sky itself stays"


@pytest.mark.slow
@pytest.mark.parametrize("name", CLIPS)
def test_where_one_segment_follows_another_nothing_jumps(
    studio: Studio, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The warp error where memory changes hands is at most 1.1 times that of the same frame where it does not."""
    errors = warp_errors(studio, name)
    monkeypatch.setattr(studio.refiner, "segments", Segments(length=10_000, warm_up=0))
    endless = warp_errors(studio, name)
    seams = [index for index in errors if index % SEGMENTS.length == 0]
    assert seams
    for index in seams:
        assert errors[index] <= 1.1 * endless[index]
    if name == "street":  # where all frames differ alike
        assert max(errors[index] for index in seams) <= 1.1 * np.median(list(errors.values()))


def warp_errors(studio: Studio, name: str) -> dict[int, float]:
    """Return the warp error of each frame of a clip but the first."""
    passes = ["image", "flow_backward", "occlusion_backward"]
    found, before = {}, None
    for frame in studio.frames(scene(name, 192, 128), passes=passes, frames=CLIPS[name][1]):
        now = frame["image"].astype(np.float32) / 255
        if before is not None:
            flow, valid = motion(frame)
            found[frame.index] = warp_error([before, now], [np.moveaxis(flow, 0, 2)] * 2, [valid[0]] * 2)
        before = now
    return found


@pytest.mark.parametrize("name", ["hello", pytest.param("street", marks=pytest.mark.slow)])
def test_frames_10_to_19_alone_are_those_of_the_whole(studio: Studio, name: str) -> None:
    long = scene(name, 96, 64)
    whole = {frame.index: frame["image"].tobytes() for frame in studio.frames(long, frames=range(48))}
    for part in (range(10, 20), range(30, 36), [47]):
        for frame in studio.frames(long, frames=part):
            assert frame["image"].tobytes() == whole[frame.index]


@pytest.mark.slow
@pytest.mark.parametrize("number", range(3))
def test_it_is_nearer_to_the_reference_than_what_it_was_given(studio: Studio, tmp_path: Path, number: int) -> None:
    """On layouts, lights, motions and textures that it never met, from a seed that nothing was chosen by."""
    made = scene_of(recipe("test", number, 4711), write_textures(tmp_path), (128, 128), 8)
    frame = list(studio.frames(made, passes=["color", "refined"], frames=range(8)))[7]
    taken = shot(made, 7)
    with (
        Renderer(studio.device, REFERENCE) as renderer,
        renderer.draw(reference_shot(taken, 1, 128), ["color"]) as drawn,
    ):
        wanted = shown(renderer.read(drawn)["color"], taken.exposure)
    given, refined = (mse(shown(frame[name], taken.exposure), wanted) for name in ("color", "refined"))
    assert 10 * np.log10(given / refined) >= 2.5


def shown(light: NDArray[np.float32], exposure: float) -> NDArray[np.float64]:
    """Return light (H, W, 3) as the default finish shows it, 0..1."""
    return linear_to_srgb(neutral(clip_light(light * np.float32(exposure))))
