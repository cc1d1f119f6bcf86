"""The models: what they make of values, in Python as in a file."""

from __future__ import annotations

import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from diorama.color import hex_to_linear, hsv_to_linear
from diorama.errors import SceneError
from diorama.scene.schema import (
    Camera,
    DiscLight,
    Environment,
    Finish,
    Gradient,
    Key,
    Keys,
    Material,
    Node,
    Plane,
    Point,
    RectangleLight,
    SceneSpec,
    Sphere,
    SphereLight,
    Spot,
    Sun,
    Title,
    Torus,
    Video,
)
from diorama.scene.schema import shapes as shape_models
from diorama.scene.schema.problem import problems


class Handle:
    path = "toys/3"


def test_python_and_file_make_the_same() -> None:
    written = {
        "mesh": {"type": "sphere", "radius": 0.5},
        "material": {"base_color": [0.8, 0.2, 0.1], "roughness": 0.4},
        "class": "toy",
        "light": {"type": "sun", "direction": [-1, -2, -1], "illuminance": 3},
        "camera": {"position": [3, 2, 4], "look_at": "toys/3", "fov": 45},
        "position": {"keys": {0: [0, 2, 0], 1: [0, 0.5, 0]}, "ease": "out_bounce"},
    }
    made = Node(
        mesh=Sphere(radius=0.5),
        material=Material(base_color=(0.8, 0.2, 0.1), roughness=0.4),
        class_="toy",
        light=Sun(direction=(-1, -2, -1), illuminance=3),
        camera=Camera(position=(3, 2, 4), look_at=Handle(), fov=45),  # type: ignore[arg-type]
        position=Keys({0: (0, 2, 0), 1: (0, 0.5, 0)}, ease="out_bounce"),
    )
    assert Node.model_validate(written) == made
    assert made.camera is not None
    assert made.camera.look_at == "toys/3"


def test_only_what_is_set_is_set() -> None:
    assert Material(roughness=0.4).model_fields_set == {"roughness"}
    assert Node.model_validate({"class": "a"}).model_fields_set == {"class_"}


@pytest.mark.parametrize(
    ("written", "linear"),
    [
        ("#808080", hex_to_linear("#808080")),
        ("#fa0", hex_to_linear("#ffaa00")),
        ([0.25, 0.5, 1], (0.25, 0.5, 1.0)),
        (np.array([0.25, 0.5, 1.0], np.float32), (0.25, 0.5, 1.0)),
        ({"hsv": [0.6, 0.8, 0.9]}, hsv_to_linear(0.6, 0.8, 0.9)),
        ({"hsv": [1.6, 0.8, 0.9]}, hsv_to_linear(0.6, 0.8, 0.9)),
    ],
)
def test_colours_become_linear(written: Any, linear: tuple[float, ...]) -> None:
    assert Material(base_color=written).base_color == pytest.approx(linear)
    keyed = Material(base_color=Keys({0: written, 1: "#000000"})).base_color
    assert isinstance(keyed, Keys)
    assert keyed.keys[0].value == pytest.approx(linear)
    assert keyed.keys[1].value == (0.0, 0.0, 0.0)


def test_both_spellings_of_keys_mean_the_same() -> None:
    listed = [{"t": 1, "v": 50, "ease": "out_bounce"}, {"t": 0, "v": 40, "ease": "out_bounce"}]
    mapped = {"keys": {0: 40, 1: 50}, "ease": "out_bounce"}
    inner = {"keys": listed[::-1]}
    made = {Camera.model_validate({"fov": written}).fov for written in (listed, mapped, inner)}
    assert len(made) == 1
    keys = made.pop()
    assert isinstance(keys, Keys)
    assert keys.keys == (Key(0.0, 40.0, "out_bounce"), Key(1.0, 50.0, "out_bounce"))
    assert (keys.interpolation, keys.extrapolate) == ("linear", "hold")
    assert Camera(fov=keys).fov == keys


def test_an_ease_of_a_key_rules_over_that_of_all() -> None:
    keys = Keys([{"t": 0, "v": 1}, {"t": 1, "v": 2, "ease": "step"}], ease="in_sine", extrapolate="loop")
    assert [key.ease for key in keys.keys] == ["in_sine", "step"]
    assert keys.extrapolate == "loop"
    assert Keys(keys.keys).keys == keys.keys


def test_times_in_frames_need_fps() -> None:
    assert Keys({"12f": 1, "2s": 2, 0.25: 3, "-6f": 4}, fps=24).keys == tuple(
        Key(time, value) for time, value in [(-0.25, 4), (0.25, 3), (0.5, 1), (2.0, 2)]
    )
    with pytest.raises(
        SceneError, match=r"^Keys.keys.12f: expected seconds \(frames need a scene with fps\), got '12f'$"
    ):
        Keys({"12f": 1})
    scene = {"video": {"duration": "36f"}, "nodes": {"a": {"scale": {"keys": {"12f": 2}}}}}
    spec = SceneSpec.model_validate(scene, context={"fps": 24})
    assert spec.video.duration == 1.5
    assert spec.nodes["a"].scale == Keys({0.5: (2.0, 2.0, 2.0)})


def test_rotations_and_scales() -> None:
    node = Node(rotation=(0, 0, 3, 4), scale=2)  # type: ignore[arg-type]
    assert node.rotation == pytest.approx((0, 0, 0.6, 0.8))
    assert node.scale == (2.0, 2.0, 2.0)
    assert Node(rotation=(0, 90, 0), scale=(1, -1, 1)).rotation == (0.0, 90.0, 0.0)


@pytest.mark.parametrize(
    ("video", "count"),
    [
        (Video(fps=24, duration=2), 48),
        (Video(fps=30, frames=7), 7),
        (Video(fps=25), 50),
        (Video(fps=24, duration=0.01), 1),
        (Video(fps=29.97, duration=10), 300),
    ],
)
def test_frame_count(video: Video, count: int) -> None:
    assert video.frame_count == count


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Camera(fov=240), "Camera.fov: expected 1 to 179 degrees, got 240"),
        (lambda: Camera(near=math.nan), "Camera.near: expected 1e-6 to 1000 metres, got nan"),
        (lambda: Camera(zoom=1), "Camera.zoom: expected a known field, got 'zoom'"),
        (
            lambda: Camera(positon=(0, 0, 0)),
            "Camera.positon: expected a known field, got 'positon'; did you mean 'position'?",
        ),
        (lambda: Material(base_color=Keys({0: 1})), "Material.base_color.keys.0: expected a colour '#rrggbb', "),
        (lambda: Point(angle=1), "Point.angle: expected a known field, got 'angle'"),
        (lambda: SphereLight(radius=math.nan), "SphereLight.radius: expected 1e-6 to 1e7 metres, got nan"),
        (lambda: DiscLight(direction=(0, 0, 1), look_at="a"), "DiscLight.look_at: expected direction or look_at, got"),
        (lambda: Node(mesh=SphereLight()), "Node.mesh: expected a Sphere, got SphereLight(type='sphere', "),
        (lambda: Torus(tube=2), "Torus.tube: expected less than the radius 0.5, got 2.0"),
        (lambda: Node(mesh=Sun()), "Node.mesh: expected a type out of 'plane', "),
        (lambda: Plane(size=np.zeros((2, 2))), "Plane.size: expected 2 numbers, got array("),
        (lambda: Finish(titles=({"text": "a", "size": 0},)), "Finish.titles.0.size: expected more than 0, up to 1 of"),
        (lambda: Video(size=(64, 64.5)), "Video.size.1: expected an integer, 1 to 16384 pixels, got 64.5"),
        (lambda: Sun(color=(math.inf, 0, 0)), "Sun.color.0: expected 0 to 1e9, got inf"),
        (lambda: Sphere(segments=10**400), "Sphere.segments: expected an integer, 3 to 1024 segments, got 1000"),
        (lambda: Title(text="a\0b"), "Title.text: expected a text of 1 to 1000 characters, got 'a\\x00b'"),
    ],
)
def test_errors_in_python_name_model_and_field(make: Any, message: str) -> None:
    with pytest.raises(SceneError) as caught:
        make()
    assert str(caught.value).startswith(message)


def test_nested_problems_keep_their_whole_path() -> None:
    with pytest.raises(ValidationError) as caught:
        SceneSpec.model_validate({"nodes": {"a": {"mesh": {"type": "box", "size": [1, 1, -1]}}}})
    (problem,) = problems(caught.value)
    assert problem.place() == "nodes.a.mesh.size.2"


def test_models_are_frozen_and_defaults_pass_their_own_checks() -> None:
    with pytest.raises(ValidationError):
        Camera().fov = 30  # type: ignore[misc]
    lights = (Sun, Point, Spot, SphereLight, RectangleLight, DiscLight)
    for model in (Camera, Material, *lights, Node, Video, Finish, *vars(shape_models).values()):
        if isinstance(model, type) and issubclass(model, shape_models.Spec) and model is not shape_models.Spec:
            required = any(info.is_required() for info in model.model_fields.values())
            if required:
                continue
            for name, value in model():
                if value is not None and name not in ("children", "titles"):
                    alias = model.model_fields[name].alias or name
                    try:
                        assert dict(model.model_validate({alias: value}))[name] == value
                    except ValidationError as error:
                        assert "to go with it" in str(error), (model, name)


def test_files_may_be_paths_in_python() -> None:
    assert Environment(image=Path("a/b.hdr")).image == str(Path("a/b.hdr"))  # type: ignore[arg-type]
    grey = (0.5, 0.5, 0.5)
    assert Environment(gradient=Gradient(zenith=grey, horizon=grey, ground=grey)).extract_sun == "auto"


def test_a_spec_travels_to_other_processes() -> None:
    made = SceneSpec(
        nodes={"a": Node(mesh=Sphere(), class_="toy", position=Keys({0: (0, 0, 0)}, extrapolate="loop"))},
        classes={"toy": 1},
        lights={"sun": Sun()},
        camera=Camera(look_at="a"),
    )
    copy = pickle.loads(pickle.dumps(made))
    assert copy == made
    assert copy.nodes["a"].model_fields_set == {"mesh", "class_", "position"}
