"""The options that several commands share, each described once for ``--help``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

PRESETS = ("draft", "standard", "high")
CODECS = ("h264", "ffv1", "prores", "png")
"""As in :mod:`diorama.video.codecs`, which loads PyAV; ``--help`` does not need it."""

CRF, CRF_MAX = 18, 51
SEED_MAX = 2**63 - 1

SceneFile = Annotated[Path, Argument(metavar="SCENE", help="The scene file, a YAML file.", show_default=False)]
Output = Annotated[
    Path | None, Option("-o", "--out", metavar="OUT", help="What to write.", show_default="SCENE's name, here")
]
Size = Annotated[str | None, Option("--size", metavar="WxH", help="Picture size in pixels, as 1280x720.")]
Preset = Annotated[
    str,
    Option(
        "--preset",
        metavar="|".join(PRESETS),
        help="draft: 1 sample a pixel; standard: 4, filtered, for the refiner that ships; "
        "high: soft shadows and light from surface to surface.",
    ),
]
Set = Annotated[
    list[str] | None,
    Option(
        "--set", metavar="PATH=VALUE", help="Write a parameter or any other value of the scene by its path; repeatable."
    ),
]
Seed = Annotated[str | None, Option("--seed", metavar="N", help="Seed in place of the scene's own.")]
Assets = Annotated[
    list[Path] | None,
    Option(
        "--assets",
        metavar="DIR",
        help="Folder to look for assets in, after the scene's own; repeatable. DIORAMA_ASSETS names more.",
    ),
]
Gl = Annotated[
    str, Option("--gl", metavar="auto|gpu[:N]|software", help="Device to draw on; diorama doctor lists them.")
]
NoRefine = Annotated[bool, Option("--no-refine", help="Leave the pictures as they are drawn.")]
RefinerFolder = Annotated[
    Path | None,
    Option("--refiner", metavar="DIR", help="Refine with this trained refiner.", show_default="the one that ships"),
]
Codec = Annotated[str | None, Option("--codec", metavar="|".join(CODECS), help="What to store.", show_default="h264")]
Crf = Annotated[str, Option("--crf", metavar="N", help=f"h264: 0 (best) to {CRF_MAX} (smallest).")]
Alpha = Annotated[bool, Option("--alpha", help="Keep transparency, as prores, ffv1 or png can.")]
Overwrite = Annotated[bool, Option("--overwrite", help="Replace what is there already.")]
