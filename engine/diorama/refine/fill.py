"""Lends what was uncovered a moment ago what is long known around it (torch).

Where something uncovers a surface, its change has one frame behind it and next to it lies one that has
eight: an edge with the outline of what moved away. So the change there is drawn towards the mean of its
surroundings, those with the most frames behind them first, over pixels of the same surface in the same
light alone: edge-stopping filters with holes, each three times as wide as the one before (Dammertz et
al. 2010, "Edge-avoiding À-Trous wavelet transform"; Schied et al. 2017, SVGF), first across, then down,
at half resolution. Light counts because what the sky's shadows take is a small share of it in the sun
and a large one in the shade.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional

from diorama.refine.guides import GUIDE_PLACES, LOG_WHITE, SCALE

STEPS = (1, 3, 9)
"""Pixels of half resolution between the taps of each filter."""

_NORMAL, _DEPTH, _LIGHT = 100.0, 100.0, 20.0
"""How fast a tap loses weight: over the squared difference of normals, the absolute one of inverse depth as a share
of it, and the squared one of log(light / albedo)."""

_NEAREST, _FARTHEST, _DARKEST = 0.99, 1e-4, 0.01
_LEAST = 1e-4


def surfaces(guides: Tensor) -> Tensor:
    """Return (B, 5, H, W): the view normal, one over the depth, which is affine along a plane in a picture, and light.

    Light is the logarithm of its mean over that of the albedo.
    """
    inverse = guides[:, GUIDE_PLACES["inverse_depth"]].clamp(0.0, _NEAREST)
    light = (torch.exp(LOG_WHITE * guides[:, GUIDE_PLACES["color"]]).mean(1, keepdim=True) - 1.0) / SCALE
    albedo = guides[:, GUIDE_PLACES["albedo"]].mean(1, keepdim=True)
    lit = torch.log((light + _DARKEST) / (albedo + _DARKEST))
    return torch.cat([guides[:, GUIDE_PLACES["normal"]], inverse / (1.0 - inverse), lit], 1)


def lend(change: Tensor, age: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
    """Return what the surroundings say, and how far to believe them rather than the pixel itself.

    ``change`` (B, 3, H, W) of this frame and ``seen``, its :func:`surfaces`; ``age`` (B, 1, H/2, W/2), 0..1,
    how many frames are behind the change. Returned are a change (B, 3, H, W) and the logarithm of its
    trust over the pixel's own (B, 1, H, W), minus much where both differ in surface.
    """
    coarse = functional.avg_pool2d(seen, 2)
    trust = age**3
    across, down = (_slope(coarse[:, 3:4], axis) for axis in (3, 2))
    known, around = _spread(functional.avg_pool2d(change, 2), trust, coarse, {3: across, 2: down})
    odds = torch.log((around + _LEAST) / (trust + _LEAST))
    # From each of its four pixels to the middle of a coarse one it is a quarter of that to each side.
    corners = torch.cat([across + down, down - across, across - down, -across - down], 1)
    rise = functional.pixel_shuffle(0.25 * corners, 2)
    return _double(known), _double(odds) + _likeness(seen, _double(coarse), rise)


def _spread(values: Tensor, trust: Tensor, seen: Tensor, slopes: Mapping[int, Tensor]) -> tuple[Tensor, Tensor]:
    """Return means of ``values`` (B, C, H, W) weighted by ``trust`` (B, 1, H, W), and the mean of the trust.

    ``slopes`` are those of ``seen`` along its axes 3 and 2.
    """
    height, width = values.shape[2:]
    for step in STEPS:
        for axis in (3, 2):
            around = (step, step, 0, 0) if axis == 3 else (0, 0, step, step)
            padded = functional.pad(torch.cat([values * trust, trust, seen], 1), around, mode="replicate")
            total, believed, weights = values * trust, trust, torch.ones_like(trust)
            for place in (0, 2 * step):
                tap = padded[..., place : place + width] if axis == 3 else padded[:, :, place : place + height]
                weight = torch.exp(_likeness(seen, tap[:, -5:], (place - step) * slopes[axis]))
                total = total + weight * tap[:, :-6]
                believed = believed + weight * tap[:, -6:-5]
                weights = weights + weight
            values, trust = total / (believed + _LEAST**2), believed / weights
    return values, trust


def _likeness(seen: Tensor, other: Tensor, rise: Tensor) -> Tensor:
    """Return 0 where two :func:`surfaces` are one whose inverse depth rises by ``rise``, less where they differ."""
    turned = ((seen[:, :3] - other[:, :3]) ** 2).sum(1, keepdim=True)
    off = (other[:, 3:4] - seen[:, 3:4] - rise).abs() / (seen[:, 3:4] + _FARTHEST)
    return -(_NORMAL * turned + _DEPTH * off + _LIGHT * (other[:, 4:] - seen[:, 4:]) ** 2)


def _slope(inverse_depth: Tensor, axis: int) -> Tensor:
    """Return how inverse depth rises from pixel to pixel along an axis: the flatter of both sides, past no edge."""
    if axis == 3:
        rise = inverse_depth[..., 1:] - inverse_depth[..., :-1]
        after, before = functional.pad(rise, (0, 1, 0, 0)), functional.pad(rise, (1, 0, 0, 0))
    else:
        rise = inverse_depth[:, :, 1:] - inverse_depth[:, :, :-1]
        after, before = functional.pad(rise, (0, 0, 0, 1)), functional.pad(rise, (0, 0, 1, 0))
    return torch.where(after.abs() < before.abs(), after, before)


def _double(image: Tensor) -> Tensor:
    return functional.interpolate(image, scale_factor=2, mode="nearest")
