from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from renderer.light_probe import Bench

from diorama.frame import Frame
from diorama.gl.device import Device
from diorama.renderer.renderer import PRESETS, Preset, Renderer
from diorama.renderer.voxels import VoxelQuality
from diorama.scene.shot import Shot

Draw = Callable[..., Frame]

QUICK = replace(PRESETS["high"], widen=1, voxels=VoxelQuality(side=64, bounces=4))
"""The preset ``high`` at a twentieth of its cost: coarser voxels, and no second round of its filter, which takes a
mean over 32 pixels, much of a picture as small as these."""

TRIED: dict[str, str | Preset] = {"draft": "draft", "standard": "standard", "high": QUICK}
"""What tests draw for each preset."""


@pytest.fixture(scope="session")
def draft(device: Device) -> Iterator[Renderer]:
    with Renderer(device, "draft") as renderer:
        yield renderer


@pytest.fixture(scope="session")
def standard(device: Device) -> Iterator[Renderer]:
    with Renderer(device, "standard") as renderer:
        yield renderer


@pytest.fixture(scope="session")
def high(device: Device) -> Iterator[Renderer]:
    with Renderer(device, QUICK) as renderer:
        yield renderer


@pytest.fixture(scope="session")
def draw(draft: Renderer, standard: Renderer, high: Renderer) -> Draw:
    """Draw a shot and read passes back: ``draw(shot, "depth", "normal", preset="draft")``; ``high`` is ``QUICK``."""

    def read_back(shot: Shot, *passes: str, preset: str = "draft") -> Frame:
        renderer = {"draft": draft, "standard": standard, "high": high}[preset]
        with renderer.draw(shot, passes) as drawn:
            return renderer.read(drawn)

    return read_back


@pytest.fixture(scope="module")
def bench(device: Device) -> Iterator[Bench]:
    made = Bench(device)
    yield made
    made.release()


@pytest.fixture(scope="module")
def soft_bench(device: Device) -> Iterator[Bench]:
    """Lights with their sizes, as the preset ``high`` has them."""
    made = Bench(device, soft=True)
    yield made
    made.release()
