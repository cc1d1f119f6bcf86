"""From a scene to finished frames: shot, picture, refiner, finish; never more than two frames at once."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diorama.finish import finish
from diorama.finish.transparency import without_sky
from diorama.frame import MADE_FROM_COLOR, Frame
from diorama.options import check_refined
from diorama.pipeline.writing import Progress
from diorama.refine.gate import examine
from diorama.refine.segments import Step, plain
from diorama.renderer.output import GpuFrame
from diorama.renderer.renderer import Renderer
from diorama.scene.graph import Scene
from diorama.scene.sample import shot_at
from diorama.scene.shot import Shot

if TYPE_CHECKING:
    from diorama.refine.refiner import Recurrence, Refiner


@dataclass(frozen=True)
class _Order:
    """What is asked for: ``passes`` of a scene, before its sky or before nothing, refined where there is a memory."""

    scene: Scene
    passes: Sequence[str]
    sky: bool
    memory: Recurrence | None

    @property
    def drawn(self) -> set[str]:
        """The passes to draw and read."""
        names = {*self.passes} - MADE_FROM_COLOR | ({"color"} if "image" in self.passes else set())
        names |= set() if self.sky else {"alpha"}
        return names if self.memory is None else names | {*self.memory.passes}


@dataclass(frozen=True, eq=False)
class _Drawn:
    """A frame that lies on the GPU, not yet read."""

    step: Step
    taken: Shot
    on_gpu: GpuFrame


@dataclass(frozen=True)
class FrameLine:
    """Makes frames with a renderer and, where there is one, a refiner; it owns neither.

    An open shutter is seen at ``times`` times.
    """

    renderer: Renderer
    refiner: Refiner | None
    times: int

    def frames(
        self,
        scene: Scene,
        passes: Sequence[str],
        numbers: Sequence[int],
        *,
        sky: bool = True,
        late: float = 0.0,
        progress: Progress | None = None,
    ) -> Generator[tuple[Shot, Frame]]:
        """Yield shots with their finished frames; each is read while the next is being drawn.

        All are taken ``late`` seconds after the frames' own times. Without ``sky`` there is nothing
        behind the scene, and the pictures are (H, W, 4) with straight alpha. ``progress`` is called for
        every frame that is drawn, those among them that only the refiner asks for.
        """
        memory = self._memory(passes)
        order = _Order(scene, passes, sky, memory)
        steps = plain(numbers) if memory is None else memory.plan(numbers)
        ahead: _Drawn | None = None
        try:
            for step in steps if progress is None else _counted(steps, progress):
                taken = shot_at(scene, step.frame / scene.fps + late, self.times)
                seen = taken if sky else without_sky(taken)
                ready, ahead = ahead, _Drawn(step, seen, self.renderer.draw(seen, order.drawn))
                if ready is not None:
                    yield from self._fetch(order, ready)
            if ahead is not None:
                ready, ahead = ahead, None
                yield from self._fetch(order, ready)
        finally:
            if ahead is not None:
                ahead.on_gpu.release()

    def _fetch(self, order: _Order, drawn: _Drawn) -> Iterator[tuple[Shot, Frame]]:
        """Refine and read a drawn frame, give its buffer back and finish it; nothing if nobody asked for it."""
        taken = drawn.taken
        with drawn.on_gpu as on_gpu:
            raw = self.renderer.read(on_gpu, order.drawn)
            if order.memory is not None:
                rotation = taken.current.camera.matrix[:3, :3]
                refined = order.memory.take(drawn.step, on_gpu, raw, rotation=rotation, exposure=taken.exposure)
                if refined is None:
                    return
                verdict = examine(refined.drawn, refined.output, raw["instance"])
                made = {**raw.passes, "refined": refined.light}
                raw = Frame(raw.index, raw.time, made, {**raw.notes, "doubtful": not verdict.passed})
        yield taken, _finish(order, taken, raw)

    def _memory(self, passes: Sequence[str]) -> Recurrence | None:
        """Return what refines a clip of which ``passes`` are wanted; None where nothing is to be refined."""
        check_refined(passes, refines=self.refiner is not None)
        return None if self.refiner is None or MADE_FROM_COLOR.isdisjoint(passes) else self.refiner.start()


def _counted(steps: Iterator[Step], progress: Progress) -> Iterator[Step]:
    """Yield the steps of a plan; tell how many are drawn whenever the next one, or the end, is asked for."""
    planned = tuple(steps)
    for done, step in enumerate(planned, 1):
        yield step
        progress(done, len(planned))


def _finish(order: _Order, taken: Shot, raw: Frame) -> Frame:
    """Return the frame with just the passes of the order, the finished picture among them if it was asked for."""
    made = dict(raw.passes)
    if "image" in order.passes:
        light = made["refined"] if "refined" in made else made["color"]
        alpha = None if order.sky else raw["alpha"]
        made["image"] = finish(
            light,
            order.scene.finish,
            time=raw.time,
            alpha=alpha,
            exposure=taken.exposure,
            seed=taken.stage.seed,
            frame=taken.frame,
        )
    return Frame(raw.index, raw.time, {name: made[name] for name in order.passes}, raw.notes)
