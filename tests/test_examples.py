"""Every script in ``examples/`` runs as it stands, at a small size, and writes what it says."""

import re
from pathlib import Path

import av
import numpy as np
import pytest
from scripts import run_script

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
VIDEOS = {
    "hello": ("ball.mp4",),
    "rows": ("toys_1.mp4", "toys_2.mp4", "toys_3.mp4"),
    "dataset": ("hello.mp4",),
    "turntable": ("turntable.mp4",),
    "mesh": ("knot.mp4",),
}
"""What each example writes."""

_SMALL = {r"size(=|\": )\(\d+, \d+\)": r"size\1(64, 48)", r"(duration(?:=|\": ))[\d.]+": r"\g<1>0.5"}


def run(name: str, folder: Path, *arguments: str) -> str:
    """Run an example at a small size in ``folder``; return what it prints."""
    text = (EXAMPLES / f"{name}.py").read_text("utf-8")
    for pattern, small in _SMALL.items():
        text = re.sub(pattern, small, text, count=1)
    assert "(64, 48)" in text, "the test makes it small at size=(WIDTH, HEIGHT)"
    script = folder / f"{name}.py"
    script.write_text(text, "utf-8")
    return run_script(script, folder, *arguments)


def pictures(video: Path) -> np.ndarray:
    with av.open(str(video)) as file:
        return np.array([frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)], float)


def test_all_examples_are_tested() -> None:
    assert {file.stem for file in EXAMPLES.glob("*.py")} == set(VIDEOS)


@pytest.mark.parametrize("name", VIDEOS)
def test_example(name: str, tmp_path: Path) -> None:
    run(name, tmp_path)
    for video in VIDEOS[name]:
        frames = pictures(tmp_path / video)
        assert frames.shape == (12, 48, 64, 3)
        assert frames[0].std() > 5, "the picture shows something"
        assert abs(frames[0] - frames[-1]).max() > 20, "something moves"


def test_rows_make_different_clips(tmp_path: Path) -> None:
    run("rows", tmp_path)
    first, second, third = (pictures(tmp_path / video)[0] for video in VIDEOS["rows"])
    assert min(abs(first - second).mean(), abs(second - third).mean()) > 5


def test_what_the_dataset_example_reads_back_is_right(tmp_path: Path) -> None:
    said = run("dataset", tmp_path)
    assert "12 frames with image, depth, instance, flow_forward, occlusion_forward" in said
    assert "1 in the instance pass is 'ball'" in said
    errors = [float(found) for found in re.findall(r"([\d.]+) of 255 between the pictures", said)]
    assert len(errors) == 11
    assert max(errors) < 3, "the flow leads each pixel to the same point in the next picture"
    nearest = [float(found) for found in re.findall(r"nearest surface ([\d.]+) m", said)]
    assert nearest == pytest.approx([3.63] * 11, abs=0.1), "the floor at the lower edge of the picture"


def test_the_turntable_takes_any_model(tmp_path: Path) -> None:
    corners = "v 0 0 0\nv 1 0 0\nv 0 1 0\nv 0 0 1\n"
    (tmp_path / "thing.obj").write_text(f"{corners}f 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n", "utf-8")
    run("turntable", tmp_path, "thing.obj", "thing.mp4")
    assert pictures(tmp_path / "thing.mp4")[0].std() > 5
