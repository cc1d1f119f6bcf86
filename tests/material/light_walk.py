"""Photons followed one by one through flat layers of air: what the sky sends down, without any approximation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diorama.material.atmosphere import TOP, Air, densities

Floats = NDArray[np.float64]

_LEAST_WEIGHT = 1e-3


def diffuse_share(
    air: Air, sun: float, ground: float, lobes: tuple[tuple[float, float], ...], photons: int, seed: int
) -> Floats:
    """Return the share (B,) of the sun's light above that falls from the sky on level ground.

    ``sun`` is the sun's cosine, ``ground`` what the ground reflects; ``lobes`` are (weight, asymmetry) of haze.
    """
    random = np.random.default_rng(seed)
    return np.array([_walk(air, band, sun, ground, lobes, photons, random) for band in range(len(air.molecules))])


def _walk(
    air: Air,
    band: int,
    sun: float,
    ground: float,
    lobes: tuple[tuple[float, float], ...],
    photons: int,
    random: np.random.Generator,
) -> float:
    altitude = TOP * np.linspace(1.0, 0.0, 4001) ** 2
    middle = (altitude[1:] + altitude[:-1]) / 2.0
    parts = densities(middle) * air.extinction[:, band] * -np.diff(altitude)[:, None]
    depth = np.append(0.0, np.cumsum(parts.sum(axis=1)))
    molecules = parts[:, 0] / parts.sum(axis=1)
    haze = air.scattering[1:, band].sum() / max(float(air.haze[band]), 1e-30) * parts[:, 1] / parts.sum(axis=1)
    at, cosine, weight = np.zeros(photons), np.full(photons, -sun), np.ones(photons)
    direct, fallen = np.ones(photons, bool), 0.0
    while len(at):
        at = at - cosine * -np.log(random.random(len(at)))
        landed, gone = at >= depth[-1], at <= 0.0
        fallen += weight[landed & ~direct].sum()
        layer = np.clip(np.searchsorted(depth, at) - 1, 0, len(middle) - 1)
        weight = weight * np.where(landed, ground, molecules[layer] + haze[layer])
        by_molecules = random.random(len(at)) < molecules[layer] / (molecules[layer] + haze[layer])
        bent = np.where(by_molecules, _rayleigh(random, len(at)), _haze(random, len(at), lobes))
        turned = cosine * bent + np.sqrt((1.0 - cosine**2) * (1.0 - bent**2)) * np.cos(
            2.0 * np.pi * random.random(len(at))
        )
        cosine = np.where(landed, np.sqrt(random.random(len(at))), np.clip(turned, -1.0, 1.0))
        at, direct = np.minimum(at, depth[-1]), np.zeros(len(at), bool)
        kept = ~gone & (weight > _LEAST_WEIGHT)
        at, cosine, weight, direct = at[kept], cosine[kept], weight[kept], direct[kept]
    return float(fallen / photons * sun)


def _rayleigh(random: np.random.Generator, count: int) -> Floats:
    """Return cosines drawn from 3/8 (1 + x²), whose sum up to x is a cubic with one root."""
    half = 2.0 * (2.0 * random.random(count) - 1.0)
    root = np.cbrt(half + np.sqrt(half**2 + 1.0))
    return np.clip(root - 1.0 / root, -1.0, 1.0)


def _haze(random: np.random.Generator, count: int, lobes: tuple[tuple[float, float], ...]) -> Floats:
    chosen = random.choice([g for _, g in lobes], count, p=[share for share, _ in lobes])
    spread = (1.0 - chosen**2) / (1.0 - chosen + 2.0 * chosen * random.random(count))
    return np.clip((1.0 + chosen**2 - spread**2) / (2.0 * chosen), -1.0, 1.0)
