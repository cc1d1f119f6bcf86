"""Files that others made: large ones are refused before they are read."""

import os

import pytest

from diorama.errors import AssetError
from diorama.material.texture import load_image
from diorama.reading import LARGEST_FILE, read_bytes
from diorama.scene.asset import load_asset


def sparse(path, head=b""):
    """A file of 64 GiB that takes no room on the disk."""
    path.write_bytes(head)
    os.truncate(path, 2**36)
    return path


@pytest.mark.parametrize("name", ["a.glb", "a.gltf", "a.obj", "a.ply", "a.stl"])
def test_a_model_larger_than_memory(tmp_path, name):
    with pytest.raises(AssetError, match=rf"{name}: expected at most 256 MiB, got 65536$"):
        load_asset(sparse(tmp_path / name, b"glTF"))


def test_a_picture_larger_than_memory(tmp_path):
    with pytest.raises(AssetError, match=r"a.png: expected at most 256 MiB, got 65536$"):
        load_image(sparse(tmp_path / "a.png"), "srgb")


def test_a_limit_that_a_file_claims_is_bounded_too(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"abcdef")
    assert read_bytes(path, "file", "a.bin") == b"abcdef"
    assert read_bytes(path, "file", "a.bin", 4) == b"abcd"
    os.truncate(path, LARGEST_FILE + 5)
    assert len(read_bytes(path, "file", "a.bin", 2**60)) == LARGEST_FILE


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(AssetError, match=r"^car: expected a readable picture: Is a directory$"):
        read_bytes(tmp_path, "picture", "car")
