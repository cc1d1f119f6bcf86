"""Pictures: every pixel mode that files come in, damage, limits; and which way an environment faces."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import OpenImageIO
import PIL.Image
import pytest

from diorama.color import srgb_to_linear
from diorama.errors import AssetError
from diorama.material.texture import HALF_MAX, decode_image, load_environment, load_image


def _file(picture: PIL.Image.Image, kind: str = "PNG") -> bytes:
    stream = BytesIO()
    picture.save(stream, kind)
    return stream.getvalue()


def test_row_zero_is_the_top_and_alpha_is_kept(tmp_path: Path) -> None:
    pixels = np.arange(24, dtype=np.uint8).reshape(2, 3, 4) * 10
    path = tmp_path / "a.png"
    path.write_bytes(_file(PIL.Image.fromarray(pixels)))
    image = load_image(path, "linear")
    assert (image.pixels == pixels).all()
    assert (image.space, image.name) == ("linear", "a.png")
    assert image.pixels.dtype == np.uint8 and image.pixels.flags.c_contiguous


@pytest.mark.parametrize(
    ("picture", "wanted"),
    [
        (PIL.Image.new("L", (1, 1), 7), [7, 7, 7, 255]),
        (PIL.Image.new("LA", (1, 1), (7, 9)), [7, 7, 7, 9]),
        (PIL.Image.new("1", (1, 1), 1), [255, 255, 255, 255]),
        (PIL.Image.new("RGB", (1, 1), (1, 2, 3)), [1, 2, 3, 255]),
        (PIL.Image.new("RGB", (1, 1), (1, 2, 3)).quantize(2), [1, 2, 3, 255]),
        (PIL.Image.fromarray(np.array([[0x8001]], np.uint16)), [128, 128, 128, 255]),
    ],
)
def test_every_pixel_mode_becomes_rgba(picture: PIL.Image.Image, wanted: list[int]) -> None:
    assert decode_image(_file(picture), "srgb").pixels[0, 0].tolist() == wanted


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "BMP", "TGA", "TIFF"])
def test_the_kinds_of_file_that_are_read(kind: str) -> None:
    picture = PIL.Image.new("RGB", (16, 16), (200, 100, 50))
    np.testing.assert_allclose(decode_image(_file(picture, kind), "srgb").pixels[8, 8], [200, 100, 50, 255], atol=4)


def _huge_png(width: int, height: int) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [b"IHDR" + header, b"IDAT" + zlib.compress(b"")]
    whole = [struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(whole)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected a picture (PNG, JPEG, WEBP, BMP, TGA, TIFF), got '0 other bytes'"),
        (_file(PIL.Image.new("L", (4, 4)), "GIF"), "expected a picture (PNG, JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "expected a picture (PNG, JPEG"),
        (_file(PIL.Image.effect_noise((64, 64), 99))[:-200], "expected a whole picture: "),
        (_file(PIL.Image.new("F", (2, 2)), "TIFF"), "expected a whole picture: floating-point pictures"),
        (_huge_png(9000, 9000), "expected at most 33554432 pixels, got '9000 x 9000'"),
        (_huge_png(60000, 60000), "expected at most 33554432 pixels, got 'many more'"),
    ],
    ids=["empty", "gif", "postscript", "short", "float", "large", "bomb"],
)
def test_what_cannot_be_shown_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(AssetError) as caught:
        decode_image(data, "srgb", place="car.png")
    assert str(caught.value).startswith(f"car.png: {message}")


def test_a_missing_picture_is_an_error_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(AssetError, match=r"gone.png: expected a readable picture: No such file"):
        load_image(tmp_path / "gone.png", "srgb")


def _save_light(path: Path, pixels: np.ndarray, channels: tuple[str, ...] = ("R", "G", "B")) -> Path:
    spec = OpenImageIO.ImageSpec(pixels.shape[1], pixels.shape[0], pixels.shape[2], OpenImageIO.FLOAT)
    spec.channelnames = channels
    output = OpenImageIO.ImageOutput.create(str(path))
    assert output.open(str(path), spec)
    assert output.write_image(np.ascontiguousarray(pixels, np.float32))
    output.close()
    return path


def _direction(row: int, column: int, height: int, width: int) -> np.ndarray:
    """Where a texel lies by the convention: top row +Y, centre -Z, right half +X."""
    polar, around = np.pi * (row + 0.5) / height, 2.0 * np.pi * ((column + 0.5) / width - 0.5)
    return np.array([np.sin(polar) * np.sin(around), np.cos(polar), -np.sin(polar) * np.cos(around)])


@pytest.mark.parametrize("suffix", [".exr", ".hdr"])
@pytest.mark.parametrize(
    ("row", "column", "axis"),
    [(0, 3, (0, 1, 0)), (7, 3, (0, -1, 0)), (4, 8, (0, 0, -1)), (4, 12, (1, 0, 0)), (4, 0, (0, 0, 1))],
)
def test_a_bright_texel_lies_where_the_convention_says(
    tmp_path: Path, suffix: str, row: int, column: int, axis: tuple[int, ...]
) -> None:
    pixels = np.full((8, 16, 3), 0.25, np.float32)
    pixels[row, column] = (100.0, 50.0, 25.0)
    light = load_environment(_save_light(tmp_path / f"sky{suffix}", pixels))
    assert light.shape == (8, 16, 3) and light.dtype == np.float32 and light.flags.c_contiguous
    found = np.unravel_index(np.argmax(light[..., 0]), light.shape[:2])
    assert _direction(int(found[0]), int(found[1]), 8, 16) @ np.array(axis) > 0.9
    np.testing.assert_allclose(light, pixels, rtol=0.02)


def test_display_pictures_are_decoded_from_srgb(tmp_path: Path) -> None:
    pixels = np.zeros((2, 4, 3), np.uint8)
    pixels[0] = (255, 188, 0)
    PIL.Image.fromarray(pixels).save(tmp_path / "sky.png")
    light = load_environment(tmp_path / "sky.png")
    np.testing.assert_allclose(light, srgb_to_linear(pixels / 255.0), rtol=1e-6)
    assert light.dtype == np.float32


def test_ringing_and_overflow_are_mended_and_the_rest_kept(tmp_path: Path) -> None:
    pixels = np.ones((1, 4, 3), np.float32)
    pixels[0, 0], pixels[0, 1], pixels[0, 2] = np.inf, -0.5, 1e6
    light = load_environment(_save_light(tmp_path / "sky.exr", pixels))
    assert light[0, :, 0].tolist() == [HALF_MAX, 0.0, 1e6, 1.0]


def test_grey_and_extra_channels(tmp_path: Path) -> None:
    grey = np.linspace(0.0, 1.0, 8, dtype=np.float32).reshape(2, 4, 1)
    assert (load_environment(_save_light(tmp_path / "y.exr", grey, ("Y",))) == grey).all()
    four = np.dstack([grey, grey * 2, grey * 3, np.ones_like(grey)])
    light = load_environment(_save_light(tmp_path / "rgba.exr", four, ("R", "G", "B", "A")))
    assert (light == four[..., :3]).all()


def test_what_is_no_environment_is_refused(tmp_path: Path) -> None:
    nan = np.full((1, 2, 3), np.nan, np.float32)
    depth = np.ones((1, 2, 1), np.float32)
    (tmp_path / "text.exr").write_text("no picture")
    whole = _save_light(tmp_path / "a.exr", np.random.default_rng(1).random((64, 64, 3))).read_bytes()
    (tmp_path / "half.exr").write_bytes(whole[: len(whole) // 2])
    for path, message in (
        (_save_light(tmp_path / "nan.exr", nan), "expected numbers, got 'NaN'"),
        (_save_light(tmp_path / "z.exr", depth, ("Z",)), "expected channels R, G, B or Y, got ['Z']"),
        (tmp_path / "text.exr", "expected a Radiance or OpenEXR picture: "),
        (tmp_path / "half.exr", "expected a "),
        (tmp_path / "gone.hdr", "expected a picture file, got 'nothing there'"),
        (tmp_path / "sky.tif", "expected an environment picture (.hdr, .exr, .png, .jpg, .jpeg), got 'sky.tif'"),
    ):
        with pytest.raises(AssetError) as caught:
            load_environment(path)
        assert str(caught.value).startswith(f"{path}: {message}")


def test_the_shared_environments_load(data: Path) -> None:
    for path in sorted((data / "hdri").iterdir()):
        light = load_environment(path)
        assert light.shape == (512, 1024, 3)
        assert np.isfinite(light).all() and (light >= 0.0).all()


def test_pictures_taller_than_a_strip_are_whole() -> None:
    """They are converted and read by strips of rows, the last of which is short."""
    picture = np.random.default_rng(0).integers(0, 256, (600, 3, 4), np.uint8)
    np.testing.assert_array_equal(decode_image(_file(PIL.Image.fromarray(picture)), "srgb").pixels, picture)


@pytest.mark.parametrize("suffix", [".exr", ".hdr"])
def test_environments_taller_than_a_strip_are_whole(tmp_path: Path, suffix: str) -> None:
    light = np.random.default_rng(0).integers(1, 9, (600, 8, 3)) * np.float32(0.25)
    np.testing.assert_allclose(load_environment(_save_light(tmp_path / f"sky{suffix}", light)), light, rtol=0.01)


def test_an_environment_in_tiles_is_read(tmp_path: Path) -> None:
    light = np.random.default_rng(0).random((40, 70, 3)).astype(np.float32)
    spec = OpenImageIO.ImageSpec(70, 40, 3, OpenImageIO.FLOAT)
    spec.tile_width, spec.tile_height = 32, 16
    output = OpenImageIO.ImageOutput.create(str(tmp_path / "sky.exr"))
    assert output.open(str(tmp_path / "sky.exr"), spec)
    assert output.write_image(light)
    output.close()
    np.testing.assert_array_equal(load_environment(tmp_path / "sky.exr"), light)


def test_damage_is_one_error_whatever_the_bytes_say(tmp_path: Path) -> None:
    whole = _save_light(tmp_path / "sky.exr", np.full((16, 32, 3), 0.5, np.float32)).read_bytes()
    random = np.random.default_rng(1)
    for _ in range(300):
        damaged = bytearray(whole)
        for at in random.integers(0, min(len(damaged), 400), 4):
            damaged[at] = random.integers(256)
        (tmp_path / "sky.exr").write_bytes(damaged)
        try:
            light = load_environment(tmp_path / "sky.exr")
        except AssetError as error:
            assert error.place == str(tmp_path / "sky.exr")
        else:
            assert np.isfinite(light).all()
            assert (light >= 0.0).all()
