"""The compute shader against the warp that training uses."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from diorama.gl.device import Device
from diorama.refine import warp
from diorama.refine.guides import MULTIPLE, instance_edge, padded
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


def patches(random: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Return instances (H, W) in patches of 5 x 5 pixels."""
    few = random.integers(0, 3, (height // 5 + 1, width // 5 + 1), np.uint32)
    return np.kron(few, np.ones((5, 5), np.uint32))[:height, :width]


def upload(device: Device, flow: np.ndarray, instance: np.ndarray) -> OnGpu:
    """Lay the flow and the instances out in words as the renderer does, after some others."""
    height, width = instance.shape
    words = np.concatenate([np.full(5, 77, np.uint32), flow.ravel().view(np.uint32), instance.ravel()])
    offsets = {"flow_backward": 5, "instance": 5 + flow.size}
    return OnGpu(SimpleNamespace(width=width, height=height, offsets=offsets), device.buffer(words))


def padded_state(random: np.random.Generator, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    wide, high = width + -width % MULTIPLE, height + -height % MULTIPLE
    return random.random((3, high, wide), np.float32), random.random((8, high // 2, wide // 2), np.float32)


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_shader_does_what_training_does(device: Device, width: int, height: int) -> None:
    random = np.random.default_rng(width)
    flow, (output, hidden) = wild_flow(random, width, height), padded_state(random, width, height)
    half = slice((height + 1) // 2), slice((width + 1) // 2)
    instance = patches(random, width, height)
    before, now = instance_edge(patches(random, width, height))[None], instance_edge(instance)[None]
    reprojection, drawn = Reprojection(device, 8), upload(device, flow, instance)
    got = reprojection.carry(drawn, Memory.of(output, hidden, padded(before)))
    tensors = (output[:, :height, :width], hidden[:, *half], np.moveaxis(flow, 2, 0), before, now)
    change, state, along, *edges = (torch.from_numpy(np.ascontiguousarray(values)[None]) for values in tensors)
    wanted = warp.reproject(change, state, along, (edges[0], edges[1]))
    for ours, theirs in zip(got, wanted, strict=True):
        planes = theirs[0].numpy()
        room = [(0, 0), *((0, ours.shape[axis] - planes.shape[axis]) for axis in (1, 2))]
        assert np.abs(ours - np.pad(planes, room, mode="edge")).max() <= 1e-5
    reprojection.release()
    device.release(drawn.buffer)


def test_memory_keeps_its_channels() -> None:
    output, hidden = padded_state(np.random.default_rng(0), 16, 8)
    memory = Memory.of(output, hidden, output[1:2] + 1)
    assert np.array_equal(memory.change[..., :3], np.moveaxis(output, 0, 2))
    assert np.array_equal(memory.change[..., 3], output[1] + 1)
    assert np.array_equal(memory.hidden[1, 2, 3], hidden[4:, 2, 3])


def test_sizes_change_and_everything_is_given_back(device: Device) -> None:
    before, reprojection, random = device.used, Reprojection(device, 8), np.random.default_rng(0)
    for width, height in ((16, 8), (33, 9), (16, 8)):
        drawn = upload(device, np.zeros((height, width, 2), np.float32), np.zeros((height, width), np.uint32))
        output, hidden = padded_state(random, width, height)
        picture, *_ = reprojection.carry(drawn, Memory.of(output, hidden, np.zeros_like(output[:1])))
        assert np.array_equal(picture[:, :height, :width], output[:, :height, :width]), "what stands still is copied"
        device.release(drawn.buffer)
    reprojection.release()
    reprojection.release()
    assert device.used == before
