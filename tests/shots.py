"""Small shots built straight from the dataclasses that the renderer and the labels take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from diorama.geometry.mesh import Mesh
from diorama.material.pbr import Image, PbrMaterial
from diorama.scene.shot import (
    CameraState,
    EnvironmentState,
    FogState,
    InstanceBatch,
    Label,
    LightBatch,
    MaterialBatch,
    Shot,
    Snapshot,
    Stage,
)
from diorama.transform import focal_length_pixels, look_at

DARK = EnvironmentState(0.0, 0.0, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), (0.0, 0.0, 0.0))
PLAIN = PbrMaterial()
TIMES = ("previous", "current", "next")
STILL = (np.eye(4)[None],) * 3
IMAGE_FIELDS = (
    "base_color_image",
    "metallic_roughness_image",
    "normal_image",
    "occlusion_image",
    "emission_image",
)


@dataclass(frozen=True)
class Thing:
    """One drawn thing: its mesh, and its (4, 4) transform one frame before, at and after the shot's time.

    Without a transform it has that of its node. ``label`` is the path of the label that it carries,
    one of its own where that is left open.
    """

    mesh: Mesh
    transform: ArrayLike = ()
    material: PbrMaterial = PLAIN
    previous: ArrayLike | None = None
    next: ArrayLike | None = None
    class_id: int = 7
    labelled: bool = True
    label: str = ""
    node: int = 0

    def matrix(self, time: str, nodes: NDArray[np.float64] = STILL[0]) -> NDArray[np.float64]:
        own = getattr(self, time, None) if time != "current" else None
        chosen = self.transform if own is None else own
        return nodes[self.node] if np.size(chosen) == 0 else np.asarray(chosen, np.float64)


def camera(position: ArrayLike = (0, 0, 0), target: ArrayLike = (0, 0, -1), *, fov: float = 45, size: int = 64,
           width: int | None = None, near: float = 0.01) -> CameraState:  # fmt: skip
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = look_at(position, target), position
    focal = focal_length_pixels(np.radians(fov), size)
    return CameraState(matrix, focal, focal, (width or size) / 2, size / 2, near)


def unit(vectors: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(vectors, float)
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


def inside_out(mesh: Mesh) -> Mesh:
    """Return a closed mesh that is seen from inside."""
    return replace(mesh, triangles=np.ascontiguousarray(mesh.triangles[:, ::-1]), normals=-mesh.normals)


def no_lights() -> LightBatch:
    return LightBatch(*(np.zeros(s, d) for s, d in [((0,), np.int32), ((0, 3), float), ((0, 3), float), ((0, 3), float),
                                                    ((0,), float), ((0,), float), ((0,), bool), ((0, 2), float),
                                                    ((0, 3), float)]))  # fmt: skip


def lights(*rows: dict[str, object]) -> LightBatch:
    """Each row: kind, and any of position, direction, color, inner_angle, outer_angle, casts_shadow, size."""
    base = {"position": (0, 0, 0), "direction": (0, -1, 0), "color": (1, 1, 1), "inner_angle": 0.3,
            "outer_angle": 0.5, "casts_shadow": True, "size": (0, 0)}  # fmt: skip
    full = [{**base, **row} for row in rows]
    directions = unit([row["direction"] for row in full])
    return LightBatch(
        np.array([row["kind"] for row in full], np.int32),
        np.array([row["position"] for row in full], float),
        directions,
        np.array([row["color"] for row in full], float),
        np.array([row["inner_angle"] for row in full], float),
        np.array([row["outer_angle"] for row in full], float),
        np.array([row["casts_shadow"] for row in full], bool),
        np.array([row["size"] for row in full], float),
        look_at(np.zeros(3), directions)[:, :, 0],
    )


def make_shot(
    things: Sequence[Thing],
    now: CameraState,
    *,
    size: tuple[int, int] = (64, 64),
    before: CameraState | None = None,
    after: CameraState | None = None,
    light: LightBatch | None = None,
    environment: EnvironmentState = DARK,
    picture: NDArray[np.float32] | None = None,
    fog: FogState | None = None,
    step: float = 1.0,
    nodes: Sequence[ArrayLike] = STILL,
    paths: Sequence[str] = ("root",),
    labels: Sequence[str] | None = None,
    **fields: object,
) -> Shot:
    """The shot at 1 s, its neighbours ``step`` seconds away.

    ``nodes`` holds the (P, 4, 4) transforms of the nodes before, at and after, ``paths`` their
    names; ``labels`` the paths of the labels, by default those that the things carry.
    """
    meshes = tuple({thing.mesh.key: thing.mesh for thing in things}.values())
    images = _images(things)
    carried = [thing.label or f"thing{i}" if thing.labelled else None for i, thing in enumerate(things)]
    classes = {label: thing.class_id for label, thing in zip(carried, things, strict=True) if label is not None}
    names = list(classes) if labels is None else list(labels)
    stage = Stage(meshes, images, tuple(Label(name, "thing", classes.get(name, 7)) for name in names),
                  tuple(paths), picture)  # fmt: skip
    numbers = np.array([0 if label is None else 1 + names.index(label) for label in carried], np.int32)

    def snapshot(time: str, view: CameraState) -> Snapshot:
        row = TIMES.index(time)
        own = np.asarray(nodes[row], np.float64)
        return Snapshot(1.0 + (row - 1) * step, own, _instances(things, meshes, numbers, time, own),
                        _materials(things, images), light or no_lights(), view, environment, fog)  # fmt: skip

    current = snapshot("current", now)
    shot = Shot(1, 1.0, *size, stage, snapshot("previous", before or now), current, snapshot("next", after or now),
                ((1.0, current),))  # fmt: skip
    return replace(shot, **fields)


def _instances(
    things: Sequence[Thing], meshes: Sequence[Mesh], labels: NDArray[np.int32], time: str, nodes: NDArray[np.float64]
) -> InstanceBatch:
    keys = [mesh.key for mesh in meshes]
    count = len(things)
    return InstanceBatch(
        np.array([thing.matrix(time, nodes) for thing in things]).reshape(count, 4, 4),
        np.array([keys.index(thing.mesh.key) for thing in things], np.int32),
        np.arange(count, dtype=np.int32),
        labels,
        np.array([thing.node for thing in things], np.int32),
    )


def _images(things: Sequence[Thing]) -> tuple[Image, ...]:
    used = [getattr(thing.material, name) for thing in things for name in IMAGE_FIELDS]
    return tuple({image.key: image for image in used if image is not None}.values())


def _materials(things: Sequence[Thing], images: Sequence[Image]) -> MaterialBatch:
    keys = [image.key for image in images]

    def column(name: str, width: int = 0) -> NDArray[np.float64]:
        values = np.array([getattr(thing.material, name) for thing in things], float)
        return values.reshape(-1, width) if width else values

    rows = [[getattr(thing.material, name) for name in IMAGE_FIELDS] for thing in things]
    places = [[-1 if image is None else keys.index(image.key) for image in row] for row in rows]
    return MaterialBatch(
        column("base_color", 3), column("metallic"), column("roughness"), column("specular"), column("emission", 3),
        column("normal_scale"), column("occlusion_strength"),
        column("ior"), column("specular_color", 3), column("clearcoat"), column("clearcoat_roughness"),
        column("sheen_color", 3), column("sheen_roughness"), column("anisotropy"),
        np.radians(column("anisotropy_rotation")), column("iridescence"), column("iridescence_ior"),
        column("iridescence_thickness"), column("double_sided").astype(bool),
        column("unlit").astype(bool), np.array(places, np.int32).reshape(-1, 5),
    )  # fmt: skip
