from __future__ import annotations

import gc
import threading

import numpy as np
import pytest

from diorama.errors import DeviceError
from diorama.gl.device import Device
from diorama.gl.texels import TexelBuffer


def test_another_thread_is_refused(device: Device) -> None:
    caught: list[BaseException] = []

    def call() -> None:
        try:
            device.buffer(reserve=64)
        except DeviceError as error:
            caught.append(error)

    used = device.used
    thread = threading.Thread(target=call)
    thread.start()
    thread.join()
    assert "thread that opened the device" in str(caught[0])
    assert device.used == used


def test_the_budget_is_checked_before_anything_is_made() -> None:
    with Device("software", budget=1 << 20) as small:
        kept = small.buffer(reserve=900 << 10)
        with pytest.raises(DeviceError, match="within the GPU budget of 1 MiB, got 2 MiB on top of 0 MiB"):
            small.texture((1024, 512), 4, "f1")
        assert small.used == 900 << 10
        small.release(kept)
        small.release(small.texture((512, 512), 4, "f1"))


def test_every_kind_of_object_gives_back_what_it_took(device: Device) -> None:
    before = device.used
    made = [
        device.buffer(b"0123456789abcdef01"),
        device.buffer(reserve=3),
        device.buffer(b""),
        device.texture((7, 5), 3, "f4"),
        device.texture((7, 5), 2, "u4"),
        device.texture_array((8, 8, 3), 4, "f1"),
        device.depth_texture((9, 9)),
    ]
    assert device.used - before == 18 + 16 + 16 + 420 + 280 + 1024 + 324
    device.release(*made)
    assert device.used == before


def test_released_and_forgotten_objects_leave_nothing_behind() -> None:
    with Device("software") as own:
        for _ in range(20):
            own.release(own.buffer(reserve=64))
        own.context.buffer(reserve=64)
        gc.collect()
        own.collect()
        assert not own.context.objects


def test_texel_buffers_grow_and_keep_what_fits(device: Device) -> None:
    before = device.used
    texels = TexelBuffer(device, "4f4", 64)
    texels.write(np.arange(16, dtype=np.float32))
    texels.fit(64)
    assert np.frombuffer(texels.buffer.read(), np.float32)[:16].tolist() == list(range(16))
    texels.fit(100)
    assert texels.buffer.size == 125
    texels.write(np.zeros(0, np.float32))
    texels.release()
    assert device.used == before


def test_more_texels_than_the_driver_can_fetch_are_refused(device: Device) -> None:
    most, before = device.context.info["GL_MAX_TEXTURE_BUFFER_SIZE"], device.used
    with pytest.raises(DeviceError, match=rf"expected at most {most} texels of 12 bytes \(GL_MAX_TEX.*got {most + 1}"):
        TexelBuffer(device, "3u4", 12 * (most + 1))
    assert device.used == before


def test_pictures_wider_than_the_driver_can_draw_are_refused(device: Device) -> None:
    before = device.used
    for make in (lambda: device.texture((20000, 1), 4, "f1"), lambda: device.depth_texture((1, 20000))):
        with pytest.raises(DeviceError, match=r"at most 16384 samples along a side of a picture .*got 20000"):
            make()
    assert device.used == before


def test_depth_is_float32(device: Device) -> None:
    """A texture of 24-bit integers would round this depth to a multiple of 6e-8."""
    texture = device.depth_texture((1, 1))
    target = device.context.framebuffer(depth_attachment=texture)
    target.clear(depth=1.25e-9)
    assert np.frombuffer(texture.read(alignment=1), np.float32)[0] == np.float32(1.25e-9)
    target.release()
    device.release(texture)


def test_integers_are_cleared_to_zero(device: Device) -> None:
    texture, depth = device.texture((3, 2), 2, "u4"), device.depth_texture((3, 2))
    texture.write(np.full((2, 3, 2), 7, np.uint32))
    target = device.context.framebuffer([texture], depth)
    target.use()
    device.raw.clear_to_zero()
    assert not np.frombuffer(texture.read(), np.uint32).any()
    assert not np.frombuffer(depth.read(alignment=1), np.float32).any()
    target.release()
    device.release(texture, depth)
