"""Which frames the refiner must see, so that any range of a clip gives the bytes of the whole.

The clip is cut into segments of ``length`` frames. The memory of segment k starts cold
``warm_up`` frames before it, and a frame is always refined with its own segment's memory. The
warm-up of a segment runs beside the end of the one before, on the same drawn frames: two
memories at most, and nothing is drawn twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """One frame to draw: the segments whose memory it goes through, and whether it was asked for.

    ``cold`` names those of the segments that start with this frame, ``last`` those that end with it.
    """

    frame: int
    segments: tuple[int, ...]
    cold: tuple[int, ...]
    last: tuple[int, ...]
    wanted: bool


def plain(frames: Sequence[int]) -> Iterator[Step]:
    """Yield the frames asked for and no others: the plan where nothing is remembered."""
    return (Step(frame, (), (), (), wanted=True) for frame in frames)


@dataclass(frozen=True)
class Segments:
    """How a clip is cut."""

    length: int
    warm_up: int

    def of(self, frame: int) -> int:
        """Return the segment that a frame belongs to."""
        return frame // self.length

    def start(self, segment: int) -> int:
        """Return the frame at which a segment's memory starts cold."""
        return max(0, segment * self.length - self.warm_up)

    def plan(self, frames: Sequence[int]) -> Iterator[Step]:
        """Yield all frames to draw for ``frames``, those asked for in the order given."""
        first = 0
        for end in range(1, len(frames) + 1):
            if end == len(frames) or frames[end] <= frames[end - 1]:
                yield from self._ascending(frames[first:end])
                first = end

    def _ascending(self, frames: Sequence[int]) -> Iterator[Step]:
        wanted = set(frames)
        ends = {self.of(frame): frame for frame in frames}
        spans = {segment: range(self.start(segment), end + 1) for segment, end in ends.items()}
        for frame in sorted(set().union(*spans.values())):
            through = tuple(segment for segment, span in spans.items() if frame in span)
            yield Step(
                frame,
                through,
                tuple(segment for segment in through if spans[segment].start == frame),
                tuple(segment for segment in through if ends[segment] == frame),
                frame in wanted,
            )


SEGMENTS = Segments(length=32, warm_up=12)
"""The cut that rendering uses: the network counts up to 8 frames, and what is older has faded after 12."""
