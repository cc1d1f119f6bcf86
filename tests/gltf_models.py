"""Small glTF models for the tests, built in memory."""

from __future__ import annotations

import json
import struct
from base64 import b64encode
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import ArrayLike

_TYPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3", 4: "VEC4"}
_COMPONENTS = {"i1": 5120, "u1": 5121, "i2": 5122, "u2": 5123, "u4": 5125, "f4": 5126}


class Model:
    """A glTF document with one buffer; ``add`` appends an accessor and returns its index."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0"},
            "scene": 0,
            "scenes": [{"nodes": [0]}],
            "nodes": [{"mesh": 0}],
            "meshes": [{"primitives": [{"attributes": {}}]}],
            "accessors": [],
            "bufferViews": [],
            "buffers": [{"byteLength": 0}],
        }

    @property
    def primitive(self) -> dict[str, Any]:
        return self.json["meshes"][0]["primitives"][0]

    def view(self, data: bytes, **fields: Any) -> int:
        self.data += b"\0" * (-len(self.data) % 4)
        self.json["bufferViews"].append({"buffer": 0, "byteOffset": len(self.data), "byteLength": len(data), **fields})
        self.data += data
        return len(self.json["bufferViews"]) - 1

    def add(self, values: ArrayLike, dtype: str = "f4", **fields: Any) -> int:
        array = np.asarray(values, f"<{dtype}")
        array = array.reshape(len(array), -1)
        self.json["accessors"].append(
            {
                "bufferView": self.view(array.tobytes()),
                "componentType": _COMPONENTS[dtype],
                "count": len(array),
                "type": _TYPES[array.shape[1]],
                **fields,
            }
        )
        return len(self.json["accessors"]) - 1

    def glb(self) -> bytes:
        self.json["buffers"][0]["byteLength"] = len(self.data)
        text = json.dumps(self.json).encode()
        text += b" " * (-len(text) % 4)
        body = bytes(self.data) + b"\0" * (-len(self.data) % 4)
        chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(body), 0x004E4942) + body
        return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks

    def save_glb(self, folder: Path) -> Path:
        path = folder / "model.glb"
        path.write_bytes(self.glb())
        return path

    def save(self, folder: Path) -> Path:
        """Write as model.gltf with the buffer in a data URI."""
        uri = "data:application/octet-stream;base64," + b64encode(bytes(self.data)).decode()
        self.json["buffers"][0] = {"byteLength": len(self.data), "uri": uri}
        return self.write(folder)

    def write(self, folder: Path) -> Path:
        """Write the document as it stands."""
        path = folder / "model.gltf"
        path.write_text(json.dumps(self.json))
        return path


def quad() -> Model:
    """A unit square in XY facing +Z, its picture upright, two indexed triangles."""
    model = Model()
    attributes = model.primitive["attributes"]
    attributes["POSITION"] = model.add([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]])
    attributes["NORMAL"] = model.add([[0, 0, 1]] * 4)
    attributes["TEXCOORD_0"] = model.add([[0, 1], [1, 1], [1, 0], [0, 0]])
    model.primitive["indices"] = model.add([0, 1, 2, 0, 2, 3], "u2")
    return model


def png(color: tuple[int, ...] = (255, 0, 0), size: tuple[int, int] = (2, 1)) -> bytes:
    stream = BytesIO()
    PIL.Image.new("RGB" if len(color) == 3 else "RGBA", size, color).save(stream, "PNG")
    return stream.getvalue()


def textured(model: Model, **texture: Any) -> dict[str, Any]:
    """Give the model's primitive a material with an embedded base colour picture; return the material."""
    model.json["images"] = [{"bufferView": model.view(png()), "mimeType": "image/png"}]
    model.json["textures"] = [{"source": 0}]
    model.json["materials"] = [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0, **texture}}}]
    model.primitive["material"] = 0
    return model.json["materials"][0]
