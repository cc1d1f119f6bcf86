"""Where the native dataset folder keeps each pass, and the conventions it states.

    manifest.json              everything that is not a picture; written last
    image/00012.png            the finished picture, sRGB
    color/00012.exr            linear radiance, float32, channels R, G, B
    refined/00012.exr          the same, after the refiner
    layers/00012.exr           all other float passes, float32: depth.Z, normal.X, flow_forward.X ...
    instance/00012.png         ids, 16 bits; an .exr of uint32 where the clip has more than 65535
    semantic/00012.png         class ids, 16 bits
    surface/00012.exr          uint32, channels surface.X .. surface.W
    occlusion_forward/...png   masks, 8 bits: 0 or 255

Numbers in names are those of the frames in the clip. EXR files are ZIP-compressed and bit-exact,
infinities and NaN included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np

from diorama.frame import PASSES

FORMAT = "diorama dataset"
"""The value of ``format`` in a manifest of ours."""

VERSION = 1
MANIFEST = "manifest.json"

Kind: TypeAlias = Literal["png8", "png16", "mask", "exr_float", "exr_uint", "layers"]

LARGEST_PNG_ID = 65535

FILTERED_LIGHT = ("color", "refined")
"""The passes with an EXR file of their own, whose channels are R, G and B."""

_SUFFIX: Mapping[Kind, str] = {
    "png8": ".png",
    "png16": ".png",
    "mask": ".png",
    "exr_float": ".exr",
    "exr_uint": ".exr",
    "layers": ".exr",
}

_LETTERS = {
    "color": "RGB",
    "refined": "RGB",
    "hidden_sky": "RGB",
    "alpha": "A",
    "depth": "Z",
    "distance": "Z",
    "uv": "UV",
    "albedo": "RGB",
    "emission": "RGB",
    "instance": "I",
}

CONVENTIONS: Mapping[str, str] = MappingProxyType(
    {
        "axes": "right-handed, +Y up, camera looks along -Z; metres, seconds",
        "pixels": "row 0 on top; x to the right, y down; the centre of the first pixel is (0.5, 0.5)",
        "K": "OpenCV axes (+X right, +Y down, +Z forward), pixels from the picture's upper left corner; "
        "subtract 0.5 from K[0][2] and K[1][2] for cv2, whose first pixel centre is (0, 0)",
        "distortion": "of a lens that bends lines, in OpenCV's order: k1, k2, p1, p2, k3, or k1 to k4 of a fisheye",
        "camera_to_world": "4x4, row-major, acts on column vectors; camera space is +Y up, looking along -Z",
        "color": "linear Rec.709 radiance, exposure divided out",
        "refined": "as color, after the refiner",
        "image": "sRGB, 8 bits, after tone curve and titles",
        "alpha": "coverage 0..1, filtered",
        "hidden_sky": "how much less color would be if things hid the sky, filtered; an estimate from few directions",
        "depth": "z along the camera's -Z axis, metres; background +inf",
        "distance": "Euclidean from the camera's centre, metres; background +inf",
        "position": "world axes, metres from the camera's centre; background NaN",
        "normal": "unit, world axes, shading normal; background 0",
        "flow": "(dx, dy) px; forward t to t+1, backward t to t-1; background as a point at infinity",
        "occlusion": "true where the surface point is hidden or off screen in the other frame",
        "instance": "1 + index in instances; 0: nothing labelled",
        "semantic": "class id as in classes; 0: none",
        "surface": "1 + draw instance, 1 + triangle, two barycentrics (float32 bits)",
        "quaternion": "x, y, z, w",
        "velocity": "metres a second, world axes, central difference",
        "box": "x, y, width, height in px of the visible pixels; covers columns x .. x + width - 1",
        "truncated": "the visible pixels touch the picture's border",
        "box_3d": "8 corners in world metres of the box around the geometry in the instance's own axes, "
        "x slowest, z fastest, low before high",
        "labels": "every pass but color, refined, image, alpha and hidden_sky is one sample at the pixel's centre",
    }
)
"""What each number in the folder means; stored in every manifest."""


def storage(name: str, instances: int) -> Kind:
    """Return how pass ``name`` is stored in a clip with so many labelled instances."""
    spec = PASSES[name]
    if spec.dtype == np.uint8:
        return "png8"
    if spec.dtype == np.bool_:
        return "mask"
    if spec.dtype == np.uint16:
        return "png16"
    if spec.dtype == np.uint32:
        return "png16" if name == "instance" and instances <= LARGEST_PNG_ID else "exr_uint"
    return "exr_float" if name in FILTERED_LIGHT else "layers"


def channel_names(name: str) -> tuple[str, ...]:
    """Return the EXR channels of a pass, in the order of its last axis."""
    count = max(PASSES[name].channels, 1)
    letters = _LETTERS.get(name, "XYZW"[:count])
    return tuple(letters) if name in FILTERED_LIGHT else tuple(f"{name}.{letter}" for letter in letters)


def file_name(folder: str, kind: Kind, index: int) -> str:
    """Return the path of a frame's file inside the dataset."""
    return f"{folder}/{index:05d}{_SUFFIX[kind]}"


def files(passes: Sequence[str], kinds: Mapping[str, Kind]) -> dict[str, dict[str, object]]:
    """Return the manifest's table of passes: where each lies, and what its channels are called."""
    table: dict[str, dict[str, object]] = {}
    for name in passes:
        kind = kinds[name]
        folder = "layers" if kind == "layers" else name
        row: dict[str, object] = {"kind": kind, "folder": folder, "dtype": np.dtype(PASSES[name].dtype).name}
        if _SUFFIX[kind] == ".exr":
            row["channels"] = list(channel_names(name))
        table[name] = {**row, "meaning": PASSES[name].meaning}
    return table
