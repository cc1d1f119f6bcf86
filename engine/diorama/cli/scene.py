"""``validate`` and ``schema``, and how every command opens its scene file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from diorama.cli import parse
from diorama.cli.arguments import SEED_MAX, Assets, SceneFile, Seed, Set, Size
from diorama.cli.closing import warn_of_notes

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
    overrides, chosen = written(settings, size), chosen_seed(seed)
    from diorama.scene.graph import load_scene

    return load_scene(path, seed=chosen, overrides=overrides, assets=tuple(assets or ()))


def warn_of_assets(scene: Scene) -> None:
    """Compile a scene, and say on standard error what of its models is not shown."""
    from diorama.scene.sample import compiled

    warn_of_notes(compiled(scene).notes)


def written(settings: Sequence[str] | None, size: str | None) -> dict[str, object]:
    """Return the paths and values that ``--set`` and ``--size`` write into the scene."""
    overrides: dict[str, object] = dict(parse.settings(settings or ()))
    return overrides if size is None else {**overrides, "video.size": list(parse.size(size))}


def chosen_seed(text: str | None) -> int | None:
    """Return the seed of ``--seed``; None is the scene's own."""
    return None if text is None else parse.whole("--seed", text, 0, SEED_MAX)


def validate(
    scene: SceneFile, settings: Set = None, seed: Seed = None, size: Size = None, assets: Assets = None
) -> None:
    """Check a scene file and its assets without drawing anything."""
    loaded = open_scene(scene, settings=settings, seed=seed, size=size, assets=assets)
    from diorama.finish.checked import check_finish
    from diorama.scene.sample import shot

    shot(loaded, 0)
    check_finish(loaded.finish)
    warn_of_assets(loaded)
    width, height = loaded.size
    print(f"{scene}: valid: {loaded.frame_count} frames of {width}x{height} at {loaded.fps:g} frames/s")


def schema() -> None:
    """Print the JSON Schema of scene files, for editors that check while you type."""
    from diorama.scene.json_schema import json_schema

    print(json.dumps(json_schema(), indent=2))
