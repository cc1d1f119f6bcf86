"""Which clips a batch makes: shards, names, and what counts as finished."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama import OptionError, OutputError, render_batch
from diorama.batch.clip import Clip, Job, Options, State, claimed, give_up
from diorama.batch.run import _clips

OPTIONS = Options("software", "draft", False, False, (), None, 18, False)


def job(folder: Path, **changes: object) -> Job:
    made = Job(Path("town.v2.yaml"), folder, {}, (), OPTIONS, {"scene_hash": "a", "crf": 18})
    return replace(made, **changes)  # type: ignore[arg-type]


@settings(deadline=None)
@given(count=st.integers(1, 200), shards=st.integers(1, 20), seed=st.integers(0, 2**40))
def test_shards_are_disjoint_and_together_the_whole(count: int, shards: int, seed: int) -> None:
    parts = [_clips(seed, count, (index, shards)) for index in range(shards)]
    together = sorted((clip for part in parts for clip in part), key=lambda clip: clip.number)
    assert together == _clips(seed, count, (0, 1))
    assert [(clip.number, clip.seed) for clip in together] == [(number, seed + number) for number in range(count)]
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@pytest.mark.parametrize("shard", [(1, 1), (-1, 2), (0, 0), (3, 2)])
def test_a_shard_that_is_none(shard: tuple[int, int]) -> None:
    with pytest.raises(OptionError, match=r"^shard: expected \(I, N\) with 0 <= I < N, got "):
        _clips(0, 5, shard)


def test_names_of_files(tmp_path: Path) -> None:
    plain = job(tmp_path).files(Clip(3, 10))
    assert (plain.video, plain.dataset) == (tmp_path / "town_v2_000003.mp4", None)
    assert plain.record == tmp_path / "town_v2_000003.json"
    full = job(tmp_path, options=replace(OPTIONS, codec="png", dataset=True)).files(Clip(1234567, 0))
    assert full.outputs == (tmp_path / "town_v2_1234567", tmp_path / "town_v2_1234567_frames")


CLIP = Clip(0, 7)


@pytest.mark.parametrize("begun", [False, True])
def test_what_an_ended_process_left_is_removed_but_not_the_claim_on_an_output(tmp_path: Path, begun: bool) -> None:
    made = job(tmp_path)
    files = made.files(CLIP)
    abandoned = claimed(files, made.origin_of(CLIP))
    abandoned.__enter__()
    if begun:
        files.video.write_text("video")
    (tmp_path / f".{files.video.stem}.01234567.partial.mp4").write_text("half")
    foreign = tmp_path / ".other.01234567.partial.mp4"
    foreign.write_text("another's")
    give_up(files)
    assert sorted(tmp_path.iterdir()) == sorted([foreign, *((files.claim, files.video) if begun else ())])


def finish(job: Job) -> None:
    files = job.files(CLIP)
    with claimed(files, job.origin_of(CLIP)) as record:
        files.video.write_text("video")
        if files.dataset:
            files.dataset.mkdir()
        record["frames"] = 4


def test_a_clip_is_open_until_it_is_whole_then_finished(tmp_path: Path) -> None:
    mine = job(tmp_path, options=replace(OPTIONS, dataset=True))
    files = mine.files(CLIP)
    assert mine.state(CLIP) is State.OPEN
    with claimed(files, mine.origin_of(CLIP)) as record:
        assert mine.state(CLIP) is State.OPEN
        assert files.dataset is not None
        files.dataset.mkdir()
        assert mine.state(CLIP) is State.OPEN, "as a killed process would leave it"
        files.video.write_text("video")
        assert mine.state(CLIP) is State.OPEN
        record["frames"] = 4
    assert mine.state(CLIP) is State.FINISHED
    assert json.loads(files.record.read_text()) == {
        "made_from": {"scene_hash": "a", "crf": 18, "seed": 7},
        "frames": 4,
    }
    files.dataset.rmdir()
    assert mine.state(CLIP) is State.OPEN, "part of it was taken away"


@pytest.mark.parametrize(
    ("origin", "difference"),
    [
        ({"scene_hash": "b", "crf": 18}, "made with another scene_hash"),
        ({"scene_hash": "b", "crf": 19}, "made with another scene_hash, crf"),
        ({"scene_hash": "a", "crf": 18, "alpha": False}, "made with another alpha"),
    ],
)
def test_a_clip_of_another_origin_is_in_the_way(tmp_path: Path, origin: dict[str, object], difference: str) -> None:
    finish(job(tmp_path))
    other = job(tmp_path, origin=origin)
    assert (other.state(CLIP), other.difference(CLIP)) == (State.TAKEN, difference)
    assert job(tmp_path).state(Clip(0, 8)) is State.TAKEN
    assert job(tmp_path).difference(Clip(0, 8)) == "made with another seed"
    assert job(tmp_path).state(Clip(1, 7)) is State.OPEN


@pytest.mark.parametrize("record", [None, "", "{", "[]", "{}", '{"made_from": null}'])
def test_a_clip_with_no_record_of_ours_is_in_the_way(tmp_path: Path, record: str | None) -> None:
    files = job(tmp_path).files(CLIP)
    files.video.write_text("somebody's")
    if record is not None:
        files.record.write_text(record)
    assert job(tmp_path).state(CLIP) is State.TAKEN
    assert job(tmp_path).difference(CLIP) == "with no record of what it was made from"


def test_a_claim_outlives_a_failure_only_where_something_was_left(tmp_path: Path) -> None:
    mine = job(tmp_path)
    files = mine.files(CLIP)
    with pytest.raises(KeyboardInterrupt), claimed(files, mine.origin_of(CLIP)):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    finish(job(tmp_path, origin={"scene_hash": "old"}))
    with pytest.raises(KeyboardInterrupt), claimed(files, mine.origin_of(CLIP)):
        files.video.write_text("replaced")
        raise KeyboardInterrupt
    assert mine.state(CLIP) is State.OPEN, "the new one is ours, though the record is the old one's"
    assert job(tmp_path, origin={"scene_hash": "old"}).state(CLIP) is State.TAKEN
    finish(mine)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["town_v2_000000.json", "town_v2_000000.mp4"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"count": 0}, "count: expected at least 1 clip, got 0"),
        ({"workers": 0}, "workers: expected at least 1 process, got 0"),
        ({"passes": ("depth",)}, "passes: expected a dataset beside the videos to store them in, got none"),
        ({"passes": ("deep",), "dataset": True}, "passes: expected one of color, .*, got 'deep'"),
        ({"codec": "vp9"}, "codec: expected one of h264, ffv1, prores, png, got 'vp9'"),
        ({"codec": "h264", "alpha": True}, "codec: expected prores, ffv1 or png, which hold alpha, got 'h264'"),
        ({"seed": 2**63 - 2}, "seed: expected at most 2\\^63 - 3 for 3 clips, got 9223372036854775806"),
    ],
)
def test_a_wrong_question_is_refused_before_anything_is_made(
    scene: Path, tmp_path: Path, options: dict[str, object], message: str
) -> None:
    with pytest.raises(OptionError, match=f"^{message}$"):
        render_batch(scene, tmp_path / "out", **{"count": 3, **options})  # type: ignore[arg-type]
    assert not (tmp_path / "out").exists()


def test_what_is_in_the_way_is_told_before_anything_is_made(scene: Path, tmp_path: Path) -> None:
    (tmp_path / "toys_000002.mp4").write_text("somebody's")
    message = r"toys_000002\.mp4: exists already, with no record .* \(and 0 more of 3 clips\); replace it with "
    with pytest.raises(OutputError, match=message):
        render_batch(scene, tmp_path, count=3)
    assert (tmp_path / "toys_000002.mp4").read_text() == "somebody's"
    assert not (tmp_path / "toys_000000.mp4").exists()
