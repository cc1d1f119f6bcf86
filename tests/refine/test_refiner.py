"""The refiner at its place in the pipeline: same bytes for any range, labels untouched, no torch."""

import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from diorama import OptionError, Scene, Studio, pipeline
from diorama.dataset import read_dataset
from diorama.errors import CheckpointError
from diorama.frame import MADE_FROM_COLOR, PASSES
from diorama.refine import checkpoint as checkpoint_room
from diorama.refine.guides import decode, encode
from diorama.refine.segments import Segments

LABELS = [name for name in PASSES if name not in MADE_FROM_COLOR]
SHORT = Segments(length=4, warm_up=2)


@pytest.fixture(scope="module")
def studio(checkpoint: Path) -> Iterator[Studio]:
    with Studio("software", preset="draft", refine=checkpoint) as opened:
        yield opened


@pytest.fixture(scope="module")
def raw_studio() -> Iterator[Studio]:
    with Studio("software", preset="draft", refine=False) as opened:
        yield opened


def scene(size: tuple[int, int] = (48, 32), frames: int = 12) -> Scene:
    from refine.random_refiner import moving_scene

    return moving_scene(size, frames)


def refined(studio: Studio, of: Scene, frames: list[int] | range) -> dict[int, bytes]:
    taken = studio.frames(of, passes=["refined", "image"], frames=frames)
    return {frame.index: frame["refined"].tobytes() + frame["image"].tobytes() for frame in taken}


@pytest.fixture
def short(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Studio:
    monkeypatch.setattr(studio.refiner, "segments", SHORT)
    return studio


def test_any_range_gives_the_bytes_of_the_whole(short: Studio) -> None:
    whole = refined(short, scene(), range(12))
    assert list(whole) == list(range(12))
    for frames in (range(5, 8), [6], [11, 2, 2, 7], range(3, 12, 4)):
        part = refined(short, scene(), frames)
        assert {number: light == whole[number] for number, light in part.items()} == dict.fromkeys(frames, True)


def test_the_past_matters(short: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the test above would hold for a refiner that remembers nothing."""
    whole = refined(short, scene(), range(12))
    monkeypatch.setattr(short.refiner, "segments", Segments(length=4, warm_up=0))
    cold = refined(short, scene(), range(12))
    assert [number for number in range(12) if cold[number] == whole[number]] == [0, 1, 2, 3]


def test_rendering_does_what_training_does(studio: Studio, checkpoint: Path) -> None:
    import torch

    from diorama.refine.export import load_network
    from diorama.refine.guides import GUIDE_PASSES, guides, motion
    from diorama.scene.sample import shot
    from diorama.training.batches import Batch
    from diorama.training.losses import unroll

    of = scene((41, 27))
    frames = list(studio.frames(of, passes=[*GUIDE_PASSES, "refined"], frames=range(5)))
    rotations = [shot(of, frame.index).current.camera.matrix[:3, :3] for frame in frames]
    planes = [guides(frame, rotation=turn, exposure=1.0) for frame, turn in zip(frames, rotations, strict=True)]
    flow, valid = (np.stack(values) for values in zip(*map(motion, frames), strict=True))
    assert valid[1:].mean() > 0.5
    seen, flow, valid = (torch.from_numpy(values[None]) for values in (np.stack(planes), flow, valid))
    with torch.no_grad():
        outputs, _ = unroll(load_network(checkpoint), Batch(seen, seen[:, :, :3], flow, valid))
    for frame, output in zip(frames, outputs, strict=True):
        assert np.abs(encode(frame["refined"]) - np.moveaxis(output[0].numpy(), 0, 2)).max() <= 1e-5


@pytest.mark.slow
def test_frames_10_to_19_alone_are_those_of_the_whole(studio: Studio) -> None:
    long = scene(frames=72)
    whole = refined(studio, long, range(72))
    for frames in (range(10, 20), range(30, 34), [71]):
        assert refined(studio, long, frames) == {number: whole[number] for number in frames}


def test_two_studios_give_the_same_bytes(studio: Studio, checkpoint: Path) -> None:
    with Studio("software", preset="draft", refine=str(checkpoint)) as other:
        assert refined(other, scene(), range(3)) == refined(studio, scene(), range(3))


def test_clips_side_by_side_do_not_meet(short: Studio) -> None:
    one, two = scene(), scene(size=(30, 22))
    both = zip(short.frames(one, passes=["refined"]), short.frames(two, passes=["refined"]), strict=True)
    pairs = [(a["refined"].tobytes(), b["refined"].tobytes()) for a, b in both]
    assert [a for a, _ in pairs] == [frame["refined"].tobytes() for frame in short.frames(one, passes=["refined"])]
    assert [b for _, b in pairs] == [frame["refined"].tobytes() for frame in short.frames(two, passes=["refined"])]


@pytest.mark.parametrize("size", [(1, 1), (33, 17), (40, 24)])
def test_before_training_they_are_pictures_with_the_sky_s_shadows(
    save: Callable[..., Path], size: tuple[int, int]
) -> None:
    with Studio("software", preset="draft", refine=save(strength=0.0)) as untrained:
        passes = ["color", "hidden_sky", "refined", "image"]
        for frame in untrained.frames(scene(size), passes=passes, frames=[0]):
            assert frame["refined"].shape == (size[1], size[0], 3)
            assert frame["refined"].dtype == np.float32
            assert_alike(encode(frame["refined"]), encode(frame["color"] - frame["hidden_sky"]))


def assert_alike(one: NDArray[np.float32], other: NDArray[np.float32]) -> None:
    """The same but at borders of shadows, which a first frame softens by what is around them."""
    difference = np.abs(one - other)
    assert difference.mean() < 0.5 / 255
    assert np.percentile(difference, 90) < 2.5 / 255


def test_exposure_is_divided_out_again(save: Callable[..., Path]) -> None:
    with Studio("software", preset="draft", refine=save(strength=0.0)) as untrained:
        dark = scene()
        dark.finish = dark.finish.model_copy(update={"exposure": -3.0})
        (frame,) = untrained.frames(dark, passes=["color", "hidden_sky", "refined"], frames=[0])
        exposed = encode(frame["refined"] / 8), encode((frame["color"] - frame["hidden_sky"]) / 8)
        assert_alike(*exposed)
        assert frame["color"].max() > 0.3


def test_what_is_remembered_follows_the_exposure(save: Callable[..., Path]) -> None:
    """The change is that of the light: stopping down does not leave a brighter frame's history behind."""
    light = {}
    with Studio("software", preset="draft", refine=save(strength=0.0)) as untrained:
        for name, exposure in (("fixed", -3.0), ("moving", {"keys": {0: 0.0, 0.45: -3.0}})):
            made = scene()
            made.finish = made.finish.model_validate({**made.finish.model_dump(), "exposure": exposure})
            light[name] = list(untrained.frames(made, passes=["refined", "color"], frames=range(12)))[-1]
    ratio = light["moving"]["refined"].sum(axis=2) / light["fixed"]["refined"].sum(axis=2)
    np.testing.assert_array_equal(light["moving"]["color"], light["fixed"]["color"])
    assert np.median(ratio) == pytest.approx(1.0, abs=0.01)
    assert np.percentile(np.abs(ratio - 1.0), 95) < 0.15


def test_a_refined_picture_is_what_the_finish_gets(studio: Studio) -> None:
    from diorama.finish import finish

    of = scene()
    (frame,) = studio.frames(of, passes=["color", "refined", "image"], frames=[2])
    assert np.array_equal(frame["image"], finish(frame["refined"], of.finish, time=frame.time))
    assert np.abs(frame["refined"] - frame["color"]).mean() > 0.01
    assert decode(encode(frame["refined"])).min() >= 0


def test_labels_are_the_same_bytes_with_and_without(studio: Studio, raw_studio: Studio) -> None:
    passes = [*LABELS, "image"]
    for ours, theirs in zip(
        studio.frames(scene(), passes=passes, frames=range(4)),
        raw_studio.frames(scene(), passes=passes, frames=range(4)),
        strict=True,
    ):
        assert [name for name in LABELS if ours[name].tobytes() != theirs[name].tobytes()] == []
        assert not np.array_equal(ours["image"], theirs["image"])


def written(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def test_label_files_are_the_same_bytes_with_and_without(studio: Studio, raw_studio: Studio, tmp_path: Path) -> None:
    stored = []
    for name, used in (("refined", studio), ("raw", raw_studio)):
        report = used.render(
            scene(frames=3), tmp_path / f"{name}.mp4", passes=["depth", "instance", "flow_forward"],
            frames_dir=tmp_path / name,
        )  # fmt: skip
        assert report.refined == (name == "refined")
        stored.append(written(tmp_path / name))
    assert stored[0].keys() == stored[1].keys()
    differing = {file.split("/")[0] for file in stored[0] if stored[0][file] != stored[1][file]}
    assert differing == {"image", "manifest.json"}
    notes = [read_dataset(tmp_path / name).manifest["notes"] for name in ("refined", "raw")]
    assert notes == [{"refiner": studio.refiner.digest}, {"refiner": "none"}]


def test_refined_light_is_stored_without_loss(studio: Studio, tmp_path: Path) -> None:
    studio.render(scene(frames=2), tmp_path / "a.mp4", passes=["refined"], frames_dir=tmp_path / "a")
    wanted = [frame["refined"] for frame in studio.frames(scene(frames=2), passes=["refined"])]
    back = [read_dataset(tmp_path / "a").frame(row)["refined"] for row in range(2)]
    assert [light.tobytes() for light in back] == [light.tobytes() for light in wanted]


def test_a_still_is_the_frame_of_the_clip(studio: Studio, tmp_path: Path) -> None:
    from PIL import Image

    counted = []
    studio.still(scene(), 0.25, tmp_path / "a.png", progress=lambda *told: counted.append(told))
    assert counted == [(done, 7) for done in range(1, 8)], "those before it too"
    (frame,) = studio.frames(scene(), frames=[6])
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), frame["image"])


def test_nothing_is_refined_that_nobody_sees(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("refined")

    monkeypatch.setattr(studio.refiner.session, "step", refuse)
    frames = list(studio.frames(scene(), passes=["depth", "color"], frames=[9, 3]))
    assert [frame.index for frame in frames] == [9, 3]


def test_a_studio_without_refiner(raw_studio: Studio) -> None:
    assert raw_studio.refiner is None
    assert not raw_studio.refined
    message = "passes: expected a studio with a refiner for the pass 'refined', got one without"
    with pytest.raises(OptionError, match=message):
        next(raw_studio.frames(scene(), passes=["refined"]))


def test_the_refiner_that_ships_is_used_by_itself(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(checkpoint_room, "DEFAULT", tmp_path / "none")
    with Studio("software", preset="draft") as plain:
        assert not plain.refined
    monkeypatch.setattr(checkpoint_room, "DEFAULT", checkpoint)
    with Studio("software", preset="draft") as better:
        assert better.refined


def test_a_wrong_folder_leaves_no_context_open(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"config.json: expected a readable file of a refiner"):
        Studio("software", preset="draft", refine=tmp_path)


def test_other_pictures_than_those_of_the_training_are_told_once(
    save: Callable[..., Path], caplog: pytest.LogCaptureFixture
) -> None:
    pipeline.studio._advise.cache_clear()
    folder = save(preset="standard")
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            with Studio("software", preset="draft", refine=folder):
                pass
    wanted = "diorama: the refiner was trained on preset standard, this is draft; to train it anew: diorama train"
    assert [record.getMessage() for record in caplog.records] == [wanted]


def test_what_the_gate_doubts_is_reported(studio: Studio, save: Callable[..., Path], tmp_path: Path) -> None:
    report = studio.render(scene(frames=3), tmp_path / "a.mp4")
    assert report.doubtful == (0, 1, 2), "random weights paint"
    with Studio("software", preset="draft", refine=save(strength=0.0)) as untrained:
        assert untrained.render(scene(frames=3), tmp_path / "b.mp4").doubtful == ()


def test_a_network_that_loses_its_way_spoils_one_frame_only(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, calls = studio.refiner.session.step, []

    def now_and_then(values: object) -> tuple[np.ndarray, np.ndarray]:
        output, hidden = honest(values)
        calls.append(None)
        if len(calls) == 2:
            output[:, 3:9, 4:20] = np.nan
            hidden[:] = np.inf
        return output, hidden

    monkeypatch.setattr(studio.refiner.session, "step", now_and_then)
    frames = list(studio.frames(scene(), passes=["color", "refined"], frames=range(4)))
    assert all(np.isfinite(frame["refined"]).all() for frame in frames)
    assert np.allclose(frames[1]["refined"][3:9, 4:20], frames[1]["color"][3:9, 4:20], atol=1e-5)


def test_two_memories_are_kept_at_most(short: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    recurrence = short.refiner.start()
    monkeypatch.setattr(short.refiner, "start", lambda: recurrence)
    assert max(len(recurrence._open) for _ in short.frames(scene())) == 2
    assert recurrence._open == {}


def test_memory_stays_flat(short: Studio) -> None:
    list(short.frames(scene(), frames=range(3)))
    used = short.device.used
    for _ in range(3):
        list(short.frames(scene()))
        leaving = short.frames(scene())
        next(leaving)
        leaving.close()
    assert short.device.used == used


def test_alpha_is_refined_too(studio: Studio, tmp_path: Path) -> None:
    report = studio.render(scene(frames=2), tmp_path / "a.mov", alpha=True)
    assert report.refined


RENDER = """
import sys
from diorama import Studio
from refine_scene import scene
with Studio("software", preset="draft", refine={refine!r}) as studio:
    frames = list(studio.frames(scene(), passes=["image"], frames=[0, 1]))
print(sorted({{"torch", "onnx", "safetensors", "onnxruntime"}} & set(sys.modules)))
"""
SCENE = """
from diorama import Camera, Scene, Sphere, Sun
def scene():
    made = Scene(size=(16, 16), fps=24, frames=2)
    made.add(Sphere(radius=1), name="ball")
    made.add(Sun(direction=(0, -1, 0), illuminance=3), name="sun")
    made.camera = Camera(position=(0, 0, 4), look_at=(0, 0, 0), fov=45)
    return made
"""


@pytest.mark.parametrize("refining", [True, False])
def test_rendering_needs_no_torch(checkpoint: Path, tmp_path: Path, refining: bool) -> None:
    (tmp_path / "refine_scene.py").write_text(SCENE, "utf-8")
    code = RENDER.format(refine=str(checkpoint) if refining else False)
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ("['onnxruntime']" if refining else "[]")
