"""Linearly transformed cosines over rectangles against quadrature of the BRDF over them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from shots import unit

from diorama.errors import AssetError
from diorama.renderer import ltc

Floats = NDArray[np.float64]

# roughness: median, 95th percentile and largest error allowed, over the lobe's albedo
ALLOWED = {
    0.1: (0.0005, 0.005, 0.008),
    0.2: (0.002, 0.018, 0.05),
    0.33: (0.004, 0.028, 0.075),
    0.5: (0.004, 0.038, 0.068),
    0.7: (0.003, 0.024, 0.055),
    1.0: (0.002, 0.013, 0.027),
}
COSINES = (0.06, 0.15, 0.3, 0.5, 0.75, 0.98)
LEAST_ROUGHNESS = 0.045
SIDE = 128  # 128² strata by the lobe, as many over the rectangle


def entry(cosine: float, roughness: float) -> Floats:
    """What a bilinear texture lookup reads."""
    table = ltc.ltc_table().astype(float)
    down, across = roughness * (ltc.LTC_SIZE - 1), np.sqrt(1 - cosine) * (ltc.LTC_SIZE - 1)
    row, column = (min(int(at), ltc.LTC_SIZE - 2) for at in (down, across))
    rows = table[row] + (down - row) * (table[row + 1] - table[row])
    return np.asarray(rows[column] + (across - column) * (rows[column + 1] - rows[column]))


def clipped(polygon: Floats) -> Floats:
    """The corners (K, 3) of what is above the plane z = 0 (Sutherland and Hodgman 1974)."""
    kept = []
    for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        if start[2] >= 0:
            kept.append(start)
        if (start[2] >= 0) != (end[2] >= 0):
            kept.append(start + (end - start) * start[2] / (start[2] - end[2]))
    return np.array(kept).reshape(-1, 3)


def form_factor(polygon: Floats) -> float:
    """Lambert's, of corners (K, 3) that are counterclockwise as the origin sees them."""
    total = 0.0
    for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        normal = np.cross(start, end)
        length = np.linalg.norm(normal)
        if length > 0:
            total += np.arctan2(length, start @ end) * normal[2] / length
    return total / (2 * np.pi)


def signed(read: Floats, polygon: Floats) -> float:
    """The share of the lobe that a polygon takes, as ``ltc.py`` says; it may be slightly negative."""
    turn, size, tilt, width = read
    a, b, d = size * np.cos(turn), size * np.sin(turn), width**2
    matrix = np.array([[a, 0, b], [0, 1, 0], [tilt * d, 0, d]])
    above = clipped(polygon)
    if len(above) < 3:
        return 0.0
    return float(form_factor(above @ matrix.T) * np.hypot(a, tilt * d) / a)


def by_table(read: Floats, polygon: Floats) -> float:
    return max(signed(read, polygon), 0.0)


def densities(v: Floats, light: Floats, roughness: float) -> tuple[Floats, Floats]:
    """BRDF times n·l without Fresnel, and the density of visible normals' reflections, per steradian (N,)."""
    alpha = max(roughness, LEAST_ROUGHNESS) ** 2
    h = unit(light + v)
    d = alpha**2 / (np.pi * (h[:, 2] ** 2 * (alpha**2 - 1) + 1) ** 2)
    nv, nl = v[2], np.maximum(light[:, 2], 0)
    smith_v, smith_l = (np.sqrt(c**2 * (1 - alpha**2) + alpha**2) for c in (nv, nl))
    return d * 0.5 * nl / (nl * smith_v + nv * smith_l), d * 0.5 / (nv + smith_v)


@cache
def strata() -> Floats:
    steps = (np.arange(SIDE) + 0.5) / SIDE
    return np.stack(np.meshgrid(steps, steps), -1).reshape(-1, 2)


def reflections(v: Floats, roughness: float) -> Floats:
    """Directions (N, 3) by the density of visible normals (Dupuy and Benyoub 2023: caps of the sphere)."""
    alpha = max(roughness, LEAST_ROUGHNESS) ** 2
    stretched = unit(v * (alpha, alpha, 1))
    z = 1 - strata()[:, 0] * (1 + stretched[2])
    phi = 2 * np.pi * strata()[:, 1]
    cap = np.stack([np.sqrt(1 - z**2) * np.cos(phi), np.sqrt(1 - z**2) * np.sin(phi), z], -1) + stretched
    h = unit(cap * (alpha, alpha, 1))
    return np.asarray(2 * (h @ v)[:, None] * h - v)


def by_quadrature(v: Floats, roughness: float, lobe: Floats, corner: Floats, x: Floats, y: Floats) -> float:
    """The integral of BRDF times n·l over a rectangle: by lobe and by area, weighted by the balance heuristic."""
    normal = np.cross(x, y)
    area, count = np.linalg.norm(normal), len(lobe)
    towards = lobe @ normal
    points = lobe * (corner @ normal / np.where(towards == 0, 1, towards))[:, None] - corner
    u, w = points @ x / (x @ x), points @ y / (y @ y)
    hit = lobe[(u >= 0) & (u < 1) & (w >= 0) & (w < 1) & (towards * (corner @ normal) > 0)]
    far = corner + strata()[:, :1] * x + strata()[:, 1:] * y
    light = np.concatenate([hit, unit(far)])
    distance = corner @ normal / (light @ normal)
    by_area = distance**2 / (np.abs(light @ normal))  # per steradian: distance² / (area cos)
    value, by_lobe = densities(v, light, roughness)
    assert area > 0
    return float((value / (count * (by_lobe + by_area))).sum())


def rectangles(v: Floats) -> dict[str, tuple[Floats, Floats, Floats]]:
    """Corner, side and side, counterclockwise as the origin sees them."""
    mirrored = np.array([-v[0], 0, v[2]])
    across = np.array([0, 1.0, 0])

    def facing(towards: Floats, distance: float, width: float, height: float) -> tuple[Floats, Floats, Floats]:
        x = unit(np.cross(across if abs(towards[1]) < 0.9 else np.array([1.0, 0, 0]), towards)) * width
        y = unit(np.cross(towards, x)) * height
        return distance * towards - 0.5 * (x + y), x, y

    found = {
        "big, near, half the sky": facing(mirrored, 0.3, 2.0, 2.0),
        "near": facing(unit(mirrored + np.array((0.2, 0.2, 0.1))), 1.0, 1.0, 0.6),
        "small, far": facing(unit(mirrored + np.array((0.05, 0.03, 0.02))), 4.0, 0.3, 0.3),
        "far strip": facing(unit(mirrored + np.array((0, 0.1, 0.1))), 4.0, 0.1, 3.0),
        "above": (np.array([-1.5, -1.0, 2.0]), np.array([0, 2.0, 0]), np.array([2.0, 0, 0])),
        "standing, half below the horizon": (np.array([-1.5, -1, -0.7]), np.array([0, 0, 1.4]), np.array([0, 2.0, 0])),
        "standing aside": (np.array([-1.0, 0.5, -0.2]), np.array([0, 0, 1.0]), np.array([1.5, 0, 0])),
        "behind the view": (np.array([0.7, -1, 0.1]), np.array([0, 2.0, 0]), np.array([0, 0, 1.5])),
    }
    random = np.random.default_rng(7)
    for i in range(12):
        towards = unit(mirrored + random.normal(size=3) * 0.5)
        size = np.exp(random.uniform(-2, 1, size=2))
        found[f"random {i}"] = facing(towards, 1.0, size[0], size[1])
    return found


def errors(roughness: float, cosines: tuple[float, ...] = COSINES) -> Floats:
    """Differences of what the table and the quadrature say, over the lobe's albedo."""
    found = []
    for cosine in cosines:
        v, read = np.array([np.sqrt(1 - cosine**2), 0, cosine]), entry(cosine, roughness)
        lobe = reflections(v, roughness)
        value, density = densities(v, lobe, roughness)
        albedo = (value / density)[lobe[:, 2] > 0].sum() / len(lobe)
        for corner, x, y in rectangles(v).values():
            polygon = np.stack([corner, corner + x, corner + x + y, corner + y])
            if np.cross(x, y) @ corner < 0:
                polygon = polygon[::-1]
            wanted = by_quadrature(v, roughness, lobe, corner, x, y)
            found.append(by_table(read, polygon) - wanted / albedo)
    return np.abs(found)


@pytest.mark.parametrize("roughness", ALLOWED)
def test_rectangles_are_integrals_of_the_brdf(roughness: float) -> None:
    """What is left is what a transformed cosine cannot be: a wide lobe that the horizon cuts."""
    off = errors(roughness)
    for found, allowed in zip(np.quantile(off, [0.5, 0.95, 1.0]), ALLOWED[roughness], strict=True):
        assert found < allowed


@pytest.mark.parametrize("roughness", [0.0, 0.06])
def test_highlights_of_smooth_surfaces_are_where_they_are_between_entries(roughness: float) -> None:
    """A highlight is narrower than a column: entries that are not linear from one to the next would miss it."""
    columns = np.array([5.5, 20.5, 40.5, 55.5, 60.5])
    off = errors(roughness, tuple(1 - (columns / (ltc.LTC_SIZE - 1)) ** 2))
    assert off.max() < 0.015


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(-np.pi, np.pi))
def test_the_lobe_ends_at_the_horizon_and_has_integral_1(cosine: float, roughness: float, turn: float) -> None:
    """Three triangles that are the hemisphere, however they are turned; and below it nothing."""
    read = entry(cosine, roughness)
    angles = turn + np.array([0, 2, 4]) * np.pi / 3
    rim = np.stack([np.cos(angles), np.sin(angles), np.full(3, -1e-9)], -1)
    parts = [(rim[i], rim[(i + 1) % 3], np.array([0, 0, 1.0])) for i in range(3)]
    assert sum(signed(read, np.array(part)) for part in parts) == pytest.approx(1, abs=1e-5)
    assert by_table(read, np.array([rim[0], rim[1], (0, 0, -1.0)])) == 0


def test_seen_along_the_normal_the_lobe_is_round() -> None:
    np.testing.assert_array_equal(ltc.ltc_table()[:, 0, :3], [(0, 1, 0)] * ltc.LTC_SIZE)


def test_entries_change_steadily() -> None:
    """So that what is read between them is as good as they are; a fit that went astray stands out."""
    table = ltc.ltc_table()
    assert np.isfinite(table).all()
    assert (table[..., [1, 3]] > 0).all()
    for axis in (0, 1):
        assert np.abs(np.diff(table, 2, axis=axis)).max() < 0.05


@pytest.mark.parametrize("table", [np.zeros((64, 64, 3), np.float32), np.zeros((64, 64, 4)), None])
def test_a_damaged_table_is_one_clear_error(
    table: Floats | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "table.npy"
    if table is None:
        file.write_bytes(b"not a table")
    else:
        np.save(file, table)
    monkeypatch.setattr(ltc, "_TABLE", file)
    with pytest.raises(AssetError, match=r"table\.npy: expected .*\(64, 64, 4\)"):
        ltc.ltc_table.__wrapped__()
