import json
import os
import resource
import shutil
import subprocess
from fractions import Fraction

import av
import numpy as np
import pytest
from PIL import Image

from diorama.errors import AssetError, OptionError, OutputError
from diorama.video import VideoWriter, read_video

SATURATED = [
    (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (255, 0, 255),
    (0, 0, 0), (255, 255, 255), (128, 128, 128), (200, 30, 90),
]  # fmt: skip


def write(path, pictures, fps=24, **options):
    pictures = list(pictures)
    height, width = pictures[0].shape[:2]
    with VideoWriter(path, (width, height), fps, **options) as writer:
        for image in pictures:
            writer.write(image)
    return writer


def planes(path):
    """The stored Y, U and V planes of the first picture, as FFmpeg's own tool decodes them."""
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        stored = [np.frombuffer(plane, np.uint8).reshape(plane.height, -1)[:, : plane.width] for plane in frame.planes]
        return [plane.astype(float) for plane in stored]


def probe(path):
    tool = shutil.which("ffprobe")
    if tool is None:
        pytest.skip("no ffprobe: sudo apt install ffmpeg")
    command = [tool, "-v", "error", "-show_streams", "-show_format", "-of", "json", str(path)]
    shown = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return shown["streams"][0], shown["format"]


def psnr(a, b):
    return 10 * np.log10(255**2 / np.mean((a.astype(float) - b.astype(float)) ** 2))


@pytest.mark.parametrize("color", SATURATED)
def test_h264_stores_the_bt709_values_of_saturated_colours(tmp_path, color):
    write(tmp_path / "a.mp4", [np.full((32, 32, 3), color, np.uint8)], crf=0)
    red, green, blue = np.array(color) / 255
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    wanted = 16 + 219 * luma, 128 + 224 * (blue - luma) / 1.8556, 128 + 224 * (red - luma) / 1.5748
    for plane, value in zip(planes(tmp_path / "a.mp4"), wanted, strict=True):
        np.testing.assert_allclose(plane, value, atol=0.52)


@pytest.mark.parametrize("name", ["a.mp4", "a.mov"])
@pytest.mark.parametrize("color", SATURATED)
def test_saturated_colours_come_back(tmp_path, color, name):
    write(tmp_path / name, [np.full((32, 32, 3), color, np.uint8)], crf=0, codec="h264")
    (back,) = read_video(tmp_path / name)
    np.testing.assert_allclose(back, np.broadcast_to(color, back.shape), atol=2)


def test_chroma_is_taken_from_all_pixels(tmp_path):
    stripes = np.zeros((32, 32, 3), np.uint8)
    stripes[:, ::2, 0] = 255
    write(tmp_path / "a.mp4", [stripes], crf=0)
    _, _, chroma = planes(tmp_path / "a.mp4")
    np.testing.assert_allclose(chroma, 128 + 112 * 0.5, atol=2)


def test_chroma_lies_where_it_is_tagged_to(tmp_path):
    ramp = np.zeros((32, 64, 3), np.uint8)
    ramp[..., 0] = 4 * np.arange(64)
    write(tmp_path / "a.mp4", [ramp], crf=0)
    _, _, chroma = planes(tmp_path / "a.mp4")
    red = (chroma[8] - 128) / 112 * 255
    np.testing.assert_allclose(red[2:-2] / 4, 2 * np.arange(2, 30) + 0.5, atol=0.4)
    assert np.mean(red[2:-2] / 4 - 2 * np.arange(2, 30)) == pytest.approx(0.5, abs=0.1)
    stream, _ = probe(tmp_path / "a.mp4")
    assert stream["chroma_location"] == "center"


@pytest.mark.parametrize("full", [False, True])
def test_other_matrices_and_ranges_are_read_as_tagged(tmp_path, full):
    """A BT.601 video by another writer: Y'CbCr of one colour, by closed form."""
    color = np.array([180, 90, 60])
    luma = color @ [0.299, 0.587, 0.114] / 255
    chroma = (color[[2, 0]] / 255 - luma) / [1.772, 1.402]
    values = [luma * 255, *(128 + chroma * 255)] if full else [16 + luma * 219, *(128 + chroma * 224)]
    stored = np.array([np.full((16, 16), round(value)) for value in values], np.uint8)
    frame = av.VideoFrame.from_ndarray(stored, "yuv444p")
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=24, width=16, height=16, pix_fmt="yuv444p")
        for target in (stream.codec_context, frame):
            target.colorspace, target.color_range = 6, 2 if full else 1
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    (back,) = read_video(tmp_path / "a.mkv")
    np.testing.assert_allclose(back, np.broadcast_to(color, back.shape), atol=2)


def test_h264_keeps_gradients(tmp_path, picture):
    clip = [picture(number) for number in range(10)]
    write(tmp_path / "a.mp4", clip)
    back = list(read_video(tmp_path / "a.mp4"))
    assert len(back) == 10
    assert min(map(psnr, clip, back)) > 38
    assert psnr(clip[0], back[9]) < 30


def test_a_smaller_crf_is_closer(tmp_path, picture):
    noise = np.random.default_rng(1).integers(0, 60, (48, 64, 1))
    clip = [(picture(number) // 2 + noise).astype(np.uint8) for number in range(3)]
    errors = []
    for crf in (10, 30):
        write(tmp_path / f"{crf}.mp4", clip, crf=crf)
        errors.append(psnr(clip[0], next(read_video(tmp_path / f"{crf}.mp4"))))
    assert errors[0] > errors[1] + 5


def test_h264_is_tagged_bt709_and_ready_to_stream(tmp_path, picture):
    metadata = {"title": "hill.yaml", "comment": "Synthetic: rendered by Diorama 0.1.0 from hill.yaml, seed 7"}
    write(tmp_path / "a.mp4", map(picture, range(24)), metadata=metadata)
    stream, container = probe(tmp_path / "a.mp4")
    wanted = {
        "codec_name": "h264",
        "pix_fmt": "yuv420p",
        "color_range": "tv",
        "color_space": "bt709",
        "color_transfer": "bt709",
        "color_primaries": "bt709",
        "r_frame_rate": "24/1",
        "nb_frames": "24",
        "duration": "1.000000",
    }
    assert {key: stream[key] for key in wanted} == wanted
    assert metadata.items() <= container["tags"].items()
    assert "creation_time" not in container["tags"]
    content = (tmp_path / "a.mp4").read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize(
    ("fps", "exact"), [(23.976, "2997/125"), (30000 / 1001, "30000/1001"), (Fraction(25, 2), "25/2"), (0.5, "1/2")]
)
def test_fractional_rates_are_exact(tmp_path, picture, fps, exact):
    write(tmp_path / "a.mp4", map(picture, range(5)), fps=fps)
    stream, _ = probe(tmp_path / "a.mp4")
    assert stream["r_frame_rate"] == exact
    assert float(stream["duration"]) == pytest.approx(5 / Fraction(exact), abs=1e-4)


@pytest.mark.parametrize(("size", "stored"), [((63, 47), (64, 48)), ((64, 47), (64, 48)), ((1, 1), (2, 2))])
def test_odd_sizes_are_stored_one_larger_with_the_edge_repeated(tmp_path, picture, size, stored):
    writer = write(tmp_path / "a.mp4", [picture(0, *size)], crf=0)
    (back,) = read_video(tmp_path / "a.mp4")
    assert writer.encoded_size == stored
    assert back.shape == (stored[1], stored[0], 3)
    grown = np.pad(picture(0, *size), [(0, stored[1] - size[1]), (0, stored[0] - size[0]), (0, 0)], mode="edge")
    np.testing.assert_allclose(back, grown, atol=6)


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("size", [(64, 48), (33, 21), (1, 1)])
def test_ffv1_gives_back_every_byte(tmp_path, alpha, size):
    rng = np.random.default_rng(2)
    clip = [rng.integers(0, 256, (size[1], size[0], 3 + alpha)).astype(np.uint8) for _ in range(3)]
    writer = write(tmp_path / "a.mkv", clip, alpha=alpha)
    assert writer.encoded_size == size
    np.testing.assert_array_equal(list(read_video(tmp_path / "a.mkv")), clip)


def test_prores_keeps_alpha(tmp_path, picture):
    clip = [picture(number, alpha=True) for number in range(3)]
    write(tmp_path / "a.mov", clip, alpha=True)
    back = np.array(list(read_video(tmp_path / "a.mov")))
    assert back.shape == (3, 48, 64, 4)
    assert psnr(back[..., :3], np.array(clip)[..., :3]) > 45
    np.testing.assert_allclose(back[..., 3], np.array(clip)[..., 3], atol=1)
    stream, _ = probe(tmp_path / "a.mov")
    assert [stream[key] for key in ("codec_name", "profile", "color_space", "color_primaries", "color_transfer")] == [
        "prores", "4444", "bt709", "bt709", "bt709",
    ]  # fmt: skip


def test_png_is_a_folder_with_every_byte_and_the_metadata(tmp_path, picture):
    clip = [picture(number, alpha=True) for number in range(3)]
    write(tmp_path / "a", clip, alpha=True, metadata={"comment": "Synthetic"})
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["00000.png", "00001.png", "00002.png"]
    for number, image in enumerate(clip):
        with Image.open(tmp_path / "a" / f"{number:05d}.png") as stored:
            assert stored.text == {"Comment": "Synthetic"}
            np.testing.assert_array_equal(np.asarray(stored), image)


@pytest.mark.parametrize(("name", "alpha"), [("a.mp4", False), ("a.mkv", False), ("a.mov", True)])
def test_the_same_pictures_give_the_same_bytes(tmp_path, picture, name, alpha):
    contents = set()
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        clip = [picture(number, alpha=alpha) for number in range(12)]
        write(tmp_path / folder / name, clip, alpha=alpha, metadata={"comment": "Synthetic"})
        contents.add((tmp_path / folder / name).read_bytes())
    assert len(contents) == 1


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system does not bind processes to cores")
def test_the_bytes_do_not_depend_on_how_many_cores_there_are(tmp_path, picture):
    cores = os.sched_getaffinity(0)
    if len(cores) < 2:
        pytest.skip("one core only")
    clip = [picture(number, 320, 240) for number in range(12)]
    write(tmp_path / "many.mp4", clip)
    os.sched_setaffinity(0, {min(cores)})
    try:
        write(tmp_path / "one.mp4", clip)
    finally:
        os.sched_setaffinity(0, cores)
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "many.mp4").read_bytes()


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a"])
def test_an_aborted_writer_leaves_nothing(tmp_path, picture, name):
    with pytest.raises(ZeroDivisionError), VideoWriter(tmp_path / name, (64, 48), 24) as writer:
        writer.write(picture(0))
        raise ZeroDivisionError
    assert not any(tmp_path.iterdir())


def test_a_writer_that_gets_no_picture_says_so_and_leaves_nothing(tmp_path):
    with (
        pytest.raises(OutputError, match="expected at least one picture, got 0"),
        VideoWriter(tmp_path / "a.mp4", (64, 48), 24),
    ):
        pass
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["a.mp4", "a"])
def test_what_exists_is_overwritten_only_when_asked(tmp_path, picture, name):
    write(tmp_path / name, [picture(0)])
    with pytest.raises(OutputError, match="exists already"):
        write(tmp_path / name, [picture(1)])
    write(tmp_path / name, [picture(1), picture(2)], overwrite=True)
    if name.endswith(".mp4"):
        assert len(list(read_video(tmp_path / name))) == 2
    else:
        assert len(list((tmp_path / name).iterdir())) == 2


def test_a_folder_of_other_things_is_never_overwritten(tmp_path, picture):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").touch()
    with pytest.raises(OutputError, match="not what this writer makes"):
        write(tmp_path / "letters", [picture(0)], overwrite=True)
    assert (tmp_path / "letters" / "dear.txt").exists()


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a"])
@pytest.mark.parametrize("short_by", ["nearly all", "half", "a byte"])
def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path, name, short_by):
    clip = [np.random.default_rng(number).integers(0, 256, (48, 64, 3)).astype(np.uint8) for number in range(8)]
    write(tmp_path / name, clip)
    made = tmp_path / name
    size = max(path.stat().st_size for path in (made.iterdir() if made.is_dir() else [made]))
    shutil.rmtree(made) if made.is_dir() else made.unlink()
    limit = {"nearly all": 10, "half": size // 2, "a byte": size - 1}[short_by]
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(OutputError, match=rf"{name}: cannot be written: File too large"):
            write(tmp_path / name, clip)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("a.mp4", {"codec": "vp9"}, "codec: expected one of h264, ffv1, prores, png, got 'vp9'"),
        ("a.mp4", {"codec": "ffv1"}, "expected .mkv for ffv1, got 'a.mp4'"),
        ("a.mp4", {"codec": "png"}, "expected a folder: a name without a suffix for png, got 'a.mp4'"),
        ("a.gif", {}, "expected a name in .mp4, .mov, .mkv, or a folder, got 'a.gif'"),
        ("a.mp4", {"alpha": True}, "codec: expected prores, ffv1 or png, which hold alpha, got 'h264'"),
        ("a.mp4", {"crf": 52}, "crf: expected 0 to 51, got 52"),
        ("a.mp4", {"preset": "swift"}, "preset: expected one of ultrafast"),
        ("a.mp4", {"fps": 0}, "fps: expected a positive number of frames per second, got 0"),
        ("a.mp4", {"fps": float("nan")}, "fps: expected a positive number of frames per second, got nan"),
        ("a.mp4", {"size": (0, 4)}, "size: expected a positive width and height, got (0, 4)"),
    ],
)
def test_wrong_options_are_named_before_anything_is_written(tmp_path, name, options, message):
    with pytest.raises(OptionError) as caught:
        VideoWriter(tmp_path / name, **{"size": (64, 48), "fps": 24, **options})
    assert message in str(caught.value)
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "wrong", [np.zeros((48, 64, 4), np.uint8), np.zeros((48, 64, 3)), np.zeros((64, 48, 3), np.uint8)]
)
def test_a_picture_of_another_shape_is_refused(tmp_path, wrong):
    with (
        pytest.raises(OutputError, match=r"expected uint8 pictures of shape \(48, 64, 3\)"),
        VideoWriter(tmp_path / "a.mp4", (64, 48), 24) as writer,
    ):
        writer.write(wrong)


def test_reading_what_is_no_video_is_an_error(tmp_path):
    (tmp_path / "a.mp4").write_text("no video")
    with pytest.raises(AssetError, match=r"a\.mp4: cannot be read as a video"):
        next(read_video(tmp_path / "a.mp4"))
