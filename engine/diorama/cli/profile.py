"""``profile``: where the time of a frame goes, shader by shader."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

from rich import box
from rich.console import Console
from rich.table import Table
from typer import Option

from diorama.cli import parse
from diorama.cli.arguments import PRESETS, Assets, Gl, NoRefine, Preset, SceneFile, Seed, Set, Size
from diorama.cli.closing import drawn_by, warn_of
from diorama.cli.scene import open_scene, warn_of_assets
from diorama.gl.egl import check_choice

if TYPE_CHECKING:
    from diorama.pipeline.profile import Part, Profile

FRAMES = 3
"""How many frames are measured where nothing is said, and the clip has as many."""


def profile(
    scene: SceneFile,
    frame: Annotated[
        str | None, Option("--frame", metavar="N", help="The first frame to measure.", show_default="1")
    ] = None,
    frames: Annotated[
        str | None,
        Option("--frames", metavar="K", help="How many to measure, one after another.", show_default=str(FRAMES)),
    ] = None,
    as_json: Annotated[bool, Option("--json", help="Print JSON.")] = False,
    size: Size = None,
    preset: Preset = "standard",
    settings: Set = None,
    seed: Seed = None,
    assets: Assets = None,
    gl: Gl = "auto",
    no_refine: NoRefine = False,
) -> None:
    """Print where the time of a frame goes: each shader's share, and the host's.

    One thing is done at a time, so that parts add up; a video is a little faster. It is measured up to the
    refined light: finishing and encoding come after it. Frame 0 costs more than the frames after it, which
    keep what has not changed.
    """
    check_choice(gl)
    parse.one_of("--preset", preset, PRESETS)
    loaded = open_scene(scene, settings=settings, seed=seed, size=size, assets=assets)
    chosen = _chosen(frame, frames, loaded.frame_count)
    warn_of_assets(loaded)
    from diorama.pipeline.profile import profile as measured

    found = measured(loaded, chosen, gl=gl, preset=preset, refine=not no_refine)
    warn_of(found.device)
    if as_json:
        print(json.dumps({"scene": str(scene), **as_mapping(found)}, indent=2))
        return
    console = Console(highlight=False, soft_wrap=True)
    width, height = found.size
    first, last = found.frames.start, found.frames.stop - 1
    drawn = f"frame {first}" if first == last else f"mean of frames {first} to {last}"
    console.print(f"{scene}: {drawn}, {width}x{height}, preset {preset}", markup=False)
    console.print(drawn_by(found.device, found.refined), markup=False)
    console.print(_table(found))
    console.print(f"wall clock: {found.frame_seconds * 1e3:.1f} ms a frame, {_rate(found):.2f} frames/s")
    console.print(f"before, the first frame, with compiling and uploading: {found.first_seconds * 1e3:.0f} ms")


def as_mapping(found: Profile) -> dict[str, Any]:
    """Return a profile as what ``--json`` prints: times in milliseconds, shares from 0 to 1."""

    def parts(chosen: tuple[Part, ...]) -> list[dict[str, Any]]:
        return [
            {"name": part.name, "calls": part.calls, "ms": part.seconds * 1e3, "share": found.share(part)}
            for part in chosen
        ]

    return {
        "device": found.device.renderer,
        "clock": clock_of(found),
        "preset": found.preset,
        "size": list(found.size),
        "frames": list(found.frames),
        "refined": found.refined,
        "passes": parts(found.passes),
        "host": parts(found.host),
        "total_ms": found.seconds * 1e3,
        "frame_ms": found.frame_seconds * 1e3,
        "frames_per_second": _rate(found),
        "first_ms": found.first_seconds * 1e3,
    }


def clock_of(found: Profile) -> str:
    """Return by what clock passes were measured: the GPU's own, or CPU time of all threads together."""
    return "CPU" if found.device.software else "GPU"


def _rate(found: Profile) -> float:
    return 1.0 / found.frame_seconds if found.frame_seconds > 0.0 else 0.0


def _chosen(frame: str | None, frames: str | None, count: int) -> range:
    """Return the frames that ``--frame`` and ``--frames`` ask for, of a clip of ``count``."""
    first = min(1, count - 1) if frame is None else parse.whole("--frame", frame, 0, count - 1)
    left = count - first
    return range(first, first + (min(FRAMES, left) if frames is None else parse.whole("--frames", frames, 1, left)))


def _table(found: Profile) -> Table:
    shown = Table("pass", box=box.SIMPLE)
    for head in ("calls", f"{clock_of(found)} ms", "share"):
        shown.add_column(head, justify="right")
    for part in found.passes:
        shown.add_row(part.name, f"{round(part.calls, 1):g}", f"{part.seconds * 1e3:.2f}", f"{found.share(part):.1%}")
    shown.add_section()
    for part in found.host:
        shown.add_row(f"host: {part.name}", "", f"{part.seconds * 1e3:.2f}", f"{found.share(part):.1%}")
    shown.add_section()
    shown.add_row("total", "", f"{found.seconds * 1e3:.2f}", "100.0%")
    return shown
