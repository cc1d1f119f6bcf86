"""All textures of a scene together are bounded, whichever models and materials bring them."""

from __future__ import annotations

from pathlib import Path

import pytest
from gltf_models import png, quad, textured

from diorama.errors import AssetError
from diorama.scene import models
from diorama.scene.asset import load_asset
from diorama.scene.graph import Scene
from diorama.scene.kept import Kept
from diorama.scene.sample import shot
from diorama.scene.schema import Box, Camera, Material


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("diorama.scene.loaded.SCENE_PIXELS", 5)
    monkeypatch.setattr("diorama.scene.mesh_file.MODEL_PIXELS", 5)
    for store in ("_ASSETS", "_IMAGES"):
        # what a store keeps must make no difference
        monkeypatch.setattr(models, store, Kept(lambda _: 1, budget=0))


def _model(folder: Path, name: str) -> Path:
    """Write a model with a picture of two pixels."""
    model = quad()
    textured(model)
    return model.save_glb(folder).rename(folder / f"{name}.glb")


def _scene() -> Scene:
    scene = Scene(size=(8, 8), frames=1)
    scene.camera = Camera()
    return scene


def test_the_model_that_passes_the_limit_is_named(tmp_path: Path) -> None:
    scene = _scene()
    for name in ("a", "b"):
        scene.add(str(_model(tmp_path, name)), name=name)
    assert len(shot(scene, 0).stage.images) == 1  # equal pictures, but two that were read
    scene.add(str(_model(tmp_path, "c")), name="c")
    with pytest.raises(AssetError) as caught:
        shot(scene, 0)
    wanted = f"{tmp_path / 'c.glb'}: expected at most 5 pixels of pictures in a scene, got 6"
    assert str(caught.value) == wanted


def test_a_model_in_many_places_counts_once(tmp_path: Path) -> None:
    scene = _scene()
    for _ in range(9):
        scene.add(str(_model(tmp_path, "a")))
    assert len(shot(scene, 0).current.instances.mesh) == 9


def test_pictures_of_materials_count_with_those_of_models(tmp_path: Path) -> None:
    scene = _scene()
    scene.add(str(_model(tmp_path, "a")))
    for name in ("one", "two"):
        (tmp_path / f"{name}.png").write_bytes(png(size=(1, 1)))
        for _ in range(3):
            scene.add(Box(), material=Material(base_color_texture=str(tmp_path / f"{name}.png")))
    (tmp_path / "late.png").write_bytes(png(size=(2, 1)))
    shot(scene, 0)
    scene.add(Box(), name="z", material=Material(normal_texture=str(tmp_path / "late.png")))
    with pytest.raises(AssetError) as caught:
        shot(scene, 0)
    wanted = f"{tmp_path / 'late.png'}: expected at most 5 pixels of pictures in a scene, got 6"
    assert str(caught.value) == wanted


def test_models_that_a_program_made_count_too_and_are_named_by_their_node(tmp_path: Path) -> None:
    scene = _scene()
    for name in ("a", "b", "c"):
        scene.add(load_asset(_model(tmp_path, name)), name=name)
    with pytest.raises(AssetError, match=r"^c: expected at most 5 pixels of pictures in a scene, got 6$"):
        shot(scene, 0)


def test_the_pictures_of_an_obj_are_bounded_before_they_are_decoded(tmp_path: Path) -> None:
    lines = []
    for name in ("a", "b"):
        (tmp_path / f"{name}.png").write_bytes(png(size=(3, 1)))
        lines.append(f"newmtl {name}\nmap_Kd {name}.png\n")
    # so much of a picture says how large it is, and is too little to be decoded
    (tmp_path / "b.png").write_bytes((tmp_path / "b.png").read_bytes()[:45])
    (tmp_path / "paint.mtl").write_text("".join(lines))
    (tmp_path / "m.obj").write_text("mtllib paint.mtl\nv 0 0 0\nv 1 0 0\nv 0 1 0\nusemtl a\nf 1 2 3\n")
    with pytest.raises(AssetError, match=r"b\.png: expected at most 5 pixels of pictures in a model, got 6$"):
        load_asset(tmp_path / "m.obj")
