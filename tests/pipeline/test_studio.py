"""A studio gives what it is asked for, refuses what it cannot give, and gives its memory back."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_scenes import write_toys

from diorama import (
    PASSES,
    Box,
    Camera,
    CheckpointError,
    DeviceError,
    DioramaError,
    Environment,
    Material,
    OptionError,
    Scene,
    Sphere,
    Studio,
    load_scene,
    pipeline,
    render,
    synthesize,
)

DRAWN = [name for name in PASSES if name != "refined"]


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with Studio("software", refine=False) as opened:
        yield opened


@pytest.fixture
def toys(tmp_path: Path) -> Scene:
    return load_scene(write_toys(tmp_path, frames=3))


@pytest.mark.parametrize(
    "passes", [["depth"], ["image"], ["instance", "color"], ["surface", "image", "alpha"], DRAWN], ids=",".join
)
def test_frames_hold_just_the_passes_asked_for(studio: Studio, toys: Scene, passes: list[str]) -> None:
    everything = list(studio.frames(toys, passes=DRAWN))
    frames = list(studio.frames(toys, passes=passes))
    assert [(frame.index, frame.time) for frame in frames] == [(0, 0.0), (1, 1 / 24), (2, 2 / 24)]
    for frame, whole in zip(frames, everything, strict=True):
        assert list(frame.passes) == [name for name in PASSES if name in passes]
        for name, values in frame.passes.items():
            assert values.dtype == PASSES[name].dtype
            assert values.shape == PASSES[name].shape(32, 24)
            assert values.tobytes() == whole[name].tobytes(), f"{name} does not depend on what else is drawn"


def test_frames_are_the_callers_to_keep(studio: Studio, toys: Scene) -> None:
    kept, copies = [], []
    for frame in studio.frames(toys, passes=DRAWN):
        kept.append(frame)
        copies.append({name: values.copy() for name, values in frame.passes.items()})
    for frame, copy in zip(kept, copies, strict=True):
        for name in DRAWN:
            np.testing.assert_array_equal(frame[name], copy[name])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"passes": ["color", "deep"]}, "passes: expected one of color, .*, got 'deep'"),
        ({"passes": "depth"}, r"passes: expected a list of names, as \[\"depth\"\], got 'depth'"),
        ({"passes": "normal"}, r"passes: expected a list of names, as \[\"normal\"\], got 'normal'"),
        ({"passes": "deep"}, r"passes: expected a list of names, as \[\"depth\"\], got 'deep'"),
        ({"passes": None}, r"passes: expected a list of names, as \[\"depth\"\], got None"),
        ({"passes": [["depth"]]}, r"passes: expected one of color, .*, got \['depth'\]"),
        ({"frames": [3]}, "frames: expected frame numbers from 0 to 2, got 3"),
        ({"frames": [-1]}, "frames: expected frame numbers from 0 to 2, got -1"),
        ({"frames": []}, "frames: expected at least one frame, got none"),
    ],
)
def test_a_wrong_question_is_refused_at_once(
    studio: Studio, toys: Scene, tmp_path: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(OptionError, match=f"^{message}$"):
        studio.frames(toys, **options)
    with pytest.raises(OptionError, match=f"^{message}$"):
        studio.render(toys, tmp_path / "a.mkv", frames_dir=tmp_path / "a", **options)
    assert not any(path.suffix != ".yaml" for path in tmp_path.iterdir())


@pytest.mark.parametrize("frames", [[0.5], [1.0], [True], [None], ["1"], [[1]], "abc", "1", b"1", 3, np.array(1)])
def test_what_is_no_frame_number(studio: Studio, toys: Scene, tmp_path: Path, frames: object) -> None:
    wrong: object = frames[0] if isinstance(frames, list) else frames
    message = f"^{re.escape(f'frames: expected frame numbers from 0 to 2, got {wrong!r}')}$"
    with pytest.raises(OptionError, match=message):
        studio.frames(toys, frames=frames)  # type: ignore[arg-type]
    with pytest.raises(OptionError, match=message):
        studio.render(toys, tmp_path / "a.mkv", frames=frames)  # type: ignore[arg-type]
    assert not (tmp_path / "a.mkv").exists()


def test_frames_are_numbered_by_anything_whole(studio: Studio, toys: Scene) -> None:
    for frames in (np.array([2, 0]), iter([2, 0]), (np.uint8(2), 0)):
        made = [frame.index for frame in studio.frames(toys, passes=("depth",), frames=frames)]
        assert made == [2, 0]
        assert {type(number) for number in made} == {int}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"gl": "cpu"}, OptionError, "gl: expected auto, gpu, gpu:N or software, got 'cpu'"),
        ({"gl": 0}, OptionError, "gl: expected auto, gpu, gpu:N or software, got 0"),
        ({"preset": "best"}, OptionError, "preset: expected draft or standard or high, got 'best'"),
        ({"preset": ["draft"]}, OptionError, "preset: expected draft or standard or high, got ['draft']"),
        ({"refine": ""}, OptionError, "refine: expected True, False or the folder of a trained refiner, got ''"),
        ({"refine": 3}, OptionError, "refine: expected True, False or the folder of a trained refiner, got 3"),
        ({"refine": "none"}, CheckpointError, "none/config.json: expected a readable file of a refiner, got: "),
        ({"budget": 0}, OptionError, "budget: expected a whole number of bytes above 0, got 0"),
        ({"budget": 1e9}, OptionError, "budget: expected a whole number of bytes above 0, got 1000000000.0"),
    ],
)
def test_options_are_checked_before_a_device_is_opened(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], error: type[DioramaError], message: str
) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("a device was opened")

    monkeypatch.setattr(pipeline.studio, "Device", opened)
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        Studio(**options)
    with pytest.raises(AssertionError, match="a device was opened"):
        Studio("software", refine=False)


def test_another_thread_is_refused(studio: Studio, toys: Scene, tmp_path: Path) -> None:
    errors: list[Exception] = []

    def use() -> None:
        for attempt in (lambda: list(studio.frames(toys)), lambda: studio.render(toys, tmp_path / "a.mp4")):
            try:
                attempt()
            except DeviceError as error:
                errors.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert ["thread" in str(error) for error in errors] == [True, True]
    assert not list(tmp_path.glob("*.mp4"))
    assert len(list(studio.frames(toys))) == 3, "the studio still works where it belongs"


def test_frames_left_half_way_give_their_memory_back(studio: Studio, toys: Scene) -> None:
    list(studio.frames(toys, passes=DRAWN))
    used = studio.device.used
    for _ in range(4):
        for _ in studio.frames(toys, passes=DRAWN):
            break
        with pytest.raises(ZeroDivisionError):
            for frame in studio.frames(toys, passes=DRAWN):
                1 // frame.index
    list(studio.frames(toys, passes=DRAWN))
    assert studio.device.used <= used + 2 * 4 * 32 * 24 * 40, "at most the two buffers that frames in flight take"
    again = studio.device.used
    for _ in range(4):
        next(iter(studio.frames(toys, passes=DRAWN)))
    assert studio.device.used == again


def test_many_stages_on_one_studio_keep_memory_bounded(studio: Studio) -> None:
    """Every clip has meshes of its own; what the last ones needed is forgotten in time."""

    def clip(number: int) -> Scene:
        scene = Scene(size=(32, 24), frames=1, seed=number)
        scene.environment = Environment(color=(1, 1, 1))
        scene.add(Sphere(radius=0.5 + 0.01 * number), material=Material(base_color=(0.5, 0.5, 0.5)))
        scene.add(Box(size=(1, 1, 0.1 + 0.01 * number)), position=(0, -1, 0))
        scene.camera = Camera(position=(0, 0, 4), look_at=(0, 0, 0))
        return scene

    used = []
    for number in range(24):
        (frame,) = studio.frames(clip(number), passes=("image", "instance"))
        assert len(np.unique(frame["instance"])) == 3
        used.append(studio.device.used)
    assert max(used[12:]) <= max(used[:12])


def test_the_functions_without_a_studio_do_the_same(studio: Studio, toys: Scene, tmp_path: Path) -> None:
    ours = [frame["image"].tobytes() for frame in studio.frames(toys)]
    assert [frame["image"].tobytes() for frame in synthesize(toys, gl="software", refine=False)] == ours
    report = render(toys, tmp_path / "a.mkv", gl="software", refine=False, frames=[1, 2])
    studio.render(toys, tmp_path / "b.mkv", frames=[1, 2])
    assert (report.path, report.frames, report.refined) == (tmp_path / "a.mkv", 2, False)
    assert (tmp_path / "a.mkv").read_bytes() == (tmp_path / "b.mkv").read_bytes()
