"""The tables of limits in the documents, each figure read where the code has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from diorama.animation.track import UNBOUNDED
from diorama.material.pixel_count import MODEL_PIXELS, SCENE_PIXELS
from diorama.material.texture import MAX_PIXELS
from diorama.reading import LARGEST_FILE as LARGEST_ASSET
from diorama.scene import gltf, gltf_file, hierarchy, include, labelling, lights, loaded, node, source
from diorama.scene.schema import keys, names, nodes, scene


def limits() -> Iterator[tuple[str, str]]:
    """Yield what is bounded and how far, in the order in which a scene meets it."""
    yield "a scene file", _bytes(source.LARGEST_FILE)
    yield "files that a scene includes", _count(include.MOST_INCLUDES)
    yield "values of a scene; aliases, params and copies counted", _count(source.MOST_VALUES)
    yield "mappings and lists inside one another", _count(source.DEEPEST)
    yield "nodes, copies counted", _count(nodes.MOST_COPIES)
    yield "nodes below one another", _count(node.DEEPEST)
    yield "characters of a name", _count(names.LONGEST_NAME)
    yield "frames", _count(scene.MOST_FRAMES)
    yield "pixels along a side of the video", _count(scene.LARGEST_SIDE)
    yield "a time, either way from 0", f"{_count(int(keys.LONGEST))} s"
    yield "time between two keys", f"at least {keys.CLOSEST * 1e6:g} µs"
    yield "lights", _count(lights.MOST_LIGHTS)
    yield "class ids", _count(labelling.MOST_CLASSES)
    yield "a place and a size, in the world", f"{hierarchy.LARGEST:g} m".replace("e+", "e")
    yield "a model, a picture or a buffer as a file", _bytes(LARGEST_ASSET)
    yield "pixels of a picture, the environment's too", _power(MAX_PIXELS)
    yield "pixels of all pictures of a model", _power(MODEL_PIXELS)
    yield "pixels of all pictures of a scene's models and materials", _power(SCENE_PIXELS)
    yield "vertices and corners of triangles of a glTF model", _power(gltf_file.MAX_ELEMENTS)
    yield "vertices and corners of triangles of all meshes of a scene", _power(loaded.MOST_ELEMENTS)
    yield "primitives that a glTF model draws, once for each node", _power(gltf.MAX_PARTS)


def ranges(fields: Iterator[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield ranges, and the animated of ``fields`` (their names and checks) whose keys stay within."""
    found: dict[tuple[float, float], dict[str, None]] = {}
    for name, check in fields:
        if getattr(check, "animated", False) and check.limits != UNBOUNDED:
            found.setdefault((float(check.limits[0]), float(check.limits[1])), {})[f"`{name}`"] = None
    for (low, high), members in found.items():
        yield f"{low:g} to {high:g}".replace("e+0", "e").replace("e-0", "e-"), ", ".join(members)


def _count(value: int) -> str:
    return f"{value:,}"


def _bytes(value: int) -> str:
    return f"{value / 2**20:g} MiB"


def _power(value: int) -> str:
    return f"2^{value.bit_length() - 1} ({value:,})" if value.bit_count() == 1 else _count(value)
