import errno
import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from diorama import atomic
from diorama.atomic import atomic_file, atomic_folder, remove_partials, writing
from diorama.errors import OutputError


def anything(_):
    return True


def test_a_file_appears_whole_when_the_block_ends(tmp_path):
    final = tmp_path / "a.mp4"
    with atomic_file(final) as temporary:
        temporary.write_text("new")
        assert temporary.suffix == ".mp4"
        assert not final.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["a.mp4"]
    assert final.read_text() == "new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_error_leaves_what_was_there_and_no_temporary(tmp_path, error):
    final = tmp_path / "a.txt"
    final.write_text("old")
    with pytest.raises(error), atomic_file(final, overwrite=True) as temporary:
        temporary.write_text("new")
        raise error
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert final.read_text() == "old"


def test_an_error_of_the_block_keeps_its_kind(tmp_path):
    with pytest.raises(FileNotFoundError), atomic_file(tmp_path / "a"):
        (tmp_path / "absent").read_text()


def test_an_existing_file_is_kept_unless_overwriting(tmp_path):
    final = tmp_path / "a"
    final.write_text("old")
    told = "exists already; replace it with --overwrite, in Python overwrite=True, or choose another name"
    with pytest.raises(OutputError, match=f": {told}$"), atomic_file(final):
        pytest.fail("the block must not run")
    with atomic_file(final, overwrite=True) as temporary:
        temporary.write_text("new")
    assert final.read_text() == "new"


def test_a_file_that_came_meanwhile_is_kept(tmp_path):
    final = tmp_path / "a"
    with pytest.raises(OutputError, match="exists already"), atomic_file(final) as temporary:
        temporary.write_text("new")
        final.write_text("old")
    assert final.read_text() == "old"


def test_a_folder_is_no_file_to_overwrite(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").touch()
    with pytest.raises(OutputError, match="not what this writer makes"), atomic_file(tmp_path / "a", overwrite=True):
        pytest.fail("the block must not run")


def test_a_missing_parent_is_named(tmp_path):
    with pytest.raises(OutputError, match=r"absent.a: expected a file name in an existing folder"):
        atomic_file(tmp_path / "absent" / "a").__enter__()


def test_a_folder_appears_whole_and_replaces_only_its_own_kind(tmp_path):
    final = tmp_path / "set"
    for text in ("one", "two"):
        with atomic_folder(final, overwrite=True, ours=lambda path: (path / "mark").exists()) as temporary:
            (temporary / "mark").write_text(text)
            (temporary / "deep").mkdir()
            (temporary / "deep" / text).touch()
    assert sorted(path.name for path in final.rglob("*")) == ["deep", "mark", "two"]
    assert [path.name for path in tmp_path.iterdir()] == ["set"]
    (final / "mark").unlink()
    with (
        pytest.raises(OutputError, match="not what this writer makes"),
        atomic_folder(final, overwrite=True, ours=lambda path: (path / "mark").exists()),
    ):
        pytest.fail("the block must not run")


def test_an_empty_folder_is_free(tmp_path):
    with atomic_folder(tmp_path, overwrite=False, ours=anything) as temporary:
        (temporary / "a").touch()
    assert (tmp_path / "a").exists()


def test_a_failed_folder_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="no"), atomic_folder(tmp_path / "a", overwrite=False, ours=anything) as made:
        (made / "b").touch()
        raise ValueError("no")
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize("old", [None, "old"])
def test_a_folder_is_taken_back_with_what_fails_after_it(tmp_path, old):
    final = tmp_path / "a"
    if old:
        final.mkdir()
        (final / "text").write_text(old)
    with pytest.raises(ValueError), ExitStack() as until:
        with atomic_folder(final, overwrite=True, ours=anything, until=until) as temporary:
            (temporary / "text").write_text("new")
        assert (final / "text").read_text() == "new"
        raise ValueError
    assert [path.name for path in tmp_path.iterdir()] == ["a"] * bool(old)
    assert not old or (final / "text").read_text() == old


def test_a_folder_whose_name_does_not_reach_the_disk_is_taken_back(tmp_path, monkeypatch):
    def sync(path):
        if path == tmp_path:
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(atomic, "sync", sync)
    final = tmp_path / "a"
    with pytest.raises(OutputError, match="Input/output error"), atomic_folder(final, overwrite=False, ours=anything):
        pass
    assert not any(tmp_path.iterdir())


def test_what_the_system_says_is_reported_with_its_place(tmp_path):
    with pytest.raises(OutputError, match=r"here: cannot be written: No such file"), writing(tmp_path / "here"):
        (tmp_path / "absent").read_text()


def test_what_a_killed_process_leaves_is_removed_by_name(tmp_path: Path) -> None:
    with (
        atomic_file(tmp_path / "a.b.mp4") as file,
        atomic_folder(tmp_path / "c", overwrite=False, ours=Path.is_dir) as folder,
    ):
        file.write_text("half")
        (folder / "d").write_text("half")
        (tmp_path / file.name.replace("a.b", "other")).write_text("another's")
        remove_partials(tmp_path, {"c", "e"})
        assert (file.exists(), folder.exists()) == (True, False)
        remove_partials(tmp_path, {"a.b"})
        assert not file.exists()
        file.write_text("whole")
        folder.mkdir()
    assert sorted(path.name.split(".")[1] for path in tmp_path.iterdir() if path.name.startswith(".")) == ["other"]
    remove_partials(tmp_path, {"a", "b", "mp4", "c", "a.b.mp4"})
    assert (tmp_path / "a.b.mp4").read_text() == "whole"


def test_an_empty_folder_is_in_the_way_of_a_file_from_the_start(tmp_path):
    (tmp_path / "a.mp4").mkdir()
    for overwrite, message in ((False, "exists already"), (True, "cannot be overwritten")):
        with pytest.raises(OutputError, match=message), atomic_file(tmp_path / "a.mp4", overwrite=overwrite):
            pytest.fail("nothing may be made for a name that is taken")
    with atomic_folder(tmp_path / "a.mp4", overwrite=False, ours=lambda path: False) as folder:
        (folder / "x").touch()
    assert (tmp_path / "a.mp4" / "x").exists()


def test_bytes_are_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    final, flushed = tmp_path / "a.mp4", []

    def fsync(descriptor):
        flushed.append((os.fstat(descriptor).st_ino, final.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    with atomic_file(final) as temporary:
        temporary.write_text("new")
    assert flushed == [(final.stat().st_ino, False), (tmp_path.stat().st_ino, True)]
