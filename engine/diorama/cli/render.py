"""``render``, ``still`` and ``demo``: a scene file into a video or a picture.

The engine is imported when a command runs, so that ``--help`` and ``validate`` need no OpenGL.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Option

from diorama import resources
from diorama.cli import parse
from diorama.cli.arguments import (
    CODECS,
    CRF,
    CRF_MAX,
    PRESETS,
    Alpha,
    Assets,
    Crf,
    Gl,
    NoRefine,
    Output,
    Overwrite,
    Preset,
    RefinerFolder,
    SceneFile,
    Seed,
    Set,
    Size,
)
from diorama.cli.closing import drawn_by, speed, warn_of
from diorama.cli.progress import progress_bar
from diorama.cli.scene import open_scene, warn_of_assets
from diorama.errors import OptionError, expected
from diorama.gl.egl import check_choice

if TYPE_CHECKING:
    from diorama.pipeline import Report

DEMO = ("street.yaml", "hello.yaml")
"""The demo is the first of these that the installation carries."""


def render(
    scene: SceneFile,
    out: Output = None,
    frames: Annotated[str | None, Option("--frames", metavar="A:B", help="Only frames A to B-1.")] = None,
    size: Size = None,
    preset: Preset = "standard",
    settings: Set = None,
    seed: Seed = None,
    passes: Annotated[
        str | None,
        Option("--passes", metavar="NAME,…", help="Ground-truth passes to store in --frames-dir, parted by commas."),
    ] = None,
    frames_dir: Annotated[
        Path | None,
        Option("--frames-dir", metavar="DIR", help="Also write a folder of images, passes and manifest."),
    ] = None,
    assets: Assets = None,
    gl: Gl = "auto",
    codec: Annotated[
        str | None, Option("--codec", metavar="|".join(CODECS), help="What to store.", show_default="as OUT's suffix")
    ] = None,
    crf: Crf = str(CRF),
    alpha: Alpha = False,
    no_refine: NoRefine = False,
    refiner: RefinerFolder = None,
    overwrite: Overwrite = False,
) -> None:
    """Render a scene file to a video."""
    check_choice(gl)
    parse.one_of("--preset", preset, PRESETS)
    quality = parse.whole("--crf", crf, 0, CRF_MAX)
    wanted = _wanted_passes(passes, frames_dir)
    refine = parse.refiner(no_refine, refiner)
    target = _target(scene, out, codec, alpha)
    if frames_dir is not None and frames_dir.absolute() == target.absolute():
        raise OptionError(expected("another name than that of OUT", str(frames_dir)), place="--frames-dir")
    loaded = open_scene(scene, settings=settings, seed=seed, size=size, assets=assets)
    chosen = None if frames is None else parse.frames(frames, loaded.frame_count)
    warn_of_assets(loaded)
    from diorama.pipeline import Studio

    with Studio(gl, preset=preset, refine=refine) as studio, progress_bar(target.name) as advance:
        report = studio.render(
            loaded,
            target,
            frames=chosen,
            passes=wanted,
            frames_dir=frames_dir,
            codec=codec,
            crf=quality,
            alpha=alpha,
            overwrite=overwrite,
            progress=advance,
        )
    _close(report)


def still(
    scene: SceneFile,
    at: Annotated[str, Option("--at", metavar="2.5s|FRAME", help="The moment: seconds, or a frame number.")],
    out: Output = None,
    size: Size = None,
    preset: Preset = "standard",
    settings: Set = None,
    seed: Seed = None,
    assets: Assets = None,
    gl: Gl = "auto",
    no_refine: NoRefine = False,
    refiner: RefinerFolder = None,
    overwrite: Overwrite = False,
) -> None:
    """Render one moment of a scene file to a picture.

    The refiner remembers frames: up to 43 before the moment are drawn first. --no-refine draws one.
    """
    from diorama.dataset.png import check_png_name

    check_choice(gl)
    parse.one_of("--preset", preset, PRESETS)
    parse.moment(at)
    refine, target = parse.refiner(no_refine, refiner), out or Path(f"{scene.stem}.png")
    check_png_name(target, "--out")
    loaded = open_scene(scene, settings=settings, seed=seed, size=size, assets=assets)
    time = parse.moment_of(at, loaded.frame_count, loaded.fps)
    warn_of_assets(loaded)
    from diorama.pipeline import Studio

    with Studio(gl, preset=preset, refine=refine) as studio:
        with progress_bar(target.name) as advance:
            studio.still(loaded, time, target, overwrite=overwrite, progress=advance)
        warn_of(studio.device.info)
        print(f"{target}: one picture, {drawn_by(studio.device.info, studio.refined)}")


def demo(
    out: Output = None,
    size: Size = None,
    preset: Preset = "standard",
    seed: Seed = None,
    gl: Gl = "auto",
    no_refine: NoRefine = False,
    overwrite: Overwrite = False,
) -> None:
    """Render the demo that ships with the engine."""
    scene = next(path for name in DEMO if (path := resources.scenes() / name).is_file())
    render(scene, out, size=size, preset=preset, seed=seed, gl=gl, no_refine=no_refine, overwrite=overwrite)


def _wanted_passes(passes: str | None, frames_dir: Path | None) -> tuple[str, ...]:
    if passes is None:
        return ()
    if frames_dir is None:
        raise OptionError("expected --frames-dir DIR beside it, the folder to write passes to", place="--passes")
    return parse.passes(passes)


def _target(scene: Path, out: Path | None, codec: str | None, alpha: bool) -> Path:
    """Return what to write; without a name it is called as its scene, with the codec's suffix."""
    from diorama.video.codecs import CODECS as TABLE
    from diorama.video.codecs import choose_codec

    name = parse.one_of("--codec", codec or ("prores" if alpha else "h264"), CODECS)
    target = out or Path(f"{scene.stem}{TABLE[name].suffixes[0]}")
    choose_codec(target, codec, alpha=alpha)
    return target


def _close(report: Report) -> None:
    warn_of(report.device)
    if report.doubtful:
        count, first = len(report.doubtful), report.doubtful[0]
        print(f"diorama: the refiner changed more than labels allow in {count} frames, first {first}", file=sys.stderr)
    print(f"{report.path}: {speed(report.frames, report.seconds)}, {drawn_by(report.device, report.refined)}")
