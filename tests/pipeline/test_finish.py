"""What the pipeline gives to the finish: the shot's exposure, the scene's seed, the frame's number."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from small_scenes import write_toys

from diorama import AssetError, Bloom, Finish, Noise, Overlay, Scene, Studio, load_scene


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    with Studio("software", preset="draft", refine=False) as opened:
        yield opened


def toys(folder: Path, **overrides: object) -> Scene:
    return load_scene(write_toys(folder, frames=3), overrides={"video.size": [96, 64], **overrides})


def test_the_cameras_exposure_is_the_pictures_and_not_the_lights(studio: Studio, tmp_path: Path) -> None:
    (plain,) = studio.frames(toys(tmp_path), passes=("color", "image"), frames=[1])
    (metered,) = studio.frames(toys(tmp_path, **{"camera.exposure": 2}), passes=("color", "image"), frames=[1])
    (graded,) = studio.frames(toys(tmp_path, **{"finish.exposure": 2}), passes=("image",), frames=[1])
    assert metered["image"].mean() > plain["image"].mean() + 20
    np.testing.assert_array_equal(metered["image"], graded["image"])
    # the draft preset smooths edges by what is shown, so they alone may differ
    same = (metered["color"] == plain["color"]).all(axis=2)
    assert same.mean() > 0.8
    np.testing.assert_allclose(metered["color"].mean(), plain["color"].mean(), rtol=0.02)


def test_noise_follows_from_the_frame_and_its_seed_however_it_is_asked_for(studio: Studio, tmp_path: Path) -> None:
    scene = toys(tmp_path)
    scene.finish = Finish(noise=Noise(iso=12800))
    whole = [frame["image"] for frame in studio.frames(scene)]
    (part,) = studio.frames(scene, frames=[2])
    np.testing.assert_array_equal(part["image"], whole[2])
    still = Scene(size=(64, 64), frames=2)
    still.camera, still.finish = scene.camera, Finish(noise=Noise(), exposure=1)
    first, second = (frame["image"] for frame in studio.frames(still))
    assert (first != second).any(), "each frame has its own noise, though nothing moves"


def test_files_of_the_finish_are_found_like_every_other_and_read_before_drawing(studio: Studio, tmp_path: Path) -> None:
    elsewhere = tmp_path / "assets"
    elsewhere.mkdir()
    Image.new("RGBA", (8, 8), (255, 0, 0, 255)).save(elsewhere / "logo.png")
    (elsewhere / "a.srt").write_text("1\n00:00:00,000 --> 00:00:05,000\nHill\n")
    overrides = {"finish.overlays": [{"image": "logo.png", "size": 0.5}], "finish.subtitles": "a.srt"}
    path = write_toys(tmp_path, frames=3)
    scene = load_scene(path, overrides=overrides, assets=[elsewhere])
    assert sorted(scene.spec.assets.values())[:2] == ["a.srt", "logo.png"]
    (frame,) = studio.frames(scene, frames=[0])
    height, width = frame["image"].shape[:2]
    np.testing.assert_array_equal(frame["image"][height // 2, width // 2], [255, 0, 0])
    (elsewhere / "a.srt").write_text("1\nHill\n")
    with pytest.raises(AssetError, match=r"a\.srt:2: expected a span"):
        studio.frames(scene)
    scene.finish = Finish(overlays=(Overlay(image=elsewhere / "a.png"),))
    with pytest.raises(AssetError, match=r"a\.png: expected a readable picture"):
        studio.still(scene, 0.0, tmp_path / "a.png")


def test_glow_of_a_video_without_background_has_alpha(studio: Studio, tmp_path: Path) -> None:
    scene = toys(tmp_path)
    studio.render(scene, tmp_path / "plain", alpha=True, codec="png")
    scene.finish = Finish(bloom=Bloom(strength=0.3, radius=0.3))
    studio.render(scene, tmp_path / "glow", alpha=True, codec="png")
    plain, glow = (np.asarray(Image.open(tmp_path / name / "00000.png"))[..., 3] for name in ("plain", "glow"))
    assert (glow >= plain).all()
    assert (glow > plain).any()
