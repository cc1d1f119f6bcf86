"""All meshes of a scene together are bounded, whichever models, shapes and programs bring them."""

from __future__ import annotations

from pathlib import Path

import pytest
from gltf_models import quad

from diorama.errors import AssetError
from diorama.geometry.build import build_mesh
from diorama.scene import models
from diorama.scene.asset import load_asset
from diorama.scene.graph import Scene
from diorama.scene.kept import Kept
from diorama.scene.sample import shot
from diorama.scene.schema import Box, Camera, MeshFile, Plane

QUAD = 4 + 6
BOX = 24 + 36
TRIANGLE = 3 + 3


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for store in ("_ASSETS", "_MESHES"):
        # what a store keeps must make no difference
        monkeypatch.setattr(models, store, Kept(lambda _: 1, budget=0))


def bound(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr("diorama.scene.loaded.MOST_ELEMENTS", most)


def _scene() -> Scene:
    scene = Scene(size=(8, 8), frames=1)
    scene.camera = Camera()
    return scene


def _model(folder: Path, name: str) -> Path:
    return quad().save_glb(folder).rename(folder / f"{name}.glb")


def _message(most: int, got: int) -> str:
    return f"expected at most {most} vertices and corners of triangles in a scene, got {got}"


def test_the_model_that_passes_the_limit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bound(monkeypatch, 2 * QUAD)
    scene = _scene()
    for name in ("a", "b"):
        scene.add(str(_model(tmp_path, name)), name=name, repeat=9)
    assert len(shot(scene, 0).current.instances.mesh) == 18  # each file counts once
    scene.add(str(_model(tmp_path, "c")), name="c", visible=False)
    with pytest.raises(AssetError) as caught:
        shot(scene, 0)
    assert str(caught.value) == f"{tmp_path / 'c.glb'}: {_message(2 * QUAD, 3 * QUAD)}"


def test_shapes_meshes_of_files_and_of_programs_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = BOX + QUAD + QUAD + TRIANGLE
    scene = _scene()
    for number in range(3):
        scene.add(Box(), name=f"a{number}")
    scene.add(MeshFile(file=str(_model(tmp_path, "b"))), name="b")
    scene.add(load_asset(_model(tmp_path, "c")), name="c")
    triangle = build_mesh([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 2]])
    for name in ("d", "e"):
        scene.add(triangle, name=name)
    bound(monkeypatch, whole)
    shot(scene, 0)
    scene.add(Plane(), name="f")
    with pytest.raises(AssetError) as caught:
        shot(scene, 0)
    assert str(caught.value) == f"f: {_message(whole, whole + QUAD)}"


@pytest.mark.parametrize(("name", "before"), [("a", 0), ("b", BOX), ("c", BOX + QUAD)])
def test_the_file_or_the_node_at_fault_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, before: int
) -> None:
    file = _model(tmp_path, "b")
    scene = _scene()
    scene.add(Box(), name="a")
    scene.add(MeshFile(file=str(file)), name="b")
    scene.add(load_asset(file), name="c")
    bound(monkeypatch, before)
    place = str(file) if name == "b" else name
    with pytest.raises(AssetError) as caught:
        shot(scene, 0)
    assert str(caught.value) == f"{place}: {_message(before, before + (BOX if name == 'a' else QUAD))}"
