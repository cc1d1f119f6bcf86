"""Files are found in the allowed folders, in order, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diorama.errors import OptionError
from diorama.scene.paths import Roots, environment_roots
from diorama.scene.schema.check import BadValueError


@pytest.fixture
def folders(tmp_path: Path) -> Path:
    for name in ("scene/lib/a.glb", "scene/a.glb", "scene/b.glb", "kit/a.glb", "kit/k.glb", "secret/s.glb"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def test_order_of_folders(folders: Path) -> None:
    roots = Roots(folders / "scene", [folders / "kit"])
    lib = folders / "scene" / "lib"
    found = {
        (name, beside): roots.find(name, beside).relative_to(folders).as_posix()
        for name, beside in [("a.glb", None), ("a.glb", lib), ("b.glb", lib), ("k.glb", lib), ("lib/../b.glb", None)]
    }
    assert found == {
        ("a.glb", None): "scene/a.glb",
        ("a.glb", lib): "scene/lib/a.glb",
        ("b.glb", lib): "scene/b.glb",
        ("k.glb", lib): "kit/k.glb",
        ("lib/../b.glb", None): "scene/b.glb",
    }


@pytest.mark.parametrize(
    "name",
    [
        "../secret/s.glb",
        "lib/../../secret/s.glb",
        "link/s.glb",
        "link.glb",
        "../scene-twin/t.glb",
        "/etc/passwd",
        "file:///etc/passwd",
        "http://example.com/a.glb",
        "data:,x",
        "\\\\server\\share\\a.glb",
        "C:/a.glb",
        "",
        "a.glb\0",
        "lib",
        ".",
        "loop",
        "x" * 5000,
        "~/a.glb",
        "$HOME/a.glb",
    ],
)
def test_nothing_else_is_found(folders: Path, name: str) -> None:
    scene = folders / "scene"
    (folders / "scene-twin").mkdir()
    (folders / "scene-twin/t.glb").write_text("outside, though its path begins like the scene's")
    (scene / "link").symlink_to(folders / "secret")
    (scene / "link.glb").symlink_to(folders / "secret/s.glb")
    (scene / "loop").symlink_to(scene / "loop")
    with pytest.raises(BadValueError, match=r"^expected "):
        Roots(scene, [folders / "kit"]).find(name)


def test_links_within_the_roots_are_followed(folders: Path) -> None:
    (folders / "scene/k.glb").symlink_to(folders / "kit/k.glb")
    assert Roots(folders / "scene", [folders / "kit"]).find("k.glb") == folders / "kit/k.glb"
    with pytest.raises(BadValueError, match="stays inside"):
        Roots(folders / "scene").find("k.glb")


def test_a_root_may_itself_be_a_link(folders: Path) -> None:
    (folders / "linked").symlink_to(folders / "kit")
    assert Roots(folders / "linked").find("k.glb") == folders / "kit/k.glb"


def test_suggestions_never_tell_of_other_folders(folders: Path) -> None:
    with pytest.raises(BadValueError) as caught:
        Roots(folders / "scene").find("../secret/t.glb")
    assert "did you mean" not in caught.value.message
    with pytest.raises(BadValueError, match=r"did you mean 'lib/a.glb'\?"):
        Roots(folders / "scene").find("lib/aa.glb")


def test_roots_must_be_folders(folders: Path) -> None:
    with pytest.raises(OptionError, match=r"^--assets: expected a folder, got '.*nowhere'"):
        Roots(folders, [folders / "nowhere"])


def test_the_environment_names_roots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIORAMA_ASSETS", os.pathsep.join(["/a", "", "/b c"]))
    assert environment_roots() == ["/a", "/b c"]
    monkeypatch.delenv("DIORAMA_ASSETS")
    assert environment_roots() == []
