"""The compute shader against the warp that training uses."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from diorama.gl.device import Device
from diorama.refine import warp
from diorama.refine.guides import MULTIPLE
from diorama.refine.reproject import Memory, Reprojection

SIZES = [(1, 1), (2, 1), (37, 21), (40, 24), (31, 64)]


def wild_flow(random: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Return flow of all sizes, much of it off the picture."""
    flow = random.normal(0, 6, (height, width, 2)).astype(np.float32)
    flow[random.random((height, width)) < 0.2] = 0.0
    flow[random.random((height, width)) < 0.1] = 1e9, -3.0
    return flow


@dataclass
class OnGpu:
    layout: Any
    buffer: Any


def upload(device: Device, flow: np.ndarray) -> OnGpu:
    """Lay the flow out in words as the renderer does, after some others."""
    height, width = flow.shape[:2]
    words = np.concatenate([np.full(5, 77, np.float32), flow.ravel()])
    return OnGpu(SimpleNamespace(width=width, height=height, offsets={"flow_backward": 5}), device.buffer(words))


def padded_state(random: np.random.Generator, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    wide, high = width + -width % MULTIPLE, height + -height % MULTIPLE
    return random.random((3, high, wide), np.float32), random.random((8, high // 2, wide // 2), np.float32)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_shader_does_what_training_does(device: Device, width: int, height: int) -> None:
    random = np.random.default_rng(width)
    flow, (output, hidden) = wild_flow(random, width, height), padded_state(random, width, height)
    half = slice((height + 1) // 2), slice((width + 1) // 2)
    reprojection, drawn = Reprojection(device, 8), upload(device, flow)
    got = reprojection.carry(drawn, Memory.of(output, hidden))
    tensors = (output[:, :height, :width], hidden[:, *half], np.moveaxis(flow, 2, 0))
    wanted = warp.reproject(*(torch.from_numpy(np.ascontiguousarray(values)[None]) for values in tensors))
    for ours, theirs in zip(got, wanted, strict=True):
        planes = theirs[0].numpy()
        room = [(0, 0), *((0, ours.shape[axis] - planes.shape[axis]) for axis in (1, 2))]
        assert np.abs(ours - np.pad(planes, room, mode="edge")).max() <= 1e-5
    reprojection.release()
    device.release(drawn.buffer)


def test_memory_keeps_its_channels() -> None:
    output, hidden = padded_state(np.random.default_rng(0), 16, 8)
    memory = Memory.of(output, hidden)
    assert np.array_equal(memory.change[..., :3], np.moveaxis(output, 0, 2))
    assert np.array_equal(memory.hidden[1, 2, 3], hidden[4:, 2, 3])


def test_sizes_change_and_everything_is_given_back(device: Device) -> None:
    before, reprojection, random = device.used, Reprojection(device, 8), np.random.default_rng(0)
    for width, height in ((16, 8), (33, 9), (16, 8)):
        drawn = upload(device, np.zeros((height, width, 2), np.float32))
        output, hidden = padded_state(random, width, height)
        picture, _ = reprojection.carry(drawn, Memory.of(output, hidden))
        assert np.array_equal(picture[:, :height, :width], output[:, :height, :width]), "what stands still is copied"
        device.release(drawn.buffer)
    reprojection.release()
    reprojection.release()
    assert device.used == before
