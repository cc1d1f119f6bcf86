"""The plan against its definition: each frame is refined as if its segment were all there is."""

from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.refine.segments import SEGMENTS, Segments, Step, plain

CUTS = st.builds(Segments, st.integers(1, 9), st.integers(0, 12))


def lived(steps: list[Step], segments: Segments) -> dict[int, list[list[int]]]:
    """Run a plan; for each wanted frame return the frames that its memory has gone through, itself last."""
    memories: dict[int, list[int]] = {}
    seen: dict[int, list[list[int]]] = {}
    for step in steps:
        for segment in step.segments:
            past = [] if segment in step.cold else memories[segment]
            memories[segment] = [*past, step.frame]
            if step.wanted and segment == segments.of(step.frame):
                seen.setdefault(step.frame, []).append(memories[segment])
            if segment in step.last:
                del memories[segment]
    assert memories == {}, "nothing stays open"
    return seen


@given(CUTS, st.lists(st.integers(0, 40), min_size=1, max_size=12))
@settings(deadline=None, max_examples=200)
def test_a_frame_has_the_same_past_in_any_range(segments: Segments, frames: list[int]) -> None:
    steps = list(segments.plan(frames))
    assert [step.frame for step in steps if step.wanted] == frames
    for frame, pasts in lived(steps, segments).items():
        assert pasts == [list(range(segments.start(segments.of(frame)), frame + 1))] * frames.count(frame)


@given(st.integers(1, 200))
@settings(deadline=None, max_examples=30)
def test_a_whole_clip_draws_each_frame_once_and_keeps_two_memories(count: int) -> None:
    steps = list(SEGMENTS.plan(range(count)))
    assert [step.frame for step in steps] == list(range(count))
    assert max(len(step.segments) for step in steps) <= 2
    assert all(step.wanted for step in steps)


def test_the_cut_of_rendering() -> None:
    assert (SEGMENTS.length, SEGMENTS.warm_up) == (32, 12)
    steps = list(SEGMENTS.plan(range(64, 66)))
    assert [step.frame for step in steps] == list(range(52, 66))
    assert [step.wanted for step in steps] == [False] * 12 + [True] * 2
    assert {step.segments for step in steps} == {(2,)}
    assert [step.cold for step in steps[:2]] == [(2,), ()]


def test_without_a_memory_only_what_was_asked_for_is_drawn() -> None:
    assert list(plain([5, 3])) == [Step(5, (), (), (), True), Step(3, (), (), (), True)]
