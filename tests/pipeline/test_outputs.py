"""What is written is what was drawn: videos, transparency, datasets, stills; whole, or not there at all."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from small_scenes import write_toys

from diorama import (
    PASSES,
    Camera,
    Environment,
    Finish,
    Material,
    OptionError,
    OutputError,
    Scene,
    Sphere,
    Studio,
    Title,
    atomic,
    load_scene,
)
from diorama.dataset import DatasetWriter, read_dataset
from diorama.video import VideoWriter, read_video
from diorama.video.encoder import Encoder

DRAWN = [name for name in PASSES if name not in ("refined", "image")]


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with Studio("software", refine=False) as opened:
        yield opened


@pytest.fixture
def toys(tmp_path: Path) -> Scene:
    folder = tmp_path / "scene"
    folder.mkdir()
    return load_scene(write_toys(folder, frames=5))


def images(studio: Studio, scene: Scene) -> list[Any]:
    return [frame["image"] for frame in studio.frames(scene)]


def test_a_lossless_video_decodes_to_the_rendered_pictures(studio: Studio, toys: Scene, tmp_path: Path) -> None:
    done: list[tuple[int, int]] = []
    report = studio.render(toys, tmp_path / "a.mkv", progress=lambda *numbers: done.append(numbers))
    np.testing.assert_array_equal(list(read_video(tmp_path / "a.mkv")), images(studio, toys))
    assert (report.frames, done) == (5, [(number, 5) for number in range(1, 6)])


def test_h264_decodes_to_the_rendered_pictures_within_its_error(studio: Studio, tmp_path: Path) -> None:
    scene = load_scene(write_toys(tmp_path, frames=4), overrides={"video.size": [97, 65]})
    studio.render(scene, tmp_path / "a.mp4", crf=12)
    decoded = np.array([picture[:65, :97] for picture in read_video(tmp_path / "a.mp4")], float)
    drawn = np.array(images(studio, scene), float)
    assert decoded.shape == drawn.shape

    def psnr(a: Any, b: Any) -> float:
        return float(10 * np.log10(255**2 / ((a - b) ** 2).mean()))

    own = [psnr(a, b) for a, b in zip(decoded, drawn, strict=True)]
    assert min(own) > 32
    assert max(psnr(a, b) for a, b in zip(decoded[1:], drawn, strict=False)) < min(own) - 4, "each is its own frame"


def test_part_of_a_clip_is_the_video_of_just_these_frames(studio: Studio, toys: Scene, tmp_path: Path) -> None:
    studio.render(toys, tmp_path / "a.mkv", frames=range(1, 3))
    np.testing.assert_array_equal(list(read_video(tmp_path / "a.mkv")), images(studio, toys)[1:3])


def glowing_ball() -> Scene:
    """A ball of the same grey from all sides before a bright sky: the colour of what covers a pixel is known."""
    scene = Scene(size=(48, 32), frames=2)
    scene.finish = Finish(tone="none")
    scene.environment = Environment(color=(3, 2, 1))
    scene.add(Sphere(radius=1), material=Material(base_color=(0.25, 0.25, 0.25), unlit=True))
    scene.camera = Camera(position=(0, 0, 5), look_at=(0, 0, 0), fov=40)
    return scene


@pytest.mark.parametrize(("name", "tolerance"), [("png", 0), ("a.mkv", 0), ("a.mov", 3)])
def test_alpha_is_straight_and_the_background_clear(studio: Studio, tmp_path: Path, name: str, tolerance: int) -> None:
    scene = glowing_ball()
    studio.render(scene, tmp_path / name, alpha=True)
    path = tmp_path / name
    if path.is_dir():
        pictures = [np.asarray(Image.open(file)).astype(int) for file in sorted(path.iterdir())]
    else:
        pictures = [picture.astype(int) for picture in read_video(path)]
    coverages = [frame["alpha"] for frame in studio.frames(scene, passes=("alpha",))]
    assert len(pictures) == len(coverages) == 2
    for picture, coverage in zip(pictures, coverages, strict=True):
        assert np.abs(picture[..., 3] - np.floor(255 * coverage + 0.5)).max() <= tolerance
        assert picture[0, 0, 3] <= tolerance
        partly = (coverage > 0.2) & (coverage < 0.8)
        assert partly.sum() > 10
        grey = round(255 * (1.055 * 0.25 ** (1 / 2.4) - 0.055))
        # ProRes shares chroma between two pixels, one of which may be background.
        np.testing.assert_allclose(picture[coverage > 0.2][:, :3], grey, atol=1 if not tolerance else 12)


def transparent(studio: Studio, folder: Path, *, ball: bool, titles: tuple[Title, ...]) -> Any:
    """The pictures (2, H, W, 4) of the ball with titles, each alone or together; and the dataset's (2, H, W, 3)."""
    scene = glowing_ball() if ball else Scene(size=(48, 32), frames=2)
    scene.camera = scene.camera or Camera()
    scene.finish = Finish(tone="none", titles=titles)
    folder.mkdir()
    studio.render(scene, folder / "png", alpha=True, frames_dir=folder / "data")
    pictures = [np.asarray(Image.open(file)) for file in sorted((folder / "png").iterdir())]
    dataset = read_dataset(folder / "data")
    stored = [dataset.frame(row)["image"] for row in range(len(dataset))]
    return np.array(pictures), np.array(stored)


def test_a_title_covers_a_clear_background(studio: Studio, tmp_path: Path) -> None:
    """The title alone, laid over the ball alone, is the ball with the title; the second frame is half faded in."""
    titles = (Title(text="HH", position=(0.3, 0.5), size=0.9, color=(1, 0.2, 0), fade=2 / 24),)
    title, _ = transparent(studio, tmp_path / "title", ball=False, titles=titles)
    ball, _ = transparent(studio, tmp_path / "ball", ball=True, titles=())
    both, stored = transparent(studio, tmp_path / "both", ball=True, titles=titles)
    assert title[0].max() == 0
    assert 120 <= title[1, ..., 3].max() <= 128
    assert (title[1, ..., 3] > 100)[ball[1, ..., 3] == 0].sum() > 20, "where nothing was"
    assert (title[1, ..., 3] > 100)[ball[1, ..., 3] == 255].sum() > 20, "and on the ball"
    for behind in (0, 255, np.random.default_rng(1).integers(0, 256, (2, 32, 48, 3))):
        shown = behind
        for layer in (ball, title):
            cover = layer[..., 3:] / 255
            shown = layer[..., :3] * cover + shown * (1 - cover)
        cover = both[..., 3:] / 255
        # the title and the picture are rounded to 8 bits each
        np.testing.assert_allclose(both[..., :3] * cover + behind * (1 - cover), shown, rtol=0, atol=2)
    np.testing.assert_array_equal(stored, both[..., :3])


def test_without_alpha_the_sky_is_in_the_picture(studio: Studio) -> None:
    (frame, _) = studio.frames(glowing_ball(), passes=("image", "color"))
    np.testing.assert_allclose(frame["color"][0, 0], (3, 2, 1), rtol=1e-3)
    assert frame["image"][0, 0].tolist() == [255, 255, 255]


def test_a_dataset_holds_the_frames_to_the_bit(studio: Studio, toys: Scene, tmp_path: Path) -> None:
    studio.render(toys, tmp_path / "a.mkv", passes=DRAWN, frames_dir=tmp_path / "a", frames=range(1, 4))
    dataset = read_dataset(tmp_path / "a")
    assert set(dataset.passes) == {*DRAWN, "image"}
    drawn = list(studio.frames(toys, passes=[*DRAWN, "image"], frames=range(1, 4)))
    assert len(dataset) == len(drawn) == 3
    for row, frame in enumerate(drawn):
        stored = dataset.frame(row)
        assert (stored.index, stored.time) == (frame.index, frame.time)
        for name, values in frame.passes.items():
            assert stored[name].dtype == values.dtype
            np.testing.assert_array_equal(stored[name], values, err_msg=name)
    head = dataset.manifest
    assert head["seed"] == 7
    assert head["drawn"].keys() == toys.spec.drawn.keys()
    assert [entry["path"] for entry in head["instances"]] == ["ball", "floor", "toys/0", "toys/1", "toys/2"]
    ids = {entry["id"] for entry in dataset.labels(0)["instances"] if entry["pixels"]}
    assert ids == set(np.unique(drawn[0]["instance"]).tolist()) - {0}


def fail_in_the_middle(monkeypatch: pytest.MonkeyPatch, where: type, error: Exception) -> None:
    """Let the third picture that a writer gets fail."""
    real: Callable[..., None] = where.write  # type: ignore[attr-defined]
    calls = iter(range(1000))

    def write(self: Any, *values: Any) -> None:
        if next(calls) % 3 == 2:
            raise error
        real(self, *values)

    monkeypatch.setattr(where, "write", write)


@pytest.mark.parametrize("where", [VideoWriter, DatasetWriter])
@pytest.mark.parametrize("name", ["a.mp4", "png"])
def test_a_failure_in_the_middle_leaves_nothing_and_no_memory_taken(
    studio: Studio, toys: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: type, name: str
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    studio.render(toys, out / name, frames_dir=out / "a", passes=DRAWN)
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    used = studio.device.used
    fail_in_the_middle(monkeypatch, where, OSError(errno.ENOSPC, "No space left on device"))
    for attempt in range(3):
        with pytest.raises(OSError, match="No space left"):
            studio.render(toys, out / name, frames_dir=out / "a", passes=DRAWN, overwrite=True)
        with pytest.raises(OSError, match="No space left"):
            studio.render(toys, tmp_path / f"{attempt}.mp4", frames_dir=tmp_path / f"{attempt}", passes=DRAWN)
    monkeypatch.undo()
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before, "what was there is untouched"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "scene"]
    list(studio.frames(toys, passes=DRAWN))
    assert studio.device.used == used


def test_a_full_disk_at_the_very_end_leaves_nothing(
    studio: Studio, toys: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(atomic, "sync", full)
    with pytest.raises(OutputError, match=r"a\.mkv: cannot be written: No space left on device"):
        studio.render(toys, tmp_path / "a.mkv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["scene"]


@pytest.mark.parametrize("name", ["a.mkv", "png"])
def test_a_video_that_fails_at_the_very_end_leaves_no_dataset(
    studio: Studio, toys: Scene, tmp_path: Path, name: str
) -> None:
    def take_the_name(done: int, total: int) -> None:
        if done == total:
            (tmp_path / name).mkdir()
            (tmp_path / name / "letter.txt").touch()

    with pytest.raises(OutputError, match=rf"{name}: exists already"):
        studio.render(toys, tmp_path / name, frames_dir=tmp_path / "a", progress=take_the_name)
    assert sorted(path.name for path in tmp_path.iterdir()) == [name, "scene"]
    assert [path.name for path in (tmp_path / name).iterdir()] == ["letter.txt"]


def test_a_video_that_fails_at_the_very_end_leaves_the_dataset_that_was_there(
    studio: Studio, toys: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write() -> None:
        studio.render(toys, tmp_path / "a.mkv", frames_dir=tmp_path / "a", frames=[0, 1], overwrite=True)

    def full(self: Encoder, *_: object) -> None:
        raise OutputError("cannot be written: No space left on device", place="a.mkv")

    write()
    before = {path: path.stat().st_ino for path in tmp_path.rglob("*")}
    monkeypatch.setattr(Encoder, "__exit__", full)
    with pytest.raises(OutputError, match=r"a\.mkv: cannot be written: No space left on device"):
        write()
    assert {path: path.stat().st_ino for path in tmp_path.rglob("*")} == before
    monkeypatch.undo()
    write()
    after = {path: path.stat().st_ino for path in tmp_path.rglob("*")}
    assert after.keys() == before.keys()
    assert after[tmp_path / "a"] != before[tmp_path / "a"]


def still(studio: Studio, scene: Scene, time: float, path: Path) -> Any:
    studio.still(scene, time, path)
    return np.asarray(Image.open(path))


def test_a_still_at_a_frames_time_is_that_frame(studio: Studio, toys: Scene, tmp_path: Path) -> None:
    for number, picture in enumerate(images(studio, toys)):
        np.testing.assert_array_equal(still(studio, toys, number / 24, tmp_path / f"{number}.png"), picture)


def test_a_still_between_frames_is_exact(studio: Studio, tmp_path: Path) -> None:
    """The scene at four times the frame rate has a frame at every quarter."""
    path = write_toys(tmp_path, frames=4)
    finer = {"video.fps": 96, "video.frames": 17, "video.shutter": 0}
    frames = images(studio, load_scene(path, overrides=finer))
    scene = load_scene(path, overrides={"video.shutter": 0})
    for quarter in (1, 6, 15, 16):
        picture = still(studio, scene, quarter / 96, tmp_path / f"{quarter}.png")
        np.testing.assert_array_equal(picture, frames[quarter], err_msg=f"{quarter / 4} frames")
    assert np.abs(frames[6].astype(int) - frames[4]).max() > 5, "and no frame of the clip looks like it"


@pytest.mark.parametrize("time", [-0.001, 5 / 24 + 0.001, float("nan"), float("inf"), "1"])
def test_a_still_lies_in_the_clip(studio: Studio, toys: Scene, tmp_path: Path, time: Any) -> None:
    with pytest.raises(OptionError, match=r"^time: expected a time from 0 to 0\.208333 seconds, got "):
        studio.still(toys, time, tmp_path / "a.png")
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.png.mp4"])
def test_a_still_is_named_as_what_it_is(studio: Studio, toys: Scene, tmp_path: Path, name: str) -> None:
    with pytest.raises(OptionError, match=rf"^out: expected a name in \.png, got '{name}'$"):
        studio.still(toys, 0.0, tmp_path / name)
    assert not (tmp_path / name).exists()
    assert still(studio, toys, 0.0, tmp_path / "A.PNG").shape == (24, 32, 3)


def test_characters_that_the_font_lacks_are_refused_before_any_frame_is_drawn(
    studio: Studio, toys: Scene, tmp_path: Path
) -> None:
    """The title would only be seen after the clip's end."""
    toys.finish = Finish(titles=(Title(text="late"), Title(text="日", start=60)))
    for attempt in (
        lambda: studio.frames(toys, frames=[0]),
        lambda: studio.render(toys, tmp_path / "a.mkv", frames=[0]),
        lambda: studio.still(toys, 0.0, tmp_path / "a.png"),
    ):
        with pytest.raises(
            OptionError, match=r"^title '日': expected characters that the built-in font has, got '日'$"
        ):
            attempt()
    assert [path.name for path in tmp_path.iterdir()] == ["scene"]
    assert len(list(studio.frames(toys, passes=("depth",)))) == 5, "no picture, no title"


def test_video_and_dataset_need_a_name_each(studio: Studio, toys: Scene, tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="frames_dir: expected another name than the video's"):
        studio.render(toys, tmp_path / "a", frames_dir=tmp_path / "scene" / ".." / "a")
    assert not (tmp_path / "a").exists()
