"""From trimesh: the same triangles in the same places, with their materials."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest
import trimesh

from diorama.color import srgb_to_linear
from diorama.errors import AssetError
from diorama.interop.trimesh import from_trimesh
from diorama.scene.asset import Asset
from diorama.transform import transform_points


def _volume(asset: Asset) -> float:
    matrices = asset.node_matrices()
    total = 0.0
    for part in asset.parts:
        a, b, c = np.moveaxis(transform_points(matrices[part.node], part.mesh.positions)[part.mesh.triangles], 1, 0)
        total += float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)
    return total


def test_a_mesh_keeps_its_triangles_and_gets_creases() -> None:
    source = trimesh.creation.box((1, 2, 3))
    asset = from_trimesh(source)
    (part,) = asset.parts
    assert (part.mesh.positions[part.mesh.triangles] == source.triangles).all()
    assert len(part.mesh.positions) == 24
    rounded = from_trimesh(source, crease=None).parts[0].mesh
    np.testing.assert_allclose(rounded.normals, source.vertex_normals, atol=1e-6)


def test_a_scene_keeps_places_and_shares_meshes() -> None:
    scene = trimesh.Scene()
    ball = trimesh.creation.icosphere(2, 1.0)
    scene.add_geometry(ball, node_name="one", geom_name="ball")
    turned = trimesh.transformations.compose_matrix(scale=(1, 2, 3), angles=(0.3, 0.2, 0.1), translate=(1, 2, 3))
    scene.graph.update(frame_from="one", frame_to="two", geometry="ball", matrix=turned)
    asset = from_trimesh(scene)
    assert [node.name for node in asset.nodes] == ["one", "two"]
    assert asset.parts[0].mesh is asset.parts[1].mesh
    np.testing.assert_allclose(asset.node_matrices()[1], turned, atol=1e-9)
    np.testing.assert_allclose(_volume(asset), 7.0 * ball.volume, rtol=1e-5)


def test_shear_is_baked_into_the_mesh() -> None:
    scene = trimesh.Scene()
    shear = np.eye(4)
    shear[0, 1] = 0.5
    scene.add_geometry(trimesh.creation.box((1, 1, 1)), node_name="a", transform=shear)
    asset = from_trimesh(scene)
    np.testing.assert_allclose(asset.node_matrices()[0], np.eye(4))
    np.testing.assert_allclose(asset.bounds(), [[-0.75, -0.5, -0.5], [0.75, 0.5, 0.5]], atol=1e-6)


def test_materials_and_pictures_come_along() -> None:
    source = trimesh.creation.box((1, 1, 1))
    picture = PIL.Image.new("RGB", (2, 2), (10, 20, 30))
    uv = np.random.default_rng(3).random((8, 2))
    pbr = trimesh.visual.material.PBRMaterial(
        name="paint",
        baseColorFactor=(255, 0, 51, 255),
        baseColorTexture=picture,
        metallicFactor=0.25,
        roughnessFactor=0.75,
        emissiveFactor=(0.1, 0.2, 0.3),
        doubleSided=True,
    )
    source.visual = trimesh.visual.TextureVisuals(uv=uv, material=pbr)
    mesh, material = (part := from_trimesh(source, crease=None).parts[0]).mesh, part.material
    assert (material.name, material.base_color) == ("paint", (1.0, 0.0, 0.2))
    assert (material.metallic, material.roughness, material.double_sided) == (0.25, 0.75, True)
    np.testing.assert_allclose(material.emission, (0.1, 0.2, 0.3), atol=1e-6)
    assert material.base_color_image is not None
    assert material.base_color_image.pixels[0, 0].tolist() == [10, 20, 30, 255]
    np.testing.assert_allclose(mesh.uvs, np.column_stack([uv[:, 0], 1.0 - uv[:, 1]]), atol=1e-6)


def test_simple_materials_and_colours() -> None:
    source = trimesh.creation.box((1, 1, 1))
    simple = trimesh.visual.material.SimpleMaterial(diffuse=(0, 255, 51, 255))
    source.visual = trimesh.visual.TextureVisuals(uv=np.zeros((8, 2)), material=simple)
    assert from_trimesh(source).parts[0].material.base_color == (0.0, 1.0, 0.2)
    source.visual = trimesh.visual.ColorVisuals(source, face_colors=(188, 0, 255, 255))
    np.testing.assert_allclose(
        from_trimesh(source).parts[0].material.base_color, srgb_to_linear(np.array([188, 0, 255]) / 255.0)
    )


@pytest.mark.parametrize("model", ["a path", trimesh.Scene(), trimesh.PointCloud([[0, 0, 0]])])
def test_what_has_no_triangles_is_refused(model: object) -> None:
    with pytest.raises(AssetError, match="expected a "):
        from_trimesh(model)  # type: ignore[arg-type]
