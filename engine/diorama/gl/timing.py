"""A device that tells how long each of its shaders works, and what the host does beside them.

It waits for the end of every dispatch and every draw, so that nothing overlaps and parts add up;
pictures are those of any device. On a GPU its own clock tells (GL_TIME_ELAPSED), on software GL
the CPU time, user and system, of all threads together. Mesa's llvmpipe answers the same query with 0
for a dispatch of 1.2 s of wall-clock time, and otherwise with wall-clock time, which whatever
else runs on the machine stretches: 487 ms where the CPU worked for 155.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import moderngl

from diorama.gl.device import DEFAULT_BUDGET, Device


@dataclass
class Spent:
    """How often something was done, and the seconds that it took in all."""

    calls: int = 0
    seconds: float = 0.0


class Stopwatch:
    """Adds up what parts take, by name, in the order in which they first end; time in an inner part is not the outer's.

    ``now`` is a clock in seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self.spent: dict[str, Spent] = {}
        self._inner = 0.0

    @contextmanager
    def during(self, name: str) -> Iterator[None]:
        """Count the block as the part ``name``."""
        outer, self._inner = self._inner, 0.0
        start = self.now()
        try:
            yield
        finally:
            span = self.now() - start
            own, self._inner = span - self._inner, outer
            self.add(name, own, span)

    def add(self, name: str, seconds: float, span: float) -> None:
        """Count ``seconds`` for ``name``, and take the ``span`` in which it was done from the part around it."""
        part = self.spent.setdefault(name, Spent())
        part.calls, part.seconds = part.calls + 1, part.seconds + seconds
        self._inner += span


class TimedDevice(Device):
    """A device whose :attr:`stopwatch` counts the work of every shader under the name of its file."""

    def __init__(self, choice: str = "auto", *, budget: int = DEFAULT_BUDGET, shaders: Path | None = None) -> None:
        """Open a context; the arguments are those of :class:`Device`."""
        super().__init__(choice, budget=budget, shaders=shaders)
        self.stopwatch = Stopwatch(time.process_time if self.info.software else time.perf_counter)
        self._query = None if self.info.software else self.context.query(time=True)
        self._names: dict[int, str] = {}

    def raster(self, name: str, defines: Mapping[str, int | str] | None = None) -> moderngl.Program:
        """Return a program as :meth:`Device.raster` does; what :meth:`vertex_array` draws with it is timed."""
        program = super().raster(name, defines)
        self._names[program.glo] = name
        return program

    def compute(self, name: str, defines: Mapping[str, int | str] | None = None) -> moderngl.ComputeShader:
        """Return a program as :meth:`Device.compute` does, whose runs are timed."""
        timed = _Timed(super().compute(name, defines), partial(self._time, name))
        return cast(moderngl.ComputeShader, timed)

    def vertex_array(
        self, program: moderngl.Program, content: Sequence[tuple[Any, ...]], indices: moderngl.Buffer
    ) -> moderngl.VertexArray:
        """Make what :meth:`Device.vertex_array` makes, its draws timed."""
        timed = _Timed(super().vertex_array(program, content, indices), partial(self._time, self._names[program.glo]))
        return cast(moderngl.VertexArray, timed)

    def _time(self, name: str, call: Callable[[], None]) -> None:
        """Count ``call`` alone: what was asked for before it is done first, and it ends when the device has done it."""
        context, now = self.context, self.stopwatch.now
        context.finish()
        start = now()
        if self._query is None:
            call()
        else:
            with self._query:
                call()
        context.finish()
        span = now() - start
        seconds = span if self._query is None else self._query.elapsed * 1e-9
        self.stopwatch.add(name, seconds, span)


class _Timed:
    """Stands for a compute shader or a vertex array; the calls that the renderer gives work with are timed."""

    def __init__(self, item: Any, timed: Callable[[Callable[[], None]], None]) -> None:
        self._item, self._time = item, timed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._item, name)

    def __getitem__(self, name: str) -> Any:
        return self._item[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._item[name] = value

    def run(self, *groups: int) -> None:
        self._time(lambda: self._item.run(*groups))

    def run_indirect(self, buffer: moderngl.Buffer, offset: int = 0) -> None:
        self._time(lambda: self._item.run_indirect(buffer, offset))

    def render_indirect(self, *arguments: Any) -> None:
        self._time(lambda: self._item.render_indirect(*arguments))
