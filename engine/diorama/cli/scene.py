"""``validate`` and ``schema``, and how every command opens its scene file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from diorama.cli import parse
from diorama.cli.arguments import SEED_MAX, Assets, SceneFile, Seed, Set, Size

if TYPE_CHECKING:
    from diorama.scene.graph import Scene


def open_scene(
    path: Path,
    *,
    settings: Sequence[str] | None = None,
    seed: str | None = None,
    size: str | None = None,
    assets: Sequence[Path] | None = None,
) -> Scene:
    """Load a scene file as the options ``--set --seed --size --assets`` ask."""
    overrides: dict[str, object] = dict(parse.settings(settings or ()))
    if size is not None:
        overrides["video.size"] = list(parse.size(size))
    chosen = None if seed is None else parse.whole("--seed", seed, 0, SEED_MAX)
    from diorama.scene.graph import load_scene

    return load_scene(path, seed=chosen, overrides=overrides, assets=tuple(assets or ()))


def validate(
    scene: SceneFile, settings: Set = None, seed: Seed = None, size: Size = None, assets: Assets = None
) -> None:
    """Check a scene file and its assets without drawing anything."""
    loaded = open_scene(scene, settings=settings, seed=seed, size=size, assets=assets)
    width, height = loaded.size
    print(f"{scene}: valid: {loaded.frame_count} frames of {width}x{height} at {loaded.fps:g} frames/s")


def schema() -> None:
    """Print the JSON Schema of scene files, for editors that check while you type."""
    from diorama.scene.json_schema import json_schema

    print(json.dumps(json_schema(), indent=2))
