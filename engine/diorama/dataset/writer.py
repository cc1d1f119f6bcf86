"""Writing of the native dataset folder, a frame at a time.

The folder appears under its name when all frames are in, or never; there is no resuming inside
a folder, since a frame depends on nothing but scene, seed and number and is cheaply drawn again.
Labels go to a file as they come, a line a frame, and are copied into the manifest line by line
at the end: memory does not grow with the clip, and there is one manifest to read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from diorama.atomic import atomic_folder, writing
from diorama.dataset.exr import write_exr
from diorama.dataset.info import ClipInfo
from diorama.dataset.layout import (
    CONVENTIONS,
    FORMAT,
    MANIFEST,
    VERSION,
    Kind,
    channel_names,
    file_name,
    files,
    storage,
)
from diorama.dataset.png import write_png
from diorama.errors import OutputError, expected
from diorama.frame import PASSES, Frame, known_passes

_RECORDS = "frames.jsonl"


def is_dataset(folder: Path) -> bool:
    """Tell whether a folder is a dataset of this engine, and so may be overwritten."""
    try:
        with (folder / MANIFEST).open(encoding="utf-8") as file:
            return FORMAT in file.read(200)
    except (OSError, UnicodeDecodeError):
        return False


class DatasetWriter(AbstractContextManager["DatasetWriter"]):
    """A dataset being written; leaving the ``with`` block completes it, an error in it discards it.

    Frames come in rising order. ``passes`` are the names of :data:`diorama.frame.PASSES` to
    store; every frame must have them. ``overwrite`` replaces an existing dataset (not any other
    folder) once the new one is whole. It is taken back where the block of ``until`` fails afterwards.
    """

    def __init__(
        self,
        folder: str | Path,
        info: ClipInfo,
        passes: Iterable[str],
        *,
        overwrite: bool = False,
        until: ExitStack | None = None,
    ) -> None:
        self.folder, self.info, self.passes = Path(folder), info, known_passes(passes)
        self._kinds: dict[str, Kind] = {name: storage(name, len(info.instances)) for name in self.passes}
        self._head = self._manifest_head()
        self._overwrite, self._until = overwrite, until
        self._last: int | None = None
        self._stack = ExitStack()
        self._path: Path | None = None
        self._records: TextIO | None = None

    def __enter__(self) -> DatasetWriter:
        with ExitStack() as stack:
            folder = atomic_folder(self.folder, overwrite=self._overwrite, ours=is_dataset, until=self._until)
            self._path = stack.enter_context(folder)
            with writing(self.folder):
                for name in self.passes:
                    (self._path / ("layers" if self._kinds[name] == "layers" else name)).mkdir(exist_ok=True)
                self._records = stack.enter_context((self._path / _RECORDS).open("w", encoding="utf-8"))
            self._stack = stack.pop_all()
        return self

    def write(self, frame: Frame, labels: Mapping[str, Any]) -> None:
        """Store one frame's passes and its labels, which are JSON (``FrameLabels.to_json()``).

        ``labels["camera"]`` holds ``K`` and ``camera_to_world``; readers derive passes from it.
        """
        if self._path is None or self._records is None:
            raise OutputError("expected frames inside the writer's with block", place=str(self.folder))
        if not {"K", "camera_to_world"} <= set(labels.get("camera", ())):
            raise OutputError(expected("labels with a camera", tuple(labels)), place=str(self.folder))
        if self._last is not None and frame.index <= self._last:
            raise OutputError(expected(f"a frame after {self._last}", frame.index), place=str(self.folder))
        for name in self.passes:
            self._check(frame, name)
        with writing(self.folder):
            for name in self.passes:
                self._store(self._path, name, frame[name], frame.index)
            self._store_layers(self._path, frame)
            record = {"index": frame.index, "time": frame.time, **labels}
            self._records.write(json.dumps(record, allow_nan=False) + "\n")
        self._last = frame.index

    def _check(self, frame: Frame, name: str) -> None:
        place = f"{self.folder}: frame {frame.index}: {name}"
        if name not in frame.passes:
            raise OutputError(expected("this pass in every frame", tuple(frame.passes)), place=place)
        values, shape = frame[name], PASSES[name].shape(self.info.width, self.info.height)
        if values.dtype != PASSES[name].dtype or values.shape != shape:
            wanted = f"{np.dtype(PASSES[name].dtype).name} {shape}"
            raise OutputError(expected(wanted, f"{values.dtype} {values.shape}"), place=place)
        if name == "instance" and values.size and int(values.max()) > len(self.info.instances):
            raise OutputError(expected(f"ids up to {len(self.info.instances)}", int(values.max())), place=place)

    def _store(self, folder: Path, name: str, values: NDArray[Any], index: int) -> None:
        kind = self._kinds[name]
        path = folder / file_name(name, kind, index)
        if kind in ("png8", "png16", "mask"):
            write_png(path, values.astype(np.uint16) if kind == "png16" else values)
        elif kind != "layers":
            write_exr(path, channel_names(name), _planes(values), place=str(self.folder))

    def _store_layers(self, folder: Path, frame: Frame) -> None:
        layers = [name for name in self.passes if self._kinds[name] == "layers"]
        if layers:
            names = [channel for name in layers for channel in channel_names(name)]
            channels = np.concatenate([_planes(frame[name]) for name in layers], axis=-1)
            write_exr(folder / file_name("layers", "layers", frame.index), names, channels, place=str(self.folder))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._complete(discard=kind is not None)
        except OutputError as failure:
            self._stack.__exit__(OutputError, failure, failure.__traceback__)
            raise
        self._stack.__exit__(kind, error, trace)

    def _complete(self, discard: bool) -> None:
        path, records = self._path, self._records
        self._path = self._records = None
        if path is None or records is None:
            return
        with suppress(OSError) if discard else writing(self.folder):
            records.close()
        if discard:
            return
        if self._last is None:
            raise OutputError(expected("at least one frame", 0), place=str(self.folder))
        with writing(self.folder):
            self._write_manifest(path)

    def _manifest_head(self) -> str:
        """Return the manifest without its frames; early, so that no clip is drawn for a bad one."""
        head = {
            "format": FORMAT,
            "format_version": VERSION,
            **self.info.to_json(),
            "conventions": dict(CONVENTIONS),
            "passes": files(self.passes, self._kinds),
        }
        try:
            return json.dumps(head, indent=1, allow_nan=False, ensure_ascii=False)
        except (TypeError, ValueError) as error:
            raise OutputError(f"expected facts that JSON can hold: {error}", place=str(self.folder)) from error

    def _write_manifest(self, folder: Path) -> None:
        # JSON spells a lone surrogate, which a file name may hold, as Python's backslash escape does
        opened = (folder / MANIFEST).open("w", encoding="utf-8", errors="backslashreplace")
        with opened as manifest, (folder / _RECORDS).open(encoding="utf-8") as records:
            manifest.write(self._head.removesuffix("\n}") + ',\n "frames": [')
            separator = "\n  "
            for line in records:
                manifest.write(separator + line.rstrip("\n"))
                separator = ",\n  "
            manifest.write("\n ]\n}\n")
        (folder / _RECORDS).unlink()


def _planes(values: NDArray[Any]) -> NDArray[Any]:
    return values if values.ndim == 3 else values[..., None]
