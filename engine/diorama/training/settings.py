"""How a refiner is trained: everything that decides which bytes come out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """One training run.

    ``steps`` of Adam on batches of ``batch`` pieces, ``side`` pixels square; pieces have ``frames[0]``
    frames until half of the steps are done, then ``frames[1]``, and the perceptual term joins in. The
    rate falls along half a cosine to a twentieth. The adversarial term fades in over the last 40 %.
    """

    tier: str = "tiny"
    seed: int = 1
    steps: int = 1600
    batch: int = 4
    side: int = 96
    frames: tuple[int, int] = (4, 8)
    rate: float = 2e-3
    temporal: float = 0.3
    perceptual: float = 0.16
    perceptual_side: int = 64
    adversarial: float = 0.01
    discriminator_rate: float = 4e-4
    averaging: float = 0.998

    @property
    def fork(self) -> int:
        """The step from which the adversarial term counts."""
        return round(0.6 * self.steps)

    def is_late(self, step: int) -> bool:
        """Whether half of the steps are done: what is dear is worth its time only then."""
        return step >= self.steps // 2

    def frames_at(self, step: int) -> int:
        """Return the number of frames that a piece has at ``step``."""
        return self.frames[self.is_late(step)]

    def adversarial_at(self, step: int) -> float:
        """Return the weight of the adversarial term at ``step``."""
        return self.adversarial * max(0.0, (step - self.fork) / max(self.steps - self.fork, 1))
