"""What a clip says of itself."""

import os

import pytest

from diorama.clip_info import video_metadata
from diorama.scene.graph import load_scene


@pytest.mark.parametrize(
    ("name", "shown"),
    [(b"hill.yaml", "hill.yaml"), ("丘.yaml".encode(), "丘.yaml"), (b"h\xffll.yaml", "h\ufffdll.yaml")],
)
def test_a_scene_file_of_any_name_is_named_in_utf8(tmp_path, name, shown):
    path = tmp_path / os.fsdecode(name)
    path.write_text("diorama: 1\ncamera: {}\n")
    assert video_metadata(load_scene(path))["title"] == shown
