"""What a training run measured, as a page of Markdown and a strip of pictures."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from PIL import Image

from diorama.refine.guides import GUIDE_PLACES
from diorama.training.baselines import INPUT, Light
from diorama.training.confusion import Confusion
from diorama.training.cost import Cost
from diorama.training.judge import Gate, Scores, display
from diorama.training.pairs import Clip, Plan
from diorama.training.settings import Settings

REFINED, PLAIN = "refined", "refined, no adversarial term"
UNTRAINED = "mean of sky shadows along the flow and around, not learned"

_AMPLIFIED = 4.0
_HEADS = ("PSNR", "worst clip", "MSE", "SSIM", "LPIPS-Alex", "FLIP", "tPSNR", "warp ratio")
_FORMATS = ("{:.2f}", "{:.2f}", "{:.5f}", "{:.4f}", "{:.4f}", "{:.4f}", "{:.2f}", "{:.2f}")


@dataclass(frozen=True)
class Findings:
    """All that is reported: ``scores`` by candidate, ``by_seed`` the gain in dB over the input of each seed's clips."""

    settings: Settings
    pairs: Plan
    judged: Plan
    scores: Mapping[str, Scores]
    gates: Mapping[str, Sequence[Gate]]
    by_seed: Mapping[int, float]
    confusion: Confusion
    control: Confusion
    cost: Cost
    seconds: Mapping[str, tuple[float, float]]
    """CPU seconds and seconds of wall time of each stage."""

    @property
    def passed(self) -> bool:
        """Whether the refined pictures pass every gate."""
        return all(gate.passed for gate in self.gates[REFINED])


def report(found: Findings) -> str:
    """Return the page."""
    verdict = "passes all gates" if found.passed else "does NOT pass all gates"
    clips = len(found.judged.recipes)
    parts = [
        "# Training report",
        f"The refiner {verdict}. Scores are means over {clips} held-out clips of {found.judged.frames} frames, "
        f"{found.judged.side} x {found.judged.side} pixels, {found.judged.samples} samples a pixel in the reference; "
        "layouts, lightings, camera and object motions and patterns are none that it was trained on; shapes, kinds of "
        "light and plain materials are the same. Their seeds were drawn from the trained weights. "
        "PSNR in dB; LPIPS, FLIP and MSE: less is better; warp ratio: 1 is right, less is smeared, more flickers.",
        _scores(found.scores),
        _learned(found.scores[REFINED], found.scores[UNTRAINED]),
        "## Gates",
        _gates(found.gates),
        "## Seeds",
        "PSNR over the input, by the seed of the held-out recipes: "
        + ", ".join(f"{seed}: {gain:+.2f} dB" for seed, gain in found.by_seed.items())
        + ".",
        "## Can it be told from the reference?",
        _confusion(found.confusion, found.control),
        "## Cost",
        f"CPU seconds of a 256 x 256 frame: drawn {found.cost.drawn:.3f}, refining it {found.cost.refined:.3f} more; "
        f"drawn with 8x samples {found.cost.eight:.3f}, which stands for the unrefined renderer at equal cost or more.",
        "## How",
        _how(found),
    ]
    return "\n\n".join(parts) + "\n"


def strip(clips: Sequence[Clip], refined: Sequence[Light], frame: int = -1) -> bytes:
    """Return a PNG file: for each clip a row of input, sky's shadows, refined, target, 4x the remaining error."""
    rows = []
    for clip, light in zip(clips, refined, strict=True):
        color, shadowed = (clip.guides[:, GUIDE_PLACES[name]] for name in ("color", "shadowed"))
        pictures = [display(x[frame][None])[0] for x in (color, shadowed, light, clip.target)]
        made, wanted = pictures[2:]
        rows.append(np.concatenate([*pictures, np.clip(np.abs(made - wanted) * _AMPLIFIED, 0, 1)], axis=1))
    pixels = np.floor(np.concatenate(rows) * 255 + 0.5).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", optimize=True)
    return file.getvalue()


def _scores(scores: Mapping[str, Scores]) -> str:
    lines = [_row("", *_HEADS), _row("---", *["---:"] * len(_HEADS))]
    for name, own in scores.items():
        values = (form.format(value) for form, value in zip(_FORMATS, vars(own).values(), strict=True))
        lines.append(_row(f"**{name}**" if name in (REFINED, INPUT) else name, *values))
    return "\n".join(lines)


def _learned(refined: Scores, untrained: Scores) -> str:
    """Return what of it all is learned: gates that the network passes before its first step say nothing of that."""
    share = f"LPIPS {refined.lpips - untrained.lpips:+.4f}, FLIP {refined.flip - untrained.flip:+.4f}"
    return (
        f'"{UNTRAINED}" is the network before its first step. What learning itself adds to it: PSNR '
        f"{refined.psnr - untrained.psnr:+.2f} dB, SSIM {refined.ssim - untrained.ssim:+.4f}, {share}, tPSNR "
        f"{refined.tpsnr - untrained.tpsnr:+.2f} dB."
    )


def _gates(gates: Mapping[str, Sequence[Gate]]) -> str:
    lines = [_row("candidate", "gate", "wanted", "found", ""), _row("---", "---", "---", "---:", "---")]
    for name, own in gates.items():
        lines += [_row(name, g.name, g.wanted, f"{g.found:+.3f}", "pass" if g.passed else "FAIL") for g in own]
    return "\n".join(lines)


def _confusion(found: Confusion, control: Confusion) -> str:
    table = [
        _row("patches of the other half of the clips", "taken for a reference", "taken for refined"),
        _row("---", "---:", "---:"),
        _row("reference", str(found.target_target), str(found.target_refined)),
        _row("refined", str(found.refined_target), str(found.refined_refined)),
    ]
    return (
        "A discriminator trained from scratch on half of the held-out clips, after the refiner was frozen, tells "
        f"{100 * found.accuracy:.1f} % of patches rightly (50 % is guessing); one trained likewise on the input in "
        f"place of refined pictures tells {100 * control.accuracy:.1f} %:\n\n" + "\n".join(table)
    )


def _how(found: Findings) -> str:
    pairs = found.pairs
    settings = ", ".join(f"{name} {value}" for name, value in asdict(found.settings).items())
    seconds = ", ".join(f"{stage} {cpu:.0f} in {wall:.0f}" for stage, (cpu, wall) in found.seconds.items())
    return (
        f"Pairs: {len(pairs.recipes)} clips of {pairs.frames} frames, {pairs.side} x {pairs.side} pixels, "
        f"{pairs.samples} samples a pixel. Settings: {settings}. "
        "CPU seconds of this run, and in how many seconds of wall time; clips that lay there already cost nothing: "
        f"{seconds}; {sum(wall for _, wall in found.seconds.values()) / 60:.1f} minutes of wall time in all."
    )


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
