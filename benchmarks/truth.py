"""How far our frames are from path-traced ones: direct light, full light, the furnace, and peers beside us.

    python benchmarks/truth.py [--scenes sun,cornell,furnace,peers] [--presets standard] [--samples 512]
                               [--cache DIR] [--save DIR] [--gl software] [--pygfx PYTHON]

Needs the extra ``oracle``. The error is |a - b| / (b + 1 % of the mean of b) over pixels whose 3 x 3 neighbours show
one instance; PSNR is of pictures at the exposure that brings the reference's median to 0.18, through one tone curve.
``noise`` is the median error, and "of ... dB" the PSNR, that the reference's own noise leaves to a frame without fault.
``gain`` is how many times larger the linear RMSE of a stand-in is than ours: our light without the sky plus the
constant ambient light that fits best (without occlusion); both cut off two stops above white, where a highlight would
outweigh all else. ``--cache`` keeps references between runs, ``--save`` writes ours | reference | error of every scene.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from truth.direct import DIRECT_SCENES
from truth.full import FULL_SCENES
from truth.furnace import LIMIT, METALLIC, ROUGHNESS, furnace
from truth.peers import PEERS_SIDE, run_peers
from truth.references import traced
from truth.stage import SIDE, Stand

from diorama.atomic import atomic_file
from diorama.dataset.png import write_png
from diorama.errors import DioramaError
from diorama.frame import Frame
from diorama.gl.device import Device
from diorama.oracle.comparison import Comparison, compare, exposure_of
from diorama.oracle.path_tracer import DIRECT, FULL, Reference
from diorama.oracle.picture import noise_floor, side_by_side
from diorama.renderer.renderer import PRESETS, Preset, Renderer
from diorama.rng import generator
from diorama.scene.sample import shot
from diorama.scene.shot import Shot

PASSES = ("color", "instance", "albedo")
BRIGHTEST = 4.0
"""Two stops above white, at the exposure of the reference's median."""


@dataclass(frozen=True)
class Score:
    """What one scene gave with one preset."""

    found: Comparison
    flip: float | None
    noise: float
    limit: float
    cpu: float
    gain: float | None = None


def draw(renderer: Renderer, taken: Shot) -> tuple[Frame, float]:
    """Return the frame and the CPU seconds that drawing it a second time took."""
    for _ in range(2):
        start = time.process_time()
        with renderer.draw(taken, PASSES) as drawn:
            frame = renderer.read(drawn)
    return frame, time.process_time() - start


def score(device: Device, preset: Preset, taken: Shot, reference: Reference, *, full: bool) -> Score:
    """Draw ``taken`` and compare it with its reference, of ``full`` light or of direct light alone."""
    direct = replace(preset, voxels=None)
    with Renderer(device, preset if full else direct) as renderer:
        frame, cpu = draw(renderer, taken)
    found = compare(frame["color"], reference.color, frame["instance"])
    gain = None
    if full:
        wanted = reference.color[found.counted].astype(np.float64)
        exposure = exposure_of(reference.color.astype(np.float64), found.counted)
        with Renderer(device, direct) as renderer:
            stand_in = constant_ambient(renderer, taken, wanted, found.counted)
        gain = shown_rmse(stand_in, wanted, exposure) / shown_rmse(frame["color"][found.counted], wanted, exposure)
    try:
        seen = found.flip
    except ModuleNotFoundError:
        seen = None
    noise, limit = noise_floor(reference, found.counted), limit_of(reference, frame["instance"])
    return Score(found, seen, noise, limit, cpu, gain)


def limit_of(reference: Reference, instance: NDArray[np.uint32]) -> float:
    """Return the PSNR that a frame without fault would have, in dB: its own of the reference with its noise again."""
    chance = generator(0, "truth", "noise").standard_normal((*instance.shape, 1))
    return compare(reference.color + reference.noise * chance, reference.color, instance).psnr


def constant_ambient(
    renderer: Renderer, taken: Shot, wanted: NDArray[np.float64], counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return our direct light without the sky plus the colour times albedo that fits ``wanted`` (N, 3) best, (N, 3)."""
    dark = [(part, replace(one, environment=replace(one.environment, intensity=0.0))) for part, one in taken.shutter]
    frame, _ = draw(renderer, replace(taken, shutter=tuple(dark), current=dark[0][1]))
    direct, albedo = (frame[name][counted].astype(np.float64) for name in ("color", "albedo"))
    color = np.sum(albedo * (wanted - direct), axis=0) / np.maximum(np.sum(albedo**2, axis=0), 1e-12)
    return np.asarray(direct + np.maximum(color, 0.0) * albedo)


def shown_rmse(color: NDArray[np.floating], wanted: NDArray[np.float64], exposure: float) -> float:
    """Return the RMSE of exposed linear light (N, 3), cut off at :data:`BRIGHTEST`."""
    pair = (np.minimum(light * exposure, BRIGHTEST) for light in (color, wanted))
    ours, theirs = pair
    return max(float(np.sqrt(np.mean((ours - theirs) ** 2))), 1e-9)


def run_scenes(
    device: Device, stands: dict[str, Stand], depth: int, options: argparse.Namespace
) -> dict[str, list[Score]]:
    """Print a line for each scene and preset; return the scores by preset."""
    scores: dict[str, list[Score]] = {preset: [] for preset in options.presets}
    kind = "direct" if depth == DIRECT else "full"
    for name, stand in stands.items():
        with tempfile.TemporaryDirectory() as folder:
            made = stand.build(Path(folder), options.size)
            shots = {preset: shot(made, stand.frame, PRESETS[preset].times) for preset in options.presets}
        for preset, taken in shots.items():
            reference = traced(taken, options.samples * stand.effort, depth, options.cache, name)
            one = score(device, PRESETS[preset], taken, reference, full=depth == FULL)
            scores[preset].append(one)
            print(f"{kind:6s} {name:10s} {preset:9s} {line(one)}", flush=True)
            if options.save is not None:
                save(options.save / f"{kind}_{name}_{preset}.png", f"{name}, {preset}", one.found)
    return scores


def line(one: Score) -> str:
    """Return the figures of one scene."""
    found = one.found
    flip = "   - " if one.flip is None else f"{one.flip:.3f}"
    gain = "" if one.gain is None else f"  gain {one.gain:.2f}"
    return (
        f"median {found.median:7.2%}  p95 {found.p95:8.2%}  PSNR {found.psnr:5.2f} of {one.limit:4.1f} dB  "
        f"FLIP {flip}  RMSE {found.rmse:.3f}{gain}  noise {one.noise:.2%}  CPU {one.cpu:.2f} s"
    )


def save(path: Path, name: str, found: Comparison) -> None:
    """Write ours, the reference and the error beside each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path, overwrite=True) as temporary:
        write_png(temporary, side_by_side(found, name))


def summarize(kind: str, scores: dict[str, list[Score]]) -> None:
    """Print what the worst and the mean of all scenes are."""
    for preset, all_of_it in scores.items():
        if not all_of_it:
            continue
        found = [one.found for one in all_of_it]
        text = f"worst median {max(one.median for one in found):.2%}, worst p95 {max(one.p95 for one in found):.2%}"
        psnr = [one.psnr for one in found]
        text += f", PSNR mean {np.mean(psnr):.2f} dB, worst {min(psnr):.2f} dB"
        gains = [one.gain for one in all_of_it if one.gain is not None]
        text += f", gain mean {np.mean(gains):.2f}, least {min(gains):.2f}" if gains else ""
        print(f"{kind} light, {len(found)} scenes, {preset}: {text}", flush=True)


def show_furnace(device: Device, presets: Sequence[str], side: int) -> None:
    """Print the furnace as a table for each preset."""
    for preset in presets:
        table = furnace(device, preset, side)
        print(f"furnace, {preset}: largest distance from 1 by metallic {METALLIC}; worst {table.max():.2%} "
              f"(wanted <= {LIMIT:.0%})")  # fmt: skip
        for roughness, row in zip(ROUGHNESS, table, strict=True):
            print(f"  roughness {roughness:4.2f}  " + "  ".join(f"{value:6.2%}" for value in row), flush=True)


def arguments() -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*DIRECT_SCENES, *FULL_SCENES, "furnace", "peers"]
    parser.add_argument("--scenes", default=",".join(names), help="any of " + ", ".join(names))
    parser.add_argument("--presets", default="standard")
    parser.add_argument("--samples", type=int, default=512)
    parser.add_argument("--size", type=int, default=SIDE, help="height of the pictures in pixels")
    parser.add_argument("--peers-size", type=int, default=PEERS_SIDE)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--save", type=Path)
    parser.add_argument("--gl", default="software")
    parser.add_argument("--pygfx", default=sys.executable, help="a Python that has pygfx")
    options = parser.parse_args()
    options.scenes, options.presets = options.scenes.split(","), options.presets.split(",")
    for given, known in ((options.scenes, names), (options.presets, list(PRESETS))):
        if unknown := sorted(set(given) - set(known)):
            parser.error(f"expected some of {', '.join(known)}, got {', '.join(unknown)}")
    return options


def main() -> None:
    """Print every figure."""
    options = arguments()
    with Device(options.gl) as device:
        print(f"{device.info.renderer}; {options.samples} samples a pixel")
        for kind, stands, depth in (("direct", DIRECT_SCENES, DIRECT), ("full", FULL_SCENES, FULL)):
            chosen = {name: stand for name, stand in stands.items() if name in options.scenes}
            summarize(kind, run_scenes(device, chosen, depth, options))
        if "furnace" in options.scenes:
            show_furnace(device, options.presets, options.size)
        if "peers" in options.scenes:
            run_peers(device, options)


if __name__ == "__main__":
    try:
        main()
    except DioramaError as error:
        sys.exit(str(error))
