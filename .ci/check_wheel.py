"""Render hello from the installed package, raw and refined, in the folder given, and decode it again."""

import subprocess
import sys
from pathlib import Path

import av
import numpy as np

import diorama
from diorama import resources
from diorama.refine.checkpoint import default_checkpoint

folder = Path(sys.argv[1]).resolve()
assert Path(diorama.__file__).is_relative_to(folder), f"not the installed package: {diorama.__file__}"
assert resources.scenes().is_relative_to(folder), f"not the installed scenes: {resources.scenes()}"

command = Path(sys.executable).parent / "diorama"


def frames_of(name: str, *options: str) -> list[np.ndarray]:
    """Render hello with ``options`` and return the frames of the video."""
    video = folder / name
    scene = resources.scenes() / "hello.yaml"
    subprocess.run([command, "render", scene, "-o", video, "--size", "160x120", *options], check=True)
    with av.open(str(video)) as file:
        return [frame.to_ndarray(format="rgb24").astype(float) for frame in file.decode(video=0)]


subprocess.run([command, "doctor"], check=True)
raw, frames = frames_of("raw.mp4", "--no-refine"), frames_of("hello.mp4")
assert len(raw) == len(frames) >= 24, (
    f"expected a second or more of video twice, got {len(raw)} and {len(frames)} frames"
)
assert frames[0].shape == (120, 160, 3), f"expected 160x120, got {frames[0].shape}"
assert all(frame.std() > 5 for frame in raw + frames), "a frame shows nothing"
assert np.abs(frames[0] - frames[len(frames) // 2]).mean() > 0.1, "nothing moves"
changed = float(np.mean([np.abs(one - other).mean() for one, other in zip(raw, frames, strict=True)]))
assert (changed > 0.0) == (default_checkpoint() is not None), f"the refiner changed pictures by {changed} on average"
assert changed < 12.0, f"the refiner changed pictures by {changed} of 255 on average"
print(f"{len(frames)} frames decoded, raw and refined, {changed:.2f} of 255 apart on average")
