"""The renderer as a whole: same bytes for the same shot, bounded memory, one error for wrong use."""

from __future__ import annotations

import resource
from dataclasses import replace

import numpy as np
import pytest
from renderer.conftest import TRIED, Draw
from shots import Thing, camera, lights, make_shot

from diorama.color import srgb_to_linear
from diorama.errors import DeviceError, OptionError
from diorama.frame import MADE_FROM_COLOR, PASSES, Frame
from diorama.geometry.primitives import box, plane, sphere, torus
from diorama.gl.device import Device
from diorama.material.pbr import Image, PbrMaterial
from diorama.renderer.renderer import PRESETS, Renderer
from diorama.scene.shot import SPOT, SUN, EnvironmentState, Shot
from diorama.transform import compose, euler_to_quaternion

ALL = [name for name in PASSES if name not in MADE_FROM_COLOR]
SKY = EnvironmentState(1.0, 0.3, (0.2, 0.4, 1.0), (0.8, 0.8, 0.8), (0.2, 0.1, 0.1))


FACING, AWAY = (euler_to_quaternion([side * np.pi / 2, 0, 0]) for side in (1, -1))


def pose(x: float, y: float, z: float, turn: float = 0.0) -> np.ndarray:
    return compose([x, y, z], euler_to_quaternion([turn, 2 * turn, 0]), (1, 1, 1))


def busy_shot(frame: int = 0, size: tuple[int, int] = (48, 32)) -> Shot:
    """Moving things with textures, lights, shadows, a moving camera and an open shutter."""

    def things(seconds: float, part: str) -> list:
        return [pose(0.3 * i - 1 + 0.1 * seconds, 0.1 * i, -4 - 0.3 * i, seconds + i) for i in range(4)]

    poses = {part: things(frame + offset, part) for part, offset in (("previous", -1), ("now", 0), ("next", 1))}
    pixels = np.random.default_rng(7).integers(0, 256, (2, 16, 32, 4), np.uint8)
    paint = PbrMaterial(base_color_image=Image(pixels[0], "srgb"), normal_image=Image(pixels[1], "linear"))
    meshes, paints = (
        [box(), sphere(), torus(), box((0.5, 1, 0.2))],
        [paint, PbrMaterial(), paint, PbrMaterial(metallic=1)],
    )
    bodies = [
        Thing(mesh, poses["now"][i], paints[i], previous=poses["previous"][i], next=poses["next"][i])
        for i, mesh in enumerate(meshes)
    ]
    bodies.append(Thing(plane((20, 20)), pose(0, -1, -4)))
    shining = lights(
        {"kind": SUN, "direction": (-1, -2, -1)}, {"kind": SPOT, "position": (0, 3, -3), "color": (30, 30, 30)}
    )
    views = [
        camera((0.05 * n, 0.5, 0.0), (0, 0, -4), size=size[1], width=size[0]) for n in (frame - 1, frame, frame + 1)
    ]
    shot = make_shot(bodies, views[1], size=size, before=views[0], after=views[2], light=shining, environment=SKY)
    return replace(shot, frame=frame, shutter=((0.5, shot.current), (0.5, shot.next)))


def same(one: Frame, two: Frame) -> bool:
    return all(one[name].tobytes() == two[name].tobytes() for name in one.passes)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_same_shot_gives_the_same_bytes(draw: Draw, preset: str) -> None:
    first = draw(busy_shot(), *ALL, preset=preset)
    draw(busy_shot(3, (20, 30)), *ALL, preset=preset)
    assert same(first, draw(busy_shot(), *ALL, preset=preset))
    with (
        Device("software") as fresh,
        Renderer(fresh, TRIED[preset]) as renderer,
        renderer.draw(busy_shot(), ALL) as drawn,
    ):
        assert same(first, renderer.read(drawn))


def test_frames_do_not_depend_on_which_were_drawn_before(draw: Draw) -> None:
    base = busy_shot(0)
    clip = [replace(busy_shot(n), stage=base.stage) for n in range(4)]
    forward = [draw(shot, *ALL) for shot in clip]
    for number in (2, 0, 3, 1):
        draw(busy_shot(9), "depth")
        assert same(forward[number], draw(clip[number], *ALL))


@pytest.mark.parametrize("change", ["camera", "lens", "things", "sides"])
def test_a_picture_is_drawn_anew_whatever_changes(draw: Draw, change: str) -> None:
    """One after the other on one stage, each must be what a stage of its own gives."""
    both = PbrMaterial(double_sided=True)
    shot = make_shot(
        [Thing(plane(), compose([0, 0, -3], FACING if change != "sides" else AWAY, (1, 1, 1)), both)], camera()
    )
    now = shot.current
    if change == "camera":
        now = replace(now, camera=camera((0.1, 0, 0), (0, 0, -3)))
    elif change == "lens":
        now = replace(now, camera=replace(now.camera, cx=20.0))
    elif change == "things":
        now = replace(now, instances=replace(now.instances, transform=now.instances.transform + 0.1 * np.eye(4)))
    else:
        now = replace(now, materials=replace(now.materials, double_sided=np.zeros(1, bool)))
    changed = replace(shot, current=now)
    alone = replace(changed, stage=replace(changed.stage))
    first, second, fresh = draw(shot, "surface"), draw(changed, "surface"), draw(alone, "surface")
    assert first["surface"].any() and not same(first, second)
    assert same(second, fresh)


def test_passes_do_not_depend_on_what_else_is_asked_for(draw: Draw) -> None:
    everything = draw(busy_shot(), *ALL)
    for name in ALL:
        np.testing.assert_array_equal(draw(busy_shot(), name)[name], everything[name])


def test_the_first_frame_may_be_colour_alone(device: Device, draw: Draw) -> None:
    """Nothing that colour needs, pictures least of all, is left to the labels to bring in."""
    with Renderer(device, "draft") as fresh, fresh.draw(busy_shot(), ["color"]) as drawn:
        np.testing.assert_array_equal(fresh.read(drawn)["color"], draw(busy_shot(), *ALL)["color"])


def test_a_part_of_a_frame_can_be_read(draft: Renderer) -> None:
    with draft.draw(busy_shot(), ALL) as drawn:
        whole, part = draft.read(drawn), draft.read(drawn, ["semantic", "depth"])
        assert set(part.passes) == {"depth", "semantic"}
        np.testing.assert_array_equal(part["semantic"], whole["semantic"])
        np.testing.assert_array_equal(part["depth"], whole["depth"])
    assert whole.index == 0 and whole.notes["camera_position"] == (0.0, 0.5, 0.0)


def test_frames_can_be_drawn_ahead_of_reading(draft: Renderer, draw: Draw) -> None:
    alone = [draw(busy_shot(n), "color", "depth") for n in range(3)]
    ahead = [draft.draw(busy_shot(n), ["color", "depth"]) for n in range(3)]
    for frame, expected in zip(ahead, alone, strict=True):
        assert same(draft.read(frame), expected)
        frame.release()
        frame.release()


def test_wrong_use_is_told_in_one_sentence(device: Device, draft: Renderer) -> None:
    with pytest.raises(OptionError, match=r"preset: expected draft or standard or high, got 'fast'"):
        Renderer(device, "fast")
    with pytest.raises(OptionError, match=r"not made from color afterwards, got .image."):
        draft.draw(busy_shot(), ["image"])
    with pytest.raises(OptionError, match=r"passes: expected one of color.*got 'colour'"):
        draft.draw(busy_shot(), ["colour"])
    with draft.draw(busy_shot(), ["depth"]) as drawn, pytest.raises(OptionError, match="a pass that was drawn"):
        draft.read(drawn, ["normal"])


def test_everything_is_given_back(device: Device) -> None:
    before = device.used
    for preset in TRIED.values():
        renderer = Renderer(device, preset)
        kept = renderer.draw(busy_shot(), ALL)
        assert device.used > before
        renderer.release()
        kept.release()
        assert device.used == before


def test_a_spent_budget_is_told_and_survived() -> None:
    with Device("software", budget=96 << 20) as small, Renderer(small, "standard") as renderer:
        for _ in range(3):
            with pytest.raises(DeviceError, match="GPU budget of 96 MiB"):
                renderer.draw(busy_shot(0, (4096, 2048)), ["depth"])
        with renderer.draw(busy_shot(), ["depth"]) as drawn:
            assert np.isfinite(renderer.read(drawn)["depth"]).any()


def test_a_frame_too_large_for_a_storage_block_is_refused(draft: Renderer, device: Device, monkeypatch) -> None:
    most, before = device.context.info["GL_MAX_SHADER_STORAGE_BLOCK_SIZE"], device.used
    monkeypatch.setattr(device, "info", replace(device.info, software=False))
    with pytest.raises(DeviceError, match=rf"expected at most {most} bytes of passes in one frame.*got 134479872"):
        draft.draw(busy_shot(0, (2052, 4096)), ["surface"])
    assert device.used == before


def test_a_picture_too_wide_for_its_samples_is_refused(standard: Renderer, device: Device) -> None:
    with pytest.raises(DeviceError, match=r"at most 16384 samples along a side of a picture .*got 18000"):
        standard.draw(busy_shot(0, (9000, 8)), ["color"])
    with standard.draw(busy_shot(), ["color"]) as drawn:
        assert np.isfinite(standard.read(drawn)["color"]).all()


@pytest.mark.slow
def test_software_fills_frames_larger_than_the_storage_block_it_promises(draw: Draw) -> None:
    """The last pass of a frame lies behind the limit that Mesa states."""
    large = busy_shot(0, (1280, 900))
    np.testing.assert_array_equal(draw(large, *ALL)["object_coordinates"],
                                  draw(large, "object_coordinates")["object_coordinates"])  # fmt: skip


def test_clips_with_other_meshes_and_pictures_do_not_pile_up(device: Device) -> None:
    with Renderer(device, "draft") as renderer:
        used = []
        for clip in range(12):
            pixels = np.full((32, 32, 4), 50 + 10 * clip, np.uint8)
            thing = Thing(
                sphere(0.5 + 0.01 * clip, 32), pose(0, 0, -3), PbrMaterial(base_color_image=Image(pixels, "srgb"))
            )
            with renderer.draw(make_shot([thing], camera()), ["albedo"]) as drawn:
                seen = renderer.read(drawn)["albedo"][32, 32]
            assert seen[0] == pytest.approx(srgb_to_linear((50 + 10 * clip) / 255), rel=0.02)
            used.append(device.used)
        assert max(used[4:]) <= max(used[:4])


def test_pictures_of_other_sizes_do_not_pile_up(device: Device) -> None:
    with Renderer(device, "draft") as renderer:
        used = []
        for number in range(12):
            with renderer.draw(make_shot([], camera(), size=(64 + number % 3, 64)), ["color", "depth"]) as drawn:
                renderer.read(drawn)
            used.append(device.used)
        assert max(used[6:]) <= max(used[:6])


def resident() -> int:
    with open("/proc/self/statm") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * resource.getpagesize()


def grown(device: Device, count: int) -> tuple[int, int, int]:
    """Draw ``count`` frames; return by how much GPU memory, GL objects and memory of the process have grown."""
    with Renderer(device, "draft") as renderer:
        base = busy_shot(0)
        shots = [replace(busy_shot(n), stage=base.stage) for n in range(8)]
        for shot in shots[:4] * 5:
            with renderer.draw(shot, ALL) as drawn:
                renderer.read(drawn)
        used, memory, objects = device.used, resident(), len(device.context.objects)
        for number in range(count):
            with renderer.draw(shots[number % 8], ALL) as drawn:
                renderer.read(drawn)
        return device.used - used, len(device.context.objects) - objects, resident() - memory


def test_many_frames_take_no_more_memory(device: Device) -> None:
    used, objects, memory = grown(device, 100)
    assert (used, objects <= 8, memory < 12 << 20) == (0, True, True)


@pytest.mark.slow
def test_two_thousand_frames_take_no_more_memory(device: Device) -> None:
    used, objects, memory = grown(device, 2000)
    assert (used, objects <= 8, memory < 12 << 20) == (0, True, True)
