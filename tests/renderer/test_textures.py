"""Pictures on surfaces: which texel lands where, colour spaces, sizes, normal maps, buckets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from renderer.conftest import Draw
from shots import Thing, camera, make_shot

from diorama.color import srgb_to_linear
from diorama.geometry.primitives import plane
from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.material.pbr import Image, PbrMaterial
from diorama.renderer.renderer import Renderer
from diorama.renderer.textures import Bucket, Textures, assign_buckets, resampled
from diorama.transform import compose, euler_to_quaternion

ONE = (1, 1, 1)
FACING = compose([0, 0, -1], euler_to_quaternion([np.pi / 2, 0, 0]), ONE)


def view(size: int = 64):
    """A camera that sees exactly one square metre at one metre."""
    return camera(fov=np.degrees(2 * np.arctan(0.5)), size=size)


def picture(values: np.ndarray, space: str = "linear") -> Image:
    pixels = np.zeros((*values.shape[:2], 4), np.uint8)
    pixels[..., : values.shape[2]], pixels[..., 3] = values, 255
    return Image(pixels, space)


def show(draw: Draw, material: PbrMaterial, *passes: str, size: int = 64):
    return draw(make_shot([Thing(plane((1, 1)), FACING, material)], view(size), size=(size, size)), *passes)


def test_texels_land_where_they_belong(draw: Draw) -> None:
    values = np.random.default_rng(1).integers(0, 256, (64, 64, 3))
    frame = show(draw, PbrMaterial(base_color_image=picture(values)), "albedo")
    np.testing.assert_allclose(frame["albedo"], values / 255, atol=2 / 255)


def test_srgb_pictures_are_decoded(draw: Draw) -> None:
    values = np.arange(64)[None, :, None].repeat(64, 0).repeat(3, 2) * 4
    paint = PbrMaterial(base_color=(1.0, 0.5, 0.25), base_color_image=picture(values, "srgb"))
    frame = show(draw, paint, "albedo")
    np.testing.assert_allclose(frame["albedo"], srgb_to_linear(values / 255) * [1, 0.5, 0.25], atol=6e-3)


def test_small_pictures_shrink_to_their_mean(draw: Draw) -> None:
    values = np.indices((64, 64)).sum(0)[..., None].repeat(3, 2) % 2 * 255
    frame = show(draw, PbrMaterial(base_color_image=picture(values)), "albedo", size=7)
    np.testing.assert_allclose(frame["albedo"], 0.5, atol=0.01)


@pytest.mark.parametrize("axis", [0, 1])
def test_pictures_that_are_fine_along_one_axis_only_shrink_too(draw: Draw, axis: int) -> None:
    stripes = np.arange(256)[None, :, None].repeat(8, 0).repeat(3, 2) % 2 * 255
    values = np.ascontiguousarray(stripes.swapaxes(0, 1)) if axis else stripes
    frame = show(draw, PbrMaterial(base_color_image=picture(values)), "albedo", size=31)
    np.testing.assert_allclose(frame["albedo"], 0.5, atol=0.01)


@pytest.mark.parametrize("shape", [(48, 48), (33, 65), (1, 1), (5, 64)])
def test_any_size_of_picture_is_shown_whole(draw: Draw, shape: tuple[int, int]) -> None:
    rows, columns = np.meshgrid(np.linspace(0, 255, shape[0]), np.linspace(0, 255, shape[1]), indexing="ij")
    values = np.stack([columns, rows, np.full(shape, 128.0)], axis=-1).round()
    frame = show(draw, PbrMaterial(base_color_image=picture(values)), "albedo")
    np.testing.assert_allclose(frame["albedo"][..., 2], 128 / 255, atol=2 / 255)
    if min(shape) > 2:
        middle = frame["albedo"][16:48, 16:48]
        assert (np.diff(middle[..., 0], axis=1) >= -1e-6).all() and (np.diff(middle[..., 1], axis=0) >= -1e-6).all()
        np.testing.assert_allclose(middle[15:17, 15:17, :2], 0.5, atol=0.05)


def test_each_use_reads_its_own_channels(draw: Draw) -> None:
    def flat(red: int, green: int, blue: int) -> Image:
        return picture(np.broadcast_to([red, green, blue], (8, 8, 3)))

    paint = PbrMaterial(
        metallic=1.0, roughness=0.5, emission=(2, 2, 2), base_color_image=flat(255, 0, 51),
        metallic_roughness_image=flat(7, 102, 204), emission_image=flat(51, 255, 0),
    )  # fmt: skip
    frame = show(draw, paint, "albedo", "material", "emission")
    np.testing.assert_allclose(frame["albedo"][9, 9], [1, 0, 0.2], atol=1e-3)
    np.testing.assert_allclose(frame["material"][9, 9], [0.8, 0.2], atol=1e-3)
    np.testing.assert_allclose(frame["emission"][9, 9], [0.4, 2, 0], atol=2e-3)


@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_a_normal_map_bends_towards_right_and_up(draw: Draw, scale: float) -> None:
    bent = np.array([0.6, 0.0, 0.8]), np.array([0.0, 0.6, 0.8])
    for direction in bent:
        code = np.broadcast_to((direction * 0.5 + 0.5) * 255, (8, 8, 3)).round()
        frame = show(draw, PbrMaterial(normal_image=picture(code), normal_scale=scale), "normal")
        wanted = direction * [scale, scale, 1]
        np.testing.assert_allclose(frame["normal"][20, 20], wanted / np.linalg.norm(wanted), atol=0.01)


def test_pictures_of_many_sizes_share_few_units(device: Device, draw: Draw) -> None:
    rng = np.random.default_rng(5)
    images = [
        Image(rng.integers(0, 256, (8 << row, 8 << column, 4), np.uint8), space)
        for row in range(4) for column in range(4) for space in ("srgb", "linear")
    ]  # fmt: skip
    before = device.used
    textures = Textures(device)
    places = textures.require(images)
    assert textures.bucket_count <= bindings.MATERIAL_BUCKETS
    assert len(set(places.tolist())) == len(images)
    used = device.used
    assert (textures.require(images[3:9]) == places[3:9]).all() and device.used == used
    textures.require([images[0], Image(rng.integers(0, 256, (8, 8, 4), np.uint8), "srgb")])
    assert device.used < used
    textures.release()
    assert device.used == before


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.builds(Bucket, st.sampled_from(["srgb", "linear"]), *2 * [st.sampled_from([1, 2, 16, 64, 512])]), max_size=30
    ),
    st.integers(2, 8),
)
def test_buckets_hold_their_pictures_and_keep_to_the_limit(natural: list[Bucket], limit: int) -> None:
    found = assign_buckets(natural, limit)
    assert len(set(found)) <= limit
    for own, bucket in zip(natural, found, strict=True):
        assert own.space == bucket.space and own.width <= bucket.width and own.height <= bucket.height
    if len(set(natural)) <= limit:
        assert found == list(natural)


def test_resampling_keeps_flat_colour_whatever_alpha_says() -> None:
    pixels = np.broadcast_to(np.array([10, 200, 30, 0], np.uint8), (5, 7, 4))
    np.testing.assert_array_equal(resampled(pixels, 16, 8), np.broadcast_to(pixels[0, 0], (8, 16, 4)))


def test_the_first_frame_of_all_has_its_pictures(device: Device) -> None:
    """No labels are drawn before it, so colour is the first to ask for them."""
    rng = np.random.default_rng(8)
    image = Image(rng.integers(0, 256, (8, 8, 4), np.uint8), "srgb")
    thing = Thing(plane((1, 1)), FACING, PbrMaterial(base_color_image=image, unlit=True))
    taken = make_shot([thing], view(), size=(64, 64))
    with Renderer(device, "draft") as renderer:
        pictures = []
        for _ in range(2):
            with renderer.draw(taken, ("color",)) as drawn:
                pictures.append(renderer.read(drawn)["color"])
    np.testing.assert_array_equal(*pictures)
    assert pictures[0].std() > 0.1
