"""Scores pictures against references on held-out clips, and decides what passes.

The metrics contradict each other on purpose: MSE, PSNR and SSIM forgive blur, LPIPS and FLIP punish
it, tPSNR and the warp ratio see what changes from frame to frame. Nothing that a network was
trained with is used to judge it: LPIPS here is AlexNet's, in training it is VGG's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from diorama.color import linear_to_srgb
from diorama.finish.tone import clip_light, neutral
from diorama.metrics import flip, mse, psnr_of_mse, ssim, tpsnr, warp_error
from diorama.refine.guides import decode
from diorama.refine.network import RefinerNetwork
from diorama.training.baselines import INPUT, RIVALS, Light
from diorama.training.batches import whole
from diorama.training.losses import unroll
from diorama.training.lpips import Lpips
from diorama.training.pairs import Clip

GAIN_INPUT, GAIN_RIVALS, LPIPS_SHARE = 2.5, 1.0, 0.65
"""The gates: dB over the input, dB over the best rival, and LPIPS as a share of the input's."""

_STEADY = 1e-7
"""Added to both warp errors, a tenth of a step of 8 bits: still pictures are steady however still the reference is."""


@dataclass(frozen=True)
class Scores:
    """Means over clips; ``lpips`` is NaN where its weights are not to be had. ``worst`` is the least PSNR of a clip.

    ``warp_ratio`` is the mean over clips of the warp error over the reference's: 1 is right, less is smeared.
    """

    psnr: float
    worst: float
    mse: float
    ssim: float
    lpips: float
    flip: float
    tpsnr: float
    warp_ratio: float

    @classmethod
    def mean(cls, every: Sequence[Scores]) -> Scores:
        """Return the means of the scores of clips."""
        table = np.array([list(vars(one).values()) for one in every])
        middle = dict(zip(vars(every[0]), table.mean(axis=0).tolist(), strict=True))
        return cls(**{**middle, "worst": float(table[:, 1].min())})


@dataclass(frozen=True)
class Gate:
    """One condition: what it is about, what it wants, what was found."""

    name: str
    wanted: str
    found: float
    passed: bool


def display(encoded: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return encoded light (T, 3, H, W) as the default finish shows it, (T, H, W, 3) sRGB 0..1, not rounded."""
    light = clip_light(decode(np.moveaxis(np.asarray(encoded, np.float32), 1, 3)))
    return linear_to_srgb(np.stack([neutral(frame) for frame in light])).astype(np.float32)


def refine(network: RefinerNetwork, clips: Sequence[Clip]) -> list[Light]:
    """Return what ``network`` makes of each clip, from a cold start."""
    with torch.no_grad():
        return [torch.cat(unroll(network, whole(clip))[0]).numpy() for clip in clips]


def score(lights: Sequence[Light], clips: Sequence[Clip], lpips: Lpips | None) -> list[Scores]:
    """Return the scores of every clip of one candidate."""
    return [_score(display(light), clip, lpips) for light, clip in zip(lights, clips, strict=True)]


def gates(candidate: Scores, table: Mapping[str, Scores]) -> list[Gate]:
    """Return how ``candidate`` does against :data:`INPUT` and the rivals in ``table``."""
    base, best = table[INPUT], max(RIVALS, key=lambda name: table[name].psnr)
    over_input, over_best = candidate.psnr - base.psnr, candidate.psnr - table[best].psnr
    share = candidate.lpips / base.lpips if base.lpips else float("nan")
    made = [
        Gate("PSNR over the input", f">= +{GAIN_INPUT} dB", over_input, over_input >= GAIN_INPUT),
        Gate(f"PSNR over the best rival ({best})", f">= +{GAIN_RIVALS} dB", over_best, over_best >= GAIN_RIVALS),
    ]
    # NaN, where LPIPS could not be measured, passes nothing
    made.append(Gate("LPIPS, share of the input's", f"<= {LPIPS_SHARE}", share, bool(share <= LPIPS_SHARE)))
    return made


def _score(shown: NDArray[np.float32], clip: Clip, lpips: Lpips | None) -> Scores:
    wanted = display(clip.target)
    flows, valid = np.moveaxis(clip.flow, 1, 3), clip.valid[:, 0]
    error = mse(shown, wanted)
    pairs = list(zip(shown, wanted, strict=True))
    reference, own = (warp_error(list(frames), list(flows), list(valid)) + _STEADY for frames in (wanted, shown))
    return Scores(
        psnr=psnr_of_mse(error),
        worst=psnr_of_mse(error),
        mse=error,
        ssim=float(np.mean([ssim(*pair) for pair in pairs])),
        lpips=_distance(lpips, shown, wanted),
        flip=float(np.mean([flip(*pair) for pair in pairs])),
        tpsnr=tpsnr(list(shown), list(wanted), list(flows), list(valid)),
        warp_ratio=own / reference,
    )


def _distance(lpips: Lpips | None, shown: NDArray[np.float32], wanted: NDArray[np.float32]) -> float:
    if lpips is None:
        return float("nan")

    def batch(pictures: NDArray[np.float32]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(np.moveaxis(pictures, 3, 1)))

    with torch.no_grad():
        return float(lpips(batch(shown), batch(wanted)).mean())
