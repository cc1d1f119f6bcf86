import json
import resource

import numpy as np
import OpenImageIO
import pytest
from PIL import Image

from diorama.dataset import ClipInfo, DatasetWriter, distance_from_depth, position_from_depth, read_dataset
from diorama.dataset.exr import write_exr
from diorama.errors import AssetError, OptionError, OutputError
from diorama.frame import PASSES, Frame

WIDTH, HEIGHT = 37, 22
CAMERA = {
    "K": [[40.0, 0.0, 18.0], [0.0, 41.0, 11.5], [0.0, 0.0, 1.0]],
    "camera_to_world": [[0.0, 0.0, 1.0, 5.0], [0.0, 1.0, 0.0, 6.0], [-1.0, 0.0, 0.0, 7.0], [0.0, 0.0, 0.0, 1.0]],
}
STORED = [name for name in PASSES if name not in ("distance", "position")]


def info(instances=9, **changes):
    facts = {
        "width": WIDTH, "height": HEIGHT, "fps": 24.0, "scene": "hill.yaml", "scene_hash": "ab12", "seed": 7,
        "version": "0.1.0", "renderer": "llvmpipe", "classes": {"toy": 2}, "drawn": {"params.hue": 0.25},
        "instances": [{"path": f"toys/{row}", "class": "toy", "class_id": 2, "asset": ""} for row in range(instances)],
        "assets": {"toy.glb": "cd34"},
    }  # fmt: skip
    return ClipInfo(**{**facts, **changes})


def passes(seed=0, names=STORED, instances=9):
    """Every pass full of awkward values: infinities, NaN with payloads, -0, subnormals, largest ids."""
    rng = np.random.default_rng(seed)
    made = {}
    for name in names:
        spec = PASSES[name]
        shape = spec.shape(WIDTH, HEIGHT)
        if name == "instance":
            made[name] = rng.integers(0, instances + 1, shape).astype(np.uint32)
        elif spec.dtype == np.bool_:
            made[name] = rng.random(shape) < 0.5
        elif spec.dtype == np.float32:
            values = rng.normal(size=shape).astype(np.float32)
            flat = values.reshape(-1)
            flat[:6] = [np.inf, -np.inf, np.nan, -0.0, 1e-42, 3.4e38]
            flat.view(np.uint32)[6] = 0x7FC12345
            made[name] = values
        else:
            made[name] = rng.integers(0, np.iinfo(spec.dtype).max, shape, dtype=spec.dtype, endpoint=True)
    return made


def write(folder, frames, names=STORED, about=None, **options):
    with DatasetWriter(folder, about or info(), names, **options) as writer:
        for index, made in frames:
            writer.write(Frame(index, index / 24, made), {"camera": CAMERA, "instances": [{"id": 1, "box": None}]})


def assert_same_bytes(left, right):
    assert left.dtype == right.dtype
    assert left.shape == right.shape
    assert left.tobytes() == right.tobytes()


def test_every_pass_comes_back_byte_for_byte(tmp_path):
    frames = [(index, passes(index)) for index in (10, 11, 13)]
    write(tmp_path / "set", frames)
    dataset = read_dataset(tmp_path / "set")
    assert len(dataset) == 3
    assert dataset.passes == tuple(STORED)
    for row, (index, made) in enumerate(frames):
        frame = dataset.frame(row)
        assert (frame.index, frame.time) == (index, index / 24)
        for name in STORED:
            assert_same_bytes(frame[name], made[name])


@pytest.mark.parametrize("name", list(PASSES))
def test_each_pass_can_be_stored_alone(tmp_path, name):
    made = passes(4, [name])
    write(tmp_path / "set", [(0, made)], [name])
    assert_same_bytes(read_dataset(tmp_path / "set").frame(0)[name], made[name])


@pytest.mark.parametrize(("instances", "suffix"), [(65535, ".png"), (65536, ".exr")])
def test_ids_that_fit_no_png_go_to_exr(tmp_path, instances, suffix):
    made = passes(5, ["instance"], instances)
    made["instance"][3, 4] = instances
    write(tmp_path / "set", [(0, made)], ["instance"], info(instances))
    assert [path.suffix for path in (tmp_path / "set" / "instance").iterdir()] == [suffix]
    assert_same_bytes(read_dataset(tmp_path / "set").frame(0)["instance"], made["instance"])


def test_derived_passes_are_computed_where_they_are_not_stored(tmp_path):
    depth = np.full((HEIGHT, WIDTH), np.inf, np.float32)
    depth[5, 9] = 4
    write(tmp_path / "set", [(0, {"depth": depth})], ["depth"])
    frame = read_dataset(tmp_path / "set").frame(0)
    across, down = (9.5 - 18) / 40 * 4, (5.5 - 11.5) / 41 * 4
    # the camera looks along the world's -X, and its right is the world's -Z
    np.testing.assert_allclose(frame["position"][5, 9], [-4, -down, -across], rtol=1e-6)
    assert frame["distance"][5, 9] == pytest.approx(np.hypot(np.hypot(across, down), 4), rel=1e-6)
    assert np.isposinf(frame["distance"]).sum() == WIDTH * HEIGHT - 1
    assert np.isnan(frame["position"]).all(axis=2).sum() == WIDTH * HEIGHT - 1
    assert frame["distance"].dtype == frame["position"].dtype == np.float32
    assert_same_bytes(frame["distance"], distance_from_depth(depth, CAMERA["K"]))
    assert_same_bytes(frame["position"], position_from_depth(depth, CAMERA["K"], CAMERA["camera_to_world"]))


def test_derived_passes_know_the_lens(tmp_path):
    depth = np.full((HEIGHT, WIDTH), np.inf, np.float32)
    depth[5, 9] = 4
    lens = {"model": "fisheye", "coefficients": [0.1, 0.0, 0.0, 0.0]}
    with DatasetWriter(tmp_path / "set", info(), ["depth"]) as writer:
        writer.write(Frame(0, 0.0, {"depth": depth}), {"camera": CAMERA | {"distortion": lens}, "instances": []})
    frame = read_dataset(tmp_path / "set").frame(0)
    back, up, right = -frame["position"][5, 9, 0], frame["position"][5, 9, 1], -frame["position"][5, 9, 2]
    assert back == pytest.approx(4)
    angle = np.arctan(np.hypot(right, up) / back)
    shown = angle * (1 + 0.1 * angle**2) * np.array([right, -up]) / np.hypot(right, up)
    np.testing.assert_allclose(shown * (40, 41) + (18, 11.5), [9.5, 5.5], atol=1e-5)
    assert frame["distance"][5, 9] == pytest.approx(np.linalg.norm(frame["position"][5, 9]), rel=1e-6)


def test_stored_derived_passes_are_not_recomputed(tmp_path):
    made = passes(6, ["depth", "distance", "position"])
    write(tmp_path / "set", [(0, made)], made)
    frame = read_dataset(tmp_path / "set").frame(0)
    for name in made:
        assert_same_bytes(frame[name], made[name])


def test_the_manifest_holds_everything_that_is_not_a_picture(tmp_path):
    write(tmp_path / "set", [(3, passes()), (4, passes())])
    manifest = json.loads((tmp_path / "set" / "manifest.json").read_text())
    assert manifest["synthetic"] is True
    assert manifest["engine"] == {"name": "diorama", "version": "0.1.0", "renderer": "llvmpipe"}
    assert (manifest["scene"], manifest["scene_hash"], manifest["seed"]) == ("hill.yaml", "ab12", 7)
    assert manifest["video"] == {"width": WIDTH, "height": HEIGHT, "fps": 24.0}
    assert manifest["classes"] == {"toy": 2}
    assert manifest["drawn"] == {"params.hue": 0.25}
    assert manifest["assets"] == {"toy.glb": "cd34"}
    assert manifest["instances"][8] == {"id": 9, "path": "toys/8", "class": "toy", "class_id": 2, "asset": ""}
    assert manifest["passes"]["depth"]["channels"] == ["depth.Z"]
    assert manifest["conventions"]["quaternion"] == "x, y, z, w"
    assert [record["index"] for record in manifest["frames"]] == [3, 4]
    assert manifest["frames"][1]["camera"] == CAMERA
    assert manifest["frames"][1]["instances"] == [{"id": 1, "box": None}]
    assert not (tmp_path / "set" / "frames.jsonl").exists()


def test_float_passes_are_named_channels_of_one_open_exr(tmp_path):
    made = passes(7)
    write(tmp_path / "set", [(0, made)])
    image = OpenImageIO.ImageBuf(str(tmp_path / "set" / "layers" / "00000.exr"))
    names = image.spec().channelnames
    assert {"depth.Z", "normal.X", "normal.Y", "normal.Z", "uv.U", "uv.V", "flow_forward.X"} <= set(names)
    assert str(image.spec().format) == "float"
    assert image.spec().get_string_attribute("compression") == "zip"
    pixels = image.get_pixels(OpenImageIO.FLOAT)
    assert_same_bytes(np.ascontiguousarray(pixels[..., names.index("normal.Y")]), made["normal"][..., 1].copy())
    assert image.spec().get_string_attribute("DateTime") == "1970:01:01 00:00:00"
    color = OpenImageIO.ImageBuf(str(tmp_path / "set" / "color" / "00000.exr"))
    assert color.spec().channelnames == ("R", "G", "B")


def test_pictures_and_masks_are_plain_png(tmp_path):
    made = passes(8)
    write(tmp_path / "set", [(0, made)])
    for name, mode in (("image", "RGB"), ("occlusion_forward", "L"), ("semantic", "I;16"), ("instance", "I;16")):
        with Image.open(tmp_path / "set" / name / "00000.png") as picture:
            assert (picture.mode, picture.size) == (mode, (WIDTH, HEIGHT))
    with Image.open(tmp_path / "set" / "occlusion_forward" / "00000.png") as picture:
        np.testing.assert_array_equal(np.asarray(picture), made["occlusion_forward"] * 255)


def test_the_same_frames_give_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write(tmp_path / name, [(0, passes(1))])
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.*"))
    assert len(files) > 6
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes(), path


def test_an_error_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), DatasetWriter(tmp_path / "set", info(), STORED) as writer:
        writer.write(Frame(0, 0.0, passes()), {"camera": CAMERA})
        assert not (tmp_path / "set").exists()
        raise ZeroDivisionError
    assert not any(tmp_path.iterdir())


def test_a_dataset_is_replaced_only_when_asked_and_only_a_dataset(tmp_path):
    write(tmp_path / "set", [(0, passes(1)), (1, passes(2))])
    with pytest.raises(OutputError, match="exists already"):
        write(tmp_path / "set", [(0, passes(3))])
    with pytest.raises(ZeroDivisionError), DatasetWriter(tmp_path / "set", info(), STORED, overwrite=True):
        raise ZeroDivisionError
    assert len(read_dataset(tmp_path / "set")) == 2
    write(tmp_path / "set", [(0, passes(3))], overwrite=True)
    assert len(read_dataset(tmp_path / "set")) == 1
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").touch()
    (tmp_path / "home" / "manifest.json").write_text('{"name": "an application of the web"}')
    with pytest.raises(OutputError, match="not what this writer makes"):
        write(tmp_path / "home", [(0, passes(3))], overwrite=True)
    assert (tmp_path / "home" / "letter.txt").exists()


@pytest.mark.parametrize("names", [["depth"], ["surface"], ["image"], ["occlusion_forward"]])
@pytest.mark.parametrize("limit", [0, 60, 400])
def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path, names, limit):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        with pytest.raises(OutputError, match="set: cannot be written"):
            write(tmp_path / "set", [(0, passes(1, names))], names)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not any(tmp_path.iterdir())


def test_an_exr_that_does_not_fit_is_an_error(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    noise = np.random.default_rng(0).random((HEIGHT, WIDTH, 1)).astype(np.float32)
    try:
        with pytest.raises(OutputError, match="here: cannot be written: "):
            write_exr(tmp_path / "a.exr", ["depth.Z"], noise, place="here")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def changed(name, values):
    return {**passes(), name: values}


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (passes(0, ["depth"]), r"frame 0: color: expected this pass in every frame, got \('depth',\)"),
        (changed("depth", np.zeros((4, 4), np.float32)), r"depth: expected float32 \(22, 37\), got 'float32 \(4, 4\)'"),
        (changed("depth", np.zeros((HEIGHT, WIDTH))), r"depth: expected float32 \(22, 37\), got 'float64"),
        (changed("instance", np.full((HEIGHT, WIDTH), 10, np.uint32)), "instance: expected ids up to 9, got 10"),
    ],
)
def test_frames_that_do_not_fit_are_refused(tmp_path, made, message):
    with pytest.raises(OutputError, match=message):
        write(tmp_path / "set", [(0, made)])
    assert not any(tmp_path.iterdir())


def test_frames_come_once_and_in_order_and_at_least_one(tmp_path):
    with pytest.raises(OutputError, match="expected a frame after 4, got 4"):
        write(tmp_path / "set", [(4, passes()), (4, passes())])
    with pytest.raises(OutputError, match="expected at least one frame, got 0"):
        write(tmp_path / "set", [])
    assert not any(tmp_path.iterdir())


def test_labels_without_a_camera_are_refused(tmp_path):
    with (
        pytest.raises(OutputError, match=r"expected labels with a camera, got \('instances',\)"),
        DatasetWriter(tmp_path / "set", info(), ["depth"]) as writer,
    ):
        writer.write(Frame(0, 0.0, passes(0, ["depth"])), {"instances": []})


def test_wrong_facts_are_refused_before_a_frame_is_drawn(tmp_path):
    with pytest.raises(OptionError, match="got 'colour'"):
        DatasetWriter(tmp_path / "set", info(), ["colour"])
    with pytest.raises(OutputError, match="expected facts that JSON can hold"):
        DatasetWriter(tmp_path / "set", info(drawn={"a": np.float32(1)}), ["color"])
    with pytest.raises(OutputError, match="expected facts that JSON can hold"):
        DatasetWriter(tmp_path / "set", info(drawn={"a": float("nan")}), ["color"])


@pytest.mark.parametrize("content", [None, "no json", "[]", '{"format": "other"}'])
def test_what_is_no_dataset_is_not_read(tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(AssetError, match=r"manifest\.json: "):
        read_dataset(tmp_path)


def test_a_newer_format_is_refused(tmp_path):
    (tmp_path / "manifest.json").write_text('{"format": "diorama dataset", "format_version": 2}')
    with pytest.raises(AssetError, match="expected format_version 1, got 2"):
        read_dataset(tmp_path)


@pytest.mark.parametrize("name", ["depth", "semantic"])
def test_a_missing_or_broken_picture_is_named(tmp_path, name):
    write(tmp_path / "set", [(0, passes(1, [name]))], [name])
    (path,) = (tmp_path / "set").rglob("00000.*")
    path.write_text("broken")
    with pytest.raises(AssetError, match=rf"{path.name}: cannot be read"):
        read_dataset(tmp_path / "set").frame(0)
    path.unlink()
    with pytest.raises(AssetError, match=rf"{path.name}: cannot be read"):
        read_dataset(tmp_path / "set").frame(0)


def test_names_of_files_that_are_not_utf8_survive(tmp_path):
    names = {"scene": "h\udcffll.yaml", "assets": {"t\udcffy.glb": "cd34"}}
    write(tmp_path / "set", [(0, passes())], about=info(**names))
    manifest = read_dataset(tmp_path / "set").manifest
    assert {name: manifest[name] for name in names} == names
