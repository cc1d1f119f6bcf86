"""Models of the other kinds: OBJ with its library, PLY, STL; and what all loaders share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import trimesh
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diorama.errors import AssetError
from diorama.geometry.primitives import box, sphere
from diorama.material.pbr import PbrMaterial
from diorama.scene.asset import Asset, AssetNode, AssetPart, load_asset

OBJ = """mtllib paint.mtl
v 0 0 0
v 1 0 0
v 1 1 0
v 0 1 0
vt 0 0
vt 1 0
vt 1 1
vt 0 1
usemtl red
f 1/1 2/2 3/3
usemtl picture
f 1/1 3/3 4/4
"""
MTL = """newmtl\tred\t
Kd 0.5 0 0.25
Pr 0.3
Pm 2
Ke 1 2 3
newmtl picture
Kd 1 1 1
map_Kd sub/a b.png
"""


def _write(folder: Path, obj: str = OBJ, mtl: str = MTL) -> Path:
    (folder / "sub").mkdir()
    PIL.Image.new("RGB", (2, 1), (0, 255, 0)).save(folder / "sub" / "a b.png")
    (folder / "paint.mtl").write_text(mtl)
    (folder / "model.obj").write_text(obj)
    return folder / "model.obj"


def test_an_obj_brings_its_triangles_and_materials(tmp_path: Path) -> None:
    asset = load_asset(_write(tmp_path))
    parts = {part.material.name: part for part in asset.parts}
    red, picture = parts["red"], parts["picture"]
    assert (red.material.base_color, red.material.roughness, red.material.metallic) == ((0.5, 0, 0.25), 0.3, 1.0)
    assert red.material.emission == (1, 2, 3)
    assert picture.material.base_color_image is not None
    assert picture.material.base_color_image.pixels[0, 0].tolist() == [0, 255, 0, 255]
    mesh = picture.mesh
    corners = {tuple(p): tuple(uv) for p, uv in zip(mesh.positions.tolist(), mesh.uvs.tolist(), strict=True)}
    # v counts from the upper edge.
    assert corners == {(0, 0, 0): (0, 1), (1, 1, 0): (1, 0), (0, 1, 0): (0, 0)}
    assert (mesh.normals == [0, 0, 1]).all()
    assert [node.name for node in asset.nodes] == ["model"]


def test_normals_in_an_obj_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "model.obj"
    path.write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nvn 0 0.6 0.8\nf 1//1 2//1 3//1\n")
    (part,) = load_asset(path).parts
    np.testing.assert_allclose(part.mesh.normals, [[0, 0.6, 0.8]] * 3, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../secret.mtl", "model.obj: expected a file inside the model's own folder, got '../secret.mtl'"),
        ("/etc/passwd", "model.obj: expected a file inside the model's own folder, got '/etc/passwd'"),
        ("link.mtl", "model.obj: expected a file inside the model's own folder, got 'link.mtl'"),
    ],
)
def test_a_library_outside_the_folder_is_refused(tmp_path: Path, name: str, message: str) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (tmp_path / "secret.mtl").write_text(MTL)
    (folder / "link.mtl").symlink_to(tmp_path / "secret.mtl")
    path = _write(folder, OBJ.replace("paint.mtl", name))
    with pytest.raises(AssetError) as caught:
        load_asset(path)
    assert str(caught.value).endswith(message)


def test_a_picture_outside_the_folder_is_refused(tmp_path: Path) -> None:
    path = _write(tmp_path, mtl=MTL.replace("sub/a b.png", "../../x.png"))
    with pytest.raises(AssetError, match=r"expected a file inside the model's own folder, got '\.\./\.\./x\.png'"):
        load_asset(path)


def test_wrong_numbers_and_pictures_in_a_library_are_named(tmp_path: Path) -> None:
    path = _write(tmp_path, mtl=MTL.replace("0.5 0 0.25", "0.5 x"))
    with pytest.raises(AssetError) as caught:
        load_asset(path)
    assert str(caught.value) == f"{tmp_path / 'paint.mtl'}:2: expected 3 number(s) from 0, got '0.5 x'"
    (tmp_path / "paint.mtl").write_text(MTL)
    (tmp_path / "sub" / "a b.png").write_bytes(b"no picture")
    with pytest.raises(AssetError, match=r"a b\.png: expected a picture"):
        load_asset(path)


def test_missing_companions_are_noted(tmp_path: Path) -> None:
    path = _write(tmp_path, mtl=MTL.replace("a b.png", "gone.png"))
    assert load_asset(path).notes == ("no picture sub/gone.png",)
    (tmp_path / "paint.mtl").unlink()
    assert load_asset(path).notes == ("no material library paint.mtl",)


@pytest.mark.parametrize("suffix", ["ply", "stl", "obj"])
def test_a_box_and_a_ball_survive_the_journey(tmp_path: Path, suffix: str) -> None:
    """Without normals in the file a box comes back flat and a ball smooth."""
    for name, shape in (("box", trimesh.creation.box((1, 2, 3))), ("ball", trimesh.creation.icosphere(3, 1.0))):
        path = tmp_path / f"{name}.{suffix}"
        shape.export(path, **({"include_normals": False} if suffix == "obj" else {}))
        (part,) = load_asset(path).parts
        mesh = part.mesh
        a, b, c = np.moveaxis(mesh.positions[mesh.triangles].astype(float), 1, 0)
        np.testing.assert_allclose(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0, shape.volume, rtol=1e-5)
        if name == "box":
            assert (np.abs(mesh.normals).max(axis=1) > 1 - 1e-6).all()
        else:
            np.testing.assert_allclose(mesh.normals, mesh.positions, atol=0.01)


def test_normals_in_a_ply_are_kept(tmp_path: Path) -> None:
    header = "ply\nformat ascii 1.0\nelement vertex 3\n" + "".join(
        f"property float {name}\n" for name in ("x", "y", "z", "nx", "ny", "nz")
    )
    header += "element face 1\nproperty list uchar int vertex_indices\nend_header\n"
    path = tmp_path / "model.ply"
    path.write_text(header + "0 0 0 0 .6 .8\n1 0 0 0 .6 .8\n0 1 0 0 .6 .8\n3 0 1 2\n")
    (part,) = load_asset(path).parts
    np.testing.assert_allclose(part.mesh.normals, [[0, 0.6, 0.8]] * 3, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.fbx", b"x", "expected a model file (.glb, .gltf, .obj, .ply, .stl), got 'a.fbx'"),
        ("a.obj", None, "expected a model file, got 'nothing there'"),
        ("a.obj", b"", "expected triangles, got 'none'"),
        ("a.obj", b"v 0 0 0\nv 1 0 0\nv 0 1 0\n", "expected triangles, got 'none'"),
        ("a.ply", b"ply\nformat ascii 1.0\nelement vertex 999999999999\nend_header\n", "expected "),
        ("a.ply", b"not a ply", "expected PLY data"),
        (
            "a.stl",
            b"\0" * 80 + b"\xff\xff\xff\xff",
            "expected 214748364834 bytes for 4294967295 triangles, got '84 bytes'",
        ),
    ],
)
def test_unusable_files_are_refused(tmp_path: Path, name: str, data: bytes | None, message: str) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(AssetError) as caught:
        load_asset(path)
    assert str(caught.value).startswith(f"{path}: {message}")


def _files() -> dict[str, bytes]:
    shape = trimesh.creation.box()
    return {
        kind: bytes(shape.export(file_type=kind).encode() if kind == "obj" else shape.export(file_type=kind))
        for kind in ("obj", "ply", "stl")
    }


_FILES = _files()


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(sorted(_FILES)),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_damaged_files_load_or_are_refused(tmp_path: Path, kind: str, changes: list[tuple[float, int]]) -> None:
    data = bytearray(_FILES[kind])
    for where, value in changes:
        data[int(where * len(data))] = value
    path = tmp_path / f"model.{kind}"
    path.write_bytes(bytes(data))
    try:
        assert load_asset(path).parts
    except AssetError as error:
        assert str(error).startswith(str(path))


def test_the_whole_obj_corpus_loads(data: Path) -> None:
    models = sorted((data / "obj").rglob("*.obj"))
    assert models
    odd = data / "obj" / "assimp" / "number_formats.obj"
    with pytest.raises(
        AssetError, match=r"formats\.obj:11: expected 3 finite number\(s\) after v, got '1e\+2 2\.e\+1 3\.1\+e2'"
    ):
        load_asset(odd)
    models.remove(odd)
    for path in models:
        for part in load_asset(path).parts:
            assert part.mesh.positions.flags.c_contiguous
            np.testing.assert_allclose(np.linalg.norm(part.mesh.normals, axis=1), 1.0, atol=1e-5)
    (bread,) = load_asset(data / "obj" / "robosuite" / "bread.obj").parts
    assert bread.material.base_color_image is not None
    assert bread.material.base_color == (0.8, 0.8, 0.8)
    (bottle,) = load_asset(data / "obj" / "trimesh" / "fuze.obj").parts
    assert bottle.material.base_color_image is not None


def test_bounds_are_around_all_parts_where_their_nodes_are() -> None:
    nodes = (
        AssetNode("root", translation=(1.0, 0.0, 0.0), scale=(2.0, 2.0, 2.0)),
        AssetNode("arm", 0, translation=(0.0, 3.0, 0.0)),
    )
    ball, cube = AssetPart(1, sphere(0.5), PbrMaterial()), AssetPart(0, box(), PbrMaterial())
    np.testing.assert_allclose(Asset(nodes, (ball, cube)).bounds(), [[0, -1, -1], [2, 7, 1]], atol=1e-6)
    np.testing.assert_allclose(Asset(nodes, ()).bounds(), 0.0)


@pytest.mark.parametrize("mirror", [1.0, -1.0])
def test_a_matrix_is_taken_apart_even_when_flat_or_mirrored(mirror: float) -> None:
    matrix = np.diag([2.0 * mirror, 0.0, 3.0, 1.0])
    made = Asset((AssetNode.from_matrix("flat", -1, matrix),), ()).node_matrices()[0]
    np.testing.assert_allclose(np.abs(made), np.abs(matrix), atol=1e-9)
    matrix = np.diag([2.0 * mirror, 4.0, 3.0, 1.0])
    np.testing.assert_allclose(Asset((AssetNode.from_matrix("a", -1, matrix),), ()).node_matrices()[0], matrix)


LATIN = "Möbel".encode("latin-1")


def test_names_in_old_codes_do_not_hinder(tmp_path: Path) -> None:
    (tmp_path / "paint.mtl").write_bytes(b"newmtl " + LATIN + b"\nKd 0.5 0.25 0\n")
    (tmp_path / "a.obj").write_bytes(
        b"# " + LATIN + b"\nmtllib paint.mtl\nusemtl " + LATIN + b"\nv 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"
    )
    (part,) = load_asset(tmp_path / "a.obj").parts
    assert part.material.base_color == (0.5, 0.25, 0)
    corners = b"".join(b"vertex %d %d 0\n" % corner for corner in [(0, 0), (1, 0), (0, 1)])
    text = b"solid " + LATIN + b"\nfacet normal 0 0 1\nouter loop\n" + corners + b"endloop\nendfacet\nendsolid\n"
    (tmp_path / "a.stl").write_bytes(text)
    (part,) = load_asset(tmp_path / "a.stl").parts
    assert len(part.mesh.triangles) == 1


def test_many_empty_lines_take_no_longer_than_others(tmp_path: Path) -> None:
    (tmp_path / "a.obj").write_text("\n" * 400_000 + "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    assert len(load_asset(tmp_path / "a.obj").parts) == 1


@pytest.mark.parametrize("picture", ["there.png", "gone.png", "../../etc/passwd"])
def test_a_picture_that_a_ply_file_names_is_left_alone(
    tmp_path: Path, picture: str, capfd: pytest.CaptureFixture[str]
) -> None:
    PIL.Image.new("RGB", (2, 2)).save(tmp_path / "there.png")
    head = f"ply\nformat ascii 1.0\ncomment TextureFile {picture}\nelement vertex 3\n"
    head += "property float x\nproperty float y\nproperty float z\nelement face 1\n"
    head += "property list uchar int vertex_indices\nend_header\n"
    (tmp_path / "a.ply").write_text(head + "0 0 0\n1 0 0\n0 1 0\n3 0 1 2\n")
    assert len(load_asset(tmp_path / "a.ply").parts) == 1
    assert capfd.readouterr().err == ""
