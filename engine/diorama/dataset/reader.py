"""Reading of the native dataset folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.dataset.derived import distance_from_depth, position_from_depth
from diorama.dataset.exr import read_exr
from diorama.dataset.layout import FORMAT, MANIFEST, VERSION, channel_names, file_name
from diorama.dataset.png import read_png
from diorama.distortion import Distortion
from diorama.errors import AssetError, expected
from diorama.frame import PASSES, Frame


@dataclass(frozen=True, eq=False)
class Dataset:
    """A dataset on disk: ``manifest`` as it is stored, pictures read when they are asked for."""

    folder: Path
    manifest: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.manifest["frames"])

    @property
    def passes(self) -> tuple[str, ...]:
        """The stored passes, in the order of the pass table."""
        return tuple(self.manifest["passes"])

    def labels(self, row: int) -> Mapping[str, Any]:
        """Return the record of the ``row``-th stored frame: ``index``, ``time``, ``camera``, ``instances``."""
        record: Mapping[str, Any] = self.manifest["frames"][row]
        return record

    def frame(self, row: int) -> Frame:
        """Return the ``row``-th stored frame with its labels in ``notes``.

        Where depth is stored, ``distance`` and ``position`` are computed if they are not.
        """
        record = self.labels(row)
        passes = {name: self._read(name, record["index"]) for name in self.passes}
        if "depth" in passes:
            camera = record["camera"]
            lens = camera.get("distortion")
            distortion = None if lens is None else Distortion(lens["model"], tuple(lens["coefficients"]))
            if "distance" not in passes:
                passes["distance"] = distance_from_depth(passes["depth"], camera["K"], distortion)
            if "position" not in passes:
                passes["position"] = position_from_depth(
                    passes["depth"], camera["K"], camera["camera_to_world"], distortion
                )
        return Frame(record["index"], record["time"], passes, dict(record))

    def _read(self, name: str, index: int) -> NDArray[Any]:
        entry, spec = self.manifest["passes"][name], PASSES[name]
        path = self.folder / file_name(entry["folder"], entry["kind"], index)
        if "channels" in entry:
            dtype = np.uint32 if entry["kind"] == "exr_uint" else np.float32
            values = read_exr(path, channel_names(name), dtype)
        else:
            values = read_png(path)
        video = self.manifest["video"]
        shape = spec.shape(video["width"], video["height"])
        if values.size != np.prod(shape):
            raise AssetError(expected(f"a picture of shape {shape}", values.shape), place=str(path))
        return values.reshape(shape).astype(spec.dtype, copy=False)


def read_dataset(folder: str | Path) -> Dataset:
    """Open a dataset; ``AssetError`` where the folder is none of this engine's."""
    path = Path(folder) / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AssetError(f"cannot be read as a dataset: {error}", place=str(path)) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise AssetError(f"expected a manifest with format {FORMAT!r}", place=str(path))
    if manifest.get("format_version") != VERSION:
        raise AssetError(expected(f"format_version {VERSION}", manifest.get("format_version")), place=str(path))
    return Dataset(Path(folder), manifest)
