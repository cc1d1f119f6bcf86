"""The glTF reader on wrong and hostile files: exact messages, nothing outside the folder, no blow-up."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from gltf_models import Model, quad, textured
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diorama.errors import AssetError
from diorama.scene.asset import load_asset


def _set(path: str, value: object) -> Callable[[Model], None]:
    """Return a change that writes ``value`` at a dotted path of the document."""

    def change(model: Model) -> None:
        *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
        here: Any = model.json
        for key in way:
            here = here[key]
        here[last] = value

    return change


def _index_four(model: Model) -> None:
    model.primitive["indices"] = model.add([0, 1, 4], "u1")


def _no_bytes(model: Model) -> None:
    """Two million positions that no byte of the file stands for."""
    model.json["accessors"].append({"componentType": 5126, "count": 2**21, "type": "VEC3"})
    model.primitive["attributes"]["POSITION"] = 4


BROKEN: list[tuple[Callable[[Model], None], str]] = [
    (_set("asset.version", "1.0"), "asset.version: expected glTF 2.x, got '1.0'"),
    (_set("asset.minVersion", "2.1"), "asset.minVersion: expected 2.0, got '2.1'"),
    (_set("asset", []), "asset: expected an object, got []"),
    (
        _set("extensionsRequired", ["KHR_draco_mesh_compression"]),
        "extensionsRequired[0]: expected one of KHR_materials_anis",
    ),
    (_set("scene", 1), "scene: expected an index below 1, got 1"),
    (_set("scene", True), "scene: expected an index below 1, got True"),
    (_set("scenes.0.nodes", [1]), "scenes[0].nodes[0]: expected an index below 1, got 1"),
    (_set("nodes.0", 7), "nodes[0]: expected an object, got 7"),
    (_set("nodes.0.children", [0]), "nodes[0]: expected a node with one parent, got 'one that is reached twice'"),
    (_set("nodes.0.rotation", [0, 0, 0, 2]), "nodes[0].rotation: expected a quaternion of length 1, got [0, 0, 0, 2]"),
    (_set("nodes.0.scale", [1, 1]), "nodes[0].scale: expected 3 finite numbers, got [1, 1]"),
    (_set("nodes.0.translation", [0, 0, 10**400]), "nodes[0].translation: expected 3 finite numbers, got [0, 0, 1000"),
    (_set("nodes.0.name", None), "nodes[0].name: expected a string, got None"),
    (
        _set("nodes.0.matrix", [1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
        "nodes[0].matrix: expected a matrix without shear, got [1, 0, 0, 0, 1, 1",
    ),
    (_set("nodes.0.mesh", 3), "nodes[0].mesh: expected an index below 1, got 3"),
    (_set("meshes.0.primitives", []), "meshes[0].primitives: expected at least one primitive, got []"),
    (_set("meshes.0.primitives.0.mode", 7), "meshes[0].primitives[0].mode: expected an integer from 0 to 6, got 7"),
    (
        _set("meshes.0.primitives.0.attributes", {}),
        "primitives[0].attributes.POSITION: expected an accessor, got 'nothing'",
    ),
    (
        _set("meshes.0.primitives.0.attributes.POSITION", 2),
        "attributes.POSITION: expected an accessor of type VEC3, got 'VEC2'",
    ),
    (
        _set("meshes.0.primitives.0.attributes.NORMAL", 9),
        "meshes[0].primitives[0].attributes.NORMAL: expected an index below 4, got 9",
    ),
    (_set("accessors.0.count", 0), "accessors[0].count: expected an integer from 1, got 0"),
    (_set("accessors.0.count", 5), "accessors[0].count: expected data within 48 bytes, got 60"),
    (
        _set("accessors.0.count", 2**40),
        "accessors[0].count: expected at most 16777216 vertices and corners, got 1099511",
    ),
    (_set("accessors.0.componentType", 5124), "accessors[0].componentType: expected one of 5120, 5121, 5122, 5123"),
    (_set("accessors.0.byteOffset", -4), "accessors[0].byteOffset: expected an integer from 0, got -4"),
    (_set("accessors.1.count", 3), "attributes.NORMAL: expected one element for each of 4 vertices, got '3 elements'"),
    (_set("accessors.3.componentType", 5126), "accessors[3].componentType: expected an unsigned integer type"),
    (_set("accessors.3.count", 5), "primitives[0].indices: expected three corners for each triangle, got '5 corners'"),
    (_set("bufferViews.0.buffer", 1), "bufferViews[0].buffer: expected an index below 1, got 1"),
    (
        _set("bufferViews.0.byteLength", 2**50),
        "bufferViews[0].byteLength: expected an end within the buffer's 140 bytes",
    ),
    (_set("bufferViews.0.byteStride", 8), "bufferViews[0].byteStride: expected an integer from 12 to 252, got 8"),
    (_index_four, "primitives[0].indices: expected vertex indices below 4, got 4"),
    (_no_bytes, "accessors[4].count: expected at most 16777216 vertices and corners, got 33554432"),
    (_set("materials", [{}]), ""),
]


@pytest.mark.parametrize(("change", "message"), BROKEN, ids=[message[:40] for _, message in BROKEN])
def test_what_is_wrong_is_named_by_its_place(tmp_path: Path, change: Callable[[Model], None], message: str) -> None:
    model = quad()
    change(model)
    path = model.save_glb(tmp_path)
    if not message:
        load_asset(path)
        return
    with pytest.raises(AssetError) as caught:
        load_asset(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "values", "message"),
    [
        ("ior", {"ior": 0.5}, ".ior: expected 0, or a finite number from 1, got 0.5"),
        ("ior", {"ior": -1}, ".ior: expected a finite number from 0, got -1"),
        ("specular", {"specularColorFactor": [1, -1, 0]}, ".specularColorFactor: expected 3 finite numbers from 0"),
        ("clearcoat", {"clearcoatFactor": 2}, ".clearcoatFactor: expected a finite number from 0 to 1, got 2"),
        ("sheen", {"sheenRoughnessFactor": "x"}, ".sheenRoughnessFactor: expected a finite number from 0 to 1"),
        ("anisotropy", {"anisotropyRotation": [0]}, ".anisotropyRotation: expected a finite number"),
        ("iridescence", {"iridescenceIor": 0.9}, ".iridescenceIor: expected a finite number from 1, got 0.9"),
        ("iridescence", [], "KHR_materials_iridescence: expected an object, got []"),
    ],
)
def test_what_is_wrong_with_a_layer_is_named(tmp_path: Path, name: str, values: Any, message: str) -> None:
    model = quad()
    textured(model)["extensions"] = {f"KHR_materials_{name}": values}
    with pytest.raises(AssetError) as caught:
        load_asset(model.save(tmp_path))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("../secret.bin", "a file inside the model's own folder, got '../secret.bin'"),
        ("%2e%2e/secret.bin", "a file inside the model's own folder"),
        ("/etc/hostname", "a file inside the model's own folder, got '/etc/hostname'"),
        ("file:///etc/hostname", "a file inside the model's own folder"),
        ("https://example.com/a.bin", "a file inside the model's own folder"),
        ("link.bin", "a file inside the model's own folder, got 'link.bin'"),
        ("sub", "expected a file, got 'nothing at sub'"),
        ("a%00b", "expected a file name"),
        ("%ff", "expected a file name"),
        ("x" * 5000, "expected a "),
        ("data:application/octet-stream;base64,@@@", "expected base64 data"),
        ("data:application/octet-stream;base64", "expected a data URI with a comma"),
        ("data:,short", "expected at most the 5 bytes there are"),
    ],
)
def test_files_are_read_only_below_the_model(tmp_path: Path, uri: str, message: str) -> None:
    folder = tmp_path / "models"
    (folder / "sub").mkdir(parents=True)
    model = quad()
    (tmp_path / "secret.bin").write_bytes(bytes(model.data))
    (folder / "link.bin").symlink_to(tmp_path / "secret.bin")
    model.json["buffers"][0] = {"byteLength": len(model.data), "uri": uri}
    with pytest.raises(AssetError) as caught:
        load_asset(model.write(folder))
    assert "model.gltf: buffers[0]." in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected JSON"),
        (b"glTF", "expected at least 20 bytes of GLB, got 4"),
        (b"[]", "expected a JSON object, got []"),
        (b'{"asset": {"version": "2.0"}, "x": NaN}', "expected JSON: NaN is not a JSON number"),
        (b"[" * 200_000, "expected JSON of reasonable depth"),
        (b'{"x": ' + b"9" * 5000 + b"}", "expected JSON"),
        (b"\xff\xfe\x00", "expected JSON"),
    ],
)
def test_what_is_no_gltf_is_said_so(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "model.gltf"
    path.write_bytes(data)
    with pytest.raises(AssetError) as caught:
        load_asset(path)
    assert message in str(caught.value)


def test_a_short_or_old_or_empty_container_is_refused(tmp_path: Path) -> None:
    whole = quad().glb()
    for data, message in (
        (whole[:-8], f"expected {len(whole)} bytes as the header says, got {len(whole) - 8}"),
        (whole[:4] + b"\1\0\0\0" + whole[8:], "expected GLB version 2, got 1"),
        (whole[:12] + b"\xff\xff\xff\x7f" + whole[16:], "expected a chunk within"),
        (whole[:16] + b"BIN\0" + whole[20:], "expected a JSON chunk first"),
    ):
        path = tmp_path / "model.glb"
        path.write_bytes(data)
        with pytest.raises(AssetError) as caught:
            load_asset(path)
        assert message in str(caught.value)


def test_many_meshes_on_one_accessor_cannot_unfold_to_more_than_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("diorama.scene.gltf_file.MAX_ELEMENTS", 100)
    model = quad()
    model.json["meshes"][0]["primitives"] *= 9
    with pytest.raises(AssetError, match="expected at most 100 vertices and corners"):
        load_asset(model.save(tmp_path))


def test_many_nodes_with_many_primitives_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diorama.scene.gltf.MAX_PARTS", 7)
    model = quad()
    model.json["meshes"][0]["primitives"] *= 2
    model.json["nodes"] *= 4
    model.json["scenes"] = [{"nodes": [0, 1, 2, 3]}]
    with pytest.raises(AssetError, match=r"nodes\[3\]: expected at most 7 drawn primitives"):
        load_asset(model.save(tmp_path))


def test_pictures_are_limited_in_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diorama.scene.gltf_material.MODEL_PIXELS", 5)
    model = quad()
    material = textured(model)
    model.json["images"] *= 3
    model.json["textures"] = [{"source": 0}, {"source": 1}, {"source": 2}]
    material["normalTexture"], material["emissiveTexture"] = {"index": 1}, {"index": 2}
    message = r"images\[2\]\.bufferView: expected at most 5 pixels of pictures in a model, got 6$"
    with pytest.raises(AssetError, match=message):
        load_asset(model.save(tmp_path))


_WHOLE = quad()
textured(_WHOLE)
_BYTES = _WHOLE.glb()
_TEXT = json.dumps(_WHOLE.json)


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, len(_BYTES) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_damaged_bytes_load_or_are_refused(tmp_path: Path, changes: list[tuple[int, int]]) -> None:
    data = bytearray(_BYTES)
    for where, value in changes:
        data[where] = value
    path = tmp_path / "model.glb"
    path.write_bytes(bytes(data))
    assert loads_or_is_refused(path)


_VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**64),
    st.floats(),
    st.text(max_size=4),
    st.just([]),
    st.just({}),
    st.just([0]),
)


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_document_with_any_wrong_value_loads_or_is_refused(tmp_path: Path, data: st.DataObject) -> None:
    model = copy.deepcopy(_WHOLE)
    here: Any = model.json
    while True:
        keys = list(here) if isinstance(here, dict) else list(range(len(here)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        if isinstance(here[key], dict | list) and here[key] and data.draw(st.integers(0, 5)):
            here = here[key]
            continue
        here[key] = data.draw(_VALUES)
        break
    buffers = model.json.get("buffers")
    if isinstance(buffers, list) and buffers and isinstance(buffers[0], dict):
        assert loads_or_is_refused(model.save_glb(tmp_path))


def loads_or_is_refused(path: Path) -> bool:
    """Say whether a model with parts or an AssetError that names the file came of loading; others pass through."""
    try:
        return len(load_asset(path).parts) > 0
    except AssetError as error:
        return str(error).startswith(str(path))
