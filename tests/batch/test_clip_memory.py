"""A worker that makes clip after clip does not grow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_scenes import TOYS

SCRIPT = Path(__file__).parent / "clip_memory.py"


def in_use(scene: Path, folder: Path, count: int) -> tuple[list[int], list[int]]:
    """Return the bytes in memory and on the device after each clip."""
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, str(SCRIPT), str(scene), str(folder), str(count)], capture_output=True, text=True, check=True
    )
    resident, device = np.array([line.split() for line in done.stdout.splitlines()], np.int64).T
    return resident.tolist(), device.tolist()


def test_memory_does_not_grow_with_the_clips(tmp_path: Path) -> None:
    scene = tmp_path / "toys.yaml"
    scene.write_text(TOYS.replace("frames: 6", "frames: 2"), "utf-8")
    resident, device = in_use(scene, tmp_path / "out", 30)
    assert len(device) == 30
    assert max(device[10:]) == max(device[:10])
    assert resident[-1] - resident[9] < 2 << 20


@pytest.mark.slow
def test_memory_is_bounded_where_every_clip_has_shapes_of_its_own(tmp_path: Path) -> None:
    """They are kept for the clips to come, but only so many of them."""
    scene = tmp_path / "toys.yaml"
    shape = "mesh: {type: sphere, radius: {uniform: [0.3, 0.6]}, segments: 100}"
    text = TOYS.replace("mesh: {type: sphere, radius: 0.5}", shape).replace("frames: 6", "frames: 1")
    scene.write_text(text, "utf-8")
    resident, device = in_use(scene, tmp_path / "out", 360)
    assert max(device[10:]) == max(device[:10])
    assert resident[-1] - resident[279] < 10 << 20
