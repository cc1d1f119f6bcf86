"""The same pictures give the same bytes, whatever lay in memory before."""

import hashlib
import os
import subprocess
import sys

import pytest

ENCODE = """
import sys
import numpy as np
from diorama.video import VideoWriter

path, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
blocks = np.random.default_rng(0).integers(0, 255, (height // 8 + 8, width // 8 + 8, 3), dtype=np.uint8)
still = blocks.repeat(8, axis=0).repeat(8, axis=1)
for _ in range(2):  # the second one is given memory that was used before
    with VideoWriter(path, (width, height), 24, overwrite=True) as writer:
        for number in range(10):
            top, left = number // 3, number // 2
            writer.write(np.ascontiguousarray(still[top : top + height, left : left + width]))
"""


def encoded(path, size, filler):
    """The hash of a video written where glibc fills fresh memory with ``filler`` (0: leaves it as it is)."""
    command = [sys.executable, "-c", ENCODE, str(path), *map(str, size)]
    subprocess.run(command, check=True, env={**os.environ, "MALLOC_PERTURB_": str(filler)})
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.skipif(sys.platform != "linux", reason="glibc alone fills memory on request")
@pytest.mark.parametrize("size", [(64, 48), (96, 48), (304, 48)])
def test_h264_does_not_depend_on_what_lay_in_memory(tmp_path, size):
    """x264's macroblock tree reads beyond the end of its rows at widths like these."""
    assert len({encoded(tmp_path / "a.mp4", size, filler) for filler in (0, 85)}) == 1
