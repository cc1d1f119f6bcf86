"""Rectangles, discs, balls, points and spots with a size: form factors, quadrature of the BRDF, units."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from renderer.conftest import Draw
from renderer.light_probe import DIRECT, Bench, probe
from renderer.test_brdf import appendix_b
from renderer.test_ltc import ALLOWED, by_quadrature, clipped, form_factor, rectangles, reflections
from shots import camera, lights, make_shot, unit

from diorama.gl.device import Device
from diorama.scene.shot import DISC, POINT, RECTANGLE, SPHERE, SPOT
from diorama.transform import look_at

Floats = NDArray[np.float64]

COSINES = (0.06, 0.3, 0.75, 0.98)
ROUGHNESS = (0.1, 0.33, 0.7, 1.0)


def on_floor(device: Device, points: ArrayLike, *, normal: ArrayLike = (0, 1, 0)) -> Floats:
    """What white Lambert points send back, over the luminance 1 of the light: its form factor, where nothing is hid."""
    places = np.asarray(points, float).reshape(-1, 3)
    found = probe(device, DIRECT, len(places), position=places, normal=normal, view=normal, specular=0.0, soft=True)
    return found[:, 0].astype(float)


def corners_of(place: ArrayLike, direction: ArrayLike, half: tuple[float, float]) -> Floats:
    """The corners (4, 3) of a rectangle, counterclockwise for those whom it shines at."""
    direction = unit(direction)
    across = look_at(np.zeros(3), direction)[:, 0]
    up = np.cross(direction, across)
    signs = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
    return np.asarray(place + signs[:, :1] * across * half[0] + signs[:, 1:] * up * half[1])


def polygon_factor(corners: Floats, point: Floats, normal: Floats) -> float:
    """Lambert's form factor of a rectangle, cut at the horizon; none behind it."""
    side = unit(np.cross(normal, (0.3, 0.2, 0.9)))
    local = (corners - point) @ np.stack([side, np.cross(normal, side), normal], axis=1)
    above = clipped(local)
    return max(-form_factor(above), 0.0) if len(above) > 2 else 0.0


def ball_factor(centre: Floats, radius: float, point: Floats, normal: Floats, side: int = 400) -> float:
    """That of a ball, by strata over the cone around it, of which only what is above the horizon counts."""
    towards = centre - point
    distance = np.linalg.norm(towards)
    least = np.sqrt(1 - (radius / distance) ** 2)
    u, phi = np.meshgrid((np.arange(side) + 0.5) / side, 2 * np.pi * (np.arange(side) + 0.5) / side)
    cosine = 1 - u * (1 - least)
    sine = np.sqrt(1 - cosine**2)
    axis = towards / distance
    across = unit(np.cross(axis, (0.31, 0.5, 0.8)))
    along = cosine[..., None] * axis + sine[..., None] * (
        np.cos(phi)[..., None] * across + np.sin(phi)[..., None] * np.cross(axis, across)
    )
    return float(np.maximum(along @ normal, 0).mean() * 2 * (1 - least))


def test_a_rectangle_is_its_polygons_form_factor(soft_bench: Bench, device: Device) -> None:
    """Above, leaning, standing half below the floor, and seen from behind; on floors that lean."""
    random = np.random.default_rng(11)
    for _ in range(12):
        place, direction = random.uniform((-1, -0.3, -1), (1, 2, 1)), unit(random.normal(size=3) - (0, 0.8, 0))
        half = tuple(random.uniform(0.1, 1.5, 2))
        soft_bench.light(lights({"kind": RECTANGLE, "position": place, "direction": direction, "size": half}))
        points = random.uniform(-2, 2, (20, 3)) * (1, 0, 1)
        normals = unit(random.normal(size=(20, 3)) * 0.4 + (0, 1, 0))
        corners = corners_of(place, direction, half)
        wanted = [polygon_factor(corners, p, n) for p, n in zip(points, normals, strict=True)]
        np.testing.assert_allclose(on_floor(device, points, normal=normals), wanted, atol=1e-6, rtol=1e-4)


def test_a_disc_over_a_floor(soft_bench: Bench, device: Device) -> None:
    """The closed form of a disc parallel to the floor, on its axis and off it; it is drawn with sixteen corners."""
    for radius, height in ((0.5, 2.0), (1.0, 1.0), (2.0, 0.5), (0.05, 1.0)):
        soft_bench.light(lights({"kind": DISC, "position": (0, height, 0), "size": (radius, radius)}))
        aside = np.array([0.0, 0.3, 1.0, 3.0])
        total = height**2 + aside**2 + radius**2
        wanted = 0.5 * (1 - (total - 2 * radius**2) / np.sqrt(total**2 - 4 * radius**2 * aside**2))
        assert wanted[0] == pytest.approx(radius**2 / (radius**2 + height**2))
        found = on_floor(device, np.column_stack([aside, 0 * aside, 0 * aside]))
        np.testing.assert_allclose(found, wanted, atol=5e-5, rtol=1e-3)


def test_a_ball_over_a_floor(soft_bench: Bench, device: Device) -> None:
    """(r / d)² cos where it is all above the horizon; by strata where the horizon cuts it."""
    points = np.array([(0.0, 0, 0), (0.7, 0, 0.2), (2.0, 0, -1), (5.0, 0, 5)])
    for radius, height in ((0.5, 2.0), (0.1, 0.3), (1.0, 1.5)):
        soft_bench.light(lights({"kind": SPHERE, "position": (0, height, 0), "size": (radius, radius)}))
        towards = np.array((0, height, 0)) - points
        distance = np.linalg.norm(towards, axis=1)
        wanted = radius**2 * height / distance**3
        np.testing.assert_allclose(on_floor(device, points), wanted, rtol=1e-3)
    for height in (0.7, 0.3, 0.0, -0.3, -0.9):
        centre, radius = np.array((0, height, 0)), 1.0
        soft_bench.light(lights({"kind": SPHERE, "position": centre, "size": (radius, radius)}))
        aside = np.array([(1.3, 0, 0), (0, 0, 2.0)])
        wanted = [ball_factor(centre, radius, point, np.array((0, 1.0, 0))) for point in aside]
        np.testing.assert_allclose(on_floor(device, aside), wanted, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("kind", [POINT, SPOT])
def test_the_radius_of_a_point_or_a_spot_changes_the_shape_of_its_light_and_not_its_strength(
    soft_bench: Bench, device: Device, kind: int
) -> None:
    points, found = np.array([(0.0, 0, 0), (0.5, 0, 0.3), (1.5, 0, 0)]), []
    for radius in (0.0, 0.1, 0.4):
        lamp = {"kind": kind, "position": (0, 2, 0), "color": (5,) * 3, "size": (radius, radius), "inner_angle": 0.4,
                "outer_angle": 0.8}  # fmt: skip
        soft_bench.light(lights(lamp))
        found.append(on_floor(device, points))
    distance = np.hypot(points[:, 0], np.hypot(points[:, 2], 2))
    cone = np.clip((2 / distance - np.cos(0.8)) / (np.cos(0.4) - np.cos(0.8)), 0, 1) ** 2
    wanted = 5 * 2 / distance**3 / np.pi * (cone if kind == SPOT else 1.0)
    np.testing.assert_allclose(found, np.broadcast_to(wanted, (3, 3)), rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "half", "area"),
    [(RECTANGLE, (0.1, 0.3), 4 * 0.1 * 0.3), (DISC, (0.2, 0.2), np.pi * 0.04), (SPHERE, (0.2, 0.2), np.pi * 0.04)],
)
def test_far_away_luminance_times_area_is_intensity(
    soft_bench: Bench, device: Device, kind: int, half: tuple[float, float], area: float
) -> None:
    """Nits times square metres are candela: a small light is a point, here of 7 nits 30 m away."""
    soft_bench.light(lights({"kind": kind, "position": (0, 30, 0), "color": (7,) * 3, "size": half}))
    found = on_floor(device, (0, 0, 0))[0]
    soft_bench.light(lights({"kind": POINT, "position": (0, 30, 0), "color": (7 * area,) * 3}))
    assert found == pytest.approx(on_floor(device, (0, 0, 0))[0], rel=1e-3)


@pytest.mark.parametrize("kind", [RECTANGLE, DISC])
def test_flat_lights_shine_to_one_side(soft_bench: Bench, device: Device, kind: int) -> None:
    """Not at what is behind them, nor at surfaces that face away, nor at what they stand in the plane of."""
    soft_bench.light(lights({"kind": kind, "position": (0, 1, 0), "direction": (0, 1, 0), "size": (0.5, 0.5)}))
    assert (on_floor(device, [(0, 0, 0), (0.3, 0.99, 0), (4, -3, 0)]) == 0).all()
    assert (on_floor(device, [(0, 2, 0), (3, 2, 0)]) == 0).all(), "they face away"
    assert (on_floor(device, [(0, 2, 0), (3, 2, 0)], normal=(0, -1, 0)) > 0.002).all()
    assert (on_floor(device, [(3, 1, 0)], normal=(-1, 0, 0)) < 1e-6).all()


@pytest.mark.parametrize("roughness", ROUGHNESS)
def test_metal_mirrors_rectangles_as_the_brdf_says(soft_bench: Bench, device: Device, roughness: float) -> None:
    """White metal, so that no Fresnel term is left, against quadrature; the bounds are those of the table."""
    off, whole = [], []
    for cosine in COSINES:
        v = np.array([np.sqrt(1 - cosine**2), 0, cosine])
        lobe = reflections(v, roughness)
        for corner, x, y in rectangles(v).values():
            found = [metal(soft_bench, device, corner, x, y, v, roughness, energy) for energy in ("gltf", "conserving")]
            off.append(found[0] - by_quadrature(v, roughness, lobe, corner, x, y))
            whole.append(found)
    for value, allowed in zip(np.quantile(np.abs(off), [0.5, 0.95, 1.0]), ALLOWED[roughness], strict=True):
        assert value < allowed + 1e-3
    gltf, conserving = np.array(whole).T
    assert (conserving >= gltf * 0.999).all(), "what many bounces between facets give back comes on top"
    assert (conserving <= 1.0 + 1e-3).all()


def metal(
    bench: Bench, device: Device, corner: Floats, x: Floats, y: Floats, v: Floats, roughness: float, energy: str,
    base: ArrayLike = (1, 1, 1),
) -> float:  # fmt: skip
    """Red of what metal at the origin, facing +Z, sends along ``v`` of a rectangle of 1 nit that faces it."""
    normal = unit(np.cross(x, y))
    direction = normal if corner @ normal < 0 else -normal
    half = np.linalg.norm(x) / 2, np.linalg.norm(y) / 2
    batch = lights({"kind": RECTANGLE, "position": corner + (x + y) / 2, "direction": direction, "size": half})
    batch.tangent[:] = unit(x)
    bench.light(batch, energy=energy)
    return float(probe(device, DIRECT, 1, view=v, color=base, metallic=1.0, roughness=roughness, soft=True)[0, 0])


@pytest.mark.parametrize("roughness", ROUGHNESS)
def test_coloured_metal_is_near_appendix_b(soft_bench: Bench, device: Device, roughness: float) -> None:
    """Fresnel's term is taken for the mean of the lobe: exact for white, near for others."""
    base, n = np.array([0.4, 0.4, 0.4]), np.array([0, 0, 1.0])
    side = 200
    steps = (np.stack(np.meshgrid(np.arange(side), np.arange(side)), -1).reshape(-1, 2) + 0.5) / side
    for cosine in (0.3, 0.75, 0.98):
        v = np.array([np.sqrt(1 - cosine**2), 0, cosine])
        corner, x, y = rectangles(v)["near"]
        places = corner + steps[:, :1] * x + steps[:, 1:] * y
        distance = np.linalg.norm(places, axis=1)
        light, facing = places / distance[:, None], np.abs(unit(places) @ unit(np.cross(x, y)))
        value = appendix_b(n, v, light, base, 1.0, roughness)[:, 0]
        wanted = (value * facing / distance**2).mean() * np.linalg.norm(np.cross(x, y))
        assert metal(soft_bench, device, corner, x, y, v, roughness, "gltf", base) == pytest.approx(wanted, rel=0.12)


@pytest.mark.parametrize("preset", ["draft", "high"])
@pytest.mark.parametrize("kind", [RECTANGLE, DISC, SPHERE])
def test_the_camera_does_not_see_the_lamp(draw: Draw, kind: int, preset: str) -> None:
    lamp = lights({"kind": kind, "position": (0, 0, -3), "direction": (0, 0, 1), "size": (1, 1), "color": (9,) * 3})
    frame = draw(make_shot([], camera(), light=lamp), "color", "alpha", preset=preset)
    assert not frame["color"].any() and not frame["alpha"].any()
