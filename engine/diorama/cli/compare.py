"""``compare``: one frame as we draw it and as a path tracer sees it, with the error between them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from numpy.typing import NDArray
from typer import Option

from diorama.atomic import atomic_file, writing
from diorama.cli import parse
from diorama.cli.arguments import PRESETS, Assets, Gl, Overwrite, Preset, SceneFile, Seed, Set, Size
from diorama.cli.closing import drawn_by, warn_of
from diorama.cli.progress import progress_bar
from diorama.cli.scene import open_scene, warn_of_assets
from diorama.gl.egl import check_choice

if TYPE_CHECKING:
    from diorama.frame import Frame
    from diorama.gl.context import ContextInfo
    from diorama.oracle.comparison import Comparison
    from diorama.oracle.path_tracer import Reference
    from diorama.scene.shot import Shot

MOST_SAMPLES = 1 << 20


def compare(
    scene: SceneFile,
    frame: Annotated[str, Option("--frame", metavar="N", help="Which frame.")] = "0",
    samples: Annotated[str, Option("--samples", metavar="N", help="Paths traced for each pixel, 4 at least.")] = "256",
    direct: Annotated[bool, Option("--direct", help="Trace only light that was reflected once.")] = False,
    out: Annotated[Path, Option("-o", "--out", metavar="OUT", help="The picture to write.")] = Path("compare.png"),
    size: Size = None,
    preset: Preset = "standard",
    settings: Set = None,
    seed: Seed = None,
    assets: Assets = None,
    gl: Gl = "auto",
    overwrite: Overwrite = False,
) -> None:
    """Hold one frame, not refined, against a path-traced reference.

    Needs the extra oracle. The picture shows ours, the reference, the relative error and, where
    flip_evaluator is installed, the FLIP error.
    """
    from diorama.dataset.png import check_png_name, write_png

    check_choice(gl)
    parse.one_of("--preset", preset, PRESETS)
    number, paths = parse.whole("--frame", frame, 0, 1 << 31), parse.whole("--samples", samples, 4, MOST_SAMPLES)
    check_png_name(out, "--out")
    from diorama.oracle import path_tracer, picture
    from diorama.oracle.comparison import compare as held_against
    from diorama.renderer.renderer import PRESETS as TABLE
    from diorama.scene.sample import shot

    with atomic_file(out, overwrite=overwrite) as temporary:
        loaded = open_scene(scene, settings=settings, seed=seed, size=size, assets=assets)
        warn_of_assets(loaded)
        taken = shot(loaded, number, TABLE[preset].times)
        ours, info, own_seconds = _drawn(taken, gl, preset)
        start = time.perf_counter()
        with progress_bar(f"tracing {scene.name}, frame {number}") as advance:
            depth = path_tracer.DIRECT if direct else path_tracer.FULL
            exact = shot(loaded, number, TABLE[preset].times, lens=False)
            reference = path_tracer.trace(exact, paths, depth=depth, progress=advance)
        seconds = time.perf_counter() - start
        found = held_against(ours["color"], reference.color, ours["instance"])
        seen = _flip(found)
        with writing(out):
            write_png(temporary, picture.side_by_side(found, f"ours, {preset}", seen))
    warn_of(info)
    for line in figures(ours["color"], reference, found, seen):
        print(line)
    print(f"ours in {own_seconds:.2f} s {drawn_by(info, False)}; {paths} samples a pixel traced in {seconds:.1f} s")
    print(f"{out}: ours | reference | error{' | FLIP' if seen is not None else ''}")


def figures(
    color: NDArray[np.float32], reference: Reference, found: Comparison, seen: NDArray[np.float32] | None
) -> list[str]:
    """Return the lines that say how far ``color`` (H, W, 3) is from ``reference``, and how far to trust that."""
    from diorama.oracle.picture import noise_floor, noise_share

    share, floor = noise_share(color, reference, found.counted), noise_floor(reference, found.counted)
    flip = "not measured, which needs flip_evaluator" if seen is None else f"{float(np.mean(seen)):.4f}"
    return [
        f"relative error: median {found.median:.2%}, 95th percentile {found.p95:.2%}",
        f"PSNR {found.psnr:.2f} dB, FLIP {flip}, RMSE of linear light {found.rmse:.4f} of its mean",
        f"the reference's own noise: {share:.1%} of the squared error; alone it would be a median of {floor:.2%}",
        f"counted: {float(found.counted.mean()):.0%} of the pixels, those inside of one thing",
    ]


def _drawn(taken: Shot, gl: str, preset: str) -> tuple[Frame, ContextInfo, float]:
    """Return our frame, what drew it, and the wall seconds of drawing it once everything was uploaded."""
    from diorama.gl.device import Device
    from diorama.renderer.renderer import Renderer

    with Device(gl) as device, Renderer(device, preset) as renderer:
        for _ in range(2):
            start = time.perf_counter()
            with renderer.draw(taken, ("color", "instance")) as drawn:
                frame = renderer.read(drawn)
            seconds = time.perf_counter() - start
        return frame, device.info, seconds


def _flip(found: Comparison) -> NDArray[np.float32] | None:
    """Return the FLIP map (H, W), None where flip_evaluator is not installed."""
    from diorama.metrics import flip_map

    try:
        return flip_map(found.picture, found.reference)
    except ModuleNotFoundError:
        return None
