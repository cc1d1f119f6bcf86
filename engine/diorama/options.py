"""What a studio and its calls are asked for, checked before anything is opened or drawn."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from numbers import Integral, Real
from pathlib import Path

from diorama.errors import OptionError, expected
from diorama.gl.egl import check_choice
from diorama.refine.checkpoint import chosen_checkpoint, load_config
from diorama.renderer.renderer import PRESETS


def studio_options(gl: str, preset: str, refine: bool | str | Path, budget: int) -> Path | None:
    """Check the options of a studio; return the folder of its refiner, None where it has none.

    ``OptionError`` names the option that is wrong, ``CheckpointError`` the file of the refiner.
    """
    check_choice(gl)
    if not isinstance(preset, str) or preset not in PRESETS:
        raise OptionError(expected(" or ".join(PRESETS), preset), place="preset")
    if not isinstance(refine, bool | str | Path) or refine == "":
        raise OptionError(expected("True, False or the folder of a trained refiner", refine), place="refine")
    if not _is_whole(budget) or budget <= 0:
        raise OptionError(expected("a whole number of bytes above 0", budget), place="budget")
    folder = chosen_checkpoint(refine, preset)
    if folder is not None:
        load_config(folder)
    return folder


def check_refined(passes: Collection[str], *, refines: bool) -> None:
    """Refuse the pass ``refined`` where nothing ``refines`` the pictures."""
    if not refines and "refined" in passes:
        raise OptionError("expected a studio with a refiner for the pass 'refined', got one without", place="passes")


def frame_numbers(frames: Iterable[int] | None, count: int) -> Sequence[int]:
    """Return the frames asked for of a clip of ``count``, all of them for None."""
    if frames is None:
        return range(count)
    wanted = f"frame numbers from 0 to {count - 1}"
    numbers = list(_each(frames, wanted))
    for number in numbers:
        if not _is_whole(number) or not 0 <= number < count:
            raise OptionError(expected(wanted, number), place="frames")
    if not numbers:
        raise OptionError("expected at least one frame, got none", place="frames")
    return [int(number) for number in numbers]


def _each(frames: Iterable[int], wanted: str) -> Iterator[int]:
    if not isinstance(frames, str | bytes):
        with suppress(TypeError):
            return iter(frames)
    raise OptionError(expected(wanted, frames), place="frames")


def check_time(time: float, end: float) -> None:
    """Refuse what is no time in a clip of ``end`` seconds."""
    if not isinstance(time, Real) or not 0.0 <= time <= end:
        raise OptionError(expected(f"a time from 0 to {end:g} seconds", time), place="time")


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
