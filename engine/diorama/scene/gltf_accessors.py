"""Accessors of glTF 2.0 as numpy arrays: interleaved, sparse, normalised, checked against their bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from diorama.scene.gltf_file import Bytes, GltfFile
from diorama.scene.gltf_json import JsonObject

_DTYPES: dict[int, np.dtype[Any]] = {
    5120: np.dtype("<i1"),
    5121: np.dtype("<u1"),
    5122: np.dtype("<i2"),
    5123: np.dtype("<u2"),
    5125: np.dtype("<u4"),
    5126: np.dtype("<f4"),
}
_UNBACKED = 16
"""How much dearer an element is that is zero by decree: no byte of the file stands for it."""

_WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4}


def read_floats(file: GltfFile, owner: JsonObject, key: str, kind: str) -> NDArray[np.float64]:
    """Return the accessor at ``owner[key]`` as (N, width of ``kind``) finite float64."""
    entry = _entry(file, owner, key, kind)
    values = _values(file, entry, _WIDTHS[kind])
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise owner.error(key, "finite numbers", "NaN or infinity")
        return values.astype(np.float64)
    if not entry.flag("normalized"):
        return values.astype(np.float64)
    return np.maximum(values / float(np.iinfo(values.dtype).max), -1.0)


def read_indices(file: GltfFile, owner: JsonObject, key: str, below: int) -> NDArray[np.int64]:
    """Return the accessor at ``owner[key]`` as (N,) indices, each in 0 .. ``below`` - 1."""
    entry = _entry(file, owner, key, "SCALAR")
    if entry.integer("componentType") not in (5121, 5123, 5125):
        raise entry.error("componentType", "an unsigned integer type (5121, 5123 or 5125)")
    values = _values(file, entry, 1)[:, 0].astype(np.int64)
    if len(values) and int(values.max()) >= below:
        raise owner.error(key, f"vertex indices below {below}", int(values.max()))
    return values


def _entry(file: GltfFile, owner: JsonObject, key: str, kind: str) -> JsonObject:
    index = owner.reference(key, file.accessors)
    if index < 0:
        raise owner.error(key, "an accessor")
    entry = file.accessors[index]
    if entry.text("type") != kind:
        raise owner.error(key, f"an accessor of type {kind}", entry.text("type"))
    return entry


def _values(file: GltfFile, entry: JsonObject, width: int) -> NDArray[Any]:
    """Return the (count, width) elements of an accessor in its own component type."""
    dtype, count = _dtype(entry), entry.integer("count", low=1)
    backed = "bufferView" in entry
    file.spend(count if backed else _UNBACKED * count, entry.place("count"))
    if backed:
        data, view = file.view(entry)
        values = _gather(data, entry, dtype, width, count, _stride(view, dtype.itemsize * width))
    else:
        values = np.zeros((count, width), dtype)
    if "sparse" in entry:
        values = values.copy()
        _substitute(file, entry.child("sparse"), values)
    return values


def _dtype(entry: JsonObject) -> np.dtype[Any]:
    found = _DTYPES.get(entry.integer("componentType"))
    if found is None:
        raise entry.error("componentType", f"one of {', '.join(map(str, _DTYPES))}")
    return found


def _stride(view: JsonObject, element: int) -> int:
    return view.integer("byteStride", low=element, high=252) if "byteStride" in view else element


def _gather(data: Bytes, entry: JsonObject, dtype: np.dtype[Any], width: int, count: int, stride: int) -> NDArray[Any]:
    """Return ``count`` elements of ``width`` components that lie ``stride`` bytes apart in ``data``."""
    start = entry.integer("byteOffset", 0)
    end = start + stride * (count - 1) + dtype.itemsize * width
    if end > len(data):
        raise entry.error("count" if "count" in entry else "byteOffset", f"data within {len(data)} bytes", end)
    rows = np.ndarray((count, dtype.itemsize * width), np.uint8, data, offset=start, strides=(stride, 1))
    return np.ascontiguousarray(rows).view(dtype)


def _substitute(file: GltfFile, sparse: JsonObject, values: NDArray[Any]) -> None:
    """Write the elements of a sparse accessor over ``values``."""
    count = sparse.integer("count", low=1, high=len(values))
    where, what = sparse.child("indices"), sparse.child("values")
    kind = _dtype(where)
    if kind.kind != "u":
        raise where.error("componentType", "an unsigned integer type")
    index = _gather(file.view(where)[0], where, kind, 1, count, kind.itemsize)[:, 0].astype(np.int64)
    if int(index[-1]) >= len(values) or (np.diff(index) <= 0).any():
        raise where.error("", f"increasing indices below {len(values)}", int(index.max()))
    width = values.shape[1]
    values[index] = _gather(file.view(what)[0], what, values.dtype, width, count, values.dtype.itemsize * width)
