"""Fit the table of linearly transformed cosines of the specular lobe: ``python docs/ltc_table.py``.

The lobe is that of ``shaders/lib/ggx.glsl``: GGX with height-correlated Smith masking and shadowing
times n·l, without Fresnel, divided by its albedo, so that it integrates to 1. What the numbers of
the table mean stands in ``engine/diorama/renderer/ltc.py``.

Heitz, Dupuy, Hill, Neubelt 2016, "Real-time polygonal-light shading with linearly transformed
cosines", with two changes. The lobe ends at the horizon of the surface, not at that of the
transformed cosine: a polygon is clipped once, before it is transformed, and nothing leaks below.
And the fit minimises the error of what is wanted, integrals over polygons: the lobe is cut by a
grid of great circles into cells, and what counts is the mean square error over all boxes of cells.
A fit starts at its neighbour, from rough to smooth; the roughest from the lobe's mean direction.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

Floats = NDArray[np.float64]
Targets = list[tuple[tuple[Floats, Floats], float, Floats]]
"""Cells of a lobe and their weights, the entry's share in what is read there, and the entry of the rest."""

TABLE = Path(__file__).resolve().parents[1] / "engine" / "diorama" / "renderer" / "ltc_table.npy"
SIZE = 64
LEAST_ROUGHNESS = 0.045
"""As in ``ggx.glsl``."""
LEAST_COSINE = 1e-4
"""The least n·v of ``brdf.glsl``."""
QUANTILES = (0.02, 0.08, 0.2, 0.35, 0.5, 0.65, 0.8, 0.92, 0.98)
"""Of the lobe's marginals: where the cells end."""
FAR = 300.0
"""Tangent of the angle at which the outermost cells end."""
STEADY = 5e-3
"""Weight of the distance from the neighbour: holds still what the lobe leaves open."""


def lobe(n_dot_v: float, roughness: float, side: int = 128) -> tuple[Floats, Floats]:
    """Return directions (N, 3) of the lobe and their weights (N,), of sum 1; the view is (sin, 0, cos).

    By visible normals (Heitz 2018), so a weight is G2 / G1; ``side`` squared strata.
    """
    alpha = _least(roughness) ** 2
    cosine = max(n_dot_v, LEAST_COSINE)
    view = np.array([np.sqrt(1.0 - cosine * cosine), 0.0, cosine])
    radius, angle = (np.stack(np.meshgrid(*[np.arange(side) + 0.5] * 2), -1).reshape(-1, 2) / side).T
    radius, angle = np.sqrt(radius), 2.0 * np.pi * angle
    x, _, z = view * (alpha, 1.0, 1.0) / np.hypot(alpha * view[0], view[2])
    p = radius * np.sin(angle)  # towards the view
    q = radius * np.cos(angle)
    p = 0.5 * (1.0 - z) * np.sqrt(1.0 - q * q) + 0.5 * (1.0 + z) * p
    up = np.sqrt(np.maximum(1.0 - p * p - q * q, 0.0))
    half = _unit(np.stack([alpha * (up * x - p * z), alpha * q, np.maximum(up * z + p * x, 0.0)], -1))
    light = 2.0 * (half @ view)[:, None] * half - view
    light = light[light[:, 2] > 0.0]
    smith_v, smith_l = (np.sqrt(c * c * (1.0 - alpha**2) + alpha**2) for c in (cosine, light[:, 2]))
    weight = light[:, 2] * (cosine + smith_v) / (light[:, 2] * smith_v + cosine * smith_l)
    return light, weight / weight.sum()


def _least(roughness: float) -> float:
    return max(roughness, LEAST_ROUGHNESS)


def cut(directions: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return what of the cells of a lobe is above the horizon (n, n, 8, 3), and the weight in each (n, n).

    The cells are boxes of the plane that touches the sphere at the lobe's mean direction.
    """
    x, y, middle = _frame(directions, weights)
    depth = directions @ middle
    seen = depth > 1.0 / FAR
    plane = (directions[seen] / depth[seen, None]) @ np.stack([x, y], -1)
    edges = [_edges(plane[:, axis], weights[seen]) for axis in (0, 1)]
    edges[1] = 0.5 * (edges[1] - edges[1][::-1])  # the lobe is as wide to the left as to the right
    mass = np.histogram2d(plane[:, 0], plane[:, 1], bins=edges, weights=weights[seen])[0]
    corner = middle + edges[0][:, None, None] * x + edges[1][None, :, None] * y
    cells = np.stack([corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]], -2)
    return above(cells), mass


def _frame(directions: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    middle = _unit(weights @ directions) * (1.0, 0.0, 1.0)
    return np.array([middle[2], 0.0, -middle[0]]), np.array([0.0, 1.0, 0.0]), middle


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True))


def _edges(values: Floats, weights: Floats) -> Floats:
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return np.array([-FAR, *np.interp(np.array(QUANTILES) * reached[-1], reached, values[order]), FAR])


def above(polygons: Floats) -> Floats:
    """Return what of convex ``polygons`` (..., K, 3) is above the horizon, with 2 K corners, some of them equal."""
    start, end = polygons, np.roll(polygons, -1, axis=-2)
    rise = start[..., 2:] - end[..., 2:]
    at_horizon = start + (end - start) * (start[..., 2:] / np.where(rise == 0.0, 1.0, rise))
    up, end_up = start[..., 2:] > 0.0, end[..., 2:] > 0.0
    leaves = (at_horizon * (up & ~end_up)).sum(-2, keepdims=True)
    first = np.where(up, start, np.where(end_up, at_horizon, leaves))
    last = np.where(end_up, end, np.where(up, at_horizon, leaves))
    return np.stack([first, last], -2).reshape(*polygons.shape[:-2], -1, 3)


def integrals(entry: Floats, polygons: Floats) -> Floats:
    """Return the integrals of an entry's lobe over ``polygons`` (..., K, 3), which lie above the horizon."""
    turn, size, tilt, width = entry
    a, b, d = size * np.cos(turn), size * np.sin(turn), width * width
    c = tilt * d
    x, y, z = polygons[..., 0], polygons[..., 1], polygons[..., 2]
    start = np.stack([a * x + b * z, y, c * x + d * z], -1)
    end = np.roll(start, -1, axis=-2)
    normal = np.cross(start, end)
    sine = np.linalg.norm(normal, axis=-1)
    angle = np.arctan2(sine, (start * end).sum(-1))
    form_factor = (angle * normal[..., 2] / np.maximum(sine, 1e-300)).sum(-1) / (2.0 * np.pi)
    return np.asarray(form_factor * np.hypot(a, c) / a)


def _boxes(cells: int) -> Floats:
    """Return a factor whose product with both axes of errors (n, n) has the mean square of all boxes' errors."""
    box = np.array([[i <= k < j for k in range(cells)] for i in range(cells) for j in range(i + 1, cells + 1)], float)
    return np.linalg.cholesky(box.T @ box / len(box)).T


BOXES = _boxes(len(QUANTILES) + 1)


def box_errors(entry: Floats, cells: tuple[Floats, Floats]) -> Floats:
    """Return errors (n, n) whose sum of squares is the mean square error over all boxes of ``cells``."""
    polygons, mass = cells
    return np.asarray(BOXES @ (integrals(entry, polygons) - mass) @ BOXES.T)


def first_guess(directions: Floats, weights: Floats) -> Floats:
    """Return an entry around the lobe's mean direction, as wide as the lobe."""
    x, y, middle = _frame(directions, weights)
    across, along = (np.sqrt(weights @ (directions @ axis) ** 2) for axis in (y, x))
    return np.array([np.arctan2(x[2], x[0]), across / along, middle[0] / middle[2], np.sqrt(middle[2] / across)])


def fit(targets: Targets, guess: Floats, free: slice) -> Floats:
    """Return the entry whose ``free`` numbers fit all ``targets`` best, from ``guess``, a neighbour."""

    def entry(numbers: Floats) -> Floats:
        whole = guess.copy()
        whole[free] = numbers
        return whole

    def errors(numbers: Floats) -> Floats:
        own = entry(numbers)
        off = [box_errors(share * own + (1.0 - share) * other, cells).ravel() for cells, share, other in targets]
        return np.append(np.concatenate(off), STEADY * (own[2] - guess[2]))

    scale = np.array([1.0, 1.0, 1.0, guess[3]])[free]
    return entry(least_squares(errors, guess[free], method="lm", x_scale=scale, xtol=1e-9, ftol=1e-9).x)


def fit_table() -> Floats:
    """Return the table (64, 64, 4).

    Seen along the normal the lobe is round, so that only its width is free. Between the last two
    columns the lobe changes faster than the table can: the last is fitted to what is read halfway, too.
    """
    across = np.linspace(0.0, 1.0, SIZE)
    table = np.zeros((SIZE, SIZE, 4))
    for row in reversed(range(SIZE)):
        for column, u in enumerate(across):
            directions, weights = lobe(1.0 - u * u, across[row])
            targets: Targets = [(cut(directions, weights), 1.0, np.zeros(4))]
            if column == SIZE - 1:
                between = 1.0 - (u - 0.5 * across[1]) ** 2
                targets.append((cut(*lobe(between, across[row])), 0.5, table[row, column - 1]))
            guess = first_guess(directions, weights)
            if row + 1 < SIZE:
                guess = table[row + 1, column] * (1.0, 1.0, 1.0, _least(across[row]) / _least(across[row + 1]))
            if column == 0:
                guess = np.array([0.0, 1.0, 0.0, guess[3]])
            table[row, column] = fit(targets, guess, slice(3 if column == 0 else 0, 4))
    return table


if __name__ == "__main__":
    np.save(TABLE, fit_table().astype(np.float32))
