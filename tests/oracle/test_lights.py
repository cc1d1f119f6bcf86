"""Each light on a matt floor, in lux, against its closed form."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray
from oracle.floor import ALBEDO, MATT, SIZE, VIEW, at, check, illuminance, places
from shots import Thing, camera, lights, make_shot, unit

from diorama.geometry.primitives import plane
from diorama.material.pbr import Image, PbrMaterial
from diorama.oracle.path_tracer import DIRECT, FULL, trace
from diorama.scene.shot import DISC, POINT, RECTANGLE, SKY, SPHERE, SPOT, SUN, LightBatch
from diorama.transform import compose

Floats = NDArray[np.float64]

LAMP = np.array([0.4, 1.6, -0.3])
DOWN = unit([0.3, -1.0, 0.1])


def of_a_point(candela: float) -> Floats:
    """Lux of a point at :data:`LAMP`: I cos / d², at all places."""
    offset = LAMP - places()
    distance = np.linalg.norm(offset, axis=-1)
    return candela * offset[..., 1] / distance**3


def of_a_polygon(corners: Floats, nits: float) -> Floats:
    """Lux of a shining polygon (K, 3), above the floor, seen counter-clockwise from its front (Lambert, 1760)."""
    arms = unit(corners - places()[..., None, :])
    after = np.roll(arms, -1, axis=-2)
    crossed = np.cross(arms, after)
    angles = np.arccos(np.clip((arms * after).sum(axis=-1), -1.0, 1.0))
    return np.maximum(-(angles * unit(crossed)[..., 1]).sum(axis=-1) * nits / 2.0, 0.0)


def of_a_level_disc(height: float, radius: float, nits: float) -> Floats:
    """Lux under a disc that faces down, centred on x = z = 0 (Naraghi and Chung, 1982)."""
    away2 = (places()[..., [0, 2]] ** 2).sum(axis=-1)
    whole = away2 + height**2 + radius**2
    return nits * np.pi / 2.0 * (1.0 - (whole - 2.0 * radius**2) / np.sqrt(whole**2 - 4.0 * away2 * radius**2))


def cone(inner: float, outer: float) -> Floats:
    """The falloff of KHR_lights_punctual at all places, for :data:`LAMP` shining along :data:`DOWN`."""
    cosine = unit(places() - LAMP) @ DOWN
    linear = np.clip((cosine - np.cos(outer)) / (np.cos(inner) - np.cos(outer)), 0.0, 1.0)
    return linear**2


@pytest.mark.parametrize("radius", [0.0, 0.3])
def test_a_point_in_candela(radius: float) -> None:
    """The same lux whatever the radius: the sphere is whole above the floor."""
    light = lights({"kind": POINT, "position": LAMP, "color": (30, 30, 30), "size": (radius, radius)})
    check(illuminance(light), of_a_point(30.0), each=0.02, mean=0.001)


def test_a_sphere_in_nits() -> None:
    light = lights({"kind": SPHERE, "position": LAMP, "color": (30, 30, 30), "size": (0.3, 0.3)})
    check(illuminance(light), of_a_point(30.0 * np.pi * 0.3**2), each=0.04, mean=0.001)


@pytest.mark.parametrize(("radius", "each"), [(0.0, 0.03), (0.1, 0.03)])
def test_the_cone_of_a_spot(radius: float, each: float) -> None:
    row = {"kind": SPOT, "position": LAMP, "direction": DOWN, "color": (30, 30, 30), "size": (radius, radius)}
    light = lights({**row, "inner_angle": 0.35, "outer_angle": 0.6})
    wanted = of_a_point(30.0) * cone(0.35, 0.6)
    assert (wanted == 0.0).any() and (cone(0.35, 0.6) == 1.0).any()
    check(illuminance(light), wanted, each=each, mean=0.002)


@pytest.mark.parametrize("half_angle", [0.0, 0.00463, 0.3])
def test_a_sun_in_lux_whatever_its_angle(half_angle: float) -> None:
    light = lights({"kind": SUN, "direction": DOWN, "color": (5, 5, 5), "size": (half_angle, half_angle)})
    check(illuminance(light), np.full((SIZE, SIZE, 1), -5.0 * DOWN[1]), each=0.04, mean=0.001)


def test_the_colour_of_a_light_is_its_own() -> None:
    light = lights({"kind": SUN, "color": (4.0, 2.0, 1.0)})
    np.testing.assert_allclose(illuminance(light, samples=4), np.broadcast_to((4.0, 2.0, 1.0), (SIZE, SIZE, 3)), 1e-4)


def test_lights_of_the_sky_are_left_to_the_sky() -> None:
    np.testing.assert_array_equal(illuminance(lights({"kind": SKY}), samples=4), 0.0)


def rectangle(direction: ArrayLike) -> tuple[LightBatch, Floats]:
    """One of 1.2 x 0.5 metres at :data:`LAMP` with 7 nits, and its corners, counter-clockwise from its front."""
    batch = lights(
        {"kind": RECTANGLE, "position": LAMP, "direction": direction, "color": (7, 7, 7), "size": (0.6, 0.25)}
    )
    along, across = batch.tangent[0] * 0.6, np.cross(batch.direction[0], batch.tangent[0]) * 0.25
    return batch, LAMP + np.array([along + across, across - along, -along - across, along - across])


def test_a_rectangle_in_nits() -> None:
    light, corners = rectangle(DOWN)
    check(illuminance(light), of_a_polygon(corners, 7.0), each=0.04, mean=0.001)


def test_a_rectangle_shines_to_one_side() -> None:
    """Upright above the floor: half of what is seen lies behind it."""
    light, corners = rectangle((1.0, 0.0, 0.0))
    wanted = of_a_polygon(corners, 7.0)
    behind = (places()[..., 0] < LAMP[0]).all(axis=-1)
    found = illuminance(light)
    assert 50 < behind.sum() < 200
    assert found[behind].max() < 1e-5
    check(found, wanted, each=0.04, mean=0.001)


def test_a_disc_in_nits() -> None:
    light = lights({"kind": DISC, "position": (0, 1.2, 0), "color": (7, 7, 7), "size": (0.5, 0.5)})
    check(illuminance(light), of_a_level_disc(1.2, 0.5, 7.0), each=0.04, mean=0.001)


@pytest.mark.parametrize("double_sided", [False, True])
@pytest.mark.parametrize("facing", ["down", "up"])
def test_a_mesh_that_shines_lights_the_floor(facing: str, *, double_sided: bool) -> None:
    """A level rectangle, its front or its back to the floor."""
    glow = PbrMaterial(base_color=(0, 0, 0), specular=0.0, emission=(7, 7, 7), double_sided=double_sided)
    turn = (1, 0, 0, 0) if facing == "down" else (0, 0, 0, 1)
    corners = LAMP + np.array([[0.6, 0, 0.25], [0.6, 0, -0.25], [-0.6, 0, -0.25], [-0.6, 0, 0.25]])
    out_of_sight = VIEW.matrix[:3, 3] + (0.0, 0.5, 1.0)
    corners = corners + out_of_sight - LAMP
    lamp = Thing(plane((1.2, 0.5)), compose(out_of_sight, turn, (1, 1, 1)), glow)
    found = illuminance(things=[lamp], samples=400)
    if facing == "up" and not double_sided:
        np.testing.assert_array_equal(found, 0.0)
    else:
        check(found, of_a_polygon(corners[::-1], 7.0), each=0.05, mean=0.002)


def test_the_picture_of_what_shines_is_seen_and_lights() -> None:
    """Left dark and right bright (sRGB 0 and 255), repeated four times: half the light of the whole."""
    pixels = np.zeros((2, 2, 4), np.uint8)
    pixels[:, 1] = 255
    glow = PbrMaterial(base_color=(0, 0, 0), specular=0.0, emission=(7, 7, 7), emission_image=Image(pixels, "srgb"))
    square = plane((2.0, 2.0))
    lamp = Thing(replace(square, uvs=square.uvs * 4.0), compose((0, 6, 5.5), (1, 0, 0, 0), (1, 1, 1)), glow)
    corners = np.array([[1, 6, 6.5], [-1, 6, 6.5], [-1, 6, 4.5], [1, 6, 4.5]])
    check(illuminance(things=[lamp], samples=400), of_a_polygon(corners, 3.5), each=0.12, mean=0.006)
    view = camera((0, 5, 0.01), (0, 0, 0), fov=20, size=8)
    color = trace(make_shot([Thing(square, at(), glow)], view, size=(8, 8)), 64, depth=DIRECT).color[..., 0]
    across = ((np.arange(8) + 0.5) - view.cx) / view.fx * 5.0 / 2.0 + 0.5
    from_bright = np.abs((across - 0.25) % 1.0 - 0.5)  # from the middle of the bright texel, at 0.75, round and round
    np.testing.assert_allclose(color.mean(axis=0), 7.0 * (1.0 - 2.0 * from_bright), atol=0.25)


def test_the_camera_sees_no_light_but_a_mirror_does() -> None:
    """A sphere before a glowing wall: the camera sees the wall; a mirror beside it shows the sphere."""
    wall = Thing(plane((20, 20)), compose((0, -3, 0), (0, 0, 0, 1), (1, 1, 1)), PbrMaterial(unlit=True))
    lamp = lights({"kind": SPHERE, "position": (0, 1, 0), "color": (9, 9, 9), "size": (0.5, 0.5)})
    above = camera((0, 6, 0.01), (0, 0, 0), fov=10, size=8)
    seen = trace(make_shot([wall], above, size=(8, 8), light=lamp), 4, depth=FULL).color
    np.testing.assert_allclose(seen, 1.0, rtol=1e-4)
    mirror = Thing(plane((20, 20)), at(), PbrMaterial(metallic=1.0, roughness=0.0))
    mirrored = trace(make_shot([mirror], above, size=(8, 8), light=lamp), 64, depth=FULL).color
    np.testing.assert_allclose(mirrored[3:5, 3:5], 9.0, rtol=0.05)


def test_the_floor_reflects_by_its_colour() -> None:
    """What the other tests divide by."""
    shot = make_shot([Thing(plane((200, 200)), at(), MATT)], VIEW, size=(SIZE, SIZE), light=lights({"kind": SUN}))
    np.testing.assert_allclose(trace(shot, 4).color / np.array(ALBEDO), 1 / np.pi, rtol=1e-4)
