"""How much the refiner that ships mends on held-out recipes of a seed that nothing was chosen by, in dB.

    python benchmarks/held_out.py [--seed 5001] [--clips 9] [--work held-out]

Needs the extra ``torch``. Beside the input stand its sky shadows, not learned, and their mean along the flow, which is
the network before its first step. Pairs are kept in the work folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from diorama.metrics import mse, psnr_of_mse
from diorama.refine.checkpoint import DEFAULT
from diorama.refine.export import load_network
from diorama.refine.guides import GUIDE_PLACES
from diorama.refine.network import RefinerNetwork
from diorama.training.judge import display, refine
from diorama.training.pairs import Clip, Plan, load_pairs, render_pairs


def psnr(lights: Sequence[NDArray[np.floating]], clips: Sequence[Clip]) -> NDArray[np.float64]:
    """Return the PSNR of each clip, as the default finish shows it."""
    pairs = zip(lights, clips, strict=True)
    return np.array([psnr_of_mse(mse(display(light), display(clip.target))) for light, clip in pairs])


def main() -> None:
    """Print the mean PSNR of each, and what refining gains over it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=5001)
    parser.add_argument("--clips", type=int, default=9)
    parser.add_argument("--work", type=Path, default=Path("held-out"))
    options = parser.parse_args()
    plan = Plan("test", options.clips, (options.seed,), side=128, frames=16, samples=64)
    for done in render_pairs(plan, options.work, processes=2):
        print(f"{done} of {options.clips} clips", flush=True)
    clips = load_pairs(plan, options.work)
    given = {name: [clip.guides[:, place] for clip in clips] for name, place in GUIDE_PLACES.items()}
    refined = psnr(refine(load_network(DEFAULT), clips), clips)
    rows = {
        "input": psnr(given["color"], clips),
        "sky shadows, not learned": psnr(given["shadowed"], clips),
        "their mean along the flow, not learned": psnr(refine(RefinerNetwork(), clips), clips),
        "refined": refined,
    }
    for name, own in rows.items():
        print(f"{name:40s} {own.mean():.2f} dB   refined gains {(refined - own).mean():+.2f} dB")


if __name__ == "__main__":
    main()
