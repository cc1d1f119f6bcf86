"""The container of a glTF 2.0 model: its JSON, its buffers, and the files beside it.

Files are read only from the model's own folder and below it, symbolic links resolved; nothing
is allocated on the word of a number in the file that the bytes at hand do not back.
"""

from __future__ import annotations

import json
import struct
from base64 import b64decode
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import unquote_to_bytes

import numpy as np
from numpy.typing import NDArray

from diorama.errors import AssetError, expected
from diorama.scene.beside import file_beside, read_file
from diorama.scene.gltf_json import JsonObject

Bytes = NDArray[np.uint8]

MAX_ELEMENTS = 2**24
"""How many vertices and corners of triangles one model may unfold to in all."""

_JSON_CHUNK, _BIN_CHUNK = 0x4E4F534A, 0x004E4942


class GltfFile:
    """One opened model; ``root`` is its JSON, ``notes`` collects what it holds that is not shown."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.notes: dict[str, None] = {}
        self._elements = 0
        self._buffers: dict[int, Bytes] = {}
        data = read_file(path, str(path))
        document, self._chunk = _split_glb(data, str(path)) if data[:4] == b"glTF" else (data, None)
        self.root = JsonObject(_parse(document, str(path)), str(path))
        _check_version(self.root.child("asset"))

    @cached_property
    def nodes(self) -> list[JsonObject]:
        """The entries of ``nodes``; the properties below are alike."""
        return self.root.children("nodes")

    @cached_property
    def meshes(self) -> list[JsonObject]:
        """The entries of ``meshes``."""
        return self.root.children("meshes")

    @cached_property
    def materials(self) -> list[JsonObject]:
        """The entries of ``materials``."""
        return self.root.children("materials")

    @cached_property
    def textures(self) -> list[JsonObject]:
        """The entries of ``textures``."""
        return self.root.children("textures")

    @cached_property
    def samplers(self) -> list[JsonObject]:
        """The entries of ``samplers``."""
        return self.root.children("samplers")

    @cached_property
    def images(self) -> list[JsonObject]:
        """The entries of ``images``."""
        return self.root.children("images")

    @cached_property
    def accessors(self) -> list[JsonObject]:
        """The entries of ``accessors``."""
        return self.root.children("accessors")

    @cached_property
    def buffer_views(self) -> list[JsonObject]:
        """The entries of ``bufferViews``."""
        return self.root.children("bufferViews")

    @cached_property
    def buffers(self) -> list[JsonObject]:
        """The entries of ``buffers``."""
        return self.root.children("buffers")

    def note(self, text: str) -> None:
        """Remember, once, that something in the file is not shown."""
        self.notes[text] = None

    def spend(self, count: int, place: str) -> None:
        """Count ``count`` more vertices or corners against :data:`MAX_ELEMENTS`."""
        self._elements += count
        if self._elements > MAX_ELEMENTS:
            raise AssetError(expected(f"at most {MAX_ELEMENTS} vertices and corners", self._elements), place=place)

    def view(self, owner: JsonObject) -> tuple[Bytes, JsonObject]:
        """Return the bytes of the buffer view that ``owner`` names, and its entry."""
        index = owner.reference("bufferView", self.buffer_views)
        if index < 0:
            raise owner.error("bufferView", f"an index below {len(self.buffer_views)}")
        entry = self.buffer_views[index]
        whole = self._buffer(entry)
        start, length = entry.integer("byteOffset", 0), entry.integer("byteLength", low=1)
        if start + length > len(whole):
            raise entry.error("byteLength", f"an end within the buffer's {len(whole)} bytes", start + length)
        return whole[start : start + length], entry

    def linked(self, owner: JsonObject, limit: int | None = None) -> bytes:
        """Return what the ``uri`` of ``owner`` holds: a data URI or a file (its first ``limit`` bytes)."""
        uri, place = owner.text("uri"), owner.place("uri")
        if uri.startswith("data:"):
            return _decode_data_uri(uri, place)
        return read_file(file_beside(self.path, _unquote(uri, place), place), place, limit)

    def _buffer(self, view: JsonObject) -> Bytes:
        index = view.reference("buffer", self.buffers)
        if index < 0:
            raise view.error("buffer", f"an index below {len(self.buffers)}")
        if index not in self._buffers:
            entry = self.buffers[index]
            length = entry.integer("byteLength", low=1)
            if "uri" in entry:
                data = self.linked(entry, length)
            elif index == 0 and self._chunk is not None:
                data = self._chunk
            else:
                raise entry.error("uri", "a file or data URI")
            if len(data) < length:
                raise entry.error("byteLength", f"at most the {len(data)} bytes there are")
            self._buffers[index] = np.frombuffer(data, np.uint8, count=length)
        return self._buffers[index]


def _split_glb(data: bytes, place: str) -> tuple[bytes, bytes | None]:
    """Return the JSON and the binary chunk of a GLB file."""
    if len(data) < 20:
        raise AssetError(expected("at least 20 bytes of GLB", len(data)), place=place)
    _, version, length = struct.unpack_from("<III", data)
    if version != 2:
        raise AssetError(expected("GLB version 2", version), place=place)
    if length > len(data):
        raise AssetError(expected(f"{length} bytes as the header says", len(data)), place=place)
    chunks: dict[int, bytes] = {}
    start = 12
    while start + 8 <= length:
        size, kind = struct.unpack_from("<II", data, start)
        if start + 8 + size > length:
            raise AssetError(expected(f"a chunk within the {length} bytes of the file", size), place=place)
        if start == 12 and kind != _JSON_CHUNK:
            raise AssetError(expected("a JSON chunk first", hex(kind)), place=place)
        chunks.setdefault(kind, data[start + 8 : start + 8 + size])
        start += 8 + size
    if _JSON_CHUNK not in chunks:
        raise AssetError(expected("a JSON chunk", "none"), place=place)
    return chunks[_JSON_CHUNK], chunks.get(_BIN_CHUNK)


def _parse(document: bytes, place: str) -> dict[str, Any]:
    try:
        data = json.loads(document.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError:
        raise AssetError(expected("JSON of reasonable depth", "deeper nesting"), place=place) from None
    except ValueError as error:
        raise AssetError(f"expected JSON: {error}", place=place) from error
    if not isinstance(data, dict):
        raise AssetError(expected("a JSON object", data), place=place)
    return data


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _check_version(asset: JsonObject) -> None:
    if not asset.text("version").startswith("2."):
        raise asset.error("version", "glTF 2.x")
    if asset.text("minVersion", "2.0") != "2.0":
        raise asset.error("minVersion", "2.0")


def _decode_data_uri(uri: str, place: str) -> bytes:
    head, comma, body = uri.partition(",")
    if not comma:
        raise AssetError(expected("a data URI with a comma", uri), place=place)
    if not head.endswith(";base64"):
        return unquote_to_bytes(body)
    try:
        return b64decode(unquote_to_bytes(body), validate=True)
    except ValueError as error:
        raise AssetError(f"expected base64 data: {error}", place=place) from error


def _unquote(uri: str, place: str) -> str:
    try:
        return unquote_to_bytes(uri).decode()
    except ValueError as error:
        raise AssetError(f"expected a file name: {error}", place=place) from error
