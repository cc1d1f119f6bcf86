"""What the refiner is shown of a frame: one table, for training and inference alike.

All guides lie at full resolution, channels first. Light is log-encoded: 0 stays 0, 1 (white
after exposure) stays 1, and a step is about as visible in the shadows as in the highlights.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.frame import Frame

Floats = NDArray[np.float32]

GUIDES = {
    "color": 3,  # encoded, after exposure
    "shadowed": 3,  # the same without the sky's light that things may hide
    "albedo": 3,
    "normal": 3,  # view space: +X right, +Y up, +Z towards the camera
    "inverse_depth": 1,  # 1 / (1 + z), 0 at infinity
    "material": 2,  # metallic, roughness
    "edge": 1,  # 1 where a neighbour to the left, right, above or below is another instance
}
"""The guides in their order, with their channels."""

GUIDE_CHANNELS = sum(GUIDES.values())

GUIDE_PLACES = {
    name: slice(end - GUIDES[name], end) for name, end in zip(GUIDES, accumulate(GUIDES.values()), strict=True)
}
"""Which channels each of them has."""

GUIDE_PASSES = (
    "color",
    "hidden_sky",
    "albedo",
    "normal",
    "depth",
    "material",
    "instance",
    "flow_backward",
    "occlusion_backward",
)
"""The passes that guides and motion are made from."""

MULTIPLE = 8
"""The network takes pictures padded, by repeating their border, to a multiple of this many pixels."""

LEAST_WEIGHT = 1e-3
"""What mixtures leave of a bilinear sample's weight must be more than this for the sample to count."""

BRIGHTEST = 1e6
"""Exposed light is clipped here, as the finish does."""

SCALE = 16.0
LOG_WHITE = float(np.log(1.0 + SCALE))
ENCODED_MAX = float(np.log(1.0 + SCALE * BRIGHTEST) / LOG_WHITE)


def encode(light: NDArray[Any]) -> Floats:
    """Return exposed linear light log-encoded, elementwise; NaN and negative light count as 0."""
    clipped = np.fmin(np.fmax(light, np.float32(0)), np.float32(BRIGHTEST))
    return np.asarray(np.log1p(np.float32(SCALE) * clipped) * np.float32(1 / LOG_WHITE), np.float32)


def decode(encoded: NDArray[Any]) -> Floats:
    """Return exposed linear light from what :func:`encode` made of it, elementwise."""
    clipped = np.clip(encoded, np.float32(0), np.float32(ENCODED_MAX))
    return np.asarray(np.expm1(clipped * np.float32(LOG_WHITE)) * np.float32(1 / SCALE), np.float32)


def guides(frame: Frame, *, rotation: NDArray[Any], exposure: float) -> Floats:
    """Return the (16, H, W) guides of a frame that holds :data:`GUIDE_PASSES`.

    ``rotation`` (3, 3) turns camera axes into world axes (``Shot.current.camera.matrix[:3, :3]``),
    ``exposure`` is ``Shot.exposure``.
    """
    height, width = frame["depth"].shape
    planes = np.empty((GUIDE_CHANNELS, height, width), np.float32)
    own = {name: planes[place] for name, place in GUIDE_PLACES.items()}
    own["color"][:] = np.moveaxis(encode(frame["color"] * np.float32(exposure)), 2, 0)
    own["shadowed"][:] = np.moveaxis(encode((frame["color"] - frame["hidden_sky"]) * np.float32(exposure)), 2, 0)
    own["albedo"][:] = np.moveaxis(frame["albedo"], 2, 0)
    x, y, z = np.moveaxis(frame["normal"], 2, 0)
    for plane, axis in zip(own["normal"], np.asarray(rotation, np.float32).T, strict=True):
        plane[:] = axis[0] * x + axis[1] * y + axis[2] * z
    own["inverse_depth"][0] = 1 / (1 + frame["depth"])
    own["material"][:] = np.moveaxis(frame["material"], 2, 0)
    own["edge"][0] = instance_edge(frame["instance"])
    return planes


def motion(frame: Frame) -> tuple[Floats, Floats]:
    """Return the flow to the frame before, (2, H, W) pixels, and where it is valid, (1, H, W) 0 or 1.

    History is valid where the surface point was visible one frame before.
    """
    flow = np.ascontiguousarray(np.moveaxis(frame["flow_backward"], 2, 0))
    height, width = flow.shape[1:]
    x = flow[0] + (np.arange(width, dtype=np.float32) + np.float32(0.5))
    y = flow[1] + (np.arange(height, dtype=np.float32)[:, None] + np.float32(0.5))
    on_screen = (x >= 0) & (x < width) & (y >= 0) & (y < height)
    return flow, (on_screen & ~frame["occlusion_backward"]).astype(np.float32)[None]


def padded(planes: Floats) -> Floats:
    """Return (C, H, W) planes with their border repeated until both sides are multiples of :data:`MULTIPLE`."""
    high, wide = (-side % MULTIPLE for side in planes.shape[1:])
    return np.pad(planes, ((0, 0), (0, high), (0, wide)), mode="edge") if high or wide else planes


def instance_edge(instance: NDArray[Any]) -> Floats:
    """Return (H, W): 1 where one of the four neighbours belongs to another instance, else 0."""
    edge = np.zeros(instance.shape, np.float32)
    across = instance[:, 1:] != instance[:, :-1]
    down = instance[1:] != instance[:-1]
    edge[:, 1:][across] = 1
    edge[:, :-1][across] = 1
    edge[1:][down] = 1
    edge[:-1][down] = 1
    return edge
