"""The error that a traced picture tells of itself, against the spread of many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from oracle.floor import MATT, at
from shots import Thing, camera, lights, make_shot

from diorama.errors import OptionError
from diorama.geometry.primitives import plane, sphere
from diorama.oracle.path_tracer import FULL, trace
from diorama.scene.shot import RECTANGLE, FogState, Shot


def scene() -> Shot:
    """A ball in the soft shadow of a lamp."""
    things = [Thing(plane((9, 9)), at(), MATT), Thing(sphere(0.5, 32), at((0, 0.6, 0)), MATT)]
    lamp = lights({"kind": RECTANGLE, "position": (0, 3, 0), "color": (9, 9, 9), "size": (0.5, 0.5)})
    return make_shot(things, camera((0, 2, 3), (0, 0.4, 0), size=12), size=(12, 12), light=lamp)


def test_the_noise_is_the_spread_over_seeds() -> None:
    shot = scene()
    traced = [trace(shot, 16, depth=FULL, seed=seed) for seed in range(16)]
    colors = np.array([one.color for one in traced], np.float64)
    spread = np.std(colors, axis=0, ddof=1)
    told = np.sqrt(np.mean([one.noise**2 for one in traced], axis=0))
    assert spread.mean() > 0.001
    assert np.sqrt(np.mean(told**2) / np.mean(spread**2)) == pytest.approx(1.0, abs=0.07)
    # neighbouring seeds have no paths in common
    off = colors - colors.mean(axis=0)
    assert abs(np.sum(off[1:] * off[:-1]) / np.sum(off**2)) < 0.2
    # pixel by pixel too: within three, of estimates from 16 and 48 differences
    lit = spread > 0.1 * spread.max()
    assert lit.sum() > 100
    assert (told / np.maximum(spread, 1e-9))[lit].max() < 3.0 and (told / np.maximum(spread, 1e-9))[lit].min() > 1 / 3


def test_noise_falls_with_the_root_of_the_samples() -> None:
    few, many = (trace(scene(), samples, depth=FULL).noise for samples in (16, 256))
    assert np.sqrt(np.mean(few**2) / np.mean(many**2)) == pytest.approx(4.0, rel=0.25)


def test_a_seed_is_a_picture() -> None:
    one, same, other = (trace(scene(), 4, seed=seed).color for seed in (3, 3, 4))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_progress_is_told_to_its_end() -> None:
    told: list[tuple[int, int]] = []
    trace(scene(), 8, progress=lambda done, whole: told.append((done, whole)))
    assert told == [(n + 1, len(told)) for n in range(len(told))] and len(told) >= 4


def test_too_few_samples_are_an_error() -> None:
    with pytest.raises(OptionError, match=r"^samples: expected at least 4 samples a pixel, got 3$"):
        trace(scene(), 3)


def test_fog_is_an_error() -> None:
    foggy = replace(scene(), current=replace(scene().current, fog=FogState(0.1, 0.0, 0.0, (1.0, 1.0, 1.0), 0.0)))
    with pytest.raises(OptionError, match=r"^oracle: expected a scene without fog \(--set fog=\), got 'one with it'$"):
        trace(foggy, 4)


def test_too_many_triangles_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diorama.oracle.path_tracer.MOST_TRIANGLES", 1)
    with pytest.raises(OptionError, match=r"^oracle: expected at most 1 triangles to trace, got \d+$"):
        trace(replace(scene(), width=4, height=4), 4)
