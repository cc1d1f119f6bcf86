"""What a refiner is compared with: honest rivals that it must beat, and cheaters that must fail.

All take clips and return their encoded light, a (T, 3, H, W) array for each clip.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter

from diorama.refine.guides import GUIDE_PLACES
from diorama.training.pairs import Clip

Light: TypeAlias = NDArray[np.float32]

INPUT = "input"
RIVALS = ("SSAA x4", "FXAA", "global affine colour", "8x samples", "sky shadows, not learned")
CHEATERS = ("identity", "3x3 blur", "frozen first frame")


def baselines(clips: Sequence[Clip]) -> Mapping[str, list[Light]]:
    """Return what each baseline makes of ``clips``, which must hold their rivals; :data:`INPUT` comes first."""
    inputs, shadowed = (
        [clip.guides[:, GUIDE_PLACES[name]].astype(np.float32) for clip in clips] for name in ("color", "shadowed")
    )
    draft, four, eight = ([_stored(clip, name) for clip in clips] for name in ("draft", "four", "eight"))
    return {
        INPUT: inputs,
        "SSAA x4": four,
        "FXAA": draft,
        "global affine colour": affine_color(inputs, [clip.target.astype(np.float32) for clip in clips]),
        "8x samples": eight,
        "sky shadows, not learned": shadowed,
        **cheaters(inputs),
    }


def cheaters(inputs: Sequence[Light]) -> Mapping[str, list[Light]]:
    """Return pictures that one metric or another might like although nothing was refined."""
    return {
        "identity": list(inputs),
        "3x3 blur": [uniform_filter(light, (1, 1, 3, 3), mode="nearest") for light in inputs],
        "frozen first frame": [np.repeat(light[:1], len(light), axis=0) for light in inputs],
    }


def affine_color(inputs: Sequence[Light], targets: Sequence[Light]) -> list[Light]:
    """Return ``inputs`` under the one affine map of colours that fits all ``targets`` best (least squares).

    It is fitted to what it is judged by: no colour grade learned elsewhere can do better.
    """
    normal, wanted = np.zeros((4, 4)), np.zeros((4, 3))
    for own, goal in zip(inputs, targets, strict=True):
        colors = _homogeneous(own)
        normal += colors.T @ colors
        wanted += colors.T @ _flat(goal)
    matrix = np.linalg.lstsq(normal, wanted, rcond=None)[0]
    return [_planes(_homogeneous(own) @ matrix, own.shape) for own in inputs]


def _stored(clip: Clip, name: str) -> Light:
    light = getattr(clip, name)
    if light is None:
        raise ValueError(f"expected a clip rendered with rivals, got one without {name!r}")
    return np.asarray(light, np.float32)


def _flat(light: Light) -> NDArray[np.float64]:
    return np.moveaxis(light, 1, 3).reshape(-1, 3).astype(np.float64)


def _homogeneous(light: Light) -> NDArray[np.float64]:
    flat = _flat(light)
    return np.column_stack([flat, np.ones(len(flat))])


def _planes(colors: NDArray[np.float64], shape: tuple[int, ...]) -> Light:
    time, _, height, width = shape
    return np.moveaxis(colors.reshape(time, height, width, 3), 3, 1).astype(np.float32)
