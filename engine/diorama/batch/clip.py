"""The clips of a batch: their files, and which of them are finished.

A clip called ``street_000003`` is a video, a dataset where one is asked for, and a record in
JSON of what they were made from and what was drawn by chance. The record is written last, so it
stands for a finished clip. While a clip is being made, a hidden claim says the same, so that
what a killed process leaves behind is known for this batch's own and made again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from diorama.atomic import atomic_file, remove_partials, writing
from diorama.video.codecs import suffix_for

_ORIGIN = "made_from"


@dataclass(frozen=True)
class Clip:
    """One video of a batch: its number, counted from 0 over all shards, and the scene's seed."""

    number: int
    seed: int


class State(Enum):
    """What is known of a clip: still to be made, finished, or its name is taken by something else."""

    OPEN = "open"
    FINISHED = "finished"
    TAKEN = "taken"


@dataclass(frozen=True)
class Options:
    """How clips are drawn and stored; see :class:`diorama.pipeline.Studio`."""

    gl: str
    preset: str
    refine: bool | str | Path
    dataset: bool
    passes: tuple[str, ...]
    codec: str | None
    crf: int
    alpha: bool

    @property
    def suffix(self) -> str:
        """The suffix of the videos."""
        return suffix_for(self.codec, alpha=self.alpha)


@dataclass(frozen=True)
class Job:
    """What all clips of a batch have in common.

    ``origin`` is what a clip is made from besides its seed: two clips of equal origin and seed are
    the same clip.
    """

    scene: Path
    folder: Path
    overrides: Mapping[str, Any]
    assets: tuple[Path, ...]
    options: Options
    origin: Mapping[str, Any]

    def files(self, clip: Clip) -> Files:
        """Return where a clip goes; a dot in the scene's name would read as a suffix."""
        name = f"{self.scene.stem.replace('.', '_')}_{clip.number:06d}"
        return Files(
            video=self.folder / f"{name}{self.options.suffix}",
            dataset=self.folder / f"{name}_frames" if self.options.dataset else None,
            record=self.folder / f"{name}.json",
            claim=self.folder / f".{name}.claim.json",
        )

    def origin_of(self, clip: Clip) -> dict[str, Any]:
        """Return what a clip is made from, as its record says it."""
        return {**self.origin, "seed": clip.seed}

    def state(self, clip: Clip) -> State:
        """Look at the files of a clip."""
        files = self.files(clip)
        if not files.present():
            return State.OPEN
        claim = _origin(files.claim)
        if (_origin(files.record) if claim is None else claim) != self.origin_of(clip):
            return State.TAKEN
        return State.FINISHED if claim is None and files.complete() else State.OPEN

    def difference(self, clip: Clip) -> str:
        """Return how what has taken a clip's name came about, as far as it says so."""
        there, wanted = _origin(self.files(clip).record), self.origin_of(clip)
        if not isinstance(there, dict):
            return "with no record of what it was made from"
        differing = [name for name, value in wanted.items() if there.get(name) != value]
        return f"made with another {', '.join(differing) or 'batch, which did not finish'}"


@dataclass(frozen=True)
class Files:
    """Where a clip goes: its video, its dataset if it has one, its record and, while it is made, its claim."""

    video: Path
    dataset: Path | None
    record: Path
    claim: Path

    @property
    def outputs(self) -> tuple[Path, ...]:
        """What is made."""
        return (self.video,) if self.dataset is None else (self.video, self.dataset)

    def present(self) -> bool:
        """Tell whether any output is there."""
        return any(os.path.lexists(path) for path in self.outputs)

    @property
    def stems(self) -> set[str]:
        """The names without their suffixes."""
        return {path.stem for path in (*self.outputs, self.record, self.claim)}

    def complete(self) -> bool:
        """Tell whether all outputs are there."""
        return all(path.exists() for path in self.outputs)


@contextmanager
def claimed(files: Files, origin: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Claim the name of a clip for the block that makes it; then write its record.

    The block gets a dict for what the record is to say besides the origin.
    """
    finished, more = False, dict[str, Any]()
    try:
        _write(files.claim, {_ORIGIN: origin})
        yield more
        _write(files.record, {_ORIGIN: origin, **more})
        finished = True
    finally:
        if finished or not files.present():
            files.claim.unlink(missing_ok=True)


def give_up(files: Files) -> None:
    """Remove what a process that was ended left of a clip; its claim stays where an output is there already."""
    remove_partials(files.claim.parent, files.stems)
    if not files.present():
        files.claim.unlink(missing_ok=True)


def _write(path: Path, content: Mapping[str, Any]) -> None:
    with atomic_file(path, overwrite=True) as temporary, writing(path):
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _origin(path: Path) -> object:
    """Return what a record or a claim says of a clip's origin; None where there is no such file."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return ()
    return content.get(_ORIGIN, ()) if isinstance(content, dict) else ()
