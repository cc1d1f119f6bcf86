"""Where things are and which way they face: far away, mirrored, unevenly scaled, from behind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from oracle.floor import MATT, at
from shots import Thing, camera, lights, make_shot, unit

from diorama.geometry.primitives import box, plane, sphere
from diorama.material.pbr import Image, PbrMaterial
from diorama.oracle.path_tracer import DIRECT, FULL, trace
from diorama.scene.shot import POINT, SUN, EnvironmentState, Shot
from diorama.transform import compose, rotation_matrix

Floats = NDArray[np.float64]

WHITE = EnvironmentState(1.0, 0.0, *3 * ((1.0, 1.0, 1.0),))
GRAY = replace(MATT, base_color=(1.0, 1.0, 1.0))
TO_LIGHT = unit([0.5, 0.7, 0.6])
LIGHT = lights({"kind": SUN, "direction": -TO_LIGHT, "color": np.full(3, np.pi)})
TILT = rotation_matrix(unit([0.3, 0.1, -0.2, 1.0]))


def matrix(linear: ArrayLike, place: ArrayLike = (0, 0, 0)) -> Floats:
    whole = np.eye(4)
    whole[:3, :3], whole[:3, 3] = linear, place
    return whole


def seen(thing: Thing, direction: ArrayLike) -> float:
    """The radiance of a plane under the sun along ``direction``, from 3 metres off; it is the same all over."""
    middle = thing.matrix("current")[:3, 3]
    view = camera(middle - 3.0 * unit(direction), middle, fov=5, size=4)
    color = trace(make_shot([thing], view, size=(4, 4), light=LIGHT), 4, depth=DIRECT).color
    assert np.ptp(color) < 1e-3
    return float(color.mean())


@pytest.mark.parametrize("scale", [(1, 1, 1), (3, 0.5, 1), (-1, 1, 1), (2, 0.4, -1.5)], ids=str)
def test_normals_stay_upright_under_uneven_and_mirroring_scale(scale: tuple[float, float, float]) -> None:
    """Against the plane's own corners: the cross product of its edges, on the outer side."""
    linear = np.diag(scale) @ TILT
    normal = unit(np.cross(linear[:, 2], linear[:, 0])) * np.sign(np.prod(scale))
    light = max(float(normal @ TO_LIGHT), 0.0)
    found = seen(Thing(plane((2, 2)), matrix(linear), GRAY), -normal)
    assert found == pytest.approx(light, abs=1e-3)
    assert light > 0.1


def leaning() -> PbrMaterial:
    """A white one whose normal map leans to the right of the picture and towards its lower edge."""
    normal = np.round((unit([0.5, 0.4, 1.0]) * 0.5 + 0.5) * 255.0).astype(np.uint8)
    pixels = np.tile(np.append(normal, np.uint8(255)), (2, 2, 1))
    return replace(GRAY, normal_image=Image(pixels, "linear"), double_sided=True)


def mapped(linear: Floats) -> Floats:
    """The mapped normal of a plane after a rotation or reflection: it is moved as the plane is.

    Before that +X of the map is along the tangent, the plane's +X; +Y is the picture's way up, -Z.
    """
    material = leaning().normal_image
    assert material is not None
    x, y, z = unit(material.pixels[0, 0, :3] / 255.0 * 2.0 - 1.0)
    return linear @ (x, z, -y)


@pytest.mark.parametrize("mirror", [(1, 1, 1), (-1, 1, 1), (1, 1, -1), (-1, -1, -1)], ids=str)
@pytest.mark.parametrize("side", [1.0, -1.0], ids=["front", "back"])
def test_a_normal_map_is_moved_with_its_surface_and_turned_for_its_back(side: float, mirror: tuple[int, ...]) -> None:
    linear = TILT @ np.diag(mirror).astype(float)
    up, normal = side * linear[:, 1], side * mapped(linear)
    towards = unit(normal + 0.3 * up)
    sun = lights({"kind": SUN, "direction": -towards, "color": np.full(3, np.pi)})
    view = camera(3.0 * up, (0, 0, 0), fov=5, size=4)
    shot = make_shot([Thing(plane((2, 2)), matrix(linear), leaning())], view, size=(4, 4), light=sun)
    np.testing.assert_allclose(trace(shot, 4, depth=DIRECT).color, normal @ towards, atol=2e-3)
    # and it matters: without the map
    assert abs(up @ towards - normal @ towards) > 0.02


def test_far_from_the_origin_nothing_trembles() -> None:
    near, far = (town(np.array(place)) for place in ((0.0, 0.0, 0.0), (1234567.1, -2345678.3, 3456789.7)))
    one, other = (trace(shot, 16, depth=DIRECT).color for shot in (near, far))
    assert one.max() > 0.3
    np.testing.assert_allclose(other, one, atol=2e-3)


def town(origin: Floats) -> Shot:
    above, lamp, eye = origin + np.array([[0.03, 0.53, 0.07], [1.07, 2.11, 0.93], [0.13, 2.07, 4.19]])
    things = [
        Thing(plane((20, 20)), at(origin), GRAY),
        Thing(sphere(0.5, 32), at(above), PbrMaterial(base_color=(0.8, 0.2, 0.1), roughness=0.4)),
    ]
    light = lights({"kind": POINT, "position": lamp, "color": (20, 20, 20)})
    return make_shot(things, camera(eye, above, size=16), size=(16, 16), light=light)


def test_the_camera_looks_through_backs_and_they_keep_light_off() -> None:
    """Into a white box from above whose sides face inwards: no light comes in; a lamp inside lights it."""
    outward = box((2, 2, 2))
    inward = Thing(replace(outward, normals=-outward.normals, triangles=outward.triangles[:, ::-1]), at(), GRAY)
    view = camera((0, 5, 0.01), (0, 0, 0), fov=16, size=8)
    dark = trace(make_shot([inward], view, size=(8, 8), environment=WHITE), 16, depth=FULL).color
    np.testing.assert_array_equal(dark, 0.0)
    lamp = lights({"kind": POINT, "position": (0, 0, 0), "color": (np.pi, np.pi, np.pi)})
    lit = trace(make_shot([inward], view, size=(8, 8), light=lamp), 16, depth=DIRECT).color
    # the middle of the floor is 1 metre under the lamp: the light meets it once, though the ceiling lies before it
    np.testing.assert_allclose(lit[3:5, 3:5], 1.0, rtol=0.05)


@pytest.mark.parametrize("double_sided", [False, True])
def test_a_back_shades_what_it_hides_from_the_light(*, double_sided: bool) -> None:
    """A roof that faces down, under a sun from above: its shadow lies on the floor whichever its sides."""
    floor, roof = Thing(plane((20, 20)), at(), GRAY), replace(GRAY, double_sided=double_sided)
    cover = Thing(plane((2, 2)), compose((0, 1, 0), (1, 0, 0, 0), (1, 1, 1)), roof)
    sun = lights({"kind": SUN, "direction": (0, -1, 0), "color": np.full(3, np.pi)})
    view = camera((0, 6, 0.01), (0, 0, 0), fov=35, size=16)
    color = trace(make_shot([floor, cover], view, size=(16, 16), light=sun), 16, depth=DIRECT).color[..., 0]
    np.testing.assert_allclose(color[[0, -1]], 1.0, rtol=1e-3)
    # from above the roof itself is seen, lit, only if it has two sides; else its shadow is
    np.testing.assert_allclose(color[6:10, 6:10], 1.0 if double_sided else 0.0, atol=1e-3)


def test_the_rim_of_a_coarse_sphere_is_not_seen_through() -> None:
    """Where interpolated normals lean away from the view, the triangles still face it: one side does for two."""
    for place in ((3.0, 0.0, 0.0), (3.0, 0.3, 0.7), (3.0, 2.0, 1.4)):
        one, both = (
            trace(make_shot([Thing(sphere(1.0, 8), at(), replace(GRAY, base_color=(0, 0, 0), double_sided=double))],
                            camera(place, (0, 0, 0), fov=45, size=48), size=(48, 48), environment=WHITE),
                  4, depth=DIRECT).color
            for double in (False, True)
        )  # fmt: skip
        assert 0.2 < both.mean() < 0.9
        np.testing.assert_array_equal(one, both)


def test_a_mirrored_thing_has_its_front_outside() -> None:
    ball = Thing(sphere(0.5, 32), matrix(np.diag([-1.0, 1.0, 1.0])), GRAY)
    plain = Thing(sphere(0.5, 32), at(), GRAY)
    one, other = (
        trace(make_shot([thing], camera((0, 0, 3), size=16), size=(16, 16), light=LIGHT), 64, depth=DIRECT).color
        for thing in (ball, plain)
    )
    assert other.max() > 0.9
    np.testing.assert_allclose(one, other, atol=0.03)
