"""Every script in ``examples/`` runs as it stands, at a small size, and writes what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import av
import pytest

EXAMPLES = sorted((Path(__file__).resolve().parents[1] / "examples").glob("*.py"))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_example(example: Path, tmp_path: Path) -> None:
    text, replaced = re.subn(r"size=\(\d+, \d+\)", "size=(64, 48)", example.read_text("utf-8"), count=1)
    assert replaced == 1, "the test makes it small at size=(WIDTH, HEIGHT)"
    text = re.sub(r"duration=[\d.]+", "duration=0.5", text, count=1)
    script = tmp_path / example.name
    script.write_text(text, "utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", script.name],
        cwd=tmp_path,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    videos = [tmp_path / name for name in re.findall(r'"([\w/]+\.mp4)"', text)]
    assert videos
    for video in videos:
        with av.open(str(video)) as file:
            frames = [frame.to_ndarray(format="rgb24").astype(float) for frame in file.decode(video=0)]
        assert len(frames) == 12
        assert frames[0].shape == (48, 64, 3)
        assert frames[0].std() > 5, "the picture shows something"
        assert abs(frames[0] - frames[-1]).max() > 20, "something moves"
