"""Print a hash of every pass of every frame of a scene, in a process of its own: ``pass_hashes.py SCENE FIRST END``."""

import sys
from hashlib import sha256

from diorama import PASSES, Studio, load_scene

scene = load_scene(sys.argv[1])
with Studio("software") as studio:
    passes = [name for name in PASSES if name != "refined" or studio.refined]
    for frame in studio.frames(scene, passes=passes, frames=range(int(sys.argv[2]), int(sys.argv[3]))):
        for name, values in frame.passes.items():
            print(frame.index, name, values.dtype, sha256(values.tobytes()).hexdigest())
