"""Make clips as a worker does and print the memory in use after each: ``clip_memory.py SCENE FOLDER COUNT``."""

import sys
from pathlib import Path

from diorama import Studio
from diorama.batch.clip import Clip, Job, Options
from diorama.batch.worker import make


def resident() -> int:
    """Return the bytes of this process that lie in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


scene, folder, count = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
options = Options("software", "draft", True, True, ("depth", "surface"), None, 18, False)
job = Job(scene, folder, {}, (), options, {})
with Studio("software", preset="draft") as studio:
    for number in range(count):
        make(studio, job, Clip(number, number), lambda part: None)
        print(resident(), studio.device.used)
