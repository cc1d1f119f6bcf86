"""The protocol: what is right passes, every cheater fails at least one gate."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from training.clips import clip

from diorama.training.baselines import CHEATERS, INPUT, RIVALS, affine_color, baselines
from diorama.training.confusion import Confusion, confusion
from diorama.training.judge import Scores, display, gates, score
from diorama.training.pairs import Clip
from diorama.training.report import strip

CLIPS = [clip(seed, rivals=True) for seed in (1, 2)]


@pytest.fixture(scope="module")
def table() -> dict[str, Scores]:
    return {name: Scores.mean(score(lights, CLIPS, None)) for name, lights in baselines(CLIPS).items()}


@pytest.fixture(scope="module")
def full(table: dict[str, Scores]) -> dict[str, Scores]:
    """The table as if LPIPS had been measured and found all of them equally far from the truth."""
    return {name: replace(own, lpips=0.1) for name, own in table.items()}


@pytest.mark.parametrize("name", CHEATERS)
def test_a_cheater_that_lpips_likes_fails_by_psnr(full: dict[str, Scores], name: str) -> None:
    found = gates(replace(full[name], lpips=0.01), full)
    assert [gate.passed for gate in found] == [False, False, True]


def test_the_truth_passes_and_fails_by_lpips_alone(table: dict[str, Scores], full: dict[str, Scores]) -> None:
    almost = [clip.target.astype(np.float32) + np.float32(1e-3) for clip in CLIPS]
    found = Scores.mean(score(almost, CLIPS, None))
    assert [gate.passed for gate in gates(replace(found, lpips=0.06), full)] == [True, True, True]
    assert [gate.passed for gate in gates(replace(found, lpips=0.07), full)] == [True, True, False]
    assert [gate.passed for gate in gates(found, full)] == [True, True, False], "a candidate's was not measured"
    assert [gate.passed for gate in gates(found, table)] == [True, True, False], "nobody's was measured"


def test_gates_measure_against_input_and_best_rival(table: dict[str, Scores]) -> None:
    over_input, over_best, _ = gates(replace(table[INPUT], psnr=50.0), table)
    assert over_input.found == pytest.approx(50.0 - table[INPUT].psnr)
    assert over_best.found == pytest.approx(50.0 - max(table[name].psnr for name in RIVALS))


def test_cheaters_are_what_they_say() -> None:
    made = baselines(CLIPS)
    own = CLIPS[0].guides[:, :3].astype(np.float32)
    np.testing.assert_array_equal(made["identity"][0], own)
    np.testing.assert_array_equal(made["frozen first frame"][0][3], own[0])
    np.testing.assert_allclose(made["3x3 blur"][0][1, 2, 5, 7], own[1, 2, 4:7, 6:9].mean(), rtol=1e-5)


def test_flicker_shows_in_the_warp_ratio_and_in_tpsnr() -> None:
    own = CLIPS[0]
    target = own.target.astype(np.float32)
    flicker = target + 0.1 * (-1.0) ** np.arange(len(target), dtype=np.float32)[:, None, None, None]
    steady, restless = (score([light], [own], None)[0] for light in (target, flicker))
    assert steady.warp_ratio == pytest.approx(1.0)
    assert restless.warp_ratio > 1e4
    assert restless.tpsnr < 25 < steady.tpsnr


def test_the_best_affine_map_is_found() -> None:
    random = np.random.default_rng(0)
    light = random.random((2, 3, 8, 8)).astype(np.float32)
    matrix, offset = random.random((3, 3)), random.random(3)
    target = (np.einsum("tchw,cd->tdhw", light, matrix) + offset[:, None, None]).astype(np.float32)
    np.testing.assert_allclose(affine_color([light], [target])[0], target, atol=1e-5)


def test_display_is_what_the_finish_shows() -> None:
    encoded = np.zeros((1, 3, 1, 3), np.float32)
    encoded[..., 1] = np.log1p(16 * 0.2140) / np.log(17)
    encoded[..., 2] = 5.0
    shown = display(encoded)[0, 0, :, 0]
    assert shown[0] == 0.0
    assert shown[1] == pytest.approx(float(((0.2140 - 0.04) * 1.055**2.4) ** (1 / 2.4) * 1.0) - 0.055, abs=0.02)
    assert 0.95 < shown[2] <= 1.0


def test_clips_without_rivals_are_not_judged_by() -> None:
    with pytest.raises(ValueError, match="'draft'"):
        baselines([clip(1)])


def test_what_is_the_target_cannot_be_told_from_it() -> None:
    clips = [clip(seed) for seed in range(4)]
    found = confusion([one.target.astype(np.float32) for one in clips], clips, 0)
    assert found.accuracy == 0.5


def test_what_is_much_brighter_is_told_easily() -> None:
    clips = [clip(seed) for seed in range(4)]
    found = confusion([one.target.astype(np.float32) + 0.4 for one in clips], clips, 0)
    assert found.accuracy > 0.95
    assert found.target_target + found.target_refined == 2 * 4 * 8 * 8


def test_accuracy_counts_both_rows() -> None:
    assert Confusion(3, 1, 2, 4).accuracy == 0.7


def test_the_strip_shows_input_shadowed_refined_target_and_error() -> None:
    own: Clip = CLIPS[0]
    target = own.target.astype(np.float32)
    pixels = np.asarray(Image.open(BytesIO(strip([own], [target]))))
    assert pixels.shape == (32, 5 * 32, 3)
    color, shadowed, refined, wanted, error = np.split(pixels, 5, axis=1)
    np.testing.assert_array_equal(refined, wanted)
    assert error.max() == 0
    assert (color != wanted).any()
    assert shadowed.mean() < color.mean() - 3
