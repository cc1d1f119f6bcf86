"""The glTF reader on models built in memory: closed forms."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
from gltf_models import Model, quad, textured
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diorama.geometry.mesh import Mesh
from diorama.material.pbr import PbrMaterial
from diorama.scene.asset import load_asset
from diorama.transform import compose, transform_points


def _mesh(path: Path) -> Mesh:
    (part,) = load_asset(path).parts
    return part.mesh


def test_binary_and_data_uri_and_file_hold_the_same_model(tmp_path: Path) -> None:
    keys = {_mesh(quad().save_glb(tmp_path)).key, _mesh(quad().save(tmp_path)).key}
    model = quad()
    model.json["buffers"][0] = {"byteLength": len(model.data), "uri": "the%20data.bin"}
    (tmp_path / "the data.bin").write_bytes(bytes(model.data))
    keys.add(_mesh(model.write(tmp_path)).key)
    assert len(keys) == 1


def test_a_quad_arrives_as_written(tmp_path: Path) -> None:
    mesh = _mesh(quad().save(tmp_path))
    assert mesh.positions.tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    assert mesh.triangles.tolist() == [[0, 1, 2], [0, 2, 3]]
    assert mesh.uvs.tolist() == [[0, 1], [1, 1], [1, 0], [0, 0]]
    assert mesh.tangents.tolist() == [[1, 0, 0, 1]] * 4


def test_interleaved_attributes(tmp_path: Path) -> None:
    model = quad()
    rows = np.hstack([np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]), [[0, 0, 1]] * 4]).astype("<f4")
    view = model.view(rows.tobytes(), byteStride=24)
    for accessor, offset in ((0, 0), (1, 12)):
        model.json["accessors"][accessor] |= {"bufferView": view, "byteOffset": offset}
    assert _mesh(model.save(tmp_path)).key == _mesh(quad().save_glb(tmp_path)).key


@pytest.mark.parametrize(
    ("dtype", "stored", "wanted"),
    [
        ("u1", [0, 51, 255], [0.0, 0.2, 1.0]),
        ("u2", [0, 13107, 65535], [0.0, 0.2, 1.0]),
        ("i1", [-128, -127, 127], [-1.0, -1.0, 1.0]),
        ("i2", [-32768, 0, 32767], [-1.0, 0.0, 1.0]),
    ],
)
def test_normalised_integers(tmp_path: Path, dtype: str, stored: list[int], wanted: list[float]) -> None:
    model = Model()
    model.primitive["attributes"]["POSITION"] = model.add(
        [stored, stored[::-1], [stored[0]] * 3], dtype, normalized=True
    )
    positions = _mesh(model.save(tmp_path)).positions
    np.testing.assert_allclose(positions[0], wanted, atol=1e-6)


def test_quantised_positions_without_normalisation(tmp_path: Path) -> None:
    model = Model()
    model.primitive["attributes"]["POSITION"] = model.add([[0, 0, 0], [300, 0, 0], [0, -7, 0]], "i2")
    model.json["extensionsRequired"] = ["KHR_mesh_quantization"]
    assert _mesh(model.save(tmp_path)).positions[1:].tolist() == [[300, 0, 0], [0, -7, 0]]


@pytest.mark.parametrize("based", [True, False])
def test_sparse_accessors_replace_elements(tmp_path: Path, based: bool) -> None:
    model = quad()
    accessor = model.json["accessors"][0]
    index = model.view(np.array([1, 3], "<u1").tobytes())
    values = model.view(np.array([[5, 0, 0], [0, 6, 0]], "<f4").tobytes())
    accessor["sparse"] = {
        "count": 2,
        "indices": {"bufferView": index, "componentType": 5121},
        "values": {"bufferView": values},
    }
    if not based:
        del accessor["bufferView"]
    positions = _mesh(model.save(tmp_path)).positions
    assert positions[[1, 3]].tolist() == [[5, 0, 0], [0, 6, 0]]
    assert positions[2].tolist() == ([1, 1, 0] if based else [0, 0, 0])


def test_strips_and_fans_keep_their_winding(tmp_path: Path) -> None:
    for mode, corners, wanted in (
        (5, [0, 1, 3, 2], [[0, 1, 3], [1, 2, 3]]),
        (6, [0, 1, 2, 3], [[1, 2, 0], [2, 3, 0]]),
    ):
        model = quad()
        model.primitive.update(mode=mode, indices=model.add(corners, "u1"))
        mesh = _mesh(model.save(tmp_path))
        assert [sorted(triangle) for triangle in mesh.triangles.tolist()] == [sorted(each) for each in wanted]
        a, b, c = np.moveaxis(mesh.positions[mesh.triangles], 1, 0)
        assert (np.cross(b - a, c - a)[:, 2] > 0).all()


def test_without_indices_and_normals_triangles_are_flat(tmp_path: Path) -> None:
    model = Model()
    model.primitive["attributes"]["POSITION"] = model.add([[0, 0, 0], [0, 0, 1], [1, 0, 0]])
    mesh = _mesh(model.save(tmp_path))
    assert mesh.normals.tolist() == [[0, 1, 0]] * 3
    assert mesh.triangles.tolist() == [[0, 1, 2]]


def test_points_and_lines_are_left_out_with_a_note(tmp_path: Path) -> None:
    model = quad()
    lines = copy.deepcopy(model.primitive) | {"mode": 1}
    model.json["meshes"][0]["primitives"].append(lines)
    asset = load_asset(model.save(tmp_path))
    assert len(asset.parts) == 1
    assert asset.notes == ("meshes[0].primitives[1]: points and lines are not drawn",)


def test_nodes_keep_their_tree_and_share_meshes(tmp_path: Path) -> None:
    model = quad()
    half = np.sqrt(0.5)
    model.json["nodes"] = [
        {"name": "root", "children": [2, 1], "translation": [1, 2, 3]},
        {"name": "a/b", "mesh": 0, "scale": [2, 2, 2]},
        {"name": "root", "mesh": 0, "rotation": [0, half, 0, half]},
    ]
    asset = load_asset(model.save(tmp_path))
    assert [(node.name, node.parent) for node in asset.nodes] == [("root", -1), ("root_2", 0), ("a_b", 0)]
    assert [part.node for part in asset.parts] == [1, 2]
    assert asset.parts[0].mesh is asset.parts[1].mesh
    matrices = asset.node_matrices()
    np.testing.assert_allclose(transform_points(matrices[1], [1, 0, 0]), [1, 2, 2], atol=1e-7)
    np.testing.assert_allclose(transform_points(matrices[2], [1, 1, 0]), [3, 4, 3], atol=1e-7)
    np.testing.assert_allclose(asset.bounds(), [[1, 2, 2], [3, 4, 3]], atol=1e-6)


def test_a_node_beside_its_parent_is_where_the_scene_starts(tmp_path: Path) -> None:
    """The scene names node 1, whose parent 0 moves: the file's scene begins below it."""
    model = quad()
    model.json["nodes"] = [{"children": [1], "translation": [9, 9, 9]}, {"mesh": 0}]
    model.json["scenes"] = [{"nodes": [1]}]
    asset = load_asset(model.save(tmp_path))
    assert (asset.node_matrices() == np.eye(4)).all()


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turn=st.lists(st.floats(-1, 1), min_size=4, max_size=4).filter(lambda q: np.linalg.norm(q) > 0.1),
    scale=st.tuples(*[st.floats(0.1, 9.0)] * 3),
    mirrored=st.booleans(),
)
def test_a_matrix_becomes_translation_rotation_scale(
    tmp_path: Path, turn: list[float], scale: tuple[float, ...], mirrored: bool
) -> None:
    rotation = np.array(turn) / np.linalg.norm(turn)
    factors = np.array(scale) * ((1, -1, 1) if mirrored else (1, 1, 1))
    matrix = compose((1.0, -2.0, 3.0), rotation, factors)
    model = quad()
    model.json["nodes"][0]["matrix"] = matrix.T.reshape(-1).tolist()
    np.testing.assert_allclose(load_asset(model.save(tmp_path)).node_matrices()[0], matrix, atol=1e-5)


def test_material_values_and_extensions(tmp_path: Path) -> None:
    model = quad()
    textured(model).update(
        {
            "name": "paint",
            "emissiveFactor": [0.5, 0, 1],
            "doubleSided": True,
            "normalTexture": {"index": 0, "scale": 0.3},
            "occlusionTexture": {"index": 0, "strength": 0.4},
            "extensions": {
                "KHR_materials_unlit": {},
                "KHR_materials_emissive_strength": {"emissiveStrength": 4},
                "KHR_materials_specular": {"specularFactor": 0.25},
                "KHR_materials_volume": {},
            },
        }
    )
    core = model.json["materials"][0]["pbrMetallicRoughness"]
    core |= {"baseColorFactor": [0.1, 0.2, 0.3, 1], "metallicFactor": 0.6, "roughnessFactor": 0.7}
    asset = load_asset(model.save(tmp_path))
    material = asset.parts[0].material
    assert (material.name, material.base_color, material.metallic, material.roughness) == (
        "paint",
        (0.1, 0.2, 0.3),
        0.6,
        0.7,
    )
    assert (material.specular, material.emission) == (0.25, (2.0, 0.0, 4.0))
    assert (material.normal_scale, material.occlusion_strength) == (0.3, 0.4)
    assert material.double_sided and material.unlit
    assert material.base_color_image is not None and material.normal_image is not None
    assert material.base_color_image.pixels.tolist() == [[[255, 0, 0, 255]] * 2]
    assert (material.base_color_image.space, material.normal_image.space) == ("srgb", "linear")
    assert asset.notes == ("materials[0]: KHR_materials_volume is not shown",)


def test_layers_are_read(tmp_path: Path) -> None:
    model = quad()
    layers = {
        "KHR_materials_ior": {"ior": 1.7},
        "KHR_materials_specular": {"specularFactor": 0.5, "specularColorFactor": [2, 1, 0]},
        "KHR_materials_clearcoat": {"clearcoatFactor": 0.6, "clearcoatRoughnessFactor": 0.2, "clearcoatTexture": {}},
        "KHR_materials_sheen": {"sheenColorFactor": [0.1, 0.2, 0.3], "sheenRoughnessFactor": 0.4},
        "KHR_materials_anisotropy": {"anisotropyStrength": 0.7, "anisotropyRotation": np.pi / 2},
        "KHR_materials_iridescence": {"iridescenceFactor": 0.8, "iridescenceThicknessMaximum": 250},
    }
    textured(model)["extensions"] = layers
    model.json["extensionsUsed"] = model.json["extensionsRequired"] = list(layers)
    asset = load_asset(model.save(tmp_path))
    paint = asset.parts[0].material
    assert (paint.ior, paint.specular, paint.specular_color) == (1.7, 0.5, (2, 1, 0))
    assert (paint.clearcoat, paint.clearcoat_roughness) == (0.6, 0.2)
    assert (paint.sheen_color, paint.sheen_roughness) == ((0.1, 0.2, 0.3), 0.4)
    assert (paint.anisotropy, paint.anisotropy_rotation) == (0.7, pytest.approx(90))
    assert (paint.iridescence, paint.iridescence_ior, paint.iridescence_thickness) == (0.8, 1.3, 250)
    assert asset.notes == ("materials[0]: clearcoatTexture of KHR_materials_clearcoat is not shown",)


def test_without_layers_gltf_s_defaults_are_ours(tmp_path: Path) -> None:
    plain, empty = quad(), quad()
    textured(plain)
    names = ("ior", "specular", "clearcoat", "sheen", "anisotropy", "iridescence")
    textured(empty)["extensions"] = {f"KHR_materials_{name}": {} for name in names}
    without, with_none = (load_asset(one.save(tmp_path)).parts[0].material for one in (plain, empty))
    ours = PbrMaterial()
    for name in ("ior", "specular_color", "clearcoat", "sheen_color", "anisotropy", "iridescence", "iridescence_ior"):
        assert getattr(without, name) == getattr(with_none, name) == getattr(ours, name)


def test_an_index_of_refraction_of_nought_reflects_all(tmp_path: Path) -> None:
    model = quad()
    textured(model)["extensions"] = {"KHR_materials_ior": {"ior": 0}}
    ior = load_asset(model.save(tmp_path)).parts[0].material.ior
    assert ((ior - 1) / (ior + 1)) ** 2 == pytest.approx(1.0)


def test_without_a_material_glTFs_default_holds(tmp_path: Path) -> None:  # noqa: N802
    (part,) = load_asset(quad().save(tmp_path)).parts
    assert (part.material.base_color, part.material.metallic, part.material.roughness) == ((1, 1, 1), 1.0, 1.0)


def test_a_texture_transform_is_applied_to_the_uvs(tmp_path: Path) -> None:
    model = quad()
    transform = {"offset": [0.5, 0.25], "rotation": np.pi / 2, "scale": [2, 3]}
    textured(model, extensions={"KHR_texture_transform": transform})
    mesh = _mesh(model.save(tmp_path))
    # Scale, then a quarter turn counter-clockwise as seen (v runs down), then the offset.
    wanted = [(3 * v + 0.5, -2 * u + 0.25) for u, v in [(0, 1), (1, 1), (1, 0), (0, 0)]]
    np.testing.assert_allclose(mesh.uvs, wanted, atol=1e-6)
    np.testing.assert_allclose(mesh.tangents, [[0, -1, 0, 1]] * 4, atol=1e-6)


def test_textures_read_the_coordinates_they_name(tmp_path: Path) -> None:
    model = quad()
    textured(model, texCoord=1)
    model.primitive["attributes"]["TEXCOORD_1"] = model.add([[0.5, 0.5]] * 4)
    assert _mesh(model.save(tmp_path)).uvs.tolist() == [[0.5, 0.5]] * 4
