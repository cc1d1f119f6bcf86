"""Render hello from the installed package to an mp4 in the folder given, and decode it again."""

import subprocess
import sys
from pathlib import Path

import av
import numpy as np

import diorama
from diorama import resources

folder = Path(sys.argv[1]).resolve()
assert Path(diorama.__file__).is_relative_to(folder), f"not the installed package: {diorama.__file__}"
assert resources.scenes().is_relative_to(folder), f"not the installed scenes: {resources.scenes()}"

command, video = Path(sys.executable).parent / "diorama", folder / "hello.mp4"
size = ["--size", "160x120"]
subprocess.run([command, "doctor"], check=True)
subprocess.run([command, "render", resources.scenes() / "hello.yaml", "-o", video, *size], check=True)
with av.open(str(video)) as file:
    frames = [frame.to_ndarray(format="rgb24").astype(float) for frame in file.decode(video=0)]
assert len(frames) >= 24, f"expected a second or more of video, got {len(frames)} frames"
assert frames[0].shape == (120, 160, 3), f"expected 160x120, got {frames[0].shape}"
assert all(frame.std() > 5 for frame in frames), "a frame shows nothing"
assert np.abs(frames[0] - frames[len(frames) // 2]).mean() > 0.1, "nothing moves"
print(f"{video.name}: {len(frames)} frames decoded")
