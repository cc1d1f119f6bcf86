"""What of the sky's light things hide: closed forms, and no part in colour."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from renderer.conftest import Draw
from renderer.light_probe import sky
from shots import Thing, camera, make_shot

from diorama.geometry.primitives import box, plane, sphere
from diorama.material.pbr import PbrMaterial
from diorama.renderer.renderer import PRESETS, sky_numbers
from diorama.renderer.sky_pieces import SkyPieces, even_points, raised
from diorama.scene.shot import Shot
from diorama.transform import compose, euler_to_quaternion

UPRIGHT = (0, 0, 0, 1)
ROUGH = PbrMaterial(base_color=(0.8, 0.4, 0.2), roughness=1.0)
UNIFORM = sky(zenith=(1.0, 1.0, 1.0), horizon=(1.0, 1.0, 1.0), ground=(1.0, 1.0, 1.0))


def wall_on_a_floor(**fields: object) -> Shot:
    """A very long, very high wall along x = 0; the camera looks straight down on the floor to its right."""
    wall = Thing(box((0.1, 60, 400)), compose((-0.05, 30, 0), UPRIGHT, (1, 1, 1)), ROUGH)
    floor = Thing(plane((400, 400)), compose((0, 0, 0), UPRIGHT, (1, 1, 1)), ROUGH)
    return make_shot([wall, floor], camera((1.05, 2, 0.001), (1.05, 0, 0), fov=50), environment=UNIFORM, **fields)


def mean_share(draw: Draw, shot: Shot, frames: int, preset: str) -> np.ndarray:
    """Return the share of colour that is hidden, (H, W, 3), over many frames."""
    total = 0.0
    for number in range(frames):
        frame = draw(replace(shot, frame=number), "color", "hidden_sky", preset=preset)
        total = total + frame["hidden_sky"] / frame["color"]
    return np.asarray(total / frames)


@pytest.mark.parametrize("preset", PRESETS)
def test_an_endless_wall_hides_half_of_the_sky_from_the_floor(draw: Draw, preset: str) -> None:
    """The floor scatters 0.96 of its albedo times the sky's radiance; a wall to infinity hides the half of it."""
    shot = wall_on_a_floor()
    open_floor = make_shot([Thing(plane((400, 400)), (), ROUGH)], shot.current.camera, environment=UNIFORM)
    diffuse = draw(open_floor, "color", "hidden_sky", preset=preset)
    assert np.abs(diffuse["hidden_sky"]).max() < 1e-6, "nothing stands on this floor"
    share = mean_share(draw, shot, 24, preset)[24:40, 16:48]
    scattered = 0.96 * np.array([0.8, 0.4, 0.2]) / draw(shot, "color", preset=preset)["color"][32, 32]
    np.testing.assert_allclose(share.mean(axis=(0, 1)) / scattered, 0.5, atol=0.03)


def test_what_is_hidden_has_the_colour_of_what_shines_from_there(draw: Draw) -> None:
    blue = sky(zenith=(0.0, 0.0, 1.0), horizon=(0.0, 0.0, 1.0))
    frame = draw(replace_environment(wall_on_a_floor(), blue), "hidden_sky", preset="standard")
    assert frame["hidden_sky"][..., 2].mean() > 0.02
    assert not frame["hidden_sky"][..., :2].any()


def replace_environment(shot: Shot, environment: object) -> Shot:
    lit = replace(shot.current, environment=environment)
    return replace(shot, current=lit, shutter=((1.0, lit),))


@pytest.mark.parametrize("preset", PRESETS)
def test_a_ball_alone_hides_nothing_from_itself(draw: Draw, preset: str) -> None:
    ball = Thing(sphere(1.0, 128), compose((0, 0, -4), UPRIGHT, (1, 1, 1)), ROUGH)
    shot = make_shot([ball], camera(), environment=UNIFORM)
    for number in range(4):
        frame = draw(replace(shot, frame=number), "color", "hidden_sky", preset=preset)
        assert (frame["hidden_sky"] / np.maximum(frame["color"], 1e-3)).max() < 0.02


def test_colour_has_the_same_bytes_beside_it(draw: Draw) -> None:
    shot = wall_on_a_floor()
    for preset in PRESETS:
        alone = draw(shot, "color", "alpha", preset=preset)
        beside = draw(shot, "color", "alpha", "hidden_sky", preset=preset)
        for name in ("color", "alpha"):
            assert alone[name].tobytes() == beside[name].tobytes()


def test_deep_under_a_roof_almost_all_is_hidden(draw: Draw) -> None:
    roof = Thing(box((6, 0.1, 6)), compose((0, 0.6, 0), UPRIGHT, (1, 1, 1)), ROUGH)
    floor = Thing(plane((40, 40)), (), ROUGH)
    shot = make_shot([roof, floor], camera((0, 0.4, 2), (0, 0, 0), fov=10), environment=UNIFORM)
    share = mean_share(draw, shot, 16, "standard")[24:40, 24:40]
    assert 0.85 < share.mean() < 1.0


def test_every_frame_asks_other_places_and_many_frames_ask_all() -> None:
    first, second = even_points(range(0, 8), 7), even_points(range(8, 16), 7)
    assert np.abs(first[:, None] - second[None]).max(axis=2).min() > 0.01
    for start in (0, 8 * 1000, 8 * 123_456):
        stretch = even_points(range(start, start + 64), 7)
        cells = np.histogram2d(*stretch.T, bins=4, range=[[0, 1], [0, 1]])[0]
        assert cells.min() >= 2
        assert cells.max() <= 6
    np.testing.assert_array_equal(even_points(range(8, 16), 7), even_points(range(0, 16), 7)[8:])


@pytest.mark.parametrize(("times", "samples", "each"), [(1, 1, 8), (1, 2, 8), (8, 1, 1), (8, 2, 4)])
def test_no_piece_is_asked_twice_and_the_first_frame_asks_four_times_as_many(
    times: int, samples: int, each: int
) -> None:
    shot = wall_on_a_floor(shutter=tuple((1 / times, None) for _ in range(times)))
    asked = [sky_numbers(replace(shot, frame=frame), time, samples) for frame in range(4) for time in range(times)]
    assert [len(numbers) for numbers in asked] == [4 * each] * times + [each] * 3 * times
    assert [number for numbers in asked for number in numbers] == list(range((4 + 3) * each * times))


def test_every_scene_asks_other_places() -> None:
    one, other = even_points(range(8), 1), even_points(range(8), 2)
    assert np.abs(one[:, None] - other[None]).max(axis=2).min() > 1e-3
    np.testing.assert_allclose((one - other) % 1.0, np.tile((one - other)[0] % 1.0, (8, 1)), atol=1e-12)


def test_a_scene_hides_by_its_seed(draw: Draw) -> None:
    shot = wall_on_a_floor()
    frames = [
        draw(replace(shot, stage=replace(shot.stage, seed=seed)), "hidden_sky", preset="draft")["hidden_sky"]
        for seed in (1, 1, 2)
    ]
    assert frames[0].tobytes() == frames[1].tobytes()
    assert np.abs(frames[0] - frames[2]).max() > 0.01


@pytest.mark.parametrize("elevation", [-30.0, 0.0, 3.0])
def test_pieces_low_in_the_sky_cast_their_shadows_from_a_little_higher(elevation: float) -> None:
    level, high = np.cos(np.radians(elevation)), np.sin(np.radians(elevation))
    there = raised(-np.array([0.6 * level, high, 0.8 * level]))
    np.testing.assert_allclose(there, -np.array([0.6 * np.sqrt(0.99), 0.1, 0.8 * np.sqrt(0.99)]), atol=1e-12)
    steep = -np.array([0.6, 0.8, 0.0])
    assert raised(steep) is steep


def test_pieces_from_above_are_the_light_from_above() -> None:
    state = sky(zenith=(1.0, 1.0, 1.0), horizon=(1.0, 1.0, 1.0), ground=(9.0, 9.0, 9.0))
    directions, colors = SkyPieces(state, None, above=True).sample(even_points(range(1024), 7))
    assert (directions[:, 1] < 0).all()
    irradiance = (colors[:, 0] * -directions[:, 1]).mean()
    assert irradiance == pytest.approx(np.pi, rel=0.01)


def open_shutter(shot: Shot) -> Shot:
    return replace(shot, shutter=tuple((1 / 8, replace(shot.current)) for _ in range(8)))


def test_an_open_shutter_asks_a_piece_at_each_of_its_times(draw: Draw) -> None:
    shot = wall_on_a_floor()
    frames = [draw(taken, "hidden_sky", preset="draft")["hidden_sky"] for taken in (shot, open_shutter(shot))]
    np.testing.assert_allclose(frames[1], frames[0], atol=1e-4)


def test_at_edges_every_sample_is_asked_at_every_time(draw: Draw) -> None:
    """There, samples of one pixel see unlike things; whichever see the roof, it hides as much."""
    roof = Thing(box((6, 0.1, 6)), compose((0, 0.6, 0), UPRIGHT, (1, 1, 1)), ROUGH)
    post = Thing(box((0.3, 0.6, 0.3)), compose((0, 0.3, 0), euler_to_quaternion((0.0, 0.4, 0.2)), (1, 1, 1)), ROUGH)
    shot = make_shot([roof, post], camera((0, 0.4, 2), (0, 0.2, 0), fov=30), environment=UNIFORM)
    worst = []
    for taken in (shot, open_shutter(shot)):
        frame = draw(taken, "color", "alpha", "hidden_sky", preset="standard")
        edge = (frame["alpha"] > 0) & (frame["alpha"] < 1)
        assert edge.sum() > 20
        worst.append(np.percentile(frame["hidden_sky"][edge][:, 0] / frame["color"][edge][:, 0], 95))
    assert worst[1] <= worst[0] * 1.1
