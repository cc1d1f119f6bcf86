from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

Save = Callable[..., Path]

NEED_TORCH = [
    "test_export.py",
    "test_fill.py",
    "test_network.py",
    "test_refiner.py",
    "test_reproject.py",
    "test_warp.py",
]
collect_ignore = [] if find_spec("torch") else NEED_TORCH


@pytest.fixture(scope="session")
def save(tmp_path_factory: pytest.TempPathFactory) -> Save:
    """Write a checkpoint with random weights: ``save(seed, strength=...)`` returns its folder."""
    pytest.importorskip("torch", reason="no torch: make test-torch")
    from refine.random_refiner import random_network

    from diorama.refine.checkpoint import Training
    from diorama.refine.export import save_checkpoint

    def write(seed: int = 0, *, strength: float = 0.05, preset: str = "draft") -> Path:
        folder = tmp_path_factory.mktemp("refiner") / "tiny"
        training = Training(seed=seed, steps=0, recipes=0)
        save_checkpoint(folder, random_network(seed, strength=strength), tier="tiny", preset=preset, training=training)
        return folder

    return write


@pytest.fixture(scope="session")
def checkpoint(save: Save) -> Path:
    return save()
