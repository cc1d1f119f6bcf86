"""What a clip says of itself in its files: that it is synthetic, and what it was made from."""

from __future__ import annotations

import os
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from diorama.dataset import ClipInfo
from diorama.scene.graph import Scene
from diorama.scene.sample import compiled


def engine_version() -> str:
    """Return the version of the installed engine."""
    return version("diorama")


def video_metadata(scene: Scene) -> dict[str, str]:
    """Return the tags of a video of ``scene``."""
    name = _name(scene)
    return {
        "title": name,
        "comment": f"Synthetic: rendered by Diorama {engine_version()} from {name}, seed {scene.seed}",
    }


def clip_info(scene: Scene, renderer: str) -> ClipInfo:
    """Return the head of a dataset's manifest; ``renderer`` is OpenGL's name for itself."""
    width, height = scene.size
    labels = compiled(scene).stage.labels
    return ClipInfo(
        width=width,
        height=height,
        fps=scene.fps,
        scene=_name(scene),
        scene_hash=scene_hash(scene),
        seed=scene.seed,
        version=engine_version(),
        renderer=renderer,
        classes={label.class_name: label.class_id for label in labels if label.class_name} | scene.spec.classes,
        instances=[
            {"path": label.path, "class": label.class_name, "class_id": label.class_id, "asset": label.asset}
            for label in labels
        ],
        drawn=scene.spec.drawn,
        assets={name: sha256(Path(path).read_bytes()).hexdigest() for path, name in scene.spec.assets.items()},
    )


def scene_hash(scene: Scene) -> str:
    """Return one hash of a scene file and its includes, from the hash of each; nothing for a scene built in Python."""
    sources = scene.spec.sources
    return sha256("".join(sources[name] for name in sorted(sources)).encode()).hexdigest() if sources else ""


def _name(scene: Scene) -> str:
    """Return the name of the scene file, without its folder, as text that every file can hold."""
    name = Path(next(iter(scene.spec.sources), "a Python script")).name
    return os.fsencode(name).decode("utf-8", "replace")
