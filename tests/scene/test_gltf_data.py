"""The glTF reader on real models: what loads, what is refused and why, and trimesh's opinion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import trimesh
from scipy.spatial import cKDTree

from diorama.errors import AssetError
from diorama.geometry.build import build_mesh
from diorama.scene.asset import Asset, load_asset
from diorama.transform import transform_points

FOLDERS = ("gltf", "packs", "humans", "gltf_asset_generator")

REFUSED = {
    "BoxBadNormals-glTF-Binary/BoxBadNormals.glb": "attributes.NORMAL: expected normals of length 1, got",
    "BoxWithInfinites-glTF-Binary/BoxWithInfinites.glb": "attributes.POSITION: expected finite numbers, got",
    "IncorrectVertexArrays/Cube.gltf": "meshes[1].primitives[0].indices: expected three corners for each triangle",
    "IndexOutOfRange/AllIndicesOutOfRange.gltf": "indices: expected vertex indices below 24, got 65535",
    "IndexOutOfRange/IndexOutOfRange.gltf": "indices: expected vertex indices below 24, got 255",
    "MissingBin/BoxTextured.gltf": "images[0].uri: expected a file, got 'nothing at CesiumLogoFlat.png'",
    "RecursiveNodes/RecursiveNodes.gltf": "nodes[0]: expected a node with one parent",
    "SchemaFailures/sceneWrongType.gltf": "scene: expected an index below 1, got 'hello'",
    "TestNoRootNode/NoScene.gltf": "scenes: expected at least one scene, got 'nothing'",
    "TestNoRootNode/SceneWithoutNodes.gltf": "expected triangles to draw, got 'none'",
    "issue_3269/texcoord_crash.gltf": "TEXCOORD_0: expected the coordinates that the material's textures read",
    "wrongTypes/badArray.gltf": "meshes[0].primitives: expected an array, got",
    "wrongTypes/badExtension.gltf": "extensions.KHR_texture_transform: expected an object, got 'Not an object'",
    "wrongTypes/badNumber.gltf": "materials[0].normalTexture.index: expected a texture, got 'nothing'",
    "wrongTypes/badObject.gltf": "materials[0].pbrMetallicRoughness: expected an object, got ['not an object']",
    "wrongTypes/badString.gltf": "scenes[0].name: expected a string, got 42",
    "wrongTypes/badUint.gltf": "pbrMetallicRoughness.baseColorTexture.index: expected an index below 1, got -1",
}

COMPARED = (
    "gltf/Box.glb",
    "gltf/BoxInterleaved.glb",
    "gltf/SimpleMeshes/SimpleMeshes.gltf",
    "gltf/TriangleWithoutIndices/TriangleWithoutIndices.gltf",
    "gltf/CesiumMilkTruck.glb",
    "gltf/CornellBox.glb",
    "gltf/TextureTransformTest/TextureTransformTest.gltf",
    "packs/kenney_carkit/taxi.glb",
    "packs/kenney_citykitcommercial",
    "packs/kenney_retro_medieval",
    "gltf_asset_generator/Node_Attribute",
    "gltf_asset_generator/Mesh_Primitives",
    "gltf_asset_generator/Mesh_PrimitivesUV",
)


def _models(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in (".glb", ".gltf"))


def _world_triangles(asset: Asset) -> np.ndarray:
    """The corners (T, 3, 3) of all triangles in asset space."""
    matrices = asset.node_matrices()
    return np.concatenate(
        [transform_points(matrices[part.node], part.mesh.positions)[part.mesh.triangles] for part in asset.parts]
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_shared_model_loads_with_sound_arrays(data: Path, folder: str) -> None:
    models = _models(data / folder)
    assert models
    for path in models[:: 1 if folder != "packs" else 7]:
        asset = load_asset(path)
        assert asset.parts, path
        for part in asset.parts:
            mesh = part.mesh
            for values in (mesh.positions, mesh.normals, mesh.uvs, mesh.tangents):
                assert values.dtype == np.float32 and values.flags.c_contiguous
            assert mesh.triangles.dtype == np.uint32 and mesh.triangles.flags.c_contiguous
            np.testing.assert_allclose(np.linalg.norm(mesh.normals, axis=1), 1.0, atol=1e-5)
            assert set(np.unique(mesh.tangents[:, 3])) <= {-1.0, 1.0}


def test_every_broken_model_is_refused_for_its_own_reason(data: Path) -> None:
    folder = data / "gltf_invalid"
    assert {str(path.relative_to(folder)) for path in _models(folder)} == set(REFUSED)
    for name, reason in REFUSED.items():
        with pytest.raises(AssetError) as caught:
            load_asset(folder / name)
        assert str(caught.value).startswith(f"{folder / name}: ")
        assert reason in str(caught.value)


@pytest.mark.parametrize("name", COMPARED)
def test_triangles_lie_where_trimesh_puts_them(data: Path, name: str) -> None:
    found = data / name
    for path in [found] if found.is_file() else _models(found)[::9]:
        ours = _world_triangles(load_asset(path))
        theirs = trimesh.load_scene(path, process=False).to_mesh().triangles
        assert len(ours) == len(theirs), path
        size = max(np.ptp(ours.reshape(-1, 3), axis=0).max(), 1e-6)
        distance, partner = cKDTree(theirs.mean(axis=1)).query(ours.mean(axis=1))
        assert distance.max() < 1e-5 * size, path
        # Corners of partners agree as sets, whichever comes first.
        gaps = np.linalg.norm(ours[:, :, None] - theirs[partner][:, None], axis=-1).min(axis=2)
        assert gaps.max() < 1e-5 * size, path


@pytest.mark.parametrize("name", ["gltf/WaterBottle", "gltf/FlightHelmet"])
def test_tangents_from_uvs_agree_with_the_stored_ones(data: Path, name: str) -> None:
    for path in _models(data / name):
        for part in load_asset(path).parts:
            mesh = part.mesh
            made = build_mesh(mesh.positions, mesh.triangles, normals=mesh.normals, uvs=mesh.uvs).tangents
            agree = np.sum(made[:, :3] * mesh.tangents[:, :3], axis=1)
            assert np.mean(made[:, 3] == mesh.tangents[:, 3]) > 0.97
            assert np.quantile(agree, 0.1) > 0.95


def test_a_turned_texture_has_its_arrow_where_the_model_marks_it(data: Path) -> None:
    """The model places a marker where the arrow's tip, at (0.7778, 0.7778) of the picture, must be seen."""
    asset = load_asset(next((data / "gltf" / "TextureTransformTest").glob("*.gltf")))
    names = [node.name for node in asset.nodes]
    for quad, marker in (("Rotation", "Rotation - Correct"), ("Scale", "Scale - Correct")):
        mesh = next(part.mesh for part in asset.parts if names[part.node] == quad)
        x, y, _ = asset.nodes[names.index(marker)].translation
        # The uvs of the quad are affine in its positions.
        columns = np.column_stack([mesh.positions[:, :2], np.ones(len(mesh.positions))])
        affine, *_ = np.linalg.lstsq(columns, mesh.uvs, rcond=None)
        np.testing.assert_allclose([x, y, 1.0] @ affine, [0.7778, 0.7778], atol=1e-3)


def test_materials_of_a_known_model(data: Path) -> None:
    asset = load_asset(next((data / "gltf" / "WaterBottle").glob("*.gltf")))
    (part,) = asset.parts
    material = part.material
    assert material.base_color_image is not None and material.base_color_image.space == "srgb"
    assert material.emission_image is not None and material.emission_image.space == "srgb"
    assert material.normal_image is not None and material.normal_image.space == "linear"
    assert material.metallic_roughness_image is not None
    assert material.occlusion_image is not None
    # One picture holds occlusion, roughness and metallic.
    assert material.occlusion_image.key == material.metallic_roughness_image.key
    assert material.emission == (1.0, 1.0, 1.0)
    cornell = {part.material.name: part.material for part in load_asset(data / "gltf" / "CornellBox.glb").parts}
    assert max(max(material.emission) for material in cornell.values()) > 1.0


def test_a_sparse_accessor_replaces_three_of_its_vertices(data: Path) -> None:
    """trimesh leaves them out; the model's page names the three places."""
    (part,) = load_asset(data / "gltf" / "SimpleSparseAccessor" / "SimpleSparseAccessor.gltf").parts
    places = {tuple(place) for place in part.mesh.positions.tolist()}
    assert {(1.0, 2.0, 0.0), (3.0, 3.0, 0.0), (5.0, 4.0, 0.0)} <= places
